"""Tables of notices: what consumers were told, how it reached them, and what they answered."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from streammesh.catalog.schema import WORDS, metadata


def _keys(*names: str) -> list[Column[str]]:
    return [Column(name, WORDS, primary_key=True, nullable=False) for name in names]


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, WORDS, nullable=False) for name in names]


notices = Table(
    "notices",
    metadata,
    *_keys("notice"),
    *_texts("asset", "domain", "kind", "until", "because", "instead", "notes", "owner"),
    *_texts("made_at", "made_by"),
    Index("notices_by_asset", "asset"),
    Index("notices_by_domain", "domain"),
)

notice_recipients = Table(
    "notice_recipients",
    metadata,
    *_keys("notice", "consumer"),
    *_texts("domain", "application", "contact", "fields"),
    *_texts("answer", "reason", "answered_by", "answered_at"),
    Index("notice_recipients_by_domain", "domain"),
)

notice_deliveries = Table(
    "notice_deliveries",
    metadata,
    *_keys("notice", "consumer", "occasion", "channel"),
    Column("tries", Integer, nullable=False),
    *_texts("tried_at", "problem", "delivered_at"),
)

forced_retirements = Table(
    "forced_retirements",
    metadata,
    Column("id", Integer, primary_key=True),
    *_texts("asset", "domain", "version", "reason", "left", "who", "at", "applied_at"),
    Index("forced_retirements_by_asset", "asset"),
)
