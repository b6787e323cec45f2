"""Read the tables of a source from PostgreSQL's catalog, and say what can't be captured and why."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from psycopg import Connection

from streammesh.capture.catalog import (
    Catalog,
    ColumnRow,
    IndexRow,
    RelationRow,
    enum_domains,
    read_catalog,
    table_names,
)
from streammesh.capture.identifiers import quoted
from streammesh.capture.publication import PUBLISHES_GENERATED
from streammesh.contracts.types import Text
from streammesh.documents.values import Source, TableName
from streammesh.errors import Location, MeshError, MeshErrors
from streammesh.errors.capture import (
    ExcludedColumnMissing,
    ExcludedKey,
    ForeignReplicaIdentity,
    GeneratedColumn,
    NoChangeStream,
    NoKey,
    NoReplicaIdentity,
    TableMissing,
    UnloggedTable,
)
from streammesh.errors.columns import (
    ColumnNameNotReadable,
    ColumnNotCapturable,
    DomainOverEnum,
    InheritedTable,
    NamesDifferInCase,
)
from streammesh.models.postgres_types import column_type, equal_texts
from streammesh.models.tables import Column, Table

_IDENTITIES = {"d": "default", "f": "full", "i": "index", "n": "nothing"}
_KINDS = {
    "v": "a view",
    "m": "a materialized view",
    "f": "a foreign table",
    "S": "a sequence",
}
_FATAL = ("refcursor",)
_UNREADABLE = re.compile(r'["\\\x00-\x1f]')
"""Types whose values end a snapshot of Debezium 3.5, which then leaves the rest of it out."""


def introspect(connection: Connection, source: Source) -> tuple[Table, ...]:
    """Read the source's tables, in the order of its file.

    Args:
        connection: a session of the source's database; it is only read.
        source: what is captured and what is left out.

    Raises:
        MeshErrors: all that is wrong: a table that is missing, that has no key, or that can't be
            published, an excluded column that does not exist, ….
    """
    catalog = read_catalog(connection, source.tables)
    server = connection.info.server_version // 10_000
    found = {TableName(row.schema, row.name): row for row in catalog.relations}
    views = [
        _TableView(source, _place(source, f"tables[{number}]"), row, catalog, server)
        for number, name in enumerate(source.tables)
        if (row := found.get(name)) is not None
    ]
    missing = [name for name in source.tables if name not in found]
    known = table_names(connection) if missing else ()
    errors: list[MeshError] = [_missing(source, name, known) for name in missing]
    errors += [error for view in views for error in view.errors()]
    errors += _alike(source, views)
    errors += _wrong_exclusions(source, views)
    errors += _fatal_domains(connection, source)
    if errors:
        raise MeshErrors(errors)
    return tuple(view.table() for view in views)


@dataclass(frozen=True)
class _TableView:
    """One table with all that the catalog says of it."""

    source: Source
    where: Location
    row: RelationRow
    catalog: Catalog
    server: int

    @property
    def name(self) -> TableName:
        return TableName(self.row.schema, self.row.name)

    @property
    def label(self) -> str:
        return f"{self.source.domain}.{self.source.name}"

    @property
    def all_columns(self) -> tuple[ColumnRow, ...]:
        return tuple(one for one in self.catalog.columns if one.relation == self.row.oid)

    @property
    def columns(self) -> tuple[ColumnRow, ...]:
        excluded = set(self.source.exclude)
        return tuple(one for one in self.all_columns if f"{self.name}.{one.name}" not in excluded)

    @property
    def indexes(self) -> tuple[IndexRow, ...]:
        return tuple(one for one in self.catalog.indexes if one.relation == self.row.oid)

    @property
    def key(self) -> IndexRow | None:
        return next((one for one in self.indexes if one.primary), None)

    def table(self) -> Table:
        """Give it as a value."""
        columns = tuple(_column(one) for one in self.columns)
        key = self.key.columns if self.key else ()
        return Table(
            name=self.name,
            columns=columns,
            primary_key=key,
            # also over columns that may be NULL: a join by equality never matches those
            unique=tuple(one.columns for one in self.indexes if not one.primary and one.immediate),
            replica_identity=_IDENTITIES[self.row.identity],
            whole=len(columns) == len(self.all_columns)
            and not self.row.moves_out
            and all(one.type is not None and not _stored_longer(one) for one in columns),
            estimated_rows=self.row.rows,
        )

    def errors(self) -> Iterator[MeshError]:
        """Give what keeps it from being captured."""
        if self.row.kind in _KINDS:
            yield NoChangeStream(
                source=self.label, table=self.name, kind=_KINDS[self.row.kind], where=self.where
            )
            return
        if self.row.persistence != "p":
            yield self._unlogged()
        yield from self._identity_errors()
        yield from self._generated_errors()
        yield from self._type_errors()
        yield from self._alike()
        yield from self._family_errors()

    def _unlogged(self) -> MeshError:
        unlogged = self.row.persistence == "u"
        return UnloggedTable(
            source=self.label,
            table=self.name,
            kind="unlogged" if unlogged else "temporary",
            where=self.where,
            fix=f"ALTER TABLE {quoted(self.name)} SET LOGGED" if unlogged else None,
        )

    def _identity_errors(self) -> Iterator[MeshError]:
        if self.key is None:
            yield self._no_key()
        elif self.row.identity == "n" or (self.row.identity == "d" and not self.key.immediate):
            yield self._no_identity(self.key)
        elif self.row.identity == "i":
            index = next((one for one in self.indexes if one.identity), None)
            lacking = set(self.key.columns) - set(index.columns if index else ())
            if lacking:
                yield ForeignReplicaIdentity(
                    source=self.label,
                    table=self.name,
                    columns=", ".join(sorted(lacking)),
                    where=self.where,
                    fix=f"ALTER TABLE {quoted(self.name)} REPLICA IDENTITY DEFAULT",
                )

    def _no_key(self) -> MeshError:
        required = {one.name for one in self.all_columns if not one.nullable}
        unique = [one for one in self.indexes if one.immediate and required.issuperset(one.columns)]
        if self.row.identity == "f":
            why = (
                "REPLICA IDENTITY FULL lets the application change it while it is published, but "
                "the engine\nkeeps rows by their key: tables without one can't be captured yet"
            )
        else:
            why = "once it is published, the application's own UPDATE and DELETE on it would fail"
        columns = ", ".join(quoted(one) for one in unique[0].columns) if unique else "…"
        fix = f"ALTER TABLE {quoted(self.name)} ADD PRIMARY KEY ({columns})"
        return NoKey(source=self.label, table=self.name, where=self.where, why=why, fix=fix)

    def _no_identity(self, key: IndexRow) -> MeshError:
        deferrable = not key.immediate
        identity = "default, with a deferrable key" if deferrable else "nothing"
        return NoReplicaIdentity(
            source=self.label,
            table=self.name,
            identity=identity,
            where=self.where,
            fix=f"ALTER TABLE {quoted(self.name)} REPLICA IDENTITY "
            + ("FULL" if deferrable else "DEFAULT"),
        )

    def _type_errors(self) -> Iterator[MeshError]:
        for column in self.columns:
            if _UNREADABLE.search(column.name):
                yield ColumnNameNotReadable(
                    source=self.label,
                    column=repr(f"{self.name}.{column.name}"),
                    where=self.where,
                    fix="rename it, or add it to the source's `exclude`",
                )
            if column.base in _FATAL:
                name = f"{self.name}.{column.name}"
                yield ColumnNotCapturable(
                    source=self.label,
                    column=name,
                    kind=column.base,
                    where=self.where,
                    fix=f"add `{name}` to the source's `exclude`",
                )

    def _alike(self) -> Iterator[MeshError]:
        for pair in _same_but_case(one.name for one in self.columns):
            yield NamesDifferInCase(
                source=self.label,
                names=" and ".join(f"{self.name}.{name}" for name in pair),
                where=self.where,
                fix=f"rename one, or add `{self.name}.{pair[0]}` or `{self.name}.{pair[1]}` to the"
                " source's `exclude`",
            )

    def _family_errors(self) -> Iterator[MeshError]:
        if self.row.children:
            yield InheritedTable(
                source=self.label,
                table=self.name,
                children=", ".join(self.row.children),
                where=self.where,
                fix="capture the child tables, each as a table of its own; or make it a partitioned"
                " table",
            )

    def _generated_errors(self) -> Iterator[MeshError]:
        for column in self.columns:
            if column.generated == "v":
                kind, why = "virtual", "its values are never written, so no change of it is seen"
            elif column.generated == "s" and self.server < PUBLISHES_GENERATED:
                kind = "stored"
                why = f"PostgreSQL {self.server} does not publish its values (18 and later do)"
            else:
                continue
            name = f"{self.name}.{column.name}"
            yield GeneratedColumn(
                source=self.label,
                column=name,
                kind=kind,
                where=self.where,
                why=why,
                fix=f"add `{name}` to the source's `exclude`, and compute it in the model",
            )


def _column(row: ColumnRow) -> Column:
    kind = column_type(row.base, enum=row.enum) if row.known else None
    base = "" if row.enum or kind is None or row.base == row.declared else row.base
    kind = Text() if row.citext else kind
    folds = row.folds or not equal_texts(row.base)
    return Column(row.name, row.declared, kind, row.nullable, base, folds)


def _place(source: Source, path: str) -> Location:
    return source.places.get(path, source.where)


def _fatal_domains(connection: Connection, source: Source) -> Iterator[MeshError]:
    """Name the domains that Debezium does not start with."""
    domains = enum_domains(connection)
    if domains:
        yield DomainOverEnum(
            source=f"{source.domain}.{source.name}",
            domains=", ".join(domains),
            where=source.where,
            fix="give its columns the enum's own type (ALTER TABLE … ALTER COLUMN … TYPE …), and\n"
            f"DROP DOMAIN {domains[0]}",
        )


def _alike(source: Source, views: Iterable[_TableView]) -> Iterator[MeshError]:
    for pair in _same_but_case(str(view.name) for view in views):
        yield NamesDifferInCase(
            source=f"{source.domain}.{source.name}",
            names=" and ".join(pair),
            where=source.places.get("tables") or source.where,
            fix="rename one, or capture it by a source of its own",
        )


def _same_but_case(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    known: dict[str, str] = {}
    for name in names:
        first = known.setdefault(name.lower(), name)
        if first != name:
            yield first, name


def _stored_longer(column: Column) -> bool:
    """Tell whether the database may store more of a value than the engine keeps of it."""
    padded = column.stored_type.startswith(("character(", "bpchar"))
    return padded or (column.stored_type.startswith("json") and "jsonb" not in column.stored_type)


def _missing(source: Source, name: TableName, known: Iterable[str]) -> MeshError:
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.6)
    fix = f"write `{near[0]}`" if near else "create the table, or take it out of `tables`"
    return TableMissing(
        source=f"{source.domain}.{source.name}",
        table=name,
        where=_place(source, f"tables[{source.tables.index(name)}]"),
        fix=fix,
    )


def _wrong_exclusions(source: Source, views: Iterable[_TableView]) -> Iterator[MeshError]:
    by_column: Mapping[str, _TableView] = {
        f"{view.name}.{one.name}": view for view in views for one in view.all_columns
    }
    label = f"{source.domain}.{source.name}"
    for number, column in enumerate(source.exclude):
        where = _place(source, f"exclude[{number}]")
        view = by_column.get(column)
        if view is None:
            near = difflib.get_close_matches(column, list(by_column), n=1, cutoff=0.6)
            fix = f"write `{near[0]}`" if near else "take it out of `exclude`"
            yield ExcludedColumnMissing(source=label, column=column, where=where, fix=fix)
        elif view.key and column.removeprefix(f"{view.name}.") in view.key.columns:
            yield ExcludedKey(
                source=label,
                column=column,
                table=view.name,
                where=where,
                fix="take it out of `exclude`, or capture the table without it by another key",
            )
