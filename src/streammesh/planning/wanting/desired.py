"""What the files want, as values: resources with their owners, and the deployments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from streammesh.capture.settings import CaptureSettings
from streammesh.capture.wants import SourceWants, wants
from streammesh.deployments.deployment import (
    FORMAT,
    ProductDeployment,
    SourceDeployment,
    digested,
)
from streammesh.documents.names import Names
from streammesh.documents.values import Environment, Port, Source, Workspace
from streammesh.errors import Location
from streammesh.models.tables import Table
from streammesh.planning.owner import Owner, domain_owner, source_owner
from streammesh.planning.systems import ConnectSecrets, DatabaseState
from streammesh.planning.wanting.built import Built, read_columns
from streammesh.planning.wanting.gathering import Gathered, WantedGathering, wanted_gathering
from streammesh.planning.wanting.notice_wants import notice_readers, notice_schemas
from streammesh.planning.wanting.product_wants import (
    product_acls,
    product_topic,
    quarantine_topic,
    reader_acls,
    store_topics,
)
from streammesh.planning.wanting.wanted import WantedQuota, WantedSchema, WantedUser
from streammesh.platform.kafka import Acl, TopicSpec

SourceId = tuple[str, str]
"""Domain and source."""


@dataclass(frozen=True)
class WantedTopic:
    """A topic that has to stand.

    Attributes:
        owner: for whom.
        spec: the topic.
        purpose: what it holds.
        product: whether it is a product's, and so never changes its partitions.
        main: whether it holds a product's events or a source's log; a short plan counts others.
        where: what the files say about it.
    """

    owner: Owner
    spec: TopicSpec
    purpose: str
    product: bool = False
    main: bool = False
    where: Location | None = None


@dataclass(frozen=True)
class WantedAcl:
    """An access right that has to stand."""

    owner: Owner
    acl: Acl


@dataclass(frozen=True)
class WantedSource:
    """A source that has to be captured.

    Attributes:
        owner: itself.
        source: as its file says.
        wants: of Kafka, Connect and database.
        deployment: digested.
        database: as it stands.
        read_anew: whether somebody asked for a new snapshot.
    """

    owner: Owner
    source: Source
    wants: SourceWants
    deployment: SourceDeployment
    database: DatabaseState
    read_anew: bool = False


@dataclass(frozen=True)
class WantedProduct:
    """A product's port that has to be published.

    Attributes:
        owner: itself.
        built: port, contract, model and schemas.
        deployment: without the ids of its schemas, which the registry gives.
    """

    owner: Owner
    built: Built
    deployment: ProductDeployment


@dataclass(frozen=True)
class Desired:
    """All that the files want in one environment.

    Attributes:
        domains: whose resources they are: nothing of another domain is ever seen as removed.
        retired: keys of products whose files say that they are retired.
        incomplete: keys of sources and products that stand in the files, but what they want could
            not be worked out: nothing of theirs is ever seen as removed.
        gathered: sources whose tables are products; `sources` are databases.
        quotas: of consumers.
        shared: rights that consumers of other domains have by the same principals.
        left: domains that read nothing any more; what is there for their consumers is unwanted.
        cut: rights that end because access does, with the reason; whoever's they are.
        schemas: those of what the mesh itself writes; products have their own.
    """

    stores: Mapping[str, TopicSpec] = field(hash=False)
    topics: tuple[WantedTopic, ...]
    acls: tuple[WantedAcl, ...]
    users: tuple[WantedUser, ...]
    sources: tuple[WantedSource, ...]
    products: tuple[WantedProduct, ...]
    domains: frozenset[str]
    retired: frozenset[str] = frozenset()
    incomplete: frozenset[str] = frozenset()
    gathered: tuple[WantedGathering, ...] = ()
    quotas: tuple[WantedQuota, ...] = ()
    left: frozenset[str] = frozenset()
    shared: frozenset[Acl] = frozenset()
    cut: Mapping[Acl, str] = field(default_factory=dict, hash=False)
    schemas: tuple[WantedSchema, ...] = ()

    @property
    def every_source(self) -> tuple[WantedSource | WantedGathering, ...]:
        """All sources, databases first."""
        return (*self.sources, *self.gathered)

    def by_id(self, domain: str, source: str) -> tuple[WantedSource, ...]:
        """Give the source of that name; nothing when it is not there."""
        one = self._by_id.get((domain, source))
        return () if one is None else (one,)

    @cached_property
    def _by_id(self) -> Mapping[SourceId, WantedSource]:
        return {(one.source.domain, one.source.name): one for one in self.sources}


def desired(  # noqa: PLR0913 - files, and what stands that they are about
    workspace: Workspace,
    environment: Environment,
    databases: Mapping[SourceId, DatabaseState],
    built: Iterable[Built],
    secrets: ConnectSecrets,
    *,
    products_read: Gathered | None = None,
) -> Desired:
    """Say what the files want.

    Args:
        workspace: the files.
        environment: where.
        databases: the state of each source's database; a source without tables is left out.
        built: the ports that could be compiled, retired ones left out.
        secrets: how connectors refer to secrets.
        products_read: what sources of products read; None where there are none.
    """
    names, defaults = environment.names, environment.topic_defaults
    sources = tuple(
        _source(workspace.mesh, environment, one, databases[one.domain, one.name], secrets)
        for domain in workspace.domains.values()
        for one in domain.databases
        if databases[one.domain, one.name].tables
    )
    products = tuple(wanted_product(one, names) for one in built)
    gathered = _gathered(workspace, environment, products_read, products)
    retired = _ports(workspace, names, retired=True)
    done = {one.owner.key for one in sources} | {one.owner.key for one in gathered}
    done |= {one.owner.key for one in products}
    return Desired(
        stores=store_topics(names, defaults),
        topics=(
            *_source_topics(sources),
            *_source_topics(gathered),
            *_product_topics(products, names, defaults),
        ),
        acls=(
            *_source_acls(sources),
            *_source_acls(gathered),
            *_product_acls(products, names),
            *_readers(workspace, names),
            *(WantedAcl(*one) for one in notice_readers(workspace, names)),
        ),
        users=(*_engine_users((*sources, *gathered), names), *_reader_users(workspace, names)),
        sources=sources,
        products=products,
        domains=frozenset(workspace.domains),
        retired=retired,
        incomplete=(_sources(workspace) | _ports(workspace, names, retired=False)) - done,
        gathered=gathered,
        schemas=notice_schemas(names),
    )


def _gathered(
    workspace: Workspace,
    environment: Environment,
    found: Gathered | None,
    products: Sequence[WantedProduct],
) -> tuple[WantedGathering, ...]:
    if found is None:
        return ()
    built = [one.built for one in products]
    return tuple(
        wanted_gathering(
            workspace.mesh, environment, one, found, read_columns(built, one.domain, one.name)
        )
        for domain in workspace.domains.values()
        for one in domain.sources
        if found.tables.get((one.domain, one.name))
    )


def _sources(workspace: Workspace) -> frozenset[str]:
    return frozenset(
        source_owner(one.domain, one.name).key
        for domain in workspace.domains.values()
        for one in domain.sources
    )


def _ports(workspace: Workspace, names: Names, *, retired: bool) -> frozenset[str]:
    return frozenset(
        product_owner(port, names).key
        for port in workspace.ports
        if (port.status == "retired") == retired
    )


def secret_name(source: Source) -> str:
    """Name the secret of a source's password where Connect finds it."""
    return f"{source.domain}.{source.name}.password"


