"""What differs between two looks at a source's tables, and what a snapshot of them holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streammesh.deployments.forms import form
from streammesh.models.tables import Column, Table


@dataclass(frozen=True)
class TableChange:
    """One difference.

    Attributes:
        symbol: "+", "~" or "-".
        text: in words.
    """

    symbol: str
    text: str


def table_changes(old: Iterable[Table], new: Iterable[Table]) -> tuple[TableChange, ...]:
    """Give what differs, table by table."""
    before = {one.name: one for one in old}
    after = {one.name: one for one in new}
    return (
        *(TableChange("+", f"table {name}") for name in after if name not in before),
        *(TableChange("-", f"table {name}") for name in before if name not in after),
        *(
            change
            for name, table in after.items()
            if name in before
            for change in _one_table(before[name], table)
        ),
    )


def _one_table(old: Table, new: Table) -> Iterator[TableChange]:
    for column in new.columns:
        yield from _column(f"{new.name}.{column.name}", old.column(column.name), column)
    for column in old.columns:
        if new.column(column.name) is None:
            yield TableChange("-", f"column {new.name}.{column.name}")
    if old.primary_key != new.primary_key:
        keys = " → ".join(f"({', '.join(one.primary_key)})" for one in (old, new))
        yield TableChange("~", f"primary key of {new.name} {keys}")


def _column(name: str, old: Column | None, new: Column) -> Iterator[TableChange]:
    if old is None:
        yield TableChange("+", f"column {name} {new.database_type}")
    elif old.database_type != new.database_type:
        yield TableChange("~", f"column {name} {old.database_type} → {new.database_type}")
    elif old.nullable != new.nullable:
        yield TableChange("~", f"column {name} {'may' if new.nullable else 'may not'} be NULL now")


def snapshot_of(tables: Iterable[Table]) -> str:
    """Describe what a snapshot of these tables holds: `public.orders=1f2e…,…`."""
    return ",".join(f"{table.name}={form(table)}" for table in sorted(tables, key=_name))


def holds(snapshot: str, tables: Iterable[Table]) -> bool:
    """Tell whether a snapshot described so holds all these tables as they are now."""
    taken = set(snapshot.split(","))
    return all(f"{table.name}={form(table)}" in taken for table in tables)


def _name(table: Table) -> str:
    return str(table.name)


def held(snapshot: str, tables: Iterable[Table]) -> tuple[Table, ...]:
    """Give those of the tables that a snapshot described so holds as they are now."""
    return tuple(one for one in tables if holds(snapshot, (one,)))


def estimated_rows(tables: Iterable[Table]) -> int:
    """Add up the estimates of the database's statistics; -1 when all are unknown."""
    known = [one.estimated_rows for one in tables if one.estimated_rows >= 0]
    return sum(known) if known else -1
