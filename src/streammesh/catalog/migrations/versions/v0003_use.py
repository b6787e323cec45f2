"""Who reads what, as it was seen."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, Text
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

WORDS = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "observed_use",
        Column("asset", WORDS, primary_key=True, nullable=False),
        Column("group_name", WORDS, primary_key=True, nullable=False),
        Column("principal", WORDS, nullable=False),
        Column("client_ids", WORDS, nullable=False),
        Column("hosts", WORDS, nullable=False),
        Column("members", Integer, nullable=False),
        Column("lag", BigInteger),
        Column("beyond", Boolean, nullable=False),
        Column("position", WORDS, nullable=False),
        Column("standing", Boolean, nullable=False),
        Column("first_seen", WORDS, nullable=False),
        Column("last_seen", WORDS, nullable=False),
    )
    op.create_table(
        "use_looks",
        Column("at", WORDS, primary_key=True, nullable=False),
        Column("unread", Integer, nullable=False),
    )
