"""How a source's tables stand: as its database says, else as it was deployed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from streammesh.deployments.deployment import Deployment, SourceDeployment
from streammesh.documents.values import Secret, Source, Workspace
from streammesh.errors import MeshError, MeshErrors
from streammesh.errors.migrations import (
    NoDatabase,
    SourceNotThere,
    TablesUnknown,
    WhichSource,
)
from streammesh.models.catalog import nearest
from streammesh.models.tables import Table
from streammesh.planning.systems import Databases

ReadDeployments = Callable[[], Mapping[str, Deployment]]
"""Read what is deployed; a platform that can't be reached raises MeshError."""


@dataclass(frozen=True)
class Present:
    """A source's tables.

    Attributes:
        tables: the captured ones.
        server_version: major version of the database's server; 0 when not known.
        told_by: who says so, in words.
    """

    tables: tuple[Table, ...]
    server_version: int
    told_by: str


def source_named(workspace: Workspace, name: str | None) -> Source:
    """Give the database that a person means: `sales.shop`, `shop`, or the only one there is.

    Raises:
        NoDatabase, WhichSource: there is none; or several, and none is named.
        SourceNotThere: there is none of that name.
    """
    every = {
        f"{one.domain}.{one.name}": one
        for domain in workspace.domains.values()
        for one in domain.databases
    }
    if name is None:
        if len(every) == 1:
            return next(iter(every.values()))
        if not every:
            raise NoDatabase
        raise WhichSource(fix=f"--source, one of: {', '.join(sorted(every))}")
    found = [one for label, one in every.items() if name in (label, one.name)]
    if len(found) == 1:
        return found[0]
    if found:
        labels = ", ".join(f"{one.domain}.{one.name}" for one in found)
        raise WhichSource(fix=f"--source, one of: {labels}")
    near = nearest(name, every)
    fix = f"write {near}" if near else f"it has {', '.join(sorted(every)) or 'none'}"
    raise SourceNotThere(name=name, fix=fix)


def present_tables(source: Source, databases: Databases, deployments: ReadDeployments) -> Present:
    """Read a source's tables from its database, else from what is deployed.

    Raises:
        TablesUnknown: neither can be read.
    """
    try:
        return _from_database(source, databases)
    except MeshError as error:
        reason = error
    try:
        found = deployments().get(f"source/{source.domain}.{source.name}")
    except MeshError as other:
        raise _unknown(source, f"{reason.what}; {other.what}") from None
    if not isinstance(found, SourceDeployment):
        raise _unknown(source, f"{reason.what}; it is not deployed") from None
    return Present(found.tables, 0, f"as deployed, since its database can't be read: {reason.what}")


def _from_database(source: Source, databases: Databases) -> Present:
    state = databases.observe(source, "")
    if not state.tables:
        raise MeshErrors(state.problems)
    return Present(state.tables, state.server_version, "as its database says")


def migrated_tables(source: Source, url: str, databases: Databases) -> Present:
    """Read the same tables of a database that has been migrated.

    Args:
        source: the source.
        url: address of the migrated database, or a `${NAME}` reference to it.
        databases: reads databases.

    Raises:
        MeshError: it can't be read, or can't be captured as the source's file says.
    """
    state = databases.observe(replace(source, url=Secret(url)), "")
    if not state.tables:
        raise MeshErrors(state.problems)
    return Present(state.tables, state.server_version, "as migrated")


def _unknown(source: Source, reason: str) -> TablesUnknown:
    return TablesUnknown(
        source=f"{source.domain}.{source.name}", reason=reason, where=source.url.where
    )
