"""Do what was decided about access: the same steps as an apply's, for these consumers alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from streammesh.delivery.access import consumer_acls
from streammesh.errors import MeshErrors
from streammesh.planning.access.judging import Judged
from streammesh.planning.access.subscribed import Granting, Wants
from streammesh.planning.apply import OnProgress, Progress, execute
from streammesh.planning.claims import recorded_acl
from streammesh.planning.diff import diff
from streammesh.planning.observing.observed import Observed
from streammesh.planning.owner import Owner, consumer_owner
from streammesh.planning.plan import ordered
from streammesh.planning.steps.base import Step
from streammesh.planning.steps.create_user import CreateUser
from streammesh.planning.steps.delete_access import DeleteAccess
from streammesh.planning.steps.delete_user import DeleteUser
from streammesh.planning.steps.record_access import RecordAccess
from streammesh.planning.systems import Platform
from streammesh.planning.wanting.desired import Desired
from streammesh.platform.kafka import Acl
from streammesh.platform.lock import HeldLock


@dataclass(frozen=True)
class Done:
    """What was done.

    Attributes:
        judged: what was decided, as it was asked for and beside it.
        steps: what was done for it.
        principals: of whom it was decided.
        left: rights that still let them read it and that streammesh did not make.
        still: by which other grants they still read it, a sentence each.
    """

    judged: tuple[Judged, ...]
    steps: tuple[Step, ...]
    principals: tuple[str, ...]
    left: tuple[Acl, ...] = ()
    still: tuple[str, ...] = ()

    @property
    def made(self) -> tuple[str, ...]:
        """Users that were made."""
        return tuple(one.principal for one in self.steps if isinstance(one, CreateUser))

    @property
    def removed(self) -> tuple[str, ...]:
        """Users that were deleted."""
        return tuple(one.record.name for one in self.steps if isinstance(one, DeleteUser))

    @property
    def cut(self) -> tuple[Acl, ...]:
        """Rights that were taken away."""
        taken = (one.acls for one in self.steps if isinstance(one, DeleteAccess))
        return tuple(acl for acls in taken for acl in acls)


def nobody(_: Progress) -> None:
    """Tell nobody."""


def carry_out(  # noqa: PLR0913 - what, how, on which systems
    judged: Sequence[Judged],
    decided: Sequence[Judged],
    granting: Granting,
    *,
    platform: Platform,
    held: HeldLock,
    progress: OnProgress,
) -> Done:
    """Record decisions, and make Kafka what they say.

    Args:
        judged: all grants of these consumers as they shall be, and all that changes.
        decided: those that were asked about.
        granting: how grants become rights.
        platform: the systems.
        held: the apply lock.
        progress: told as by `mesh apply`.

    Raises:
        MeshErrors: something stands that is not ours; nothing was changed.
        StepFailed: a step failed; what was recorded stands, and the next apply goes on.
    """
    changed = [one for one in judged if one.change is not None]
    owners = {_owner(one) for one in (*decided, *changed)}
    wanted = _desired(judged, decided, owners, granting)
    findings = diff(wanted, _observed(platform, owners, wanted))
    if findings.problems:
        raise MeshErrors(findings.problems)
    records = [RecordAccess(_owner(one), one.change, one.because) for one in changed if one.change]
    steps = ordered((*records, *findings.steps))
    execute(steps, platform, held, progress)
    principals = tuple(dict.fromkeys(granting.principal(one.record) for one in decided))
    kept = {*(one.acl for one in wanted.acls), *wanted.shared}
    return Done(
        judged=tuple(changed),
        steps=steps,
        principals=principals,
        left=_left(decided, granting, platform, kept),
        still=tuple(_still(decided, judged, granting)),
    )


def _owner(one: Judged) -> Owner:
    return consumer_owner(one.record.domain, one.record.consumer)


def _desired(
    judged: Iterable[Judged],
    decided: Collection[Judged],
    owners: Collection[Owner],
    granting: Granting,
) -> Desired:
    every = list(judged)
    in_force = [one for one in every if one.in_force]
    wants: Wants = granting.wants(one.record for one in in_force if _owner(one) in owners)
    theirs = granting.wants(one.record for one in in_force if _owner(one) not in owners)
    kept = {one.acl for one in (*wants.acls, *theirs.acls)}
    ended = [one for one in every if one.ends or (one in decided and not one.in_force)]
    return Desired(
        stores={},
        topics=(),
        acls=wants.acls,
        users=wants.users,
        sources=(),
        products=(),
        domains=frozenset(one.domain for one in owners),
        quotas=wants.quotas,
        shared=frozenset(one.acl for one in theirs.acls),
        cut={
            acl: f"{one.record.name}: {one.because or one.record.state.value}"
            for one in ended
            for acl in consumer_acls(granting.principal(one.record), granting.read_by(one.record))
            if acl not in kept
        },
    )


def _observed(platform: Platform, owners: Collection[Owner], wanted: Desired) -> Observed:
    """Read what these consumers have; users and quotas only where any is to be made."""
    keys, kafka = {one.key for one in owners}, platform.kafka
    resources = {
        key: one
        for key, one in platform.resources.read().items()
        if one.owner in keys or (one.kind == "acl" and recorded_acl(one) in wanted.cut)
    }
    return Observed(
        topics={},
        acls=kafka.acls(),
        users=frozenset(kafka.users() if wanted.users else ()),
        connectors={},
        captured=frozenset(),
        deployments={},
        resources=resources,
        databases={},
        subjects={},
        quotas=kafka.quotas() if wanted.quotas else {},
    )


def _still(
    decided: Iterable[Judged], judged: Iterable[Judged], granting: Granting
) -> Iterator[str]:
    """Say by which other subscriptions somebody who was cut off was granted the same."""
    ended = {
        (granting.principal(one.record), one.record.asset) for one in decided if not one.in_force
    }
    for one in judged:
        principal = granting.principal(one.record)
        if one.in_force and (principal, one.record.asset) in ended:
            yield f"{principal} reads {one.record.asset} by {one.record.name}"


def _left(
    decided: Iterable[Judged], granting: Granting, platform: Platform, kept: Collection[Acl]
) -> tuple[Acl, ...]:
    """Find rights by which somebody who was cut off could still read, but for granted ones."""
    ended = [
        (granting.principal(one.record), granting.topic(one.record))
        for one in decided
        if not one.in_force
    ]
    if not ended:
        return ()
    return tuple(
        sorted(
            acl
            for acl in platform.kafka.acls()
            if acl not in kept
            and any(lets_read(acl, principal, topic) for principal, topic in ended)
        )
    )


def lets_read(acl: Acl, principal: str, topic: str) -> bool:
    """Tell whether a right lets a principal read a topic, by itself."""
    if acl.permission != "allow" or acl.resource_type != "topic":
        return False
    if acl.principal not in (principal, "*") or acl.operation not in ("read", "all"):
        return False
    if acl.pattern == "prefixed":
        return topic.startswith(acl.name)
    return acl.name in (topic, "*")
