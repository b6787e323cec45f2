"""What was told of each domain last, as a digest."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

WORDS = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "told",
        Column("domain", WORDS, primary_key=True, nullable=False),
        Column("digest", WORDS, nullable=False),
    )
