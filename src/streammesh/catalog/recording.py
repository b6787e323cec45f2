"""Write a registration: what differs, its history, and what search reads, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from streammesh.catalog import schema
from streammesh.catalog.differences import Difference, Row, changes, difference
from streammesh.catalog.entries import entries
from streammesh.catalog.indexing import chunks, index
from streammesh.catalog.kinds import Kind
from streammesh.catalog.migrating import take_turns
from streammesh.catalog.records import Registration

RECORDED = (
    schema.domains,
    schema.assets,
    schema.products,
    schema.ports,
    schema.versions,
    schema.fields,
    schema.models,
    schema.lineage,
    schema.sources,
    schema.source_tables,
    schema.source_columns,
    schema.subscriptions,
    schema.subscription_fields,
    schema.policies,
)
"""The tables that a registration fills, each by its attribute of the same name."""

KEPT = (schema.lineage, schema.source_columns)
"""Tables of what can be unknown for a while: rows of `Registration.kept` stay."""

CONSUMED = (schema.subscriptions, schema.subscription_fields)
"""Tables of what a domain reads: rows of `Registration.left` go."""


@dataclass(frozen=True)
class Recorded:
    """How many records an apply added, changed and removed."""

    added: int
    changed: int
    removed: int

    def __bool__(self) -> bool:
        """Tell whether anything changed."""
        return bool(self.added or self.changed or self.removed)


def record(
    connection: Connection, registration: Registration, *, who: str, commit: str, at: str
) -> Recorded:
    """Make the catalog's records of the registration's domains those of the registration.

    Args:
        connection: in a transaction that writes; two such wait for each other.
        registration: what an apply knows.
        who: the person or program that applied.
        commit: of the files.
        at: when, UTC, ISO 8601 with microseconds.
    """
    take_turns(connection)
    found = [one for one in _differences(connection, registration) if len(one)]
    for one in found:
        _write(connection, one)
    _remember(connection, found, {"at": at, "who": who, "commit": commit})
    index(connection, registration.scope, entries(registration))
    _tell(connection, registration)
    return _counted(found)


def known_digests(connection: Connection) -> dict[str, str]:
    """Give what was told of each domain last, as a digest."""
    return {row.domain: row.digest for row in connection.execute(select(schema.told))}


def _tell(connection: Connection, registration: Registration) -> None:
    """Remember what was told of whole domains; of others, nothing is known to be the same."""
    here, now = registration.scope, registration.digests
    for some in chunks(sorted(here | registration.left)):
        connection.execute(delete(schema.told).where(schema.told.c.domain.in_(some)))
    rows = [{"domain": name, "digest": now[name]} for name in sorted(here & now.keys())]
    if rows:
        connection.execute(insert(schema.told), rows)


def pending(connection: Connection, registration: Registration) -> Recorded:
    """Count what `record` would do."""
    return _counted(list(_differences(connection, registration)))


def untold(registration: Registration) -> Recorded:
    """Count what `record` would do where the catalog knows nothing yet."""
    return Recorded(sum(len(getattr(registration, one.name)) for one in RECORDED), 0, 0)


def _counted(found: Sequence[Difference]) -> Recorded:
    return Recorded(
        sum(len(one.added) for one in found),
        sum(len(one.changed) for one in found),
        sum(len(one.removed) for one in found),
    )


def _differences(connection: Connection, registration: Registration) -> Iterator[Difference]:
    for table in RECORDED:
        wanted = [vars(one) for one in getattr(registration, table.name)]
        held = _held(connection, table, registration.scope)
        held += _left(connection, table, registration.left)
        if table in KEPT:
            held = [row for row in held if row["asset"] not in registration.kept]
        key = [column.name for column in table.primary_key]
        yield difference(table.name, key, held, wanted)


def _left(connection: Connection, table: Table, domains: Collection[str]) -> list[Row]:
    """Give the rows of what domains read: subscriptions, and what these deliver."""
    if table is schema.assets:
        held = _held(connection, table, domains)
        return [row for row in held if row["kind"] == Kind.DELIVERED_TABLE.value]
    return _held(connection, table, domains) if table in CONSUMED else []


def _held(connection: Connection, table: Table, scope: Collection[str]) -> list[Row]:
    return [
        dict(row)
        for some in chunks(sorted(scope))
        for row in connection.execute(select(table).where(table.c.domain.in_(some))).mappings()
    ]


def _write(connection: Connection, one: Difference) -> None:
    """Write a table's rows; those that go leave first, so that a unique name is free."""
    table = schema.metadata.tables[one.record]
    here = [table.c[name] == bindparam(f"key_{name}") for name in one.key]
    if one.removed:
        connection.execute(delete(table).where(*here), [_keys(one, row) for row in one.removed])
    if one.changed:
        rows = [{**row, **_keys(one, row)} for _, row in one.changed]
        connection.execute(update(table).where(*here), rows)
    if one.added:
        connection.execute(insert(table), list(map(dict, one.added)))


def _keys(one: Difference, row: Row) -> dict[str, object]:
    return {f"key_{name}": row[name] for name in one.key}


def _remember(connection: Connection, found: Sequence[Difference], said: dict[str, str]) -> None:
    rows = [{**asdict(change), **said} for one in found for change in changes(one)]
    if rows:
        connection.execute(insert(schema.history), rows)
