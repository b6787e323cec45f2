"""Who asked for access to a version, what was decided, and all that was decided before."""

from __future__ import annotations

import enum
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, inspect, or_, select

from streammesh.catalog.access_schema import access, access_history
from streammesh.catalog.indexing import chunks
from streammesh.catalog.migrating import take_turns
from streammesh.catalog.schema import subscriptions
from streammesh.catalog.texts import canonical, clean
from streammesh.errors.access import AccessChanged

Key = tuple[str, str, str]
"""Consuming domain, subscription and version."""


class State(enum.StrEnum):
    """How a request for access stands."""

    REQUESTED = "requested"
    GRANTED = "granted"
    DENIED = "denied"
    REVOKED = "revoked"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """The files no longer have the subscription, or it reads another version."""


REFUSED = frozenset({State.DENIED, State.REVOKED, State.EXPIRED})
"""Whoever was refused waits for the owner, whatever the rule says."""


@dataclass(frozen=True)
class AccessRecord:
    """A subscription's access to a version.

    Attributes:
        domain: the consuming domain.
        subscription: its name.
        asset: the version, `<domain>.<product>.v<major>`.
        owner: the domain that owns the product.
        consumer: the application.
        principal: the Kafka principal that the subscription names; empty for the consumer's own.
        state: how it stands.
        asked_by: who asked last.
        asked_at: when, UTC, ISO 8601.
        purpose: what it is asked for.
        decided_by: who decided last; empty before that.
        decided_at: when; empty before that.
        reason: of the decision.
        expires: the day after which a grant ends, `2026-01-31`; empty for none.
        fields: restricted fields that are granted by name.
    """

    domain: str
    subscription: str
    asset: str
    owner: str
    consumer: str
    principal: str
    state: State
    asked_by: str = ""
    asked_at: str = ""
    purpose: str = ""
    decided_by: str = ""
    decided_at: str = ""
    reason: str = ""
    expires: str = ""
    fields: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.domain, self.subscription, self.asset

    @property
    def name(self) -> str:
        """The subscription as people write it."""
        return f"{self.domain}/{self.subscription}"


@dataclass(frozen=True)
class AccessChange:
    """A record as it shall be, and how it has to stand before.

    Attributes:
        record: the new one.
        before: the one that the decision was made about; None when there was none.
    """

    record: AccessRecord
    before: AccessRecord | None


@dataclass(frozen=True)
class AccessEvent:
    """Something that was asked or decided.

    Attributes:
        at: when, UTC, ISO 8601.
        who: by whom.
        state: what it became.
        reason: in words.
        expires: the last day of a grant; empty for none.
        fields: restricted fields that were granted.
    """

    at: str
    who: str
    state: State
    reason: str
    expires: str
    fields: tuple[str, ...]


def access_records(
    connection: Connection,
    *,
    domains: Collection[str] | None = None,
    principals: Collection[str] = (),
) -> tuple[AccessRecord, ...]:
    """Give records, sorted by their key.

    Args:
        connection: to a catalog.
        domains: those that consume or own; None gives all records.
        principals: and those of these principals, whoever they are of.
    """
    if domains is None:
        rows = list(connection.execute(select(access)))
    else:
        rows = [
            row
            for some in chunks(sorted(domains))
            for row in connection.execute(
                select(access).where(or_(access.c.domain.in_(some), access.c.owner.in_(some)))
            )
        ]
        rows += [
            row
            for some in chunks(sorted(principals))
            for row in connection.execute(select(access).where(access.c.principal.in_(some)))
        ]
    found = {(row.domain, row.subscription, row.asset): _record(row) for row in rows}
    return tuple(one for _, one in sorted(found.items()))


def granted_principals(connection: Connection) -> frozenset[str]:
    """Give the existing principals that were granted anything; none without tables."""
    if not inspect(connection).has_table(access.name):
        return frozenset()
    said, granted = access.c.principal, access.c.state == State.GRANTED.value
    return frozenset(connection.scalars(select(said).where(granted, said != "").distinct()))


def consuming(connection: Connection) -> frozenset[str]:
    """Give the domains that have subscriptions, or ask for access or have it."""
    asks = access.c.state.in_((State.REQUESTED, State.GRANTED))
    query = select(access.c.domain).where(asks).union(select(subscriptions.c.domain))
    return frozenset(connection.execute(query).scalars())


