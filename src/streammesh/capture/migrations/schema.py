"""A source's tables while a migration goes through them, each column with what it was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from streammesh.capture.migrations.cursor import Name
from streammesh.capture.migrations.types import is_built_in
from streammesh.contracts.types import Text
from streammesh.documents.values import Source, TableName
from streammesh.models.tables import Column, Table

NEW = " (new)"
"""Behind the name of a new column where it stands beside the one that had its name before."""


@dataclass(frozen=True)
class Relation:
    """A table.

    Attributes:
        table: as it is now, captured or not, without what `exclude` keeps out.
        origin: what it was called before the migration; None when it is new.
        columns_from: the present names of columns that were there before, with their old ones.
        excluded: the present names of columns that `exclude` keeps out, with their old ones.
        key_name: name of the constraint that is the primary key.
        unique_names: of each unique constraint in `table.unique`, names that it can have.
        known: whether its columns are known; not of a table that nobody captures.
        logged: whether its changes reach the log.
        children: tables that inherit from it.
        generated: generated columns and whether they are stored ("s") or virtual ("v").
        indexes: of unique indexes made by the migration, name and columns.
    """

    table: Table
    origin: TableName | None = None
    columns_from: Mapping[str, str] = field(default_factory=dict)
    excluded: Mapping[str, str] = field(default_factory=dict)
    key_name: str = ""
    unique_names: tuple[frozenset[str], ...] = ()
    known: bool = True
    logged: bool = True
    children: tuple[str, ...] = ()
    generated: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> TableName:
        """Its present name."""
        return self.table.name

    def has(self, column: str) -> bool:
        """Tell whether it has a column, captured or not."""
        return self.table.column(column) is not None or column in self.excluded

    def old_name(self, column: str) -> str:
        """Give what a column was called before; a new one has a name that no model can say."""
        if column in self.columns_from:
            return self.columns_from[column]
        return column + NEW if column in self.columns_from.values() else column

    def as_before(self) -> Table:
        """Give the table under the names that everything had before."""

        def old(names: Iterable[str]) -> tuple[str, ...]:
            return tuple(self.old_name(one) for one in names)

        return replace(
            self.table,
            name=self.origin or self.name,
            columns=tuple(replace(one, name=self.old_name(one.name)) for one in self.table.columns),
            primary_key=old(self.table.primary_key),
            unique=tuple(old(one) for one in self.table.unique),
        )


@dataclass(frozen=True)
class Schema:
    """The tables of a source, and what is known beside them.

    Attributes:
        source: the source, as its file says.
        relations: the captured tables, and what the migration makes or names.
        enums: types that are enums.
        domains: types that are domains: what is behind each.
        path: schemas in which a name without one is looked up.
        server_version: major version of PostgreSQL; 0 when not known.
    """

    source: Source
    relations: Mapping[TableName, Relation]
    enums: frozenset[str] = frozenset()
    domains: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ("public",)
    server_version: int = 0

    def find(self, name: Name) -> TableName:
        """Give the table that a name means."""
        if len(name) > 1:
            return TableName(name[-2], name[-1])
        for schema in self.path:
            if TableName(schema, name[0]) in self.relations:
                return TableName(schema, name[0])
        return self.find_new(name)

    def find_new(self, name: Name) -> TableName:
        """Give the table that a name means which is given to a table now."""
        return TableName(name[-2] if len(name) > 1 else self.path[0], name[-1])

    def get(self, name: Name) -> Relation | None:
        """Give a table; None when nothing is known of it."""
        return self.relations.get(self.find(name))

    def put(self, relation: Relation, before: TableName | None = None) -> Schema:
        """Give the tables with one that is new, changed or called otherwise before."""
        kept = {k: one for k, one in self.relations.items() if k != before}
        return replace(self, relations={**kept, relation.name: relation})

    def without(self, name: TableName) -> Schema:
        """Give the tables without one."""
        return replace(self, relations={k: v for k, v in self.relations.items() if k != name})

    def captured(self) -> dict[TableName, Table]:
        """Give the tables that the source's file names, as they are now."""
        return {
            name: self.relations[name].table
            for name in self.source.tables
            if name in self.relations and self.relations[name].known
        }

    def as_before(self) -> dict[TableName, Table]:
        """Give the tables that were captured before, under the names that they had."""
        return {
            one.origin: one.as_before() for one in self.relations.values() if one.origin is not None
        }


def schema_of(source: Source, tables: Iterable[Table], server_version: int = 0) -> Schema:
    """Begin with the tables as they stand.

    Args:
        source: the source.
        tables: its captured tables.
        server_version: major version of the database's server; 0 when not known.
    """
    every = tuple(tables)
    relations = {one.name: _relation(one, source) for one in every}
    schemas = tuple(dict.fromkeys(one.name.schema for one in every))
    path = ("public",) if source.database_type == "postgres" else schemas
    columns = [one for table in every for one in table.columns]
    enums = frozenset(one.stored_type for one in columns if _is_enum(one))
    domains = {one.database_type: one.base for one in columns if one.base}
    return Schema(source, relations, enums, domains, path, server_version)


def _is_enum(column: Column) -> bool:
    """Tell whether a column's type is one of the database's own enums."""
    own = not column.base and not is_built_in(column.database_type)
    return isinstance(column.type, Text) and own


def _relation(table: Table, source: Source) -> Relation:
    prefix = f"{table.name}."
    excluded = [one.removeprefix(prefix) for one in source.exclude if one.startswith(prefix)]
    name = table.name.name
    return Relation(
        table=table,
        origin=table.name,
        columns_from={one.name: one.name for one in table.columns},
        excluded={one: one for one in excluded},
        key_name=f"{name}_pkey" if table.primary_key else "",
        unique_names=tuple(default_names(name, one) for one in table.unique),
    )


def default_names(table: str, columns: Iterable[str]) -> frozenset[str]:
    """Give what PostgreSQL calls a unique constraint or index that was given no name."""
    stem = "_".join((table, *columns))
    return frozenset({f"{stem}_key", f"{stem}_idx"})
