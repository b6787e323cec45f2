"""Which repository a domain lives in, and what all repositories share."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

WORDS = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, WORDS, nullable=False) for name in names]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "claims",
        Column("domain", WORDS, primary_key=True, nullable=False),
        *_texts("repository", "since", "by", "commit"),
        *_texts("promised_to", "promised_at", "promised_by", "reason"),
    )
    op.create_table(
        "environments",
        Column("environment", WORDS, primary_key=True, nullable=False),
        *_texts("mesh", "document", "repository", "since", "by", "commit"),
    )
