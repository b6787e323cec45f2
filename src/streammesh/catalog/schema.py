"""The catalog's tables as they are now; `migrations/versions` says how they came to be.

All texts are compared and ordered by their code points, on PostgreSQL too (collation "C"), so that
both databases give the same answers in the same order. JSON is text in its canonical form. Moments
are UTC, ISO 8601 with microseconds, so that their order is that of the text.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects import postgresql

metadata = MetaData()

WORDS = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""A text, ordered by code points."""


def _keys(*names: str) -> list[Column[str]]:
    return [Column(name, WORDS, primary_key=True, nullable=False) for name in names]


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, WORDS, nullable=False) for name in names]


def _flags(*names: str) -> list[Column[bool]]:
    return [Column(name, Boolean, nullable=False) for name in names]


def _major(*, key: bool) -> Column[int]:
    return Column("major", Integer, primary_key=key, nullable=False, autoincrement=False)


def _position() -> Column[int]:
    return Column("position", Integer, nullable=False)


kinds = Table("kinds", metadata, *_keys("kind"), *_texts("meaning"))

assets = Table(
    "assets",
    metadata,
    Column("kind", WORDS, ForeignKey("kinds.kind"), primary_key=True, nullable=False),
    *_keys("name"),
    *_texts("domain"),
    Index("assets_by_domain", "domain"),
)

domains = Table(
    "domains",
    metadata,
    *_keys("domain"),
    *_texts("team", "email", "chat", "on_call_hours", "on_call_contact", "file"),
)

products = Table(
    "products",
    metadata,
    *_keys("domain", "product"),
    *_texts("status", "version", "purpose", "usage", "limitations"),
    *_texts("tags", "support", "quality", "tier", "document", "file"),
)

ports = Table(
    "ports", metadata, *_keys("domain", "product", "port"), *_texts("type", "description")
)

versions = Table(
    "versions",
    metadata,
    *_keys("asset"),
    *_texts("domain", "product", "port"),
    _major(key=False),
    *_texts("version", "status", "topic", "contract", "contract_digest", "file"),
    Index("versions_by_product", "domain", "product", "port", "major", unique=True),
)

fields = Table(
    "fields",
    metadata,
    *_keys("asset", "path"),
    *_texts("domain"),
    _position(),
    *_texts("type", "description", "classification", "unit"),
    *_flags("required", "key"),
    Index("fields_by_domain", "domain"),
)

models = Table(
    "models",
    metadata,
    *_keys("asset"),
    *_texts("domain", "sql", "digest", "file"),
    Index("models_by_domain", "domain"),
)

lineage = Table(
    "lineage",
    metadata,
    *_keys("asset", "field", "from_asset", "from_table", "from_column"),
    *_texts("domain", "from_kind"),
    Index("lineage_by_domain", "domain"),
    Index("lineage_by_origin", "from_asset", "from_table", "from_column"),
)

sources = Table(
    "sources",
    metadata,
    *_keys("asset"),
    *_texts("domain", "source", "database_type", "private_log"),
    Column("retention_ms", BigInteger, nullable=False),
    *_texts("file"),
    Index("sources_by_domain", "domain"),
)

source_tables = Table(
    "source_tables",
    metadata,
    *_keys("asset", "table"),
    *_texts("domain"),
    _position(),
    Index("source_tables_by_domain", "domain"),
)

source_columns = Table(
    "source_columns",
    metadata,
    *_keys("asset", "table", "column"),
    *_texts("domain"),
    _position(),
    *_texts("type"),
    *_flags("nullable", "key"),
    Index("source_columns_by_domain", "domain"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    *_keys("domain", "subscription"),
    *_texts("consumer", "principal", "asset"),
    *_texts("purpose", "contact", "deliver_to", "file"),
    Index("subscriptions_by_asset", "asset"),
)

subscription_fields = Table(
    "subscription_fields",
    metadata,
    *_keys("domain", "subscription", "path"),
)

policies = Table("policies", metadata, *_keys("domain", "policy"), *_texts("text", "file"))

told = Table("told", metadata, *_keys("domain"), *_texts("digest"))
"""What was told of each domain last: `streammesh.catalog.digests`."""

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    *_texts("at", "who", "commit", "record", "domain", "key", "change"),
    Column("before", WORDS),
    Index("history_by_record", "record", "key"),
    Index("history_by_domain", "domain", "id"),
)

search_entries = Table(
    "search_entries",
    metadata,
    Column("id", Integer, primary_key=True),
    *_texts("domain", "product", "digest"),
    Index("search_entries_by_product", "domain", "product", unique=True),
)

search_words = Table(
    "search_words",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("word", WORDS, nullable=False),
    Column("trigrams", Integer, nullable=False),
    Index("search_words_by_word", "word", unique=True),
)

search_trigrams = Table(
    "search_trigrams",
    metadata,
    *_keys("trigram"),
    Column("word_id", Integer, primary_key=True, nullable=False, autoincrement=False),
    Index("search_trigrams_by_word", "word_id"),
    sqlite_with_rowid=False,
)

search_postings = Table(
    "search_postings",
    metadata,
    Column("word_id", Integer, primary_key=True, nullable=False, autoincrement=False),
    Column("weight", Integer, primary_key=True, nullable=False, autoincrement=False),
    Column("entry_id", Integer, primary_key=True, nullable=False, autoincrement=False),
    Index("search_postings_by_entry", "entry_id"),
    sqlite_with_rowid=False,
)
