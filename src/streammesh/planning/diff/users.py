"""Kafka users: created where streammesh makes them."""

from __future__ import annotations

from collections.abc import Iterator

from streammesh.errors.planning import ForeignResource
from streammesh.planning.findings import Findings, Note, added, problem, step
from streammesh.planning.observing.observed import Observed
from streammesh.planning.steps.confirm import Confirm
from streammesh.planning.steps.create_user import CreateUser
from streammesh.planning.wanting.desired import Desired
from streammesh.planning.wanting.wanted import WantedUser


def diff(desired: Desired, observed: Observed) -> Findings:
    """Compare the users; nothing where somebody else makes them."""
    handed = Findings(notes=tuple(_to_be_handed_over(desired, observed)))
    if observed.users is None:
        return handed + Findings(notes=tuple(_to_be_made(desired, observed)))
    users, here = observed.users, (one for one in desired.users if not one.handed_over)
    return handed + added(_user(one, observed, users) for one in here)


def _to_be_handed_over(desired: Desired, observed: Observed) -> Iterator[Note]:
    for one in desired.users:
        if one.handed_over and observed.record("user", one.principal) is None:
            text = (
                f"the Kafka user {one.principal} is still to be made: `mesh access approve` "
                "makes it and hands over its password"
            )
            yield Note(one.owner, text, "!")


def _to_be_made(desired: Desired, observed: Observed) -> Iterator[Note]:
    """Name the users that somebody else has to make, until what needs them is deployed."""
    deployed = {f"domain/{one.domain}" for one in observed.deployments.values()}
    deployed |= observed.deployments.keys()
    for one in desired.users:
        if one.owner.key not in deployed and not one.handed_over:
            text = f"the Kafka user {one.principal} has to exist: {one.purpose} logs in as it"
            yield Note(one.owner, text, "!")


def _user(wanted: WantedUser, observed: Observed, users: frozenset[str]) -> Findings:
    record = observed.record("user", wanted.principal)
    if wanted.principal not in users:
        return step(CreateUser(wanted.owner, wanted.principal, wanted.purpose))
    if record is None:
        fix = "remove that user, or leave MESH_USER_PASSWORDS out where somebody else makes users"
        return problem(ForeignResource(kind="user", name=wanted.principal, fix=fix))
    return step(Confirm(wanted.owner, (record,))) if record.intended else Findings()
