"""Environments as the governance workspace hands them to the others: as documents, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from streammesh.documents.mesh_file import LOCAL
from streammesh.documents.values import Environment, Secret, Workspace
from streammesh.errors import Location, MeshError
from streammesh.errors.workspaces import ClusterShared

_OWN = ("name", "where")


def shared(workspace: Workspace) -> dict[str, Environment]:
    """Give the environments of mesh.toml that others may use: those that run on no laptop."""
    return {name: one for name, one in workspace.environments.items() if one.stack != LOCAL}


def document(environment: Environment) -> dict[str, Any]:
    """Give an environment as JSON has it: settings, and references to secrets as written."""
    parts = {one.name: getattr(environment, one.name) for one in fields(environment)}
    return {name: _plain(one) for name, one in parts.items() if name not in _OWN}


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return {"text": value.text}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return value


def environment_of(name: str, said: Mapping[str, Any], where: Location) -> Environment:
    """Read an environment from its document; what this version does not know is left out.

    Args:
        name: the environment's name.
        said: as `document` gave it.
        where: what errors name as its place.
    """
    known = {one.name for one in fields(Environment)} - set(_OWN)
    parts = {key: _value(one, where) for key, one in said.items() if key in known}
    return Environment(name=name, where=where, **parts)


def _value(said: Any, where: Location) -> Any:
    if not isinstance(said, Mapping):
        return said
    if said.keys() == {"text"}:
        return Secret(said["text"], where)
    return {key: _value(one, where) for key, one in said.items()}


def crowding(
    environment: Environment, environments: Mapping[str, Environment]
) -> Iterator[MeshError]:
    """Find environments on the same cluster whose names may not be told from this one's.

    Args:
        environment: the one that is used.
        environments: all that are known.
    """
    for name, other in sorted(environments.items()):
        if name == environment.name or not _servers(environment) & _servers(other):
            continue
        if not (environment.namespace and other.namespace):
            why = "names without a namespace could be those of the other's"
        elif environment.namespace == other.namespace:
            why = f"both have the namespace `{environment.namespace}`"
        else:
            continue
        yield ClusterShared(one=environment.name, other=name, why=why, where=environment.where)


def _servers(environment: Environment) -> frozenset[str]:
    said = environment.kafka.get("bootstrap_servers")
    listed = () if said is None else (one.strip() for one in said.text.split(","))
    # a reference may have another value for each of two environments
    return frozenset(one for one in listed if one and "${" not in one)
