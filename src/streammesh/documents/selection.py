"""Which environment, source or port a command is about."""

from __future__ import annotations

import re
from collections.abc import Mapping

from streammesh.documents.mesh_file import LOCAL
from streammesh.documents.nearest import nearest
from streammesh.documents.values import Environment, Port, Workspace
from streammesh.errors.documents import NoSuchProduct, UnknownEnvironment

NO_PRODUCTS = """\
this workspace's files have no product at all: run it where the product's files are,
or write one: `mesh init DIR --example` shows how"""
_VERSIONED = re.compile(r"\.v[0-9]+\Z")


def environment(workspace: Workspace, name: str | None, environ: Mapping[str, str]) -> Environment:
    """Choose an environment.

    Args:
        workspace: the workspace.
        name: what `--env` says; None takes MESH_ENV, else "local".
        environ: environment variables.

    Raises:
        UnknownEnvironment: when mesh.toml has no such environment.
    """
    wanted = name or environ.get("MESH_ENV") or LOCAL
    found = workspace.environments.get(wanted)
    if found is None:
        raise UnknownEnvironment(name=wanted, fix=nearest(wanted, workspace.environments))
    return found


def port(workspace: Workspace, label: str) -> Port:
    """Choose a product's port by what a person calls it.

    Args:
        workspace: the workspace.
        label: `sales.orders` or `sales.orders.lines`, with or without `.v2` at its end; without,
            the newest major version.

    Raises:
        NoSuchProduct: when there is none.
    """
    ports = {f"{one.label}.v{one.major}": one for one in workspace.ports}
    newest = {one.label: one for one in sorted(workspace.ports, key=lambda one: one.major)}
    found = ports.get(label) or newest.get(label)
    if found is None:
        known = ports if _VERSIONED.search(label) else newest
        raise NoSuchProduct(kind="product", name=label, fix=nearest(label, known) or NO_PRODUCTS)
    return found
