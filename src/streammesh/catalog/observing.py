"""Keep what was seen of who uses versions: one row for each group at each version."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from streammesh.catalog.indexing import chunks
from streammesh.catalog.migrating import take_turns
from streammesh.catalog.schema import source_tables, sources, versions
from streammesh.catalog.texts import canonical, clean
from streammesh.catalog.use_schema import observed_use, use_looks
from streammesh.catalog.uses import Engine, Use, Watched
from streammesh.documents.names import Names
from streammesh.documents.values import PRODUCTS

_KEY = ("asset", "group_name")


@dataclass(frozen=True)
class ObservedGroup:
    """A consumer group at a version, as it was last seen there.

    Attributes:
        name: of the group.
        principal: who alone may use it, by the access rights; empty when that is not known.
        client_ids: of its members then, some of them where there are many.
        hosts: of its members then.
        members: how many there are now; 0 for clients that assign partitions to themselves.
        lag: offsets that it is behind; None when it keeps none in Kafka, or is gone.
        beyond: whether it is further than the topic goes: that was made anew under it.
        standing: whether Kafka still knows it.
        first_seen: when it was first seen, UTC, ISO 8601.
        last_seen: when it last had members, or had moved on since the look before. One that is
            new to us and has offsets counts as seen: Kafka forgets them after days.
    """

    name: str
    principal: str
    client_ids: tuple[str, ...]
    hosts: tuple[str, ...]
    members: int
    lag: int | None
    beyond: bool
    standing: bool
    first_seen: str
    last_seen: str


@dataclass(frozen=True)
class Looked:
    """The last look at Kafka's groups.

    Attributes:
        at: when, UTC, ISO 8601.
        unread: how many groups could not be read then.
    """

    at: str
    unread: int


def names_of(name_there: str, name: str) -> Names:
    """Give the names of the environment in which something of the catalog stands.

    Args:
        name_there: what it is called there, such as a version's topic.
        name: what it is called without a namespace.
    """
    prefix = name_there.removesuffix(name) if name_there.endswith(name) else ""
    return Names(prefix.removesuffix("-"))


def watched(connection: Connection) -> Watched:
    """Give what to look at: the topics of all versions, and the logs of sources of products."""
    columns, table = sources.c, source_tables.c
    topics = connection.execute(select(versions.c.topic, versions.c.asset))
    query = (
        select(columns.domain, columns.source, columns.private_log, table.table)
        .join(source_tables, table.asset == columns.asset)
        .where(columns.database_type == PRODUCTS)
        .order_by(columns.private_log, table.position)
    )
    logs: dict[str, Engine] = {}
    for domain, source, log, asset in connection.execute(query):
        names = names_of(log, Names().private_log(domain, source))
        before = logs.get(log, Engine(names.engine_principal(domain, source), ()))
        logs[log] = Engine(before.group, (*before.assets, asset))
    return Watched(dict(map(tuple, topics)), logs)


def observe_use(
    connection: Connection,
    uses: Iterable[Use],
    *,
    unread: Collection[str],
    complete: bool,
    at: str,
) -> None:
    """Keep what was seen of who uses versions.

    Args:
        connection: in a transaction that writes; two such wait for each other.
        uses: all that was seen.
        unread: groups that could not be read: they stay as they were.
        complete: whether groups that were not seen are gone.
        at: when, UTC, ISO 8601 with microseconds.
    """
    take_turns(connection)
    held = {(row.asset, row.group_name): row for row in connection.execute(select(observed_use))}
    seen = {(one.asset, one.group): _row(one, held.get((one.asset, one.group)), at) for one in uses}
    kept = set(map(clean, unread))
    gone = [
        {**row._mapping, "members": 0, "lag": None, "standing": False}
        for key, row in held.items()
        if complete and row.standing and key not in seen and row.group_name not in kept
    ]
    new = [row for key, row in seen.items() if key not in held]
    changed = [row for key, row in seen.items() if key in held and row != dict(held[key]._mapping)]
    if new:
        connection.execute(insert(observed_use), new)
    if changed or gone:
        here = [observed_use.c[name] == bindparam(f"key_{name}") for name in _KEY]
        rows = [{**row, **{f"key_{one}": row[one] for one in _KEY}} for row in (*changed, *gone)]
        connection.execute(update(observed_use).where(*here), rows)
    connection.execute(delete(use_looks))
    connection.execute(insert(use_looks), {"at": at, "unread": len(unread)})


def _row(one: Use, before: Row[Any] | None, at: str) -> dict[str, Any]:
    moved = before is None or one.members > 0 or one.position != before.position
    clients = one.client_ids or (() if before is None else json.loads(before.client_ids))
    hosts = one.hosts or (() if before is None else json.loads(before.hosts))
    return {
        "asset": one.asset,
        "group_name": one.group,
        "principal": one.principal,
        "client_ids": canonical(list(clients)),
        "hosts": canonical(list(hosts)),
        "members": one.members,
        "lag": one.lag,
        "beyond": one.beyond,
        "position": one.position,
        "standing": True,
        "first_seen": at if before is None else before.first_seen,
        "last_seen": at if before is None else max(before.last_seen, at if moved else ""),
    }


def observed(
    connection: Connection, assets: Collection[str]
) -> Mapping[str, tuple[ObservedGroup, ...]]:
    """Give the groups that were seen at versions, each sorted by name; gone ones too.

    Args:
        connection: to a catalog.
        assets: the versions.
    """
    found: dict[str, list[ObservedGroup]] = {}
    for some in chunks(sorted(assets)):
        query = select(observed_use).where(observed_use.c.asset.in_(some))
        for row in connection.execute(query.order_by(observed_use.c.group_name)):
            found.setdefault(row.asset, []).append(group_of(row._asdict()))
    return {asset: tuple(each) for asset, each in found.items()}


def group_of(row: Mapping[str, Any]) -> ObservedGroup:
    """Give a group from its row."""
    said = {name: row[name] for name in _AS_THEY_ARE}
    clients, hosts = (tuple(json.loads(row[name])) for name in ("client_ids", "hosts"))
    return ObservedGroup(name=row["group_name"], client_ids=clients, hosts=hosts, **said)


_AS_THEY_ARE = (
    "principal",
    "members",
    "lag",
    "beyond",
    "standing",
    "first_seen",
    "last_seen",
)


def used(connection: Connection) -> tuple[str, ...]:
    """Give the versions at which somebody was seen, sorted."""
    assets = observed_use.c.asset
    return tuple(connection.scalars(select(assets).distinct().order_by(assets)))


def looked(connection: Connection) -> Looked | None:
    """Give the last look at Kafka's groups; None when there was none yet."""
    row = connection.execute(select(use_looks)).one_or_none()
    return None if row is None else Looked(row.at, row.unread)
