"""Environments that come from the mesh's catalog, where a workspace names no more than that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.workspaces import SharedEnvironment
from streammesh.cli.printing import say
from streammesh.documents.mesh_file import LOCAL, with_catalog
from streammesh.documents.nearest import nearest
from streammesh.documents.secrets import resolve
from streammesh.documents.sharing import environment_of
from streammesh.documents.sharing import shared as handed_out
from streammesh.documents.values import Environment, Secret, Workspace
from streammesh.errors import Location
from streammesh.errors.catalog import CatalogUnreachable
from streammesh.errors.workspaces import EnvironmentNotShared, MeshDiffers


def with_shared(workspace: Workspace, name: str | None, environ: Mapping[str, str]) -> Workspace:
    """Give a workspace with the environments that the mesh's governance hands out.

    Governance wins over an entry of the same name here, but for `local`: where a mesh runs is one
    answer for all of its domains. The governance workspace itself reads only its own file.

    Args:
        workspace: with what its own mesh.toml says.
        name: what `--env` says; None takes MESH_ENV, else "local", for which nothing is read.
        environ: environment variables.

    Raises:
        CatalogUnreachable, MissingSecret: the catalog can't be read.
        MeshDiffers: it is another mesh's.
        EnvironmentNotShared: nobody has an environment of that name.
    """
    wanted = name or environ.get("MESH_ENV") or LOCAL
    address = workspace.catalog.get("url")
    if address is None or wanted == LOCAL or _hands_out(workspace):
        return workspace
    shared = {
        one.environment: environment(one, workspace.catalog)
        for one in _read(workspace, address, environ).values()
    }
    if wanted in shared and wanted in workspace.environments:
        say(
            f"warning: [environments.{wanted}] of mesh.toml is not used: governance has one of "
            "that name"
        )
    known = {**workspace.environments, **shared, LOCAL: workspace.environments[LOCAL]}
    if wanted not in known:
        raise EnvironmentNotShared(name=wanted, fix=nearest(wanted, known))
    return replace(workspace, environments=known)


def _hands_out(workspace: Workspace) -> bool:
    """Tell whether it is the governance workspace, whose file is what the others get."""
    return bool(handed_out(workspace)) and workspace.governs


def environment(shared: SharedEnvironment, catalog: Mapping[str, Secret]) -> Environment:
    """Give an environment as the catalog knows it; without a catalog of its own, that one is its.

    Args:
        shared: as recorded.
        catalog: the `catalog` of mesh.toml, by which it was found.
    """
    where = Location(f"mesh.toml of {shared.repository}")
    return with_catalog(environment_of(shared.environment, shared.said, where), catalog)


def _read(
    workspace: Workspace, address: Secret, environ: Mapping[str, str]
) -> Mapping[str, SharedEnvironment]:
    catalog = Catalog.at(resolve(address, environ))
    try:
        found = catalog.environments()
    except CatalogUnreachable as error:
        error.where = address.where
        error.fix = (
            "the mesh's environments are read from it: check `catalog` of [mesh]; "
            "`--env local` needs none"
        )
        raise
    finally:
        catalog.close()
    others = sorted({one.mesh for one in found.values()} - {workspace.mesh})
    if others:
        raise MeshDiffers(
            name=workspace.mesh,
            other=others[0],
            where=address.where,
            fix=f'write `name = "{others[0]}"`, or the address of this mesh\'s catalog',
        )
    return found
