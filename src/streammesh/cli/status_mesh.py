"""How the sources and products of a mesh are: from Kafka, from Connect, from the databases."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from streammesh.cli.logins import reader_access
from streammesh.cli.output import ago, duration, size, table, thousands
from streammesh.cli.state_place import state_folder
from streammesh.deployments.deployment import SourceDeployment
from streammesh.documents.values import PRODUCTS, Environment, Workspace
from streammesh.errors import MeshError
from streammesh.observability import live
from streammesh.observability.figures import ProductFigures
from streammesh.observability.lines import product_fields, stamp
from streammesh.observability.live import Live
from streammesh.observability.slots import SlotStanding, orphans, slots
from streammesh.observability.standing import ProductStanding, SourceStanding, standings
from streammesh.planning.systems import Platform
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.connect import Connector
from streammesh.platform.settings import KafkaSettings, kafka_settings

UNKNOWN = "?"


@dataclass(frozen=True)
class MeshStatus:
    """How the mesh is.

    Attributes:
        sources: from Kafka.
        engines: what engines on this machine say, by source.
        capture: state of each source's connector; one that Connect doesn't have is "missing".
        slots: of the sources' databases.
        unknown: what could not be looked at, and why.
    """

    sources: tuple[SourceStanding, ...]
    engines: Mapping[str, Live]
    capture: Mapping[str, str]
    slots: tuple[SlotStanding, ...]
    unknown: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Whether nobody has to look after anything."""
        broken = {"FAILED", "missing"}
        return (
            all(one.well for one in self.sources)
            and not any(state in broken for state in self.capture.values())
            and not any(one.wal_status in {"lost", "missing"} for one in self.slots)
            and not orphans(self.slots)
        )


def mesh_status(
    root: Path, environment: Environment, platform: Platform, workspace: Workspace | None
) -> MeshStatus:
    """Look at everything.

    Args:
        root: the workspace's folder.
        environment: which one.
        platform: its systems.
        workspace: None where its files are wrong; then databases are not looked at.

    Raises:
        MeshError: Kafka can't be asked.
    """
    deployments = platform.deployments.read()
    found = standings(deployments, ConfluentStreams(_kafka(root, environment), "mesh-status"))
    unknown = []
    try:
        connectors = platform.connect.connectors()
        capture = {
            f"{one.domain}.{one.source}": _capture(connectors, one, environment)
            for one in deployments.values()
            if isinstance(one, SourceDeployment)
        }
    except MeshError as error:
        capture = {}
        unknown.append(f"connectors: {error.what}")
    if workspace is None:
        unknown.append("replication slots: the workspace's files are wrong, see `mesh validate`")
        seen: tuple[SlotStanding, ...] = ()
    else:
        seen = slots(workspace, environment.names, deployments, os.environ)
    unknown += [f"replication slot {one.name}: {one.why}" for one in seen if one.why]
    return MeshStatus(found, _engines(root, environment, found), capture, seen, tuple(unknown))


def _kafka(root: Path, environment: Environment) -> KafkaSettings:
    if environment.stack == "local":
        return reader_access(root, environment, "admin", None).kafka
    return kafka_settings(environment, os.environ, root)


def _capture(
    connectors: Mapping[str, Connector], one: SourceDeployment, environment: Environment
) -> str:
    if one.inputs:
        return PRODUCTS
    found = connectors.get(environment.names.connector(one.domain, one.source))
    if found is None:
        return "missing"
    return "FAILED" if found.failed else found.state


def _engines(
    root: Path, environment: Environment, sources: Sequence[SourceStanding]
) -> dict[str, Live]:
    folder, now = state_folder(root, environment), time.time()
    found = {}
    for one in sources:
        prefix = environment.names.topic_prefix(*one.source.split(".", 1))
        told = live.read(live.place(folder / f"{prefix}.sqlite"), now)
        if told is not None:
            found[one.source] = told
    return found


# --- for people


def show(shown: Console, mesh: MeshStatus) -> None:
    """Print sources, products, and what somebody has to look after."""
    if not mesh.sources:
        shown.print("\nnothing is deployed: mesh apply", markup=False)
        return
    by_source = {one.source: one for one in mesh.slots if one.source}
    rows = [_source(one, mesh, by_source.get(one.source)) for one in mesh.sources]
    headings = ("source", "product events", "capture", "behind", "last commit", "slot keeps")
    shown.print()
    shown.print(table(headings, rows, right=(3,)))
    products = [_product(mesh, one, each) for one in mesh.sources for each in one.products]
    shown.print()
    of_product = ("product", "version", "status", "events/s", "delay p50", "p99", "quarantined")
    shown.print(table(of_product, products, right=(3, 4, 5, 6)))
    for line in advice(mesh):
        shown.print(f"  ! {line}", markup=False, soft_wrap=True)