def stream_place(port: Port) -> Location | None:
    """Give the place of a contract's `stream` property, else the contract's own."""
    listed = port.contract.document.get("customProperties") or ()
    for number, one in enumerate(listed):
        if one.get("property") == "stream":
            return port.contract.places.get(f"customProperties[{number}].value")
    return port.contract.places.get("")


def settled(tables: Iterable[Table]) -> tuple[Table, ...]:
    """Give tables without what changes by itself: a deployment must not differ by statistics."""
    return tuple(replace(one, estimated_rows=-1) for one in tables)


def product_owner(port: Port, names: Names) -> Owner:
    """Give the owner that a product's port is."""
    return Owner(f"product/{port.topic(names)}", port.domain, f"{port.label} v{port.major}")


def _source(
    mesh: str,
    environment: Environment,
    source: Source,
    database: DatabaseState,
    secrets: ConnectSecrets,
) -> WantedSource:
    names = environment.names
    settings = CaptureSettings(
        mesh=mesh,
        names=names,
        address=database.address,
        password_reference=secrets.reference(secret_name(source)),
        server_version=database.server_version,
        connect_principal=_connect_principal(environment),
        identity=database.identity,
        topic_defaults=environment.topic_defaults,
    )
    wanted = wants(source, database.tables, settings)
    deployment = SourceDeployment(
        format=FORMAT,
        mesh=mesh,
        domain=source.domain,
        source=source.name,
        database_type=source.database_type,
        topic_prefix=names.topic_prefix(source.domain, source.name),
        log=names.private_log(source.domain, source.name),
        progress=names.progress(source.domain, source.name),
        principal=names.engine_principal(source.domain, source.name),
        slot=wanted.slot,
        tables=settled(database.tables),
        retention_ms=source.retention_ms,
    )
    owner = source_owner(source.domain, source.name)
    return WantedSource(owner, source, wanted, digested(deployment), database)


