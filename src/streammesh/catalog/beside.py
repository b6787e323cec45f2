"""What the catalog knows of others: for policies, which see the whole mesh."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from streammesh.catalog import schema
from streammesh.catalog.kinds import Kind
from streammesh.catalog.migrating import form, newest
from streammesh.catalog.recording import KEPT, RECORDED
from streammesh.catalog.records import Registration

DEPENDENCIES = "dependencies"
"""Which versions are made of which: no table of its own, but a part of the lineage."""

_TABLES = {one.name: one for one in RECORDED}


def rows_beside(
    connection: Connection, tables: Collection[str], told: Registration
) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Give what stands in tables beside a registration, as if it had been recorded.

    Args:
        connection: to a catalog; one without tables knows nothing.
        tables: of those that a registration fills, or `DEPENDENCIES`.
        told: the registration.
    """
    if form(connection) != newest():
        return dict.fromkeys(tables, ())
    return {
        one: [row._asdict() for row in connection.execute(_query(one, told))]
        for one in dict.fromkeys(tables)
    }


def global_policies(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Give file and text of the policies that hold everywhere."""
    if form(connection) != newest():
        return ()
    columns = schema.policies.c
    query = select(columns.file, columns.text).where(columns.domain == "").order_by(columns.policy)
    return tuple((one.file, one.text) for one in connection.execute(query))


def _query(name: str, told: Registration) -> Select[tuple[object, ...]]:
    table = schema.lineage if name == DEPENDENCIES else _TABLES[name]
    others = or_(table.c.domain.not_in(sorted(told.scope)))
    if table in KEPT:
        others = or_(others, table.c.asset.in_(sorted(told.kept)))
    if name != DEPENDENCIES:
        return select(table).where(others)
    pair = select(table.c.asset, table.c.from_asset).distinct()
    return pair.where(others, table.c.from_kind == Kind.PRODUCT.value)
