"""What the catalog holds, as values: one class per table, its fields named as the columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class AssetRecord:
    """A thing that data lives in: its kind (`kinds.Kind`), its name, the domain that owns it."""

    kind: str
    name: str
    domain: str


@dataclass(frozen=True)
class DomainRecord:
    """A domain, its owner and who is on call; empty texts where the file says nothing."""

    domain: str
    team: str
    email: str
    chat: str
    on_call_hours: str
    on_call_contact: str
    file: str


@dataclass(frozen=True)
class ProductRecord:
    """A product, as its ODPS document says; `tags`, `support` and `document` are JSON."""

    domain: str
    product: str
    status: str
    version: str
    purpose: str
    usage: str
    limitations: str
    tags: str
    support: str
    quality: str
    tier: str
    document: str
    file: str


@dataclass(frozen=True)
class PortRecord:
    """An output port of a product, all its major versions together."""

    domain: str
    product: str
    port: str
    type: str
    description: str


@dataclass(frozen=True)
class VersionRecord:
    """A major version of a port.

    Attributes:
        asset: `<domain>.<product>.v<major>`, as its topic is called without a namespace.
        topic: its topic, the environment's namespace included.
        contract: the ODCS document, JSON.
        contract_digest: of that JSON, SHA-256 in hexadecimal.
    """

    asset: str
    domain: str
    product: str
    port: str
    major: int
    version: str
    status: str
    topic: str
    contract: str
    contract_digest: str
    file: str


@dataclass(frozen=True)
class FieldRecord:
    """A field of a contract, `path` as subscriptions write it: `lines[].amount`."""

    asset: str
    path: str
    domain: str
    position: int
    type: str
    description: str
    classification: str
    unit: str
    required: bool
    key: bool


@dataclass(frozen=True)
class ModelRecord:
    """The SQL that fills a version, and the SHA-256 of it."""

    asset: str
    domain: str
    sql: str
    digest: str
    file: str


@dataclass(frozen=True)
class LineageRecord:
    """One edge: a field of a version is computed from a column.

    Attributes:
        asset: the version.
        field: its field; empty for a column by which the model only joins, filters or orders: the
            whole document hangs on it.
        from_asset: a source database (`sales.shop`), or the version of another product.
        from_table: `schema.table` of a database; empty for a product.
        from_column: the column, or the other product's field.
        domain: that of `asset`.
        from_kind: "source database" or "product".
    """

    asset: str
    field: str
    from_asset: str
    from_table: str
    from_column: str
    domain: str
    from_kind: str


@dataclass(frozen=True)
class SourceRecord:
    """A source; `asset` is `<domain>.<source>`."""

    asset: str
    domain: str
    source: str
    database_type: str
    private_log: str
    retention_ms: int
    file: str


@dataclass(frozen=True)
class SourceTableRecord:
    """A table that a source captures, or a product that it reads."""

    asset: str
    table: str
    domain: str
    position: int


@dataclass(frozen=True)
class SourceColumnRecord:
    """A captured column, as the database describes it."""

    asset: str
    table: str
    column: str
    domain: str
    position: int
    type: str
    nullable: bool
    key: bool


@dataclass(frozen=True)
class SubscriptionRecord:
    """What a consumer uses: `asset` is the version it reads; `contact` is JSON."""

    domain: str
    subscription: str
    consumer: str
    principal: str
    asset: str
    purpose: str
    contact: str
    deliver_to: str
    file: str


@dataclass(frozen=True)
class SubscriptionFieldRecord:
    """A field that a consumer relies on."""

    domain: str
    subscription: str
    path: str


@dataclass(frozen=True)
class PolicyRecord:
    """A policy as written; `domain` is empty for one that holds everywhere."""

    domain: str
    policy: str
    text: str
    file: str


@dataclass(frozen=True)
class Registration:
    """All that an apply knows of the domains in its workspace.

    Attributes:
        scope: the domains; what the catalog holds of these and is not here is gone. The empty name
            stands for what belongs to no domain: policies that hold everywhere.
        kept: assets whose columns or lineage could not be worked out: what the catalog knows of
            them stays.
        digests: of domains that are told whole, a digest of what from.
        left: domains beside these of which nothing is known but that they read nothing any more:
            their subscriptions are gone, all else stays.
    """

    scope: frozenset[str]
    domains: tuple[DomainRecord, ...] = ()
    assets: tuple[AssetRecord, ...] = ()
    products: tuple[ProductRecord, ...] = ()
    ports: tuple[PortRecord, ...] = ()
    versions: tuple[VersionRecord, ...] = ()
    fields: tuple[FieldRecord, ...] = ()
    models: tuple[ModelRecord, ...] = ()
    lineage: tuple[LineageRecord, ...] = ()
    sources: tuple[SourceRecord, ...] = ()
    source_tables: tuple[SourceTableRecord, ...] = ()
    source_columns: tuple[SourceColumnRecord, ...] = ()
    subscriptions: tuple[SubscriptionRecord, ...] = ()
    subscription_fields: tuple[SubscriptionFieldRecord, ...] = ()
    policies: tuple[PolicyRecord, ...] = ()
    kept: frozenset[str] = field(default_factory=frozenset)
    digests: Mapping[str, str] = field(default_factory=dict, hash=False)
    left: frozenset[str] = field(default_factory=frozenset)