def _connect_principal(environment: Environment) -> str:
    said = environment.connect.get("principal")
    return "" if said is None else said.text.removeprefix("User:")


def wanted_product(built: Built, names: Names) -> WantedProduct:
    """Say what a product's port wants to run."""
    port, topic = built.port, built.port.topic(names)
    deployment = ProductDeployment(
        format=FORMAT,
        domain=port.domain,
        product=port.product,
        port=port.name,
        version=port.version,
        status=port.status,
        source=built.model.source,
        topic=topic,
        quarantine=names.quarantine(topic),
        model=built.model,
        contract=built.fields,
        stream=port.contract.stream,
        key_schema=built.key_schema,
        key_schema_id=0,
        value_schema=built.value_schema,
        value_schema_id=0,
        distinct=built.distinct,
        conditions=built.conditions,
        origin=built.origin,
    )
    return WantedProduct(product_owner(port, names), built, deployment)


_SOURCE_TOPICS = (
    "the private log of {}: its changes",
    "how far the engine of {} has come",
    "the rows of {}, as snapshots read them",
)


def _source_topics(sources: Iterable[WantedSource | WantedGathering]) -> Iterator[WantedTopic]:
    for one in sources:
        specs = one.wants.topics if isinstance(one, WantedSource) else one.topics
        for spec, purpose in zip(specs, _SOURCE_TOPICS, strict=False):
            words, main = purpose.format(one.owner.label), spec.name == one.deployment.log
            yield WantedTopic(one.owner, spec, words, main=main)


def _product_topics(
    products: Iterable[WantedProduct], names: Names, defaults: Mapping[str, int]
) -> Iterator[WantedTopic]:
    for one in products:
        port, owner = one.built.port, one.owner
        events = f"the events of {owner.label}"
        spec, where = product_topic(port, names, defaults), stream_place(port)
        yield WantedTopic(owner, spec, events, product=True, main=True, where=where)
        rest = f"what of {owner.label} can't be published"
        yield WantedTopic(owner, quarantine_topic(port, names, defaults), rest)


def _source_acls(sources: Iterable[WantedSource | WantedGathering]) -> Iterator[WantedAcl]:
    for one in sources:
        acls = one.wants.acls if isinstance(one, WantedSource) else one.acls
        yield from (WantedAcl(one.owner, acl) for acl in sorted(acls))


def _product_acls(products: Iterable[WantedProduct], names: Names) -> Iterator[WantedAcl]:
    for one in products:
        deployment = one.deployment
        engine = names.engine_principal(deployment.domain, deployment.source)
        reader = names.reader_principal(deployment.domain)
        rights = product_acls(deployment.topic, deployment.quarantine, engine, reader)
        yield from (WantedAcl(one.owner, acl) for acl in rights)


def _readers(workspace: Workspace, names: Names) -> Iterator[WantedAcl]:
    for domain in sorted(workspace.domains):
        rights = reader_acls(names.reader_principal(domain))
        yield from (WantedAcl(domain_owner(domain), acl) for acl in rights)


def _engine_users(
    sources: Iterable[WantedSource | WantedGathering], names: Names
) -> Iterator[WantedUser]:
    for one in sources:
        principal = names.engine_principal(one.source.domain, one.source.name)
        yield WantedUser(one.owner, principal, f"the engine of {one.owner.label}")


def _reader_users(workspace: Workspace, names: Names) -> Iterator[WantedUser]:
    for domain in sorted(workspace.domains):
        principal = names.reader_principal(domain)
        yield WantedUser(domain_owner(domain), principal, f"`mesh consume` in {domain}")
