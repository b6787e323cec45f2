"""The tables of observed use; `migrations/versions/v0003_use.py` made them.

One row for each group at each version, from when it was first seen to when it was last: a group
that is gone stays as it was.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table

from streammesh.catalog.schema import WORDS, metadata

observed_use = Table(
    "observed_use",
    metadata,
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

use_looks = Table(
    "use_looks",
    metadata,
    Column("at", WORDS, primary_key=True, nullable=False),
    Column("unread", Integer, nullable=False),
)
"""The last look at Kafka's groups: one row, or none before the first."""
