"""Generated tables as values, and the statements that make them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.property.kinds import TYPES, Kind

SCHEMAS = ("one", "two")


def quoted(name: str) -> str:
    """Quote a name where it needs it."""
    plain = name.isidentifier() and name == name.lower()
    return name if plain else f'"{name}"'


@dataclass(frozen=True)
class Column:
    """A column of a generated table; `computed` is the expression that the database fills it by."""

    name: str
    kind: Kind
    nullable: bool
    computed: str = ""

    @property
    def sql(self) -> str:
        """Its definition."""
        kind = f"one.{self.kind.sql}" if self.kind.own else self.kind.sql
        storage = f" STORAGE {self.kind.storage}" if self.kind.storage else ""
        if self.computed:
            storage += f" GENERATED ALWAYS AS ({self.computed}) STORED"
        return f"{quoted(self.name)} {kind}{storage}{'' if self.nullable else ' NOT NULL'}"


@dataclass(frozen=True)
class Reference:
    """Columns that hold the key of a row of another table.

    Attributes:
        columns: the columns.
        target: the number of the table.
        target_columns: its key, or a unique column of it.
        actions: what the constraint does; None without a constraint.
    """

    columns: tuple[str, ...]
    target: int
    target_columns: tuple[str, ...]
    actions: str | None


@dataclass(frozen=True)
class Table:
    """A generated table."""

    number: int
    schema: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()
    unique: str = ""
    partitioned: bool = False
    full: bool = False
    full_parts: bool = False
    deferrable: bool = False

    @property
    def sql_name(self) -> str:
        """Its name with its schema."""
        return f"{self.schema}.{quoted(self.name)}"

    def column(self, name: str) -> Column:
        """Give the column of that name."""
        return next(one for one in self.columns if one.name == name)

    def pool(self, column: Column) -> tuple[str, ...]:
        """Give the literals that a column may have."""
        if column.computed:
            return ("DEFAULT",)
        special = column.name in self.key or column.name == self.unique
        values = column.kind.keys[:4] if special else column.kind.values
        if column.kind.family == "json" and not column.nullable:
            # JSON's null is no value for consumers either: a contract can't require such a column
            values = tuple(one for one in values if one != "'null'")
        return (*values, "NULL") if column.nullable else values

    @property
    def others(self) -> tuple[Column, ...]:
        """The columns that are not of the key and that statements may set."""
        return tuple(one for one in self.columns if one.name not in self.key and not one.computed)


@dataclass(frozen=True)
class Database:
    """All generated tables."""

    tables: tuple[Table, ...]

    def statements(self) -> Iterator[str]:
        """Give the statements that make the tables, in order."""
        for schema in SCHEMAS:
            yield f"CREATE SCHEMA {schema}"
        yield from TYPES
        for table in self.tables:
            yield from self._table(table)

    def _table(self, table: Table) -> Iterator[str]:
        lines = [column.sql for column in table.columns]
        deferrable = " DEFERRABLE INITIALLY DEFERRED" if table.deferrable else ""
        lines.append(f"PRIMARY KEY ({_listed(table.key)}){deferrable}")
        if table.unique:
            lines.append(f"UNIQUE ({quoted(table.unique)})")
        lines += [self._constraint(one) for one in table.references if one.actions is not None]
        body = ",\n  ".join(lines)
        by = f" PARTITION BY HASH ({quoted(table.key[0])})" if table.partitioned else ""
        yield f"CREATE TABLE {table.sql_name} (\n  {body}\n){by}"
        for part in range(2 if table.partitioned else 0):
            name = f"{table.schema}.{quoted(f'{table.name} {part}')}"
            yield (
                f"CREATE TABLE {name} PARTITION OF {table.sql_name}"
                f" FOR VALUES WITH (MODULUS 2, REMAINDER {part})"
            )
            if table.full_parts:
                yield f"ALTER TABLE {name} REPLICA IDENTITY FULL"
        if table.full:
            yield f"ALTER TABLE {table.sql_name} REPLICA IDENTITY FULL"

    def _constraint(self, reference: Reference) -> str:
        target = self.tables[reference.target]
        columns, to = _listed(reference.columns), _listed(reference.target_columns)
        return (
            f"FOREIGN KEY ({columns}) REFERENCES {target.sql_name} ({to}) {reference.actions}"
        ).rstrip()


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, names))
