"""Who uses a version: what subscriptions and sources declare, and what was seen."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from streammesh.catalog.access import State
from streammesh.catalog.access_schema import access
from streammesh.catalog.indexing import chunks
from streammesh.catalog.observing import ObservedGroup, names_of, observed
from streammesh.catalog.schema import (
    domains,
    lineage,
    source_tables,
    sources,
    subscription_fields,
    subscriptions,
    versions,
)
from streammesh.documents.names import Names
from streammesh.documents.values import PRODUCTS

IDLE = timedelta(days=7)
"""A declared consumer that was not seen for so long is idle; Kafka forgets offsets as late."""

SETTLING = timedelta(minutes=10)
"""What was read just before access ended is seen at a look after it: so much later at most."""

OVER = (State.WITHDRAWN, State.REVOKED, State.EXPIRED)
"""How a request stands that was granted once and is not any more."""

SOURCE = "source "
"""Before the name of a source that makes products of a version."""


@dataclass(frozen=True)
class Consumer:
    """One use of a version.

    Attributes:
        asset: the version, `<domain>.<product>.v<major>`.
        name: `<domain>/<subscription>`, or `source <domain>.<source>` of one that makes products of
            it; empty where nobody declared it.
        consumer: the application, or the source; where nobody declared it, the group: `group x`.
        principal: the Kafka principal that the subscription names; empty for the consumer's own.
            Where nobody declared it, whose access rights cover the group, if that is known.
        purpose: what it is used for.
        contact: how to reach its people: `email`, `team`, `chat`.
        fields: paths that it relies on, sorted; empty when it doesn't say: it may rely on all.
        last_seen: when it was last seen, UTC, ISO 8601; empty when it never was, as who reads
            without a consumer group never is.
        lag: offsets that it is behind, in its group that is furthest behind; None when that is not
            known.
        deliver_to: how it is delivered, such as `postgres`; empty where that is not declared.
        groups: the consumer groups by which it was seen, sorted by name; gone ones too. Where
            nobody declared it, that is one.
        former: `<domain>/<subscription>` by which it had access before, where nobody declares it
            any more; empty otherwise.
        ended: when that access ended, UTC, ISO 8601.
    """

    asset: str
    name: str
    consumer: str
    principal: str
    purpose: str
    contact: Mapping[str, str]
    fields: tuple[str, ...]
    last_seen: str = ""
    lag: int | None = None
    deliver_to: str = ""
    groups: tuple[ObservedGroup, ...] = ()
    former: str = ""
    ended: str = ""

    @property
    def domain(self) -> str:
        """The domain whose files declare it; empty where nobody did."""
        return self.name.removeprefix(SOURCE).replace(".", "/").partition("/")[0]

    @property
    def is_source(self) -> bool:
        """Whether it is a source of products: its engine ends with it."""
        return self.name.startswith(SOURCE)

    @property
    def declared(self) -> bool:
        """Whether a file says so."""
        return bool(self.name)

    @property
    def seen(self) -> bool:
        """Whether it was ever seen."""
        return bool(self.last_seen)

    @property
    def active(self) -> bool:
        """Whether it had members at the last look."""
        return any(one.members for one in self.groups)

    @property
    def gone(self) -> bool:
        """Whether it had access before, and was not seen since that ended: it may not read now."""
        if not self.former or self.active:
            return False
        since = datetime.fromisoformat(self.ended) + SETTLING
        return not self.last_seen or datetime.fromisoformat(self.last_seen) <= since

    @property
    def first_seen(self) -> str:
        """When it was first seen, UTC, ISO 8601; empty when it never was."""
        return min((one.first_seen for one in self.groups), default="")

    def idle(self, now: datetime) -> bool:
        """Tell whether it is declared, and was never seen or not for long."""
        last = self.last_seen
        return self.declared and (not last or now - datetime.fromisoformat(last) > IDLE)


def consumers(
    connection: Connection, assets: Collection[str]
) -> Mapping[str, tuple[Consumer, ...]]:
    """Give who uses versions; one that nobody uses has an empty entry.

    Args:
        connection: to a catalog.
        assets: the versions.

    Returns:
        By version: those that are declared, sorted by name, then the groups of others.
    """
    wanted = sorted(assets)
    declared: dict[str, list[Declared]] = defaultdict(list)
    for one in (*_subscribed(connection, wanted), *_sourced(connection, wanted)):
        declared[one.consumer.asset].append(one)
    former: dict[str, list[Declared]] = defaultdict(list)
    for one in _formerly(connection, wanted):
        former[one.consumer.asset].append(one)
    seen = observed(connection, wanted)
    return {
        asset: tuple(
            matched(asset, declared.get(asset, ()), seen.get(asset, ()), former.get(asset, ()))
        )
        for asset in assets
    }


@dataclass(frozen=True)
class Declared:
    """A consumer, and the principal as which it reads."""

    consumer: Consumer
    principal: str

    def reads_as(self, group: ObservedGroup) -> bool:
        """Tell whether a group can be its own."""
        mine = group.name == self.principal or group.name.startswith(f"{self.principal}.")
        return mine or group.principal == self.principal


def matched(
    asset: str,
    declared: Iterable[Declared],
    groups: Iterable[ObservedGroup],
    former: Sequence[Declared] = (),
) -> Iterator[Consumer]:
    """Give each declared consumer of a version with its groups, and then those that are nobody's.

    Args:
        asset: the version.
        declared: who says that it uses it; none of them was seen yet.
        groups: that were seen there.
        former: who had access before, and whose groups the others may be.
    """
    every = sorted(declared, key=lambda each: each.consumer.name)
    mine: dict[str, list[ObservedGroup]] = defaultdict(list)
    others: list[ObservedGroup] = []
    for group in groups:
        principal = _whose(group, every)
        (others if principal is None else mine[principal]).append(group)
    for one in every:
        yield _seen_by(one.consumer, mine.get(one.principal, ()))
    for group in others:
        unknown = Consumer(asset, "", f"group {group.name}", group.principal, "", {}, ())
        whose = _whose(group, former)
        past = max(
            (one.consumer for one in former if one.principal == whose),
            key=lambda each: each.ended,
            default=unknown,
        )
        yield _seen_by(replace(unknown, former=past.former, ended=past.ended), (group,))


def _seen_by(consumer: Consumer, groups: Sequence[ObservedGroup]) -> Consumer:
    return replace(
        consumer,
        last_seen=max((one.last_seen for one in groups), default=""),
        lag=max((one.lag for one in groups if one.lag is not None), default=None),
        groups=tuple(groups),
    )


def _whose(group: ObservedGroup, declared: Iterable[Declared]) -> str | None:
    """Give the principal whose group it is; of `loader` and `loader.b` the longer one fits best."""
    fitting = [one.principal for one in declared if one.reads_as(group)]
    return max(fitting, key=len, default=None)


def _subscribed(connection: Connection, assets: list[str]) -> Iterator[Declared]:
    mine, path = subscriptions.c, subscription_fields.c
    for some in chunks(assets):
        query = (
            select(subscriptions, path.path, versions.c.topic)
            .outerjoin(
                subscription_fields,
                and_(path.domain == mine.domain, path.subscription == mine.subscription),
            )
            .outerjoin(versions, versions.c.asset == mine.asset)
            .where(mine.asset.in_(some))
            .order_by(mine.domain, mine.subscription, path.path)
        )
        rows: dict[tuple[str, str], list[str]] = {}
        said: dict[tuple[str, str], Row[Any]] = {}
        for row in connection.execute(query):
            key = (row.domain, row.subscription)
            said[key] = row
            rows.setdefault(key, []).extend([row.path] if row.path is not None else [])
        for key, fields in rows.items():
            yield _subscriber(said[key], fields)


def _subscriber(row: Row[Any], fields: Iterable[str]) -> Declared:
    consumer = Consumer(
        asset=row.asset,
        name=f"{row.domain}/{row.subscription}",
        consumer=row.consumer,
        principal=row.principal,
        purpose=row.purpose,
        contact=json.loads(row.contact),
        fields=tuple(fields),
        deliver_to=row.deliver_to,
    )
    return subscriber(consumer, row.domain, row.topic or "")


def subscriber(consumer: Consumer, domain: str, topic: str) -> Declared:
    """Say as whom a subscription's consumer reads.

    Args:
        consumer: as the subscription says.
        domain: whose it is.
        topic: of the version that it reads; empty when that is not known.
    """
    own = names_of(topic, consumer.asset).consumer_principal(domain, consumer.consumer)
    return Declared(consumer, consumer.principal.removeprefix("User:") or own)


def _formerly(connection: Connection, assets: list[str]) -> Iterator[Declared]:
    """Give those who had access to these versions, and when it ended."""
    columns = access.c
    for some in chunks(assets):
        query = (
            select(access, versions.c.topic)
            .outerjoin(versions, versions.c.asset == columns.asset)
            .where(columns.asset.in_(some), columns.state.in_(OVER))
        )
        for row in connection.execute(query):
            yield formerly(row._asdict(), row.topic or "")


def formerly(held: Mapping[str, Any], topic: str) -> Declared:
    """Say as whom one read whose access to a version has ended.

    Args:
        held: a row of `access`.
        topic: of the version; empty when that is not known.
    """
    asset, domain = held["asset"], held["domain"]
    name = f"{domain}/{held['subscription']}"
    consumer = Consumer(asset, "", "", "", "", {}, (), former=name, ended=held["decided_at"])
    own = names_of(topic, asset).consumer_principal(domain, held["consumer"])
    return Declared(consumer, held["principal"].removeprefix("User:") or own)


def _sourced(connection: Connection, assets: list[str]) -> Iterator[Declared]:
    """Give the sources that make products of these versions."""
    columns, table, owner = sources.c, source_tables.c, domains.c
    for some in chunks(assets):
        query = (
            select(table.table, sources, owner.team, owner.email, owner.chat)
            .join(sources, columns.asset == table.asset)
            .outerjoin(domains, owner.domain == columns.domain)
            .where(table.table.in_(some), columns.database_type == PRODUCTS)
        )
        relied_on = _read_by_models(connection, some)
        for row in connection.execute(query):
            yield _source(row, relied_on.get((row.table, row.domain), set()))


def _source(row: Row[Any], fields: Collection[str]) -> Declared:
    contact = {"team": row.team, "email": row.email, "chat": row.chat}
    consumer = Consumer(
        asset=row.table,
        name=f"{SOURCE}{row.asset}",
        consumer=f"{SOURCE}{row.asset}",
        principal="",
        purpose="products are made of it",
        contact={name: said for name, said in contact.items() if said},
        fields=tuple(sorted(fields)),
    )
    return engine(consumer, row.domain, row.source, row.private_log)


def engine(consumer: Consumer, domain: str, source: str, private_log: str) -> Declared:
    """Say as whom the engine of a source of products reads.

    Args:
        consumer: the source.
        domain: whose it is.
        source: its name.
        private_log: the topic of its log.
    """
    names = names_of(private_log, Names().private_log(domain, source))
    return Declared(consumer, names.engine_principal(domain, source))


def _read_by_models(
    connection: Connection, assets: Sequence[str]
) -> Mapping[tuple[str, str], set[str]]:
    """Give the fields that a domain's models read of these versions, by version and domain."""
    columns, found = lineage.c, defaultdict[tuple[str, str], set[str]](set)
    query = select(columns.from_asset, columns.domain, columns.from_column).distinct()
    for row in connection.execute(query.where(columns.from_asset.in_(assets))):
        found[row.from_asset, row.domain].add(row.from_column)
    return found
