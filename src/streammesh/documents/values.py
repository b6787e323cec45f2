"""A workspace as values: what the files say, checked, with the place of all that may be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from streammesh.documents.names import Names, sql_name
from streammesh.documents.policy import Policy
from streammesh.errors import Location


@dataclass(frozen=True)
class Secret:
    """A reference to a secret in the environment, or a text that is none.

    Attributes:
        text: as written, such as `${SHOP_DATABASE_URL}` or `127.0.0.1:9092`.
        where: the place it stands at.
    """

    text: str
    where: Location | None = field(default=None, compare=False)


CONSUMER_QUOTA = 20_000_000
"""What a consumer may read where mesh.toml says nothing: a million documents in half a minute."""


@dataclass(frozen=True)
class Environment:
    """Where a mesh runs: one `[environments.<name>]` of mesh.toml.

    Attributes:
        name: its name, as `--env` takes it.
        stack: "local" when `mesh up` starts it, else None.
        namespace: prefix of all names; empty for none.
        topic_defaults: `replication_factor`, `min_insync_replicas` for topics made here.
        kafka: `bootstrap_servers`, `security_protocol`, `sasl_mechanism`, `username`, `password`, …
        registry: `url`, `username`, `password`.
        connect: `url`, `username`, `password`, `ssl_ca`, `secrets` (a pattern with NAME),
            `principal` (as whom its workers write).
        where: the place of its table in mesh.toml.
        catalog: `url` of its database; empty for a file of the workspace.
        consumer_quota: what one consumer may read at most, bytes a second from each broker.
        notices: `smtp` and `webhook`, where there are such.
        chats: addresses of the channels that contacts name.
    """

    name: str
    stack: str | None
    namespace: str
    topic_defaults: Mapping[str, int]
    kafka: Mapping[str, Secret]
    registry: Mapping[str, Secret]
    connect: Mapping[str, Secret]
    where: Location = field(compare=False)
    catalog: Mapping[str, Secret] = field(default_factory=dict)
    consumer_quota: int = CONSUMER_QUOTA
    notices: Mapping[str, Secret] = field(default_factory=dict)
    chats: Mapping[str, Secret] = field(default_factory=dict)

    @property
    def names(self) -> Names:
        """The names of this environment's resources."""
        return Names(self.namespace)


@dataclass(frozen=True)
class TableName:
    """A table of an operational database, such as `public.orders`."""

    schema: str
    name: str

    def __str__(self) -> str:
        """Give `schema.name`."""
        return f"{self.schema}.{self.name}"

    @classmethod
    def parse(cls, text: str) -> TableName:
        """Read `schema.name`; a name alone is in `public`."""
        schema, dot, name = text.partition(".")
        return cls(schema, name) if dot else cls("public", schema)


@dataclass(frozen=True)
class ProductName:
    """A product's port in one major version, as a source names it: `sales.orders.v1`."""

    domain: str
    product: str
    port: str
    major: int

    def __str__(self) -> str:
        """Give it as its topic is called, without a namespace."""
        return Names().product_topic(self.domain, self.product, self.port, self.major)

    @classmethod
    def parse(cls, text: str) -> ProductName:
        """Read `<domain>.<product>.v<major>` or `<domain>.<product>.<port>.v<major>`."""
        domain, *names, major = text.split(".")
        return cls(domain, names[0], names[-1], int(major[1:]))

    @property
    def table(self) -> TableName:
        """What a model calls it behind `mesh.`."""
        name = self.product if self.port == self.product else f"{self.product}.{self.port}"
        return TableName(sql_name(self.domain), sql_name(name))


PRODUCTS = "products"
"""The type of a source whose tables are products."""


@dataclass(frozen=True)
class Source:
    """An operational database that a domain owns, or products that it reads (`kind: Source`).

    Attributes:
        domain: the owning domain.
        name: the source's name.
        database_type: "postgres", or "products".
        url: reference to the database's address; an empty one of products.
        tables: what is captured, in the order written.
        exclude: columns that never leave the connector, `schema.table.column`.
        retention_ms: how long the private log is kept, milliseconds.
        where: the file; `places` gives the location of single values by dotted path
            (`database.url`, `tables[0]`).
        snapshot: who reads the tables to begin with: "copy", streammesh itself, or "debezium".
        sessions: how many sessions read at the same time, with "copy".
        products: what is read instead of a database's tables, in the order of `tables`.
    """

    domain: str
    name: str
    database_type: str
    url: Secret
    tables: tuple[TableName, ...]
    exclude: tuple[str, ...]
    retention_ms: int
    where: Location = field(compare=False)
    places: Mapping[str, Location] = field(default_factory=dict, compare=False, repr=False)
    snapshot: str = "copy"
    sessions: int = 2
    products: tuple[ProductName, ...] = ()


@dataclass(frozen=True)
class ModelFile:
    """An eventification model as written.

    Attributes:
        path: relative to the workspace.
        text: the SQL.
    """

    path: str
    text: str


