"""What the catalog knows of others: for policies, which see the whole mesh."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, case, func, or_, select

from streammesh.catalog import schema
from streammesh.catalog.access_schema import access
from streammesh.catalog.consumers import OVER
from streammesh.catalog.kinds import Kind
from streammesh.catalog.migrating import form, newest
from streammesh.catalog.notices import ACKNOWLEDGED, OBJECTED
from streammesh.catalog.notices_schema import notice_recipients, notices
from streammesh.catalog.recording import CONSUMED, KEPT, RECORDED
from streammesh.catalog.records import Registration
from streammesh.catalog.use_schema import observed_use

DEPENDENCIES = "dependencies"
"""Which versions are made of which: no table of its own, but a part of the lineage."""

OBSERVED_USE = observed_use.name
"""The groups that were seen at versions: no file says of them."""

ENDED_ACCESS = "ended_access"
"""Access that was granted and has ended: a part of `access`."""

NOTICES = notices.name
"""What consumers of versions that end were told, with how many answered."""

ANSWERS = notice_recipients.name
"""Whom each notice was made for, and what they answered."""

ACCESS = access.name
"""How requests for access stand."""

STATUSES = "statuses"
"""The status of each version as it was applied last, also of the workspace's own."""

_TABLES = {one.name: one for one in RECORDED}


def rows_beside(
    connection: Connection, tables: Collection[str], told: Registration
) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Give what stands in tables beside a registration, as if it had been recorded.

    Args:
        connection: to a catalog; one without tables knows nothing.
        tables: of those that a registration fills, or `DEPENDENCIES`; or of those of which no file
            says anything: all their rows.
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
    known = _KNOWN.get(name)
    return _recorded(name, told) if known is None else known()


def _statuses() -> Select[tuple[object, ...]]:
    return select(schema.versions.c.asset, schema.versions.c.status)


def _answers() -> Select[tuple[object, ...]]:
    joined = notice_recipients.join(notices, notices.c.notice == notice_recipients.c.notice)
    columns = (notices.c.asset, notices.c.until, notices.c.made_at, *notice_recipients.c)
    return select(*columns).select_from(joined)


def _ended() -> Select[tuple[object, ...]]:
    return select(access).where(access.c.state.in_(OVER))


def _notices() -> Select[tuple[object, ...]]:
    said, answer = notices.c, notice_recipients.c.answer
    columns = (said.notice, said.asset, said.kind, said.until, said.instead, said.made_at)
    return (
        select(
            *columns,
            func.count(notice_recipients.c.consumer).label("consumers"),
            func.count(case((answer == ACKNOWLEDGED, 1))).label("acknowledged"),
            func.count(case((answer == OBJECTED, 1))).label("objected"),
        )
        .outerjoin(notice_recipients, notice_recipients.c.notice == said.notice)
        .group_by(*columns)
        .order_by(said.notice)
    )


_KNOWN: Mapping[str, Callable[[], Select[tuple[object, ...]]]] = {
    OBSERVED_USE: lambda: select(observed_use),
    ENDED_ACCESS: _ended,
    NOTICES: _notices,
    ANSWERS: _answers,
    ACCESS: lambda: select(access),
    STATUSES: _statuses,
}
"""What is asked for the tables of which no file says anything."""


def _recorded(name: str, told: Registration) -> Select[tuple[object, ...]]:
    table = schema.lineage if name == DEPENDENCIES else _TABLES[name]
    gone = told.left if table in CONSUMED else frozenset()
    others = or_(table.c.domain.not_in(sorted(told.scope | gone)))
    if table in KEPT:
        others = or_(others, table.c.asset.in_(sorted(told.kept)))
    if name != DEPENDENCIES:
        return select(table).where(others)
    pair = select(table.c.asset, table.c.from_asset).distinct()
    return pair.where(others, table.c.from_kind == Kind.PRODUCT.value)
