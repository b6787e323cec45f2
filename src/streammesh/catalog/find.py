"""From what a person writes to a point of the catalog."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import Connection, Row, and_, select

from streammesh.catalog.graph import Point
from streammesh.catalog.kinds import Kind
from streammesh.catalog.schema import (
    fields,
    source_columns,
    source_tables,
    sources,
    subscriptions,
    versions,
)
from streammesh.catalog.search import search
from streammesh.documents.nearest import nearest
from streammesh.errors.catalog import NotInCatalog

_EMPTY = "nothing is in the catalog yet: `mesh apply` records what it does"
_MAJOR = re.compile(r"v[1-9][0-9]*\Z")


def find(connection: Connection, text: str) -> Point:
    """Find what somebody means.

    Args:
        connection: to a catalog.
        text: `DOMAIN.PRODUCT[.PORT][.vMAJOR][.FIELD]`, `DOMAIN.SOURCE[.SCHEMA.TABLE[.COLUMN]]` or
            `DOMAIN/SUBSCRIPTION`. Without a major version the newest active one is
            meant, else the newest that is not retired; what could be a port or a field is the port.

    Raises:
        NotInCatalog: there is none; the fix names what is nearest.
    """
    if "/" in text:
        return _subscription(connection, text)
    domain, *names = text.split(".")
    rows = _versions(connection, domain, names[0]) if names else ()
    if rows:
        return _field(connection, text, rows, names[1:])
    if len(names) > 0 and _known_source(connection, f"{domain}.{names[0]}"):
        return _column(connection, text, f"{domain}.{names[0]}", ".".join(names[1:]))
    raise NotInCatalog(name=text, fix=_meant(connection, text))


def _meant(connection: Connection, text: str) -> str | None:
    for one in search(connection, text, limit=1):
        name = f"{one.domain}.{one.product}"
        return f"write `{name}`" if name != text else "it has no contract yet: write one"
    return None if _any(connection) else _EMPTY


def _any(connection: Connection) -> bool:
    """Tell whether the catalog knows anything that could be named."""
    tables = (versions, sources, subscriptions)
    return any(connection.scalar(select(one.c.domain).limit(1)) is not None for one in tables)


def _subscription(connection: Connection, text: str) -> Point:
    domain, _, name = text.partition("/")
    here = and_(subscriptions.c.domain == domain, subscriptions.c.subscription == name)
    if connection.scalar(select(subscriptions.c.domain).where(here)) is None:
        rows = connection.execute(select(subscriptions.c.domain, subscriptions.c.subscription))
        known = [f"{row.domain}/{row.subscription}" for row in rows]
        raise NotInCatalog(name=text, fix=nearest(text, known) or _meant(connection, text))
    return Point(Kind.DELIVERED_TABLE, text)


def _versions(
    connection: Connection, domain: str, product: str
) -> Sequence[Row[str, str, int, str]]:
    columns = versions.c
    query = select(columns.asset, columns.port, columns.major, columns.status)
    here = and_(columns.domain == domain, columns.product == product)
    return connection.execute(query.where(here).order_by(columns.port, columns.major)).all()


def _field(
    connection: Connection, text: str, rows: Sequence[Row[str, str, int, str]], names: list[str]
) -> Point:
    product = text.split(".")[1]
    ports = {row.port for row in rows}
    port = names.pop(0) if names and names[0] in ports else product
    mine = [row for row in rows if row.port == port] or list(rows)
    if names and _MAJOR.match(names[0]):
        wanted = int(names.pop(0)[1:])
        mine = [row for row in mine if row.major == wanted]
        if not mine:
            known = ", ".join(f"v{row.major}" for row in rows if row.port == port)
            raise NotInCatalog(name=text, fix=f"known are {known}")
    active = [row for row in mine if row.status == "active"]
    current = active or [row for row in mine if row.status != "retired"] or mine
    asset, path = current[-1].asset, ".".join(names)
    _check_field(connection, text, asset, path)
    return Point(Kind.PRODUCT, asset, "", path)


def _check_field(connection: Connection, text: str, asset: str, path: str) -> None:
    query = select(fields.c.path).where(fields.c.asset == asset)
    known = set(connection.scalars(query)) if path else set()
    if path and path not in known and path.removesuffix("[]") not in known:
        raise NotInCatalog(name=text, fix=nearest(path, known))


def _known_source(connection: Connection, asset: str) -> bool:
    return connection.scalar(select(sources.c.asset).where(sources.c.asset == asset)) is not None


def _column(connection: Connection, text: str, asset: str, rest: str) -> Point:
    if not rest:
        return Point(Kind.SOURCE_DATABASE, asset)
    here = select(source_tables.c.table).where(source_tables.c.asset == asset)
    tables = connection.scalars(here).all()
    if rest in tables:
        return Point(Kind.SOURCE_DATABASE, asset, rest)
    for table in tables:
        if rest.startswith(f"{table}."):
            column = rest.removeprefix(f"{table}.")
            _check_column(connection, text, Point(Kind.SOURCE_DATABASE, asset, table, column))
            return Point(Kind.SOURCE_DATABASE, asset, table, column)
    raise NotInCatalog(name=text, fix=nearest(rest, tables))


def _check_column(connection: Connection, text: str, point: Point) -> None:
    columns = source_columns.c
    here = and_(columns.asset == point.asset, columns.table == point.table)
    known = connection.scalars(select(columns.column).where(here)).all()
    if point.part not in known:
        raise NotInCatalog(name=text, fix=nearest(point.part, known))
