"""The catalog's tables of who asked for access to a version, and what was decided."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from streammesh.catalog.schema import WORDS, metadata


def _words(*names: str, key: bool = False) -> list[Column[str]]:
    return [Column(name, WORDS, primary_key=key, nullable=False) for name in names]


access = Table(
    "access",
    metadata,
    *_words("domain", "subscription", "asset", key=True),
    *_words("owner", "consumer", "principal", "state"),
    *_words("asked_by", "asked_at", "purpose"),
    *_words("decided_by", "decided_at", "reason"),
    *_words("expires", "fields"),
    Index("access_by_owner", "owner"),
    Index("access_by_principal", "principal"),
)

access_history = Table(
    "access_history",
    metadata,
    Column("id", Integer, primary_key=True),
    *_words("at", "who", "domain", "subscription", "asset", "consumer", "principal"),
    *_words("state", "reason", "expires", "fields"),
    Index("access_history_by_subscription", "domain", "subscription", "asset"),
)
