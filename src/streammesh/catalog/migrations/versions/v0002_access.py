"""Requests for access, and grants."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Index, Integer, MetaData, Table, Text
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

metadata = MetaData()

WORDS = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


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


def upgrade() -> None:
    """Make the tables."""
    metadata.create_all(op.get_bind(), checkfirst=False)