def refusals(
    connection: Connection, domains: Collection[str], principals: Collection[str] = ()
) -> frozenset[tuple[str, str] | Key]:
    """Give what was refused last.

    That is (domain, version) and (domain, subscription, version), and (principal, version) of
    existing principals, whichever domain names them.

    Of what was decided at once, a refusal counts.

    Args:
        connection: to a catalog.
        domains: the consuming ones.
        principals: existing ones.
    """
    latest: dict[tuple[str, str] | Key, tuple[str, bool]] = {}
    past = access_history.c
    for row in _decided(connection, past.domain, domains):
        _count(latest, (row.domain, row.asset), row)
        _count(latest, (row.domain, row.subscription, row.asset), row)
    for row in _decided(connection, past.principal, principals):
        _count(latest, (row.principal, row.asset), row)
    return frozenset(key for key, (_, refused) in latest.items() if refused)


def _decided(
    connection: Connection, column: ColumnElement[str], values: Collection[str]
) -> Iterator[Row[Any]]:
    """Give what was granted and refused where a column has one of these values, oldest first."""
    past = access_history.c
    decisive = (State.GRANTED, *REFUSED)
    for some in chunks(sorted(values)):
        query = select(access_history).where(column.in_(some), past.state.in_(decisive))
        yield from connection.execute(query.order_by(past.id))


def _count(
    latest: dict[tuple[str, str] | Key, tuple[str, bool]], key: tuple[str, str] | Key, row: Row[Any]
) -> None:
    at, refused = latest.get(key, ("", False))
    latest[key] = (row.at, (refused and at == row.at) or row.state in REFUSED)


def access_events(connection: Connection, key: Key) -> tuple[AccessEvent, ...]:
    """Give what was asked and decided about a subscription's access, oldest first."""
    past = access_history.c
    domain, subscription, asset = key
    query = (
        select(access_history)
        .where(past.domain == domain, past.subscription == subscription, past.asset == asset)
        .order_by(past.id)
    )
    return tuple(
        AccessEvent(row.at, row.who, State(row.state), row.reason, row.expires, _fields(row.fields))
        for row in connection.execute(query)
    )


def write_access(
    connection: Connection, changes: Iterable[AccessChange], *, who: str, at: str
) -> None:
    """Write decisions and their history, all or none.

    A decision that stands already as it shall be is no change: doing it again is no error.

    Args:
        connection: in a transaction that writes.
        changes: at most one for each key.
        who: the person or program that asks or decides.
        at: when, UTC, ISO 8601.

    Raises:
        AccessChanged: somebody else decided since the change was made.
    """
    take_turns(connection)
    for one in changes:
        held = _held(connection, one.record.key)
        wanted = _stamped(one, who=who, at=at)
        if held is not None and _same(held, wanted):
            continue
        if _unlike(held, one.before):
            raise AccessChanged(name=one.record.name, asset=one.record.asset)
        connection.execute(delete(access).where(_is(one.record.key)))
        connection.execute(insert(access).values(**_row(wanted)))
        connection.execute(insert(access_history).values(**_event(wanted, who=who, at=at)))


def _held(connection: Connection, key: Key) -> AccessRecord | None:
    row = connection.execute(select(access).where(_is(key))).one_or_none()
    return None if row is None else _record(row)


def _unlike(held: AccessRecord | None, before: AccessRecord | None) -> bool:
    if held is None or before is None:
        return held is not before
    return not _same(held, before)


def _same(one: AccessRecord, other: AccessRecord) -> bool:
    """Tell whether two records say the same, whoever wrote them and when."""
    return _said(one) == _said(other)


def _said(one: AccessRecord) -> tuple[object, ...]:
    return (one.state, one.consumer, one.principal, one.expires, one.fields, one.reason)


def _stamped(change: AccessChange, *, who: str, at: str) -> AccessRecord:
    """Give the record with who asked and who decided, as far as this change is about it."""
    record = change.record
    if record.state is State.REQUESTED or change.before is None:
        record = replace(record, asked_by=who, asked_at=at)
    if record.state is not State.REQUESTED:
        record = replace(record, decided_by=who, decided_at=at)
    return record


def _is(key: Key) -> ColumnElement[bool]:
    domain, subscription, asset = key
    return and_(
        access.c.domain == domain,
        access.c.subscription == subscription,
        access.c.asset == asset,
    )


def _record(row: Row[Any]) -> AccessRecord:
    said: dict[str, Any] = dict(row._mapping)
    return AccessRecord(**said | {"state": State(row.state), "fields": _fields(row.fields)})


def _fields(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _row(record: AccessRecord) -> dict[str, str]:
    row = {name: clean(value) for name, value in asdict(record).items()}
    return row | {"state": record.state.value, "fields": canonical(sorted(record.fields))}


def _event(record: AccessRecord, *, who: str, at: str) -> dict[str, str]:
    columns = set(access_history.c.keys())
    row = {name: value for name, value in _row(record).items() if name in columns}
    purpose = {"reason": record.purpose} if record.state is State.REQUESTED else {}
    return row | {"at": at, "who": clean(who)} | purpose
