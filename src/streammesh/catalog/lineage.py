"""Walk the lineage graph, a level at a time: one statement for all points of a level.

Versions that are retired are left out: nothing flows through them any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from sqlalchemy import ColumnElement, Connection, and_, select

from streammesh.catalog.graph import Edge, Lineage, Point, related, touches
from streammesh.catalog.indexing import chunks
from streammesh.catalog.kinds import Kind
from streammesh.catalog.schema import lineage as edges
from streammesh.catalog.schema import subscription_fields, subscriptions, versions

Paths = Mapping[str, set[str]]
"""Paths of versions' fields, by version."""


def lineage(connection: Connection, point: Point) -> Lineage:
    """Give where the data of a point comes from and where it goes.

    Args:
        connection: to a catalog.
        point: a column, a table or a field, or a whole source, version or subscription.
    """
    upstream, downstream = set(_upstream(connection, point)), set(flow(connection, point))
    return Lineage(point, tuple(sorted(upstream)), tuple(sorted(downstream)))


def flow(connection: Connection, point: Point) -> Iterator[Edge]:
    """Give the edges on the way from a point to the last consumers, some perhaps twice."""
    if point.kind is Kind.PRODUCT:
        reached: Paths = {point.asset: {point.part}}
    else:
        found = _database_edges(connection, point)
        yield from found
        reached = _targets(found)
    yield from _deliveries(connection, reached)
    yield from _walk(reached, lambda level: _onwards(connection, level), _targets)


def _upstream(connection: Connection, point: Point) -> Iterator[Edge]:
    if point.kind is Kind.PRODUCT:
        reached: Paths = {point.asset: {point.part}}
    else:
        found = list(_delivered(connection, point))
        yield from found
        reached = _origins(found)
    yield from _walk(reached, lambda level: _back(connection, level), _origins)


def _walk(
    first: Paths,
    step: Callable[[Paths], Iterable[Edge]],
    ends: Callable[[Iterable[Edge]], Paths],
) -> Iterator[Edge]:
    """Follow edges from level to level, each path of each version once."""
    seen: dict[str, set[str]] = defaultdict(set)
    level = first
    while level:
        for asset, paths in level.items():
            seen[asset] |= paths
        found = tuple(step(level))
        yield from found
        reached = ends(found).items()
        new = {asset: paths - seen[asset] for asset, paths in reached}
        level = {asset: paths for asset, paths in new.items() if paths}


def _targets(found: Iterable[Edge]) -> Paths:
    return _by_version(one.target for one in found)


def _origins(found: Iterable[Edge]) -> Paths:
    return _by_version(one.origin for one in found)


def _by_version(points: Iterable[Point]) -> Paths:
    reached: dict[str, set[str]] = defaultdict(set)
    for one in points:
        if one.kind is Kind.PRODUCT:
            reached[one.asset].add(one.part)
    return reached


def _read(connection: Connection, here: ColumnElement[bool]) -> Iterator[Edge]:
    """Give the edges of versions that are not retired."""
    columns = edges.c
    query = (
        select(edges)
        .join(versions, versions.c.asset == columns.asset)
        .where(here, versions.c.status != "retired")
    )
    for row in connection.execute(query):
        origin = Point(Kind(row.from_kind), row.from_asset, row.from_table, row.from_column)
        yield Edge(origin, Point(Kind.PRODUCT, row.asset, "", row.field))


def _database_edges(connection: Connection, point: Point) -> tuple[Edge, ...]:
    said = (edges.c.from_table, point.table), (edges.c.from_column, point.part)
    narrow = (column == value for column, value in said if value)
    return tuple(_read(connection, and_(edges.c.from_asset == point.asset, *narrow)))


def _onwards(connection: Connection, level: Paths) -> Iterator[Edge]:
    """Give the edges from these fields to products made of them, and to subscriptions."""
    reached = []
    for some in chunks(sorted(level)):
        for one in _read(connection, edges.c.from_asset.in_(some)):
            if touches(level[one.origin.asset], one.origin.part):
                reached.append(one)
    yield from reached
    yield from _deliveries(connection, _targets(reached))


def _back(connection: Connection, level: Paths) -> Iterator[Edge]:
    """Give the edges to these fields; those to whole documents only where a whole one is meant."""
    for some in chunks(sorted(level)):
        for one in _read(connection, edges.c.asset.in_(some)):
            wanted, path = level[one.target.asset], one.target.part
            if "" in wanted or (path and touches(wanted, path)):
                yield one


def _deliveries(connection: Connection, level: Paths) -> Iterator[Edge]:
    """Give the edges from these fields to subscriptions; one that names no fields takes all."""
    for some in chunks(sorted(level)):
        for one in _subscribed(connection, subscriptions.c.asset.in_(some)):
            if touches(level[one.origin.asset], one.origin.part):
                yield one


def _delivered(connection: Connection, point: Point) -> Iterator[Edge]:
    """Give the edges to a subscription."""
    domain, _, name = point.asset.partition("/")
    here = and_(subscriptions.c.domain == domain, subscriptions.c.subscription == name)
    for one in _subscribed(connection, here):
        if related(point.part, one.target.part):
            yield one


def _subscribed(connection: Connection, here: ColumnElement[bool]) -> Iterator[Edge]:
    mine, said = subscriptions.c, subscription_fields.c
    same = and_(said.domain == mine.domain, said.subscription == mine.subscription)
    query = (
        select(mine.domain, mine.subscription, mine.asset, said.path)
        .outerjoin(subscription_fields, same)
        .where(here)
    )
    for row in connection.execute(query):
        path, name = row.path or "", f"{row.domain}/{row.subscription}"
        origin = Point(Kind.PRODUCT, row.asset, "", path)
        yield Edge(origin, Point(Kind.DELIVERED_TABLE, name, "", path))
