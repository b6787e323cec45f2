"""Replication slots of a mesh: how much WAL each keeps, and which belong to no source any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from streammesh.capture.publication import Slot, read_slots
from streammesh.deployments.deployment import Deployment, SourceDeployment
from streammesh.documents.names import Names
from streammesh.documents.secrets import resolve
from streammesh.documents.values import Source, Workspace
from streammesh.errors import MeshError
from streammesh.platform.database import DatabaseSettings, connect

THREADS = 8
CUT = 54
"""How much of a long name is kept in a slot's."""

PROOFS = "mesh_fence_"
"""Slots that a proof makes, and that end with it."""


@dataclass(frozen=True)
class SlotStanding:
    """A slot as it stands, or why it can't be seen.

    Attributes:
        name: as in the database.
        database: `host:port/name`.
        source: the source that it belongs to; empty for one that belongs to none.
        active: whether a connector reads it now.
        wal_status: as PostgreSQL says; "missing" when there is no such slot; empty when unknown.
        retained_bytes: WAL that is kept because of it; None when unknown.
        safe_bytes: how much more may be written before it is lost; None without a limit.
        why: why nothing is known.
    """

    name: str
    database: str
    source: str = ""
    active: bool = False
    wal_status: str = ""
    retained_bytes: int | None = None
    safe_bytes: int | None = None
    why: str = ""


def slots(
    workspace: Workspace,
    names: Names,
    deployments: Mapping[str, Deployment],
    environ: Mapping[str, str],
) -> tuple[SlotStanding, ...]:
    """Look at the slots of a workspace's sources, and at those of this mesh without a source.

    Args:
        workspace: with the sources and their databases; one that isn't deployed has no slot.
        names: of the environment.
        deployments: what is deployed, also from other workspaces of the same mesh.
        environ: where the references to addresses are resolved.
    """
    deployed = [
        one for one in deployments.values() if isinstance(one, SourceDeployment) and one.slot
    ]
    owners = {one.slot: f"{one.domain}.{one.source}" for one in deployed}
    every = [one for domain in workspace.domains.values() for one in domain.databases]
    sources = [one for one in every if f"{one.domain}.{one.name}" in owners.values()]
    prefix = prefix_of(names, workspace.mesh)

    def look(one: Source) -> Sequence[SlotStanding]:
        slot = names.slot(workspace.mesh, one.domain, one.name)
        return _look(one, slot, prefix, environ)

    with ThreadPoolExecutor(THREADS) as pool:
        found = [slot for several in pool.map(look, sources) for slot in several]
    # sources may share a database
    known = {(one.database, one.name): one for one in found}
    return tuple(replace(one, source=owners.get(one.name, "")) for one in known.values())


def prefix_of(names: Names, mesh: str) -> str:
    """Give what the names of a mesh's slots begin with."""
    name = names.slot(mesh, "x", "x")
    # long names are cut
    return name.removesuffix("x_x") if name.endswith("_x_x") else name[:CUT]


def _look(
    source: Source, slot: str, prefix: str, environ: Mapping[str, str]
) -> Sequence[SlotStanding]:
    try:
        settings = DatabaseSettings.from_url(resolve(source.url, environ))
        with connect(
            settings, application_name="streammesh status", where=source.url.where
        ) as connection:
            found = read_slots(connection, prefix)
    except MeshError as error:
        return [SlotStanding(slot, "", why=error.what)]
    where = f"{settings.address}/{settings.database}"
    shown = [_shown(one, where) for one in found if not one.name.startswith(PROOFS)]
    if slot not in {one.name for one in found}:
        shown.append(SlotStanding(slot, where, wal_status="missing"))
    return shown


def _shown(slot: Slot, where: str) -> SlotStanding:
    return SlotStanding(
        name=slot.name,
        database=where,
        active=slot.active,
        wal_status=slot.wal_status,
        retained_bytes=slot.retained_bytes,
        safe_bytes=slot.safe_bytes,
    )


def orphans(found: Collection[SlotStanding]) -> tuple[SlotStanding, ...]:
    """Give the slots that belong to no source: each keeps WAL for ever."""
    return tuple(one for one in found if not one.source)
