"""What an apply of a workspace tells the catalog, as a step where that is anything new."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from streammesh.catalog.records import Registration
from streammesh.catalog.registering import registration
from streammesh.catalog.workspaces import Home
from streammesh.documents.names import Names
from streammesh.documents.values import ProductName, Workspace
from streammesh.planning.built import Built
from streammesh.planning.owner import mesh_owner
from streammesh.planning.steps.record_in_catalog import RecordInCatalog
from streammesh.planning.systems import DatabaseState, Platform


def told_of(
    workspace: Workspace,
    names: Names,
    built: Iterable[Built],
    databases: Mapping[tuple[str, str], DatabaseState],
) -> Registration:
    """Give what an apply of a workspace tells the catalog.

    Args:
        workspace: the files.
        names: those of the environment.
        built: the ports that could be compiled; of the others, the catalog keeps the lineage.
        databases: what sources look like; of one that can't be read, it keeps the columns.
    """
    models = {
        ProductName(one.port.domain, one.port.product, one.port.name, one.port.major): one.model
        for one in built
    }
    tables = {source: state.tables for source, state in databases.items() if state.tables}
    return registration(workspace, names, models, tables)


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
    told = replace(told, scope=told.scope & frozenset(scope))
    recorded = platform.catalog.pending(told)
    return (RecordInCatalog(mesh_owner(), told, recorded, home),) if recorded else ()