def _source(one: SourceStanding, mesh: MeshStatus, slot: SlotStanding | None) -> tuple[str, ...]:
    behind = UNKNOWN if one.state == "unknown" else thousands(one.lag_records)
    if one.state == "following":
        behind = ""  # a few heartbeats are always on their way
    elif one.lag_seconds >= 1:
        behind += f" ({duration(one.lag_seconds)})"
    told = mesh.engines.get(one.source)
    doing = one.state if told is None else told.figures.doing
    kept = None if slot is None else slot.retained_bytes
    unknown = "" if mesh.capture.get(one.source) == PRODUCTS else UNKNOWN
    return (
        one.source,
        one.state if one.state == "standing" else doing,
        mesh.capture.get(one.source, UNKNOWN).lower(),
        behind,
        _when(one.position_time),
        unknown if kept is None else size(kept),
    )


def _when(seconds: float) -> str:
    if not seconds:
        return ""
    return ago(datetime.fromtimestamp(seconds, UTC), datetime.now(UTC))


def _product(mesh: MeshStatus, source: SourceStanding, one: ProductStanding) -> tuple[str, ...]:
    status = one.status
    if one.status == "publishing":
        status += f" {one.parts_done} of {one.parts}"
    figures = figures_of(mesh, source.source, one.product)
    if figures is None:
        return (one.product, one.version, status, "", "", "", "")
    return (
        one.product,
        one.version,
        status,
        f"{figures.events_per_second:,.0f}",
        "" if figures.delay_p50 is None else duration(figures.delay_p50),
        "" if figures.delay_p99 is None else duration(figures.delay_p99),
        thousands(figures.quarantined),
    )


def figures_of(mesh: MeshStatus, source: str, product: str) -> ProductFigures | None:
    """Give what the engine on this machine says of a product; None when there is none."""
    told = mesh.engines.get(source)
    products = () if told is None else told.figures.products
    return next((one for one in products if one.product == product), None)


def advice(mesh: MeshStatus) -> list[str]:
    """Say in sentences what somebody has to look after."""
    said = []
    for one in mesh.sources:
        if one.state == "standing":
            here = "" if one.source in mesh.engines else "; none runs on this machine"
            said.append(f"{one.source}: its engine doesn't move{here}: mesh run {one.source}")
        elif one.state == "silent":
            said.append(f"{one.source}: not even a heartbeat comes: see its connector, mesh plan")
        elif one.state == "unknown":
            said.append(f"{one.source}: {one.why}")
        elif one.state == "waiting for a snapshot":
            said.append(f"{one.source}: nothing was published yet: mesh run {one.source}")
        told = mesh.engines.get(one.source)
        if told is not None and told.figures.trouble:
            said.append(f"{one.source}: {told.figures.trouble}")
    said += [
        f"{source}: its connector has {'failed' if state == 'FAILED' else 'gone'}: mesh plan"
        for source, state in mesh.capture.items()
        if state in {"FAILED", "missing"}
    ]
    said += [
        f"{one.source}: its slot {one.name} is {one.wal_status}: mesh apply --new-snapshot"
        f" {one.source}"
        for one in mesh.slots
        if one.wal_status in {"lost", "missing"}
    ]
    said += [
        f"slot {one.name} in {one.database} belongs to no source that is deployed here and keeps"
        f" {size(one.retained_bytes or 0)} of WAL:"
        f" SELECT pg_drop_replication_slot('{one.name}');"
        for one in orphans(mesh.slots)
    ]
    return [*said, *(f"not known: {one}" for one in mesh.unknown)]


# --- for programs


def as_dict(mesh: MeshStatus | None) -> dict[str, object]:
    """Give the same for JSON; empty lists and `reached: false` where Kafka doesn't serve."""
    if mesh is None:
        return {"reached": False, "sources": [], "orphan_slots": [], "advice": []}
    slots_of = {one.source: one for one in mesh.slots}
    return {
        "reached": True,
        "sources": [_as_dict(one, mesh, slots_of.get(one.source)) for one in mesh.sources],
        "orphan_slots": [asdict(one) for one in orphans(mesh.slots)],
        "advice": advice(mesh),
    }


def _as_dict(one: SourceStanding, mesh: MeshStatus, slot: SlotStanding | None) -> dict[str, object]:
    told = mesh.engines.get(one.source)
    return {
        "source": one.source,
        "state": one.state,
        "position": one.position or None,
        "position_time": stamp(one.position_time) if one.position_time else None,
        "lag_records": one.lag_records,
        "lag_seconds": round(one.lag_seconds, 3),
        "capture": mesh.capture.get(one.source),
        "slot": None if slot is None else asdict(slot),
        "engine": None if told is None else _engine(told),
        "products": [_product_dict(mesh, one.source, each) for each in one.products],
    }


def _engine(told: Live) -> dict[str, object]:
    figures = told.figures
    return {
        "pid": told.pid,
        "metrics": told.metrics or None,
        "time": stamp(figures.time),
        "doing": figures.doing,
        "trouble": figures.trouble or None,
        "changes_per_second": round(figures.changes_per_second, 1),
        "state_bytes": figures.state_bytes,
    }


def _product_dict(mesh: MeshStatus, source: str, one: ProductStanding) -> dict[str, object]:
    figures = figures_of(mesh, source, one.product)
    return {
        "product": one.product,
        "version": one.version,
        "status": one.status,
        "parts_done": one.parts_done,
        "parts": one.parts,
        "engine": None if figures is None else product_fields(figures),
    }
