"""Ask for access, grant, deny and revoke it: recorded and done at once, under the apply lock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from streammesh.catalog.access import AccessChange, AccessRecord, State
from streammesh.catalog.workspaces import check_home
from streammesh.delivery.access import principal_of
from streammesh.documents.nearest import nearest
from streammesh.documents.values import Environment, ProductName, Subscription, Workspace
from streammesh.errors import MeshErrors
from streammesh.errors.access import (
    AccessNotSuch,
    AccessUnknown,
    RestrictedFields,
    SubscriptionUnknown,
    VersionNotOffered,
)
from streammesh.errors.documents import UnknownReference
from streammesh.planning.access import refusals
from streammesh.planning.access.doing import Done, carry_out, nobody
from streammesh.planning.access.judging import Judge, Judged, expired, key_of, requested
from streammesh.planning.access.offered import offers, stricter, version_of
from streammesh.planning.access.reading import granting_of, judge_of
from streammesh.planning.access.sources import asking, of_source
from streammesh.planning.apply import OnProgress
from streammesh.planning.systems import Credentials, Platform
from streammesh.planning.transferring import standing
from streammesh.planning.weighing.holding import check_holder
from streammesh.planning.weighing.homes import home_of

APPROVABLE = (State.REQUESTED, State.GRANTED, State.EXPIRED, State.DENIED, State.REVOKED)
"""What can be approved, what is asked for now first; the owner may think better of a refusal."""


@dataclass(frozen=True)
class Approval:
    """What an owner says who approves.

    Attributes:
        reason: in words; may be empty.
        expires: the last day, `2027-01-31`; None leaves it as it is, empty is for ever.
        fields: restricted fields that are granted by name.
        version: the major version; None for the one that is asked for.
    """

    reason: str = ""
    expires: str | None = None
    fields: tuple[str, ...] = ()
    version: int | None = None


def approve(  # noqa: PLR0913 - who, where, what, and how it is told
    environment: Environment,
    platform: Platform,
    name: str,
    approval: Approval,
    *,
    workspace: Workspace | None = None,
    credentials: Credentials | None = None,
    progress: OnProgress = nobody,
) -> Done:
    """Grant a subscription access, and do it: user, rights, quota.

    Args:
        environment: where.
        platform: its systems.
        name: `<domain>/<subscription>`.
        approval: what the owner says.
        workspace: the owner's files, if they are at hand: what they will call restricted counts.
        credentials: gives and hands over the password of a user that is made; None for those of
            the platform.
        progress: told as by `mesh apply`.

    Raises:
        AccessUnknown: nobody asked.
        RestrictedFields: of other fields than were named; nothing was changed.
        VersionNotOffered: the version is retired or gone.
        MeshError: a system outside can't be read, or a step failed.
    """
    if credentials is not None:
        platform = replace(platform, credentials=credentials)

    def decide(records: Sequence[AccessRecord], judge: Judge) -> list[Judged]:
        before = _chosen(records, name, approval.version, APPROVABLE, "approve")
        judge = _strict(judge, workspace, before)
        granted = _granted(before, approval, judge)
        holds = judge.grant(granted)
        if not holds.in_force:
            raise _refusal(granted, judge)
        because = approval.reason or "the owner approved"
        if approval.expires is None and granted.expires:
            because += " (the limit that it had before stays: `--expires` sets another)"
        return [Judged(granted, before, because)]

    return _decide(environment, platform, name, decide, progress, make_users=True)


def deny(
    environment: Environment,
    platform: Platform,
    name: str,
    *,
    reason: str = "",
    version: int | None = None,
) -> Done:
    """Refuse a request.

    Raises:
        AccessUnknown, AccessNotSuch: nobody asked, or it was decided already.
    """

    def decide(records: Sequence[AccessRecord], _: Judge) -> list[Judged]:
        before = _chosen(records, name, version, (State.REQUESTED,), "deny")
        return [Judged(replace(before, state=State.DENIED, reason=reason), before, reason)]

    return _decide(environment, platform, name, decide, nobody)


def revoke(  # noqa: PLR0913 - who, where, what, and how it is told
    environment: Environment,
    platform: Platform,
    name: str,
    *,
    reason: str = "",
    version: int | None = None,
    progress: OnProgress = nobody,
) -> Done:
    """Take access away: all versions that the subscription reads, or the one that is named.

    Raises:
        AccessUnknown, AccessNotSuch: it has none.
        MeshError: a system outside can't be read, or a step failed; repeating it completes it.
    """

    def decide(records: Sequence[AccessRecord], _: Judge) -> list[Judged]:
        states = (State.GRANTED, State.REVOKED)
        first = _chosen(records, name, version, states, "revoke")
        every = [one for one in records if one.name == name and one.state is State.GRANTED]
        ending = every if version is None else [first]
        return [
            Judged(replace(one, state=State.REVOKED, reason=reason), one, reason)
            for one in ending or [first]
            if one.state is State.GRANTED
        ] or [Judged(first, first, first.reason)]

    return _decide(environment, platform, name, decide, progress)


def ask(
    workspace: Workspace,
    environment: Environment,
    platform: Platform,
    name: str,
    *,
    reason: str = "",
) -> Judged:
    """Ask the owner for access, also once more after a refusal.

    What is granted at once, the next apply grants.

    Args:
        workspace: the files that hold the subscription.
        environment: where.
        platform: its catalog is written.
        name: `<domain>/<subscription>`.
        reason: what to tell the owner; empty for the subscription's purpose.

    Raises:
        SubscriptionUnknown: the files have none of that name.
        DecidedElsewhere: its domain is another repository's.
        CatalogOfAnother: the catalog is another environment's.
        AccessNotSuch: it is granted already.
        MeshErrors: what it asks for is not there, or no longer offered.
    """
    every = {f"{one.domain}/{one.name}": one for one in asking(workspace)}
    if name not in every or platform.catalog is None:
        fix = nearest(name, every) or "run it in the workspace that has the subscription's file"
        raise SubscriptionUnknown(name=name, fix=fix)
    one = every[name]
    check_home(platform.catalog.home(), home_of(environment, platform.kafka.cluster().id))
    check_holder(standing(platform), one.domain, platform.repository)
    records = platform.catalog.access({one.domain})
    before = {record.key: record for record in records}.get(key_of(one))
    judge = judge_of(workspace, platform.catalog, records, {version_of(one).domain})
    _check(one, judge, environment, platform.catalog.principals())
    limit = before.expires if before is not None and before.state is State.REQUESTED else ""
    fresh = replace(requested(one, before), purpose=reason or one.purpose, expires=limit)
    if before is not None and before.state is State.GRANTED:
        asset, action = before.asset, "ask for"
        raise AccessNotSuch(name=name, state="granted", asset=asset, action=action)
    platform.catalog.prepare()
    change = AccessChange(fresh, before)
    platform.catalog.decide_access([change], who=platform.applied_by)
    decision = judge.rule(judge.asked(fresh, judge.offers[fresh.asset]))
    return Judged(fresh, before, decision.because)


def _check(
    one: Subscription, judge: Judge, environment: Environment, known: Collection[str]
) -> None:
    granting = granting_of(environment)
    principal = principal_of(granting.names, one.domain, one.consumer, one.principal)
    others = {other.removeprefix("User:") for other in known}
    errors = [*refusals.unknown(one, judge.offers)]
    offered = judge.offers.get(key_of(one)[2])
    if offered is not None and not of_source(one.consumer):
        errors += refusals.not_offered(one, offered, None, judge.offers)
    errors += [error for _, error in refusals.bad_principals([one], [principal], others)]
    if errors:
        raise MeshErrors(errors)


Decide = Callable[[Sequence[AccessRecord], Judge], list[Judged]]


def _decide(  # noqa: PLR0913 - who, where, what, and how it is told
    environment: Environment,
    platform: Platform,
    name: str,
    decide: Decide,
    progress: OnProgress,
    *,
    make_users: bool = False,
) -> Done:
    """Decide about one subscription, and end what has expired by the way.

    Raises:
        DecidedElsewhere: the product's domain is another repository's.
        CatalogOfAnother: the catalog is another environment's.
    """
    catalog, domain = platform.catalog, name.partition("/")[0]
    if catalog is None:
        raise AccessUnknown(name=name)
    with platform.lock.hold() as held:
        check_home(catalog.home(), home_of(environment, platform.kafka.cluster().id))
        records = catalog.access({domain})
        records = catalog.access({domain}, {one.principal for one in records if one.principal})
        judge = judge_of(None, catalog, records)
        decided = decide(records, judge)
        check_holder(standing(platform), decided[0].record.owner, platform.repository)
        every = [*decided, *_others(records, decided, judge)]
        granting = granting_of(environment, handed_over=not make_users)
        return carry_out(every, decided, granting, platform=platform, held=held, progress=progress)


def _others(
    records: Iterable[AccessRecord], decided: Sequence[Judged], judge: Judge
) -> Iterable[Judged]:
    """Give the other grants of the domain, and those of others as the same principals."""
    keys = {one.record.key for one in decided}
    domain = decided[0].record.domain
    principals = {one.principal for one in records if one.domain == domain and one.principal}
    for record in records:
        if record.key in keys or record.state is not State.GRANTED:
            continue
        over = expired(record, judge.today)
        if record.domain == domain and over:
            yield judge.grant(record)
        elif record.domain == domain or (record.principal in principals and not over):
            yield Judged(record, record, "")


def _chosen(
    records: Sequence[AccessRecord],
    name: str,
    version: int | None,
    states: Sequence[State],
    action: str,
) -> AccessRecord:
    """Give the record that is meant: of the first of these states, and the newest version."""
    mine = [one for one in records if one.name == name]
    if version is not None:
        mine = [one for one in mine if _major(one) == version]
    if not mine:
        known = {one.name for one in records}
        fix = nearest(name, known) or "mesh access list"
        raise AccessUnknown(name=name if version is None else f"{name} v{version}", fix=fix)
    for state in states:
        found = [one for one in mine if one.state is state]
        if found:
            return max(found, key=_major)
    one = max(mine, key=_major)
    fix = f"mesh access revoke {name}" if one.state is State.GRANTED else ""
    raise AccessNotSuch(name=name, state=one.state.value, asset=one.asset, action=action, fix=fix)


def _major(one: AccessRecord) -> int:
    return ProductName.parse(one.asset).major


def _granted(before: AccessRecord, approval: Approval, judge: Judge) -> AccessRecord:
    offered = judge.offers.get(before.asset)
    known = set() if offered is None else set(offered.classifications)
    errors = [
        UnknownReference(
            owner=f"the contract of {before.asset}",
            kind="field",
            name=path,
            fix=nearest(path, known),
        )
        for path in approval.fields
        if path not in known
    ]
    if errors and offered is not None:
        raise MeshErrors(errors)
    holds = not expired(before, judge.today)
    again = before.state is State.GRANTED and holds
    # what a restriction cut waits with its limit
    limit = before.expires if holds and before.state in (State.GRANTED, State.REQUESTED) else ""
    expires = limit if approval.expires is None else approval.expires
    return replace(
        before,
        state=State.GRANTED,
        reason=approval.reason or (before.reason if again else ""),
        expires=expires,
        fields=tuple(sorted({*(before.fields if again else ()), *approval.fields})),
    )


def _strict(judge: Judge, workspace: Workspace | None, before: AccessRecord) -> Judge:
    """Let the owner's files count too: what they will call restricted, and their new fields."""
    if workspace is None or before.owner not in workspace.domains:
        return judge
    files = offers(workspace, None, ()).get(before.asset)
    known = judge.offers.get(before.asset)
    if files is None or known is None:
        return judge
    return replace(judge, offers={**judge.offers, before.asset: stricter(files, known)})


def _refusal(granted: AccessRecord, judge: Judge) -> RestrictedFields | VersionNotOffered:
    offered = judge.offers.get(granted.asset)
    left = () if offered is None else judge.left(granted, offered)
    if left:
        every = judge.left(replace(granted, fields=()), offered) if offered else left
        named = " ".join(f"--field '{one}'" for one in every)
        fix = f"mesh access approve {granted.name} {named}\nor offer a product or port without them"
        return RestrictedFields(asset=granted.asset, fields=", ".join(left), fix=fix)
    status = "not known" if offered is None else offered.status
    return VersionNotOffered(subscription=granted.name, asset=granted.asset, status=status)
