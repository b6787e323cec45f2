"""What a statement calls otherwise than before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from streammesh.capture.migrations.schema import Relation, Schema
from streammesh.documents.values import TableName
from streammesh.models.tables import Table


@dataclass(frozen=True)
class Renamed:
    """New names, by what was called so before the migration.

    Attributes:
        names: of tables.
        columns: of columns, by table and column.
    """

    moved: Mapping[TableName, TableName]
    columns: Mapping[tuple[TableName, str], str]

    @property
    def names(self) -> bool:
        """Whether anything is called otherwise."""
        return bool(self.moved or self.columns)

    def tables(self, schema: Schema) -> dict[TableName, Table]:
        """Give the tables under the names that they had before, these changes alone applied."""
        found = {}
        for name, table in schema.as_before().items():
            new = self.moved.get(name, name)
            found[new] = replace(self._columns(name, table), name=new)
        return found

    def _columns(self, name: TableName, table: Table) -> Table:
        def called(column: str) -> str:
            return self.columns.get((name, column), column)

        return replace(
            table,
            columns=tuple(replace(one, name=called(one.name)) for one in table.columns),
            primary_key=tuple(map(called, table.primary_key)),
            unique=tuple(tuple(map(called, one)) for one in table.unique),
        )


def renamed(before: Schema, after: Schema) -> Renamed:
    """Give what a statement calls otherwise."""
    old, new = _by_origin(before), _by_origin(after)
    moved: dict[TableName, TableName] = {}
    columns: dict[tuple[TableName, str], str] = {}
    for origin in old.keys() & new.keys():
        if old[origin].name != new[origin].name:
            moved[origin] = new[origin].name
        was = {v: k for k, v in old[origin].columns_from.items()}
        now = {v: k for k, v in new[origin].columns_from.items()}
        columns |= {(origin, one): now[one] for one in was.keys() & now if was[one] != now[one]}
    return Renamed(moved, columns)


def _by_origin(schema: Schema) -> dict[TableName, Relation]:
    return {one.origin: one for one in schema.relations.values() if one.origin is not None}
