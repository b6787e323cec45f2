"""Whom a change of a column, table, field or contract would affect."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, tuple_

from streammesh.catalog.graph import Edge, Point
from streammesh.catalog.indexing import chunks
from streammesh.catalog.kinds import Kind
from streammesh.catalog.lineage import flow
from streammesh.catalog.schema import domains, subscriptions, versions


@dataclass(frozen=True)
class AffectedVersion:
    """A version of which something would change.

    Attributes:
        asset: the version.
        domain: who owns it.
        team: of the domain.
        email: of the domain.
        fields: which fields; empty when every document hangs on it.
    """

    asset: str
    domain: str
    team: str
    email: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class AffectedSubscription:
    """A subscription that relies on something that would change.

    Attributes:
        name: `<domain>/<subscription>`.
        consumer: the application.
        asset: the version that it reads.
        fields: those it relies on that are affected; empty when it doesn't say what it relies on.
        contact: how to reach its people.
    """

    name: str
    consumer: str
    asset: str
    fields: tuple[str, ...]
    contact: Mapping[str, str]


@dataclass(frozen=True)
class Impact:
    """Whom a change would affect, each sorted by name."""

    point: Point
    versions: tuple[AffectedVersion, ...]
    subscriptions: tuple[AffectedSubscription, ...]


def impact(connection: Connection, point: Point) -> Impact:
    """Say whom a change of a point would affect, through however many products.

    Args:
        connection: to a catalog.
        point: a column, table, field, or a whole source or version.
    """
    parts: dict[tuple[Kind, str], set[str]] = defaultdict(set)
    for one in _points(flow(connection, point)):
        parts[one.kind, one.asset].add(one.part)
    mine = _of(parts, Kind.PRODUCT)
    theirs = _of(parts, Kind.DELIVERED_TABLE)
    return Impact(
        point,
        tuple(_versions(connection, mine)),
        tuple(_subscriptions(connection, theirs)),
    )


def _points(edges: Iterable[Edge]) -> Iterator[Point]:
    return (one.target for one in edges)


def _of(parts: Mapping[tuple[Kind, str], set[str]], wanted: Kind) -> dict[str, set[str]]:
    return {asset: paths for (kind, asset), paths in parts.items() if kind is wanted}


def _fields(paths: set[str]) -> tuple[str, ...]:
    return () if "" in paths else tuple(sorted(paths))


def _versions(connection: Connection, parts: Mapping[str, set[str]]) -> Iterator[AffectedVersion]:
    columns, owner = versions.c, domains.c
    for some in chunks(sorted(parts)):
        query = (
            select(columns.asset, columns.domain, owner.team, owner.email)
            .join(domains, owner.domain == columns.domain)
            .where(columns.asset.in_(some))
            .order_by(columns.asset)
        )
        for row in connection.execute(query):
            yield AffectedVersion(*row, _fields(parts[row.asset]))


def _subscriptions(
    connection: Connection, parts: Mapping[str, set[str]]
) -> Iterator[AffectedSubscription]:
    mine = subscriptions.c
    for some in chunks(sorted(parts)):
        names = [tuple(one.split("/", 1)) for one in some]
        here = tuple_(mine.domain, mine.subscription).in_(names)
        query = select(subscriptions).where(here).order_by(mine.domain, mine.subscription)
        for row in connection.execute(query):
            name, contact = f"{row.domain}/{row.subscription}", json.loads(row.contact)
            fields = _fields(parts[name])
            yield AffectedSubscription(name, row.consumer, row.asset, fields, contact)
