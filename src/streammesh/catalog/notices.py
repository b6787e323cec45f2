"""Notices as values, and the rows that they stand in.

A notice is made once for a version and a day, and for each consumer that the version then has. What
was delivered stands beside it, one row for each consumer, occasion and channel; so does the answer.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, and_, insert, select, update

from streammesh.catalog.indexing import chunks
from streammesh.catalog.notices_schema import (
    forced_retirements,
    notice_deliveries,
    notice_recipients,
    notices,
)
from streammesh.catalog.texts import canonical, clean

DEPRECATED = "deprecated"
"""The kind of notice that says that a version ends."""

ACKNOWLEDGED, OBJECTED = "acknowledged", "objected"
"""What a consumer can answer."""

FIRST = "notice"
"""The first occasion on which a consumer is told; reminders are others."""

EVENT = "event"
"""The channel that is always there: the topic `mesh.notices`."""


@dataclass(frozen=True)
class Notice:
    """What consumers of a version are told.

    Attributes:
        notice: its name, `sales.orders.v1:deprecated:2027-01-18`.
        asset: the version.
        domain: whose it is.
        kind: "deprecated".
        until: the version's last day, ISO 8601; empty while none is known.
        because: why; empty where the owner didn't say.
        instead: the version that takes its place; empty for none.
        notes: what changes there, Markdown; empty where nobody wrote notes.
        owner: who to ask: `team`, `email`, `chat`.
        made_at: when, UTC, ISO 8601 with microseconds; empty before it is made.
        made_by: who applied it.
    """

    notice: str
    asset: str
    domain: str
    kind: str
    until: str
    because: str
    instead: str
    notes: str
    owner: Mapping[str, str]
    made_at: str = ""
    made_by: str = ""


@dataclass(frozen=True)
class Recipient:
    """A consumer that a notice is for, and what it answered.

    Attributes:
        notice: the notice.
        consumer: `<domain>/<subscription>`.
        domain: the consumer's.
        application: what reads.
        contact: how to reach its people: `email`, `team`, `chat`.
        fields: what it relies on; empty when it doesn't say.
        answer: "acknowledged" or "objected"; empty before.
        reason: of an objection.
        answered_by: who.
        answered_at: when, UTC, ISO 8601.
    """

    notice: str
    consumer: str
    domain: str
    application: str
    contact: Mapping[str, str]
    fields: tuple[str, ...]
    answer: str = ""
    reason: str = ""
    answered_by: str = ""
    answered_at: str = ""


@dataclass(frozen=True)
class Delivery:
    """One way by which one consumer is told on one occasion.

    Attributes:
        notice: the notice.
        consumer: who is told.
        occasion: "notice", or the reminder: "4 weeks before".
        channel: "event", "email", "chat", "webhook".
        tries: how often it was tried.
        tried_at: when last, UTC, ISO 8601.
        problem: why that failed; empty when it did not.
        delivered_at: when it was delivered; empty while it was not.
    """

    notice: str
    consumer: str
    occasion: str
    channel: str
    tries: int = 0
    tried_at: str = ""
    problem: str = ""
    delivered_at: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is known by."""
        return self.notice, self.consumer, self.occasion, self.channel


@dataclass(frozen=True)
class Told:
    """A notice with all that became of it; consumers in the order of their names."""

    notice: Notice
    recipients: tuple[Recipient, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True)
class Forced:
    """That somebody retires a version although it is used.

    Attributes:
        asset: the version.
        domain: whose it is.
        version: its semantic version.
        reason: why.
        left: the consumers that were left, as they were named.
        who: who forces it.
        at: when, UTC, ISO 8601.
        applied_at: when it was applied; empty until then.
    """

    asset: str
    domain: str
    version: str
    reason: str
    left: tuple[str, ...]
    who: str
    at: str
    applied_at: str = ""


def make(connection: Connection, notice: Notice, recipients: Iterable[Recipient]) -> None:
    """Make a notice, for these consumers; what was made before stays as it is.

    Args:
        connection: in a transaction that writes.
        notice: with moment and person.
        recipients: its consumers.
    """
    known = select(notices.c.notice).where(notices.c.notice == notice.notice)
    if connection.execute(known).first() is None:
        said = {name: clean(getattr(notice, name)) for name in ("because", "instead", "notes")}
        row = vars(notice) | said | {"owner": canonical(dict(notice.owner))}
        connection.execute(insert(notices), [row])
    of_it = notice_recipients.c.notice == notice.notice
    there = set(connection.scalars(select(notice_recipients.c.consumer).where(of_it)))
    rows = [_recipient_row(one) for one in recipients if one.consumer not in there]
    if rows:
        connection.execute(insert(notice_recipients), rows)


def _recipient_row(one: Recipient) -> dict[str, Any]:
    contact, fields = canonical(dict(one.contact)), canonical(list(one.fields))
    return vars(one) | {"contact": contact, "fields": fields}


