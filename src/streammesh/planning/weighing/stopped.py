"""Whose problem it is that stops a plan; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from streammesh.errors import MeshError
from streammesh.planning.diff.schemas import every_schema
from streammesh.planning.owner import Owner
from streammesh.planning.wanting.desired import Desired
from streammesh.planning.weighing.known_changes import Changed


def by_owner(
    problems: Iterable[MeshError], desired: Desired, changed: Changed
) -> tuple[Mapping[str, tuple[MeshError, ...]], tuple[Owner, ...]]:
    """Sort problems by the source or product that has them.

    One whose error shows a line of a file stays outside: it is shown with that line.

    Returns:
        The problems by the owner's key, and the owners.
    """
    owners = {one.topic: one.owner for one in changed.values()} | _owners(desired)
    found: dict[Owner, list[MeshError]] = {}
    for one in problems:
        owner = next((owners[name] for name in _names(one) if name in owners), None)
        if owner is not None:
            found.setdefault(owner, []).append(one)
    return {owner.key: tuple(errors) for owner, errors in found.items()}, tuple(found)


def _names(error: MeshError) -> tuple[str, ...]:
    fields = (error.fields.get(name) for name in ("topic", "source", "name"))
    return tuple(str(one) for one in fields if one is not None)


def _owners(desired: Desired) -> dict[str, Owner]:
    topics = {one.spec.name: one.owner for one in desired.topics}
    subjects = {one.subject: one.owner for one in every_schema(desired)}
    sources = {one.owner.label: one.owner for one in desired.every_source}
    users = {one.principal: one.owner for one in desired.users}
    connectors = {one.wants.connector: one.owner for one in desired.sources}
    publications = {one.wants.publication.name: one.owner for one in desired.sources}
    return {**users, **publications, **connectors, **sources, **subjects, **topics}
