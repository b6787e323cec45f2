"""What the files' subscriptions come to: what is asked, what is granted, what ends; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from shlex import quote

from streammesh.catalog.access import AccessRecord, State
from streammesh.delivery.access import consumer_acls, engine_acls, principal_of, topic_acls
from streammesh.documents.names import Names
from streammesh.documents.values import ProductName, Subscription, Workspace
from streammesh.errors import MeshError
from streammesh.planning.access import refusals
from streammesh.planning.access.judging import Judge, Judged, by_key, key_of, withdrawn
from streammesh.planning.access.left import notes
from streammesh.planning.access.offered import DEPRECATED, RETIRED, active_instead
from streammesh.planning.access.sources import asking, of_source, told_to
from streammesh.planning.findings import Findings, Note
from streammesh.planning.owner import consumer_owner, domain_owner
from streammesh.planning.steps.record_access import RecordAccess
from streammesh.planning.wanting.desired import Desired, WantedAcl
from streammesh.planning.wanting.wanted import WantedQuota, WantedUser
from streammesh.platform.kafka import Acl


@dataclass(frozen=True)
class Wants:
    """What consumers need of Kafka."""

    users: tuple[WantedUser, ...] = ()
    acls: tuple[WantedAcl, ...] = ()
    quotas: tuple[WantedQuota, ...] = ()


@dataclass(frozen=True)
class Subscribed:
    """What subscriptions come to.

    Attributes:
        findings: what the catalog is told first, what stops the plan, what people should know.
        wants: of the consumers of these domains.
        shared: rights that consumers of other domains have by the same principals.
        cut: rights that end, with the reason.
        left: domains that read nothing any more.
    """

    findings: Findings = field(default_factory=Findings)
    wants: Wants = field(default_factory=Wants)
    shared: frozenset[Acl] = frozenset()
    cut: Mapping[Acl, str] = field(default_factory=dict, hash=False)
    left: frozenset[str] = frozenset()

    def added_to(self, desired: Desired) -> Desired:
        """Give what the files want, with what their subscriptions want."""
        return replace(
            desired,
            users=(*desired.users, *self.wants.users),
            acls=(*desired.acls, *self.wants.acls),
            quotas=self.wants.quotas,
            shared=self.shared,
            cut=self.cut,
            left=self.left,
        )


@dataclass(frozen=True)
class Granting:
    """How a grant becomes rights in an environment.

    Attributes:
        names: of the environment.
        quota: what a consumer may read at most, bytes a second from each broker.
        handed_over: whether consumers' users are made where somebody takes the password.
    """

    names: Names
    quota: int
    handed_over: bool

    def principal(self, record: AccessRecord) -> str:
        """Give whom a record is about."""
        return principal_of(self.names, record.domain, record.consumer, record.principal)

    def topic(self, record: AccessRecord) -> str:
        """Give the topic that a record is about."""
        name = ProductName.parse(record.asset)
        return self.names.product_topic(name.domain, name.product, name.port, name.major)

    def read_by(self, record: AccessRecord) -> tuple[str, str]:
        """Give the topics that a grant lets read: its own, and that of notices."""
        return self.topic(record), self.names.notices

    def wants(self, granted: Iterable[AccessRecord]) -> Wants:
        """Say what grants in force need: the union of each principal's, its user and its quota.

        With its first right a consumer gets that to read what consumers are told.

        An existing user is somebody else's, and so is its quota. The engine of a source has both by
        its source, and lacks the right to read what others own.
        """
        topics: dict[str, list[str]] = {}
        first: dict[str, AccessRecord] = {}
        for one in granted:
            topics.setdefault(self.principal(one), []).append(self.topic(one))
            first.setdefault(self.principal(one), one)
        owners = {who: consumer_owner(one.domain, one.consumer) for who, one in first.items()}
        engines = {who for who, one in first.items() if of_source(one.consumer)}
        made = [who for who, one in first.items() if not one.principal and who not in engines]
        return Wants(
            users=tuple(
                WantedUser(owners[who], who, f"the consumer {owners[who].label}", self.handed_over)
                for who in made
            ),
            acls=tuple(
                WantedAcl(owners[who], acl)
                for who, read in topics.items()
                for acl in (
                    engine_acls(who, read)
                    if who in engines
                    else consumer_acls(who, [*read, self.names.notices])
                )
            ),
            quotas=tuple(WantedQuota(owners[who], who, self.quota) for who in made),
        )


def subscribed(  # noqa: PLR0913 - what is asked, what is known, and how rights are made
    workspace: Workspace,
    records: Collection[AccessRecord],
    judge: Judge,
    granting: Granting,
    *,
    elsewhere: Collection[str] = (),
    left: frozenset[str] = frozenset(),
    there: Collection[ProductName] = (),
) -> Subscribed:
    """Say what the subscriptions of a workspace come to, and what its sources of products read.

    Args:
        workspace: the files.
        records: what the catalog knows of access by and to its domains, and of access by others
            as the same existing principals.
        judge: what they are judged by.
        granting: how grants become rights.
        elsewhere: existing principals that were granted anything, whoever they are of.
        left: domains whose files are gone, and with them their subscriptions.
        there: versions that sources of products can read.
    """
    subscriptions, known = asking(workspace, there), by_key(records)
    problems = tuple(_problems(subscriptions, records, judge, granting, elsewhere))
    bad = {id(one) for one, _ in problems}
    judged = [
        (one, judge.subscription(one, judge.offers[key_of(one)[2]], known.get(key_of(one))))
        for one in subscriptions
        if id(one) not in bad
    ]
    here = frozenset(workspace.domains)
    ours, others = _divided(records, here, left)
    rest = [*_left(subscriptions, judged, ours, judge), *_of_others(others, here, judge)]
    every = [each for _, each in judged] + rest
    wanted = [one.record for one in every if one.in_force and one.record.domain in here]
    wants = granting.wants(wanted)
    shared = [one.record for one in every if one.in_force and one.record.domain not in here]
    theirs = granting.wants(shared)
    kept = {one.acl for one in (*wants.acls, *theirs.acls)}
    told = (*_notes(judged, judge), *_owners_notes(rest, here), *notes(left))
    return Subscribed(
        findings=Findings(
            steps=tuple(_steps(every)), problems=tuple(error for _, error in problems), notes=told
        ),
        wants=wants,
        shared=frozenset(one.acl for one in theirs.acls),
        cut={acl: why for acl, why in _cut(every, records, granting) if acl not in kept},
        left=left,
    )


def _problems(
    subscriptions: Sequence[Subscription],
    records: Collection[AccessRecord],
    judge: Judge,
    granting: Granting,
    elsewhere: Collection[str],
) -> Iterator[tuple[Subscription, MeshError]]:
    known = by_key(records)
    for one in subscriptions:
        found = [*refusals.unknown(one, judge.offers)]
        offered = judge.offers.get(key_of(one)[2])
        if offered is not None and not of_source(one.consumer):
            before = known.get(key_of(one))
            found += refusals.not_offered(one, offered, before, judge.offers)
        yield from ((one, error) for error in found)
    subscriptions = [one for one in subscriptions if not of_source(one.consumer)]
    principals = [
        principal_of(granting.names, one.domain, one.consumer, one.principal)
        for one in subscriptions
    ]
    others = {granting.principal(one) for one in records if one.state is State.GRANTED}
    others |= {one.removeprefix("User:") for one in elsewhere}
    yield from refusals.bad_principals(subscriptions, principals, others)


def _left(
    subscriptions: Sequence[Subscription],
    judged: Sequence[tuple[Subscription, Judged]],
    records: Iterable[AccessRecord],
    judge: Judge,
) -> Iterator[Judged]:
    """Judge what the files no longer ask for.

    Who moves to another version keeps the old one until the new one is granted.
    """
    keys = {key_of(one) for one in subscriptions}
    moving = {
        (one.domain, one.name): ProductName.parse(each.record.asset)
        for one, each in judged
        if not each.in_force
    }
    for record in records:
        asks = record.state in (State.REQUESTED, State.GRANTED)
        if record.key in keys or not asks:
            continue
        to = moving.get((record.domain, record.subscription))
        if to is not None and record.state is State.GRANTED and _same_port(to, record.asset):
            yield judge.grant(record)
        else:
            yield withdrawn(record)


def _same_port(name: ProductName, asset: str) -> bool:
    other = ProductName.parse(asset)
    return (name.domain, name.product, name.port) == (other.domain, other.product, other.port)


def _divided(
    records: Iterable[AccessRecord], here: frozenset[str], left: frozenset[str]
) -> tuple[list[AccessRecord], list[AccessRecord]]:
    """Give the records for which these files speak, and all others.

    What ends with a domain's folder are its subscriptions; its sources and their engines go on.
    """
    ours: list[AccessRecord] = []
    others: list[AccessRecord] = []
    for one in records:
        speak = one.domain in here or (one.domain in left and not of_source(one.consumer))
        (ours if speak else others).append(one)
    return ours, others


def _of_others(
    records: Iterable[AccessRecord], here: frozenset[str], judge: Judge
) -> Iterator[Judged]:
    """Judge what consumers of other domains have or ask for, and sources whose files are gone."""
    for record in records:
        if record.state is State.GRANTED:
            yield judge.grant(record)
        elif record.state is State.REQUESTED and record.owner in here:
            yield judge.request(record)


def _steps(judged: Iterable[Judged]) -> Iterator[RecordAccess]:
    for one in judged:
        if one.change is not None:
            owner = consumer_owner(one.record.domain, one.record.consumer)
            yield RecordAccess(owner, one.change, one.because)


def _cut(
    judged: Collection[Judged], records: Iterable[AccessRecord], granting: Granting
) -> Iterator[tuple[Acl, str]]:
    """Give the rights that end now, and those that an apply that was killed has left standing."""
    keys = {one.record.key for one in judged}
    ended = [(one.before, one.because) for one in judged if one.before and _over(one)]
    ended += [(one, one.state.value) for one in records if one.key not in keys]
    for record, because in ended:
        why = f"{record.name}: {because}"
        principal = granting.principal(record)
        for topic in granting.read_by(record):
            yield from ((acl, why) for acl in topic_acls(principal, topic))


def _over(one: Judged) -> bool:
    return one.ends or (not one.in_force and one.change is None)


def _notes(judged: Iterable[tuple[Subscription, Judged]], judge: Judge) -> Iterator[Note]:
    for one, each in judged:
        for text in _said(each, judge):
            yield Note(told_to(one), text, "!", one.places.get("version", one.where))


def _said(judged: Judged, judge: Judge) -> Iterator[str]:
    record, source = judged.record, of_source(judged.record.consumer)
    if record.state is State.REQUESTED:
        yield waiting(judged, judge) + ("; its engine reads nothing until then" if source else "")
    elif not judged.in_force:
        again = f"`mesh access request {record.name}` asks again"
        yield f"{record.name} does not read {record.asset}: it was {judged.because}; {again}"
    offered = judge.offers.get(record.asset)
    if offered is not None and offered.status in (DEPRECATED, RETIRED) and not source:
        active = active_instead(offered.name, judge.offers)
        to = "" if active is None else f"; {active.asset} is active"
        yield f"{record.name} reads {record.asset}, which is {offered.status}{to}"


def waiting(judged: Judged, judge: Judge) -> str:
    """Say for whom a request waits, and what that one has to do."""
    record, offered = judged.record, judge.offers.get(judged.record.asset)
    people = f": {offered.people}" if offered is not None and offered.people else ""
    head = f"{record.name} waits for {record.owner} (owner{people}): {judged.because}"
    return f"{head}; `{approving(judged, judge)}`"


def approving(judged: Judged, judge: Judge) -> str:
    """Give the command by which the owner grants it, all restricted fields named."""
    record, offered = judged.record, judge.offers.get(judged.record.asset)
    closed = () if offered is None else judge.left(replace(record, fields=()), offered)
    fields = (f"--field {quote(one)}" for one in closed)
    return " ".join((f"mesh access approve {record.name}", *fields))


def _owners_notes(judged: Iterable[Judged], here: frozenset[str]) -> Iterator[Note]:
    """Tell owners who waits for them, of those whose files are not here."""
    for one in judged:
        record = one.record
        if record.state is State.REQUESTED and record.owner in here and record.domain not in here:
            purpose = f" ({record.purpose})" if record.purpose else ""
            text = (
                f"{record.name} asks for {record.asset}{purpose}: "
                f"`mesh access approve {record.name}`, or deny"
            )
            yield Note(domain_owner(record.owner), text, "!", standing=one.change is None)
