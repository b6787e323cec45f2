"""Sources of products: what they read, and what has to stand for that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from streammesh.capture.wants import source_topics
from streammesh.deployments.deployment import (
    FORMAT,
    Deployment,
    InputProduct,
    ProductDeployment,
    SourceDeployment,
    digested,
)
from streammesh.documents.names import GATHER, MESH, Names
from streammesh.documents.values import (
    PRODUCTS,
    Environment,
    ProductName,
    Source,
    TableName,
    Workspace,
)
from streammesh.errors import MeshError
from streammesh.errors.planning import ProductNotOffered
from streammesh.models.catalog import nearest
from streammesh.models.product_tables import Offered, offered_by_files, tables_of
from streammesh.models.tables import Table
from streammesh.planning.owner import Owner, source_owner
from streammesh.platform.kafka import Acl, TopicSpec

SourceId = tuple[str, str]


@dataclass(frozen=True)
class WantedGathering:
    """A source of products whose engine has to read them.

    Attributes:
        owner: itself.
        source: as its file says.
        deployment: digested.
        topics: private log and progress.
        acls: rights of its engine.
    """

    owner: Owner
    source: Source
    deployment: SourceDeployment
    topics: tuple[TopicSpec, ...]
    acls: frozenset[Acl]


@dataclass(frozen=True)
class Gathered:
    """The sources of products of a workspace, as far as what they read is there.

    Attributes:
        offered: every product that can be read, by the files or by what is deployed.
        tables: of each source; none where something that it reads is missing.
        problems: what is missing.
    """

    offered: Mapping[ProductName, Offered]
    tables: Mapping[SourceId, tuple[Table, ...]]
    problems: tuple[MeshError, ...]


def gathered(
    workspace: Workspace,
    names: Names,
    deployments: Mapping[str, Deployment],
    catalogued: Callable[[], Mapping[str, str]] = lambda: {},
) -> Gathered:
    """Find what the sources of products read.

    Args:
        workspace: the files; their products count whether they are deployed or not.
        names: of the environment.
        deployments: what stands; products of other workspaces count as they are deployed.
        catalogued: gives the status of every version that the catalog knows, `sales.orders.v1`;
            called when something is missing.
    """
    sources = [
        one for domain in workspace.domains.values() for one in domain.sources if one.products
    ]
    if not sources:
        return Gathered({}, {}, ())
    offered = _offered(workspace, names, deployments)
    tables: dict[SourceId, tuple[Table, ...]] = {}
    problems: list[MeshError] = []
    for source in sources:
        if _absent(source, workspace, offered):
            problems += _missing(source, workspace, offered, catalogued())
        complete = all(one in offered for one in source.products)
        tables[source.domain, source.name] = tables_of(source, offered) if complete else ()
    return Gathered(offered, tables, tuple(problems))


def _offered(
    workspace: Workspace, names: Names, deployments: Mapping[str, Deployment]
) -> dict[ProductName, Offered]:
    found = {
        _name(one): Offered(one.contract, tuple(part.field for part in one.model.key))
        for one in deployments.values()
        if isinstance(one, ProductDeployment)
        and one.domain not in workspace.domains
        and one.status != "retired"
        and str(_name(one)) == names.bare(one.topic)
    }
    return found | offered_by_files(workspace)


def _name(one: ProductDeployment) -> ProductName:
    return ProductName(one.domain, one.product, one.port, int(one.version.partition(".")[0]))


def _absent(
    source: Source, workspace: Workspace, offered: Mapping[ProductName, Offered]
) -> list[tuple[int, ProductName]]:
    """Give products of other workspaces that are not deployed; files of this one tell their own."""
    return [
        (index, one)
        for index, one in enumerate(source.products)
        if one not in offered and one.domain not in workspace.domains
    ]


def _missing(
    source: Source,
    workspace: Workspace,
    offered: Mapping[ProductName, Offered],
    catalogued: Mapping[str, str],
) -> Iterator[MeshError]:
    """Name what is not there, with what the catalog knows of it and of what is called alike."""
    alive = [
        name
        for name, status in catalogued.items()
        if status != "retired" and not name.startswith(f"{MESH}.")
    ]
    for index, one in _absent(source, workspace, offered):
        status = catalogued.get(str(one))
        if one.domain == MESH:
            yield _of_the_mesh(source, index, one)
            continue
        near = nearest(str(one), {*map(str, offered), *alive} - {str(one)})
        fix = "apply it first, in the workspace of its domain"
        if status == "retired":
            fix = "read a later version, or something else"
        yield ProductNotOffered(
            source=f"{source.domain}.{source.name}",
            product=str(one),
            where=source.places.get(f"products[{index}]"),
            why=None if status is None else f"the catalog knows it, and says that it is {status}",
            fix=f"write {near}, or {fix}" if near else fix,
        )


def _of_the_mesh(source: Source, index: int, one: ProductName) -> ProductNotOffered:
    return ProductNotOffered(
        source=f"{source.domain}.{source.name}",
        product=str(one),
        where=source.places.get(f"products[{index}]"),
        why="It is the mesh's own: no model makes products of that.",
        fix="subscribe to it, and read it in an application",
    )


def wanted_gathering(
    mesh: str,
    environment: Environment,
    source: Source,
    found: Gathered,
    read: Collection[tuple[TableName, str]],
) -> WantedGathering:
    """Say what a source of products wants; all that it reads is there.

    Args:
        mesh: the mesh's name.
        environment: where.
        source: as its file says.
        found: what it reads.
        read: the columns that models read. Others are not gathered: where a product gets a field
            that nobody reads, its readers have nothing to do.
    """
    names = environment.names
    tables = found.tables[source.domain, source.name]
    deployment = SourceDeployment(
        format=FORMAT,
        mesh=mesh,
        domain=source.domain,
        source=source.name,
        database_type=PRODUCTS,
        topic_prefix=names.topic_prefix(source.domain, source.name),
        log=names.private_log(source.domain, source.name),
        progress=names.progress(source.domain, source.name),
        principal=names.engine_principal(source.domain, source.name),
        slot="",
        tables=tuple(_only_read(table, read) for table in tables),
        retention_ms=source.retention_ms,
        inputs=tuple(_input(one, found.offered[one], names, read) for one in source.products),
    )
    own = [_topic(one, names) for one in source.products if one.domain == source.domain]
    return WantedGathering(
        owner=source_owner(source.domain, source.name),
        source=source,
        deployment=digested(deployment),
        topics=source_topics(source, names, environment.topic_defaults),
        acls=_acls(deployment, own, names),
    )


def _only_read(table: Table, read: Collection[tuple[TableName, str]]) -> Table:
    return replace(
        table,
        columns=tuple(
            one
            for one in table.columns
            if one.name in table.primary_key or (table.name, one.name) in read
        ),
    )


def _input(
    one: ProductName, offered: Offered, names: Names, read: Collection[tuple[TableName, str]]
) -> InputProduct:
    topic = _topic(one, names)
    known = {field.name: field.default for field in offered.fields.fields}
    defaults = {k: v for k, v in known.items() if v is not None and (one.table, k) in read}
    return InputProduct(topic, one.table, defaults)


def _topic(one: ProductName, names: Names) -> str:
    return names.product_topic(one.domain, one.product, one.port, one.major)


def _acls(source: SourceDeployment, own: Collection[str], names: Names) -> frozenset[Acl]:
    """Give the rights of the engine, which writes its log by itself, and no more.

    To read what other domains own is not among them: it is asked for (`planning/access`).
    """
    engine = source.principal
    writers = (engine, f"{engine}{GATHER}")
    return frozenset(
        {
            *(Acl(engine, "topic", "literal", one, "read") for one in own),
            *(Acl(engine, "transactional_id", "literal", one, "write") for one in writers),
            *(Acl(engine, "transactional_id", "literal", one, "describe") for one in writers),
            Acl(engine, "topic", "literal", source.log, "read"),
            Acl(engine, "topic", "literal", source.log, "write"),
            Acl(engine, "topic", "literal", source.progress, "read"),
            Acl(engine, "topic", "literal", source.progress, "write"),
            Acl(engine, "topic", "literal", names.deployments, "read"),
            Acl(engine, "group", "literal", engine, "read"),
        }
    )
