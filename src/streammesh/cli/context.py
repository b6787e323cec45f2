"""What commands have in common: their options, the workspace, the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from streammesh.cli.shared_environments import with_shared
from streammesh.documents import selection
from streammesh.documents import workspace as documents
from streammesh.documents.mesh_file import LOCAL
from streammesh.documents.values import Environment, Workspace
from streammesh.errors.copied import ENVIRONMENT

KEPT_VARIABLES = Path(".mesh/secrets/environment.json")
"""Where a local stack keeps variables for the workspace: a JSON object, mode 0600."""

Command = TypeVar("Command", bound=Callable[..., Any])


def environment_option(command: Command) -> Command:
    """Give a command `--env NAME`, its parameter `environment_name`; what it says names it too."""
    return click.option(
        "--env",
        "environment_name",
        metavar="NAME",
        callback=_remembered,
        help="An environment of mesh.toml [default: MESH_ENV, else local].",
    )(command)


def _remembered(_context: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    usual = os.environ.get("MESH_ENV") or LOCAL
    ENVIRONMENT.set("" if (name or usual) == usual == LOCAL else name or usual)
    return name


def json_option(command: Command) -> Command:
    """Give a command `--json`, its parameter `as_json`; its errors are JSON then as well."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def yes_option(command: Command) -> Command:
    """Give a command `--yes`, its parameter `yes`: go on without asking."""
    return click.option("--yes", "-y", "yes", is_flag=True, help="Don't ask.")(command)


def workspace_root() -> Path:
    """Find the folder with mesh.toml, here or above.

    Raises:
        MeshError: when there is none.
    """
    return documents.find_root(Path.cwd())


def load_workspace(*, relied_on: bool = True) -> Workspace:
    """Read and check the workspace that the current folder belongs to.

    Args:
        relied_on: whether fields that subscriptions rely on have to be there.

    Raises:
        MeshError: when there is none, or its files hold errors (all of them).
    """
    return documents.load(workspace_root(), relied_on=relied_on)


def select_environment(workspace: Workspace, name: str | None) -> Environment:
    """Give the environment of that name, else MESH_ENV's, else `local`.

    For a local stack, what it keeps for the workspace's `${NAME}` references comes into force, such
    as the address of the demo's database; a variable that is set wins.

    Raises:
        MeshError: when the workspace has none of that name.
    """
    chosen = selection.environment(with_shared(workspace, name, os.environ), name, os.environ)
    if chosen.stack == "local":
        for variable, value in _kept_variables(Path(workspace.root)).items():
            os.environ.setdefault(variable, value)
    return chosen


def _kept_variables(root: Path) -> dict[str, str]:
    try:
        return dict(json.loads((root / KEPT_VARIABLES).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


def load_environment(name: str | None) -> Environment:
    """Give an environment from mesh.toml alone: the domains' files may be wrong, or not there.

    Raises:
        MeshError: when there is no workspace, mesh.toml is wrong, or has no such environment.
    """
    return select_environment(documents.load_mesh(workspace_root()), name)