def told(connection: Connection, assets: Collection[str] | None = None) -> tuple[Told, ...]:
    """Give notices with what became of them, the newest first.

    Args:
        connection: to a catalog.
        assets: of these versions; None gives all.
    """
    found = _notices(connection, assets)
    names = [one.notice for one in found]
    people = _by_notice(_recipient(row) for row in _rows(connection, notice_recipients, names))
    ways = _by_notice(Delivery(**row) for row in _rows(connection, notice_deliveries, names))
    return tuple(
        Told(one, tuple(people.get(one.notice, ())), tuple(ways.get(one.notice, ())))
        for one in sorted(found, key=lambda one: (one.made_at, one.notice), reverse=True)
    )


def _notices(connection: Connection, assets: Collection[str] | None) -> list[Notice]:
    if assets is None:
        queries = [select(notices)]
    else:
        queries = [select(notices).where(notices.c.asset.in_(s)) for s in chunks(sorted(assets))]
    rows = [dict(row) for query in queries for row in connection.execute(query).mappings()]
    return [Notice(**{**row, "owner": json.loads(row["owner"])}) for row in rows]


def _rows(connection: Connection, table: Table, names: Sequence[str]) -> list[dict[str, Any]]:
    return [
        dict(row)
        for some in chunks(sorted(names))
        for row in connection.execute(
            select(table).where(table.c.notice.in_(some)).order_by(*table.primary_key.columns)
        ).mappings()
    ]


def _recipient(row: Mapping[str, Any]) -> Recipient:
    contact, fields = json.loads(row["contact"]), tuple(json.loads(row["fields"]))
    return Recipient(**{**row, "contact": contact, "fields": fields})


def _by_notice(items: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in items:
        found.setdefault(one.notice, []).append(one)
    return found


def answer(connection: Connection, said: Recipient) -> None:
    """Keep what a consumer answers; a later answer takes the place of an earlier one."""
    mine = notice_recipients.c
    here = and_(mine.notice == said.notice, mine.consumer == said.consumer)
    connection.execute(
        update(notice_recipients)
        .where(here)
        .values(
            answer=said.answer,
            reason=clean(said.reason),
            answered_by=clean(said.answered_by),
            answered_at=said.answered_at,
        )
    )


def begin(connection: Connection, wanted: Delivery, *, at: str, stale: str) -> bool:
    """Begin a delivery, unless it is done or somebody else is at it.

    Args:
        connection: in a transaction that writes; two such wait for each other.
        wanted: what is to be delivered.
        at: now, UTC, ISO 8601.
        stale: before this moment, somebody who has begun and not ended is gone.

    Returns:
        Whether it is ours to deliver.
    """
    found = connection.execute(select(notice_deliveries).where(_same(wanted))).first()
    if found is None:
        row = vars(wanted) | {"tries": 1, "tried_at": at, "problem": "", "delivered_at": ""}
        connection.execute(insert(notice_deliveries), [row])
        return True
    at_work = not found.problem and found.tried_at > stale
    if found.delivered_at or at_work:
        return False
    values = {"tries": found.tries + 1, "tried_at": at, "problem": ""}
    connection.execute(update(notice_deliveries).where(_same(wanted)).values(**values))
    return True


def end(connection: Connection, done: Delivery) -> None:
    """Keep how a delivery ended: delivered, or with its problem."""
    values = {"problem": clean(done.problem), "delivered_at": done.delivered_at}
    connection.execute(update(notice_deliveries).where(_same(done)).values(**values))


def _same(one: Delivery) -> Any:
    mine = notice_deliveries.c
    pairs = zip((mine.notice, mine.consumer, mine.occasion, mine.channel), one.key, strict=True)
    return and_(*(column == value for column, value in pairs))


def force(connection: Connection, forced: Forced) -> None:
    """Keep that a version is retired by force, and why."""
    row = vars(forced) | {"left": canonical(list(forced.left)), "reason": clean(forced.reason)}
    connection.execute(insert(forced_retirements), [row])


def forced(connection: Connection, assets: Collection[str]) -> tuple[Forced, ...]:
    """Give what was forced for versions, oldest first."""
    mine = forced_retirements.c
    return tuple(
        Forced(**{k: v for k, v in row.items() if k != "id"} | {"left": _names(row["left"])})
        for some in chunks(sorted(assets))
        for row in connection.execute(
            select(forced_retirements).where(mine.asset.in_(some)).order_by(mine.id)
        ).mappings()
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def applied(connection: Connection, asset: str, at: str) -> None:
    """Keep that what was forced has been done: it holds for nothing that comes later."""
    mine = forced_retirements.c
    here = and_(mine.asset == asset, mine.applied_at == "")
    connection.execute(update(forced_retirements).where(here).values(applied_at=at))
