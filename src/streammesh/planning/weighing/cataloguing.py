"""What an apply of a workspace tells the catalog, as a step where that is anything new."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.digests import News, digests
from streammesh.catalog.records import Registration
from streammesh.catalog.registering import registration
from streammesh.catalog.workspaces import Home
from streammesh.documents.names import MESH, Names
from streammesh.documents.values import Port, ProductName, Workspace
from streammesh.notices.product import port as notices_port
from streammesh.planning.owner import mesh_owner
from streammesh.planning.steps.record_in_catalog import RecordInCatalog
from streammesh.planning.systems import DatabaseState, Platform
from streammesh.planning.wanting.built import Built
from streammesh.planning.wanting.notice_wants import with_notices
from streammesh.planning.wanting.origins import compiler


def told_of(
    workspace: Workspace,
    names: Names,
    built: Sequence[Built],
    databases: Mapping[tuple[str, str], DatabaseState],
    catalog: Catalog | None,
) -> Registration:
    """Give what an apply of a workspace tells the catalog, of domains that have anything new.

    The mesh's own is one of them: whoever applies tells of `mesh.notices`.

    Args:
        workspace: the files.
        names: those of the environment.
        built: the ports that could be compiled; of the others, the catalog keeps the lineage.
        databases: what sources look like; of one that can't be read, it keeps the columns.
        catalog: knows what it was told last; None for one that knows nothing.
    """
    models = {_name(one.port): one.model for one in built}
    origins = {_name(one.port): one.origin for one in built}
    origins[_name(notices_port())] = ""  # it has no model, and nothing to be worked out
    tables = {source: state.tables for source, state in databases.items() if state.tables}
    workspace = with_notices(workspace, _owner_of_mesh(catalog))
    made = digests(workspace, names, origins, tables, compiler().hex())
    known = {} if catalog is None else catalog.told()
    return registration(workspace, names, models, tables, News(made, known))


def _owner_of_mesh(catalog: Catalog | None) -> Mapping[str, str]:
    if catalog is None or not catalog.standing():
        return {}
    return catalog.owners([MESH]).get(MESH, {})


def _name(port: Port) -> ProductName:
    return ProductName(port.domain, port.product, port.name, port.major)


def recording(
    told: Registration, platform: Platform, *, scope: Collection[str], home: Home | None = None
) -> tuple[RecordInCatalog, ...]:
    """Give the step that tells the catalog what changed; nothing when it knows it all.

    Args:
        told: what it is to know.
        platform: its catalog is read.
        scope: the domains that this workspace speaks for; `GOVERNANCE` for the whole mesh.
        home: the environment.

    Raises:
        CatalogUnreachable, CatalogTooNew, CatalogForeign: the catalog can't be used.
    """
    if platform.catalog is None:
        return ()
    told = replace(told, scope=told.scope & frozenset({*scope, MESH}))
    recorded = platform.catalog.pending(told)
    return (RecordInCatalog(mesh_owner(), told, recorded, home),) if recorded else ()
