"""`mesh status`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streammesh.cli.context import (
    environment_option,
    json_option,
    load_environment,
    load_workspace,
    workspace_root,
)
from streammesh.cli.output import console, print_json, size, table
from streammesh.cli.platform import platform_of
from streammesh.cli.status_mesh import MeshStatus, as_dict, mesh_status, show
from streammesh.documents.values import Environment, Workspace
from streammesh.errors import ExitCode, MeshError
from streammesh.errors.local import StackNotUp

if TYPE_CHECKING:
    from streammesh.local.info import ComponentStatus


@click.command(short_help="Show how the mesh is: servers, sources, products.")
@environment_option
@json_option
def command(environment_name: str | None, as_json: bool) -> ExitCode:
    """Show how the mesh is: the local stack's servers, each source and product, replication slots.

    What stands on Kafka and in the databases is shown wherever engines run; the rates and delays of
    an engine on this machine as well. Exits with 0 when everything is well, with 3 otherwise.
    """
    root, environment = workspace_root(), load_environment(environment_name)
    components = _components(root) if environment.stack == "local" else ()
    mesh = _mesh(root, environment, components)
    if as_json:
        print_json({"stack": list(map(_component, components)), **as_dict(mesh)})
    else:
        _show(components, mesh)
    healthy = all(one.healthy for one in components)
    return ExitCode.OK if healthy and (mesh is None or mesh.well) else ExitCode.CHECK_SAID_NO


def _components(root: Path) -> Sequence[ComponentStatus]:
    from streammesh.local.stack import Stack  # noqa: PLC0415 - an extra that servers don't have

    return Stack(root).status()


def _mesh(
    root: Path, environment: Environment, components: Sequence[ComponentStatus]
) -> MeshStatus | None:
    """Give what is known of the mesh; None while the local Kafka doesn't serve."""
    if any(one.name == "kafka" and not one.healthy for one in components):
        return None
    try:
        platform = platform_of(root, environment)
    except StackNotUp:
        return None
    return mesh_status(root, environment, platform, _workspace())


def _workspace() -> Workspace | None:
    """Give the workspace if its files are right; what stands can be shown without them."""
    try:
        return load_workspace()
    except MeshError:
        return None


def _show(components: Sequence[ComponentStatus], mesh: MeshStatus | None) -> None:
    shown = console(stderr=False)
    if components:
        headings = ("component", "state", "process", "port", "memory", "log")
        shown.print(table(headings, map(_row, components), right=(2, 3, 4)))
    if mesh is not None:
        show(shown, mesh)


def _row(one: ComponentStatus) -> tuple[str, ...]:
    return (
        one.name,
        one.state,
        "" if one.pid is None else str(one.pid),
        "" if one.port is None else str(one.port),
        size(one.memory_bytes) if one.memory_bytes else "",
        os.path.relpath(one.log),
    )


def _component(one: ComponentStatus) -> dict[str, object]:
    return {
        "name": one.name,
        "state": one.state,
        "pid": one.pid,
        "port": one.port,
        "memory_bytes": one.memory_bytes,
        "log": str(one.log),
    }
