"""Of which environment the catalog is."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

WORDS = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    others = ("environment", "namespace", "cluster", "since", "by", "commit")
    op.create_table(
        "homes",
        Column("mesh", WORDS, primary_key=True, nullable=False),
        *(Column(name, WORDS, nullable=False) for name in others),
    )
