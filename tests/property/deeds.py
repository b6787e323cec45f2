"""The grammar of what applications do: rows to begin with, then statements of several sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.property.rows import ROWS, first_row, key, nulls, referring
from tests.property.tables import Database, Reference, Table, quoted

WRITERS = 3


@dataclass(frozen=True)
class Step:
    """Statements that one session runs, one after another."""

    writer: int
    statements: tuple[str, ...]


def fill(draw: Any, database: Database) -> tuple[str, ...]:
    """Give statements that put rows into all tables; some may break a constraint."""
    return tuple(one for table in database.tables for one in _filled(draw, database, table))


def _filled(draw: Any, database: Database, table: Table) -> list[str]:
    count = draw(st.sampled_from((4, 4, 4, 3, 2, 1, 0)))
    salt = draw(st.integers(0, 6))
    rows = (first_row(database, table, salt, number) for number in range(count))
    return [_insert(table, [row]) for row in rows]


def _insert(table: Table, rows: list[list[str]], end: str = "") -> str:
    names = ", ".join(quoted(one.name) for one in table.columns)
    values = ", ".join(f"({', '.join(row)})" for row in rows)
    return f"INSERT INTO {table.sql_name} ({names}) VALUES {values}{end}"


@st.composite
def steps(draw: Any, database: Database, often: tuple[Table, ...]) -> Step:
    """Give what one session does next.

    Args:
        draw: Hypothesis's.
        database: the tables.
        often: tables that are changed more often: those that models read.
    """
    writer = draw(st.sampled_from((0, 0, 0, 0, 1, 1, 2)))
    way = draw(st.sampled_from(_WAYS))
    if way in _CONTROL:
        return Step(writer, (way,))
    table = draw(st.sampled_from((*often, *often, *often, *database.tables)))
    return Step(writer, tuple(_Writer(draw, database, table).statements(way)))


_CONTROL = ("COMMIT", "ROLLBACK", "SAVEPOINT one", "ROLLBACK TO one")
_WAYS = (
    *("COMMIT",) * 14,
    "ROLLBACK",
    *("SAVEPOINT one",) * 2,
    *("ROLLBACK TO one",) * 2,
    *("insert",) * 5,
    *("update",) * 6,
    *("move",) * 5,
    *("delete",) * 3,
    *("rekey",) * 3,
    *("again",) * 2,
    "swap",
    "shift",
    "update_all",
    "there_and_back",
    "nothing",
    "upsert",
    "delete_all",
    "truncate",
)


class _Writer:
    def __init__(self, draw: Any, database: Database, table: Table) -> None:
        self.draw, self.database, self.table = draw, database, table
        self.name = table.sql_name

    def pick(self, choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def statements(self, way: str) -> list[str]:
        """Give the statements of a way to change the table."""
        made: str | list[str] = getattr(self, way)()
        return [made] if isinstance(made, str) else made

    # --- ways

    def insert(self) -> str:
        return _insert(self.table, [self.row() for _ in range(self.pick((1, 1, 1, 2, 3)))])

    def upsert(self) -> str:
        table = self.table
        if not table.others or self.pick((0, 1)):
            return _insert(table, [self.row()], " ON CONFLICT DO NOTHING")
        sets = ", ".join(f"{quoted(c.name)} = EXCLUDED.{quoted(c.name)}" for c in table.others)
        key = ", ".join(map(quoted, table.key))
        return _insert(table, [self.row()], f" ON CONFLICT ({key}) DO UPDATE SET {sets}")

    def update(self) -> str:
        return f"UPDATE {self.name} SET {self.values()} WHERE {self.where(self.key())}"

    def update_all(self) -> str:
        return f"UPDATE {self.name} SET {self.values()}"

    def move(self) -> str:
        """Rows go to another parent, or to none."""
        if not self.table.references:
            return self.update()
        reference = self.pick(self.table.references)
        to = self.reference(reference)
        return f"UPDATE {self.name} SET {_set(to)} WHERE {self.where(self.key())}"

    def delete(self) -> str:
        return f"DELETE FROM {self.name} WHERE {self.where(self.key())}"

    def delete_all(self) -> str:
        return f"DELETE FROM {self.name}"

    def rekey(self) -> str:
        return self.rekeyed(self.key(), self.key(5))

    def swap(self) -> list[str]:
        """Two rows change their keys, by way of a third; at once where the key is deferrable."""
        if self.table.deferrable and len(self.table.key) == 1:
            return [self.swapped(*(next(iter(self.key().values())) for _ in range(2)))]
        one, two, spare = self.key(), self.key(), key(self.database, self.table, ROWS)
        return [self.rekeyed(one, spare), self.rekeyed(two, one), self.rekeyed(spare, two)]

    def swapped(self, one: str, two: str) -> str:
        column = self.table.column(self.table.key[0])
        kind = f"one.{column.kind.sql}" if column.kind.own else column.kind.sql
        name, one, two = quoted(column.name), f"{one}::{kind}", f"{two}::{kind}"
        to = f"CASE {name} WHEN {one} THEN {two} ELSE {one} END"
        return f"UPDATE {self.name} SET {name} = {to} WHERE {name} IN ({one}, {two})"

    def shift(self) -> str:
        """All keys move on, where they are numbers."""
        first = self.table.column(self.table.key[0])
        name = quoted(first.name)
        if first.kind.family != "number":
            return self.rekey()
        by = self.pick(("+ 10", "- 10", "+ 1", "- 1"))
        return f"UPDATE {self.name} SET {name} = {name} {by}"

    def again(self) -> list[str]:
        """A row is deleted, and another of its key inserted."""
        key = self.key()
        return [
            f"DELETE FROM {self.name} WHERE {_where(key)}",
            _insert(self.table, [self.row(key)]),
        ]

    def there_and_back(self) -> list[str]:
        """One column of a row changes several times."""
        where, column = self.where(self.key()), self.pick(self.table.columns)
        values = [self.pick(self.table.pool(column)) for _ in range(3)]
        return [f"UPDATE {self.name} SET {quoted(column.name)} = {v} WHERE {where}" for v in values]

    def nothing(self) -> str:
        column = quoted(self.pick([c for c in self.table.columns if not c.computed]).name)
        return f"UPDATE {self.name} SET {column} = {column}"

    def truncate(self) -> str:
        names = dict.fromkeys((self.name, self.pick(self.database.tables).sql_name))
        return f"TRUNCATE {', '.join(names)}{self.pick(('', ' CASCADE'))}"

    # --- parts of statements

    def key(self, count: int = ROWS) -> dict[str, str]:
        return key(self.database, self.table, self.draw(st.integers(0, count - 1)))

    def where(self, key: dict[str, str]) -> str:
        """Write a condition: one row, or all with the first part of a key."""
        return _where(dict([next(iter(key.items()))]) if self.pick((0, 0, 0, 1)) else key)

    def reference(self, reference: Reference) -> dict[str, str]:
        nothing = nulls(self.table, reference)
        if nothing is not None and self.pick((0, 0, 1)):
            return nothing
        return referring(self.database, reference, self.draw(st.integers(0, ROWS - 1)))

    def row(self, given: dict[str, str] | None = None) -> list[str]:
        row = {one.name: self.pick(self.table.pool(one)) for one in self.table.columns}
        for reference in self.table.references:
            row |= self.reference(reference)
        row |= given or self.key()
        return [row[one.name] for one in self.table.columns]

    def values(self) -> str:
        """Write what one or two columns are set to."""
        columns = self.table.others or self.table.columns
        chosen = dict.fromkeys(self.pick(columns) for _ in range(self.pick((1, 1, 2))))
        return _set({one.name: self.pick(self.table.pool(one)) for one in chosen})

    def rekeyed(self, old: dict[str, str], new: dict[str, str]) -> str:
        return f"UPDATE {self.name} SET {_set(new)} WHERE {_where(old)}"


def _set(values: dict[str, str]) -> str:
    return ", ".join(f"{quoted(name)} = {value}" for name, value in values.items())


def _where(values: dict[str, str]) -> str:
    return " AND ".join(f"{quoted(name)} = {value}" for name, value in values.items())