@dataclass(frozen=True)
class StreamOptions:
    """What a contract says in its `stream` custom property.

    Attributes:
        partitions: partitions of the product topic.
        cleanup: "compact" or "append".
        history: "every-commit" or "latest".
        trigger: when an event is written, in words.
        on_violation: "quarantine", "block" or "warn".
        max_bytes: largest document, bytes.
        max_transaction_events: a transaction over this many events goes in parts.
    """

    partitions: int = 4
    cleanup: str = "compact"
    history: str = "every-commit"
    trigger: str = ""
    on_violation: str = "quarantine"
    max_bytes: int = 900_000
    max_transaction_events: int = 1_000_000


@dataclass(frozen=True)
class ContractFile:
    """An ODCS contract as written, valid by the official JSON Schema.

    Attributes:
        path: relative to the workspace.
        document: the parsed YAML (plain dicts, lists, strings, numbers; dates are strings).
        places: the location of each value by its path, such as
            `schema[0].properties[2].logicalType`; a mapping's own path gives its first line.
        stream: the `stream` custom property, with defaults.
    """

    path: str
    document: Mapping[str, Any]
    places: Mapping[str, Location] = field(compare=False, repr=False)
    stream: StreamOptions


@dataclass(frozen=True)
class Port:
    """One output port of a product in one major version: a contract and the model that fills it.

    Attributes:
        domain: owning domain.
        product: product's name.
        name: port's name; the product's own name for its main port.
        major: major version.
        version: semantic version as the contract says.
        status: draft, active, deprecated or retired.
        contract: the ODCS contract.
        model: the SQL model.
    """

    domain: str
    product: str
    name: str
    major: int
    version: str
    status: str
    contract: ContractFile
    model: ModelFile

    def topic(self, names: Names) -> str:
        """Name the port's topic in an environment."""
        return names.product_topic(self.domain, self.product, self.name, self.major)

    @property
    def label(self) -> str:
        """What a person calls it: `sales.orders` or `sales.orders.lines`."""
        base = f"{self.domain}.{self.product}"
        return base if self.name == self.product else f"{base}.{self.name}"


@dataclass(frozen=True)
class Product:
    """A data product: its ODPS document and its ports, oldest major version first."""

    domain: str
    name: str
    path: str
    document: Mapping[str, Any]
    ports: tuple[Port, ...]
    places: Mapping[str, Location] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Subscription:
    """What a consumer of a domain relies on, and how it is delivered (`kind: Subscription`).

    Attributes:
        domain: the consuming domain.
        name: the subscription's name.
        consumer: the application that reads.
        principal: an existing Kafka principal; None for one of the consumer's own name.
        product: `<domain>.<product>` or `<domain>.<product>.<port>`.
        version: major version.
        purpose: what it is used for.
        fields: paths that the consumer relies on; empty when it doesn't say.
        contact: `email`, `team`, `chat`.
        deliver: `to`, and what that needs.
        where: the file; `places` gives the location of single values by dotted path.
    """

    domain: str
    name: str
    consumer: str
    principal: str | None
    product: str
    version: int
    purpose: str
    fields: tuple[str, ...]
    contact: Mapping[str, str]
    deliver: Mapping[str, Any]
    where: Location = field(compare=False)
    places: Mapping[str, Location] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Domain:
    """A domain, its owner, and what it owns (`kind: Domain`).

    Attributes:
        name: the domain's name.
        owner: `team`, `email`, `chat`.
        on_call: `hours`, `contact`; empty when not given.
        sources: its databases, and the products that it reads.
        products: its data products.
        where: its file.
        subscriptions: what it consumes.
    """

    name: str
    owner: Mapping[str, str]
    on_call: Mapping[str, str]
    sources: tuple[Source, ...]
    products: tuple[Product, ...]
    where: Location = field(compare=False)
    subscriptions: tuple[Subscription, ...] = ()

    @property
    def databases(self) -> tuple[Source, ...]:
        """The sources that are databases."""
        return tuple(one for one in self.sources if not one.products)

    def source(self, name: str) -> Source | None:
        """Give a source by its name or by its SQL name (`my_shop` for `my-shop`)."""
        wanted = name.replace("_", "-")
        return next((one for one in self.sources if one.name == wanted), None)


@dataclass(frozen=True)
class Workspace:
    """Everything in a workspace's folder.

    Attributes:
        root: absolute path of the folder that holds mesh.toml.
        mesh: the mesh's name.
        environments: by name; "local" always exists.
        domains: by name.
        policies: those that hold everywhere, and those of its domains.
        governs: whether it speaks for the whole mesh (`documents.repository.governs`).
        repository: what mesh.toml calls the repository; empty when it does not say.
        catalog: `url` of the mesh's catalog, from which environments come; empty for none.
        owner: who answers for the mesh itself: `team`, `email`, `chat`; empty when it doesn't say.
    """

    root: str
    mesh: str
    environments: Mapping[str, Environment]
    domains: Mapping[str, Domain]
    policies: tuple[Policy, ...] = ()
    governs: bool = False
    repository: str = ""
    catalog: Mapping[str, Secret] = field(default_factory=dict)
    owner: Mapping[str, str] = field(default_factory=dict)

    @property
    def ports(self) -> tuple[Port, ...]:
        """All ports of all products, in the order of their names and versions."""
        return tuple(
            port
            for _, domain in sorted(self.domains.items())
            for product in sorted(domain.products, key=lambda one: one.name)
            for port in product.ports
        )
