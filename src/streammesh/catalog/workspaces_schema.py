"""The catalog's tables of what several repositories share: who holds a domain; environments.

And one row that says of which environment the catalog itself is.
"""

from __future__ import annotations

from sqlalchemy import Column, Table

from streammesh.catalog.schema import WORDS, metadata


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, WORDS, nullable=False) for name in names]


claims = Table(
    "claims",
    metadata,
    Column("domain", WORDS, primary_key=True, nullable=False),
    *_texts("repository", "since", "by", "commit"),
    *_texts("promised_to", "promised_at", "promised_by", "reason"),
)

environments = Table(
    "environments",
    metadata,
    Column("environment", WORDS, primary_key=True, nullable=False),
    *_texts("mesh", "document", "repository", "since", "by", "commit"),
)

homes = Table(
    "homes",
    metadata,
    Column("mesh", WORDS, primary_key=True, nullable=False),
    *_texts("environment", "namespace", "cluster", "since", "by", "commit"),
)
