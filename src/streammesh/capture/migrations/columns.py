"""Columns: their definitions, and what ALTER TABLE does to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from streammesh.capture.migrations.cursor import Cursor
from streammesh.capture.migrations.effects import Effect
from streammesh.capture.migrations.schema import Relation, Schema
from streammesh.capture.migrations.types import SERIAL, is_built_in, read_type
from streammesh.contracts.types import Text, Type
from streammesh.models.postgres_types import column_type, equal_texts
from streammesh.models.tables import Column, Table

_ENDS = (
    ",",
    ")",
    "CONSTRAINT",
    "NOT",
    "NULL",
    "DEFAULT",
    "PRIMARY",
    "UNIQUE",
    "CHECK",
    "REFERENCES",
    "GENERATED",
    "COLLATE",
    "DEFERRABLE",
    "INITIALLY",
    "COMMENT",
    "STORAGE",
    "AUTO_INCREMENT",
    "FIRST",
    "AFTER",
    "ON",
    "KEY",
    "AS",
    "VIRTUAL",
    "STORED",
    "CHARACTER",
    "CHARSET",
    "INVISIBLE",
    "VISIBLE",
    "COMPRESSION",
    "MATCH",
    "PERSISTENT",
)
"""What a column's default ends at."""


@dataclass(frozen=True)
class Definition:
    """A column as CREATE TABLE or ADD COLUMN defines it.

    Attributes:
        column: as the catalog would tell it.
        primary: whether it is the primary key.
        unique: whether it is unique by itself.
        default: whether existing rows get a value.
        generated: "s" or "v" where it is computed; empty where it is not.
        serial: whether a sequence fills it.
    """

    column: Column
    primary: bool = False
    unique: bool = False
    default: bool = False
    generated: str = ""
    serial: bool = False


def typed(name: str, printed: str, schema: Schema, *, nullable: bool) -> Column:
    """Give a column of a printed type, enums and domains looked through."""
    base = schema.domains.get(printed, "")
    kind = model_type(base or printed, schema)
    behind = base if base and kind is not None and base not in schema.enums else ""
    folds = not equal_texts(base or printed) or printed == "citext"
    return Column(name, printed, kind, nullable, behind, folds)


def model_type(printed: str, schema: Schema) -> Type | None:
    """Give what a model sees of a type; None for what it can't read or what is not known."""
    if printed == "citext":
        return Text()
    element = printed.partition("[")[0]
    return column_type(printed, enum=element in schema.enums)


def read_definition(cursor: Cursor, schema: Schema) -> Definition:
    """Read a column: its name, type and constraints.

    Raises:
        Unread: something in it is not known.
    """
    name = cursor.name()
    serial = cursor.sees_one(SERIAL)
    column = typed(name, read_type(cursor), schema, nullable=not serial)
    return read_constraints(cursor, Definition(column, serial=serial))


def read_constraints(cursor: Cursor, found: Definition) -> Definition:
    """Read what stands behind a column's type, up to a comma, a bracket or the end."""
    while not cursor.done and not cursor.sees(",") and not cursor.sees(")"):
        if cursor.mysql and (cursor.sees("FIRST") or cursor.sees("AFTER")):
            break
        found = _constraint(cursor, found)
    return found


def _constraint(cursor: Cursor, found: Definition) -> Definition:
    column = found.column
    if cursor.take("CONSTRAINT"):
        cursor.name()
    elif cursor.take("NOT", "NULL"):
        found = replace(found, column=replace(column, nullable=False))
    elif cursor.take("NULL"):
        pass
    elif cursor.take("PRIMARY", "KEY") or (cursor.mysql and cursor.take("KEY")):
        found = replace(found, column=replace(column, nullable=False), primary=True)
    elif cursor.take("UNIQUE"):
        cursor.take("KEY")
        cursor.take("NULLS", "DISTINCT") or cursor.take("NULLS", "NOT", "DISTINCT")
        found = replace(found, unique=True)
    elif cursor.take("DEFAULT"):
        value = _default(cursor)
        found = replace(found, default=value != ["NULL"])
    elif cursor.take("AUTO_INCREMENT"):
        found = replace(found, serial=True)
    elif cursor.sees_one(("GENERATED", "AS")):
        found = _generated(cursor, found)
    else:
        _passed_over(cursor)
    return found


def _default(cursor: Cursor) -> list[str]:
    first = cursor.next()
    passed = [first.word or first.text]
    if first.word == "(":
        cursor.until(")")
        cursor.expect(")")
    passed += [one.word for one in cursor.until(*_ENDS)]
    return passed


def _generated(cursor: Cursor, found: Definition) -> Definition:
    if cursor.take("GENERATED"):
        if cursor.take("BY"):
            cursor.expect("DEFAULT")
        else:
            cursor.expect("ALWAYS")
    cursor.expect("AS")
    if cursor.take("IDENTITY"):
        if cursor.sees("("):
            cursor.brackets()
        return replace(found, column=replace(found.column, nullable=False), serial=True)
    cursor.brackets()
    stored = cursor.take_one("STORED", "PERSISTENT")
    cursor.take("VIRTUAL")
    return replace(found, generated="s" if stored else "v")


_WITH_NAME = ("COLLATE", "STORAGE", "COMPRESSION", "CHARSET")
_ALONE = ("DEFERRABLE", "VISIBLE", "INVISIBLE", "ENFORCED", "VALID")


def _passed_over(cursor: Cursor) -> None:
    """Go past a constraint that changes no type and no key."""
    if cursor.take("CHECK"):
        cursor.brackets()
        cursor.take("NO", "INHERIT")
    elif cursor.take_one(*_WITH_NAME):
        cursor.take("=")
        cursor.qualified()
    elif cursor.take("CHARACTER", "SET"):
        cursor.name()
    elif cursor.take("COMMENT"):
        cursor.string()
    elif cursor.take("REFERENCES"):
        read_reference(cursor)
    elif cursor.take("ON", "UPDATE"):
        _default(cursor)
    elif cursor.take("INITIALLY"):
        cursor.next()
    elif not _alone(cursor):
        raise cursor.unread()


def _alone(cursor: Cursor) -> bool:
    cursor.take("NOT")
    return cursor.take_one(*_ALONE)


def read_reference(cursor: Cursor) -> None:
    """Go past what a foreign key refers to."""
    cursor.qualified()
    if cursor.sees("("):
        cursor.names()
    while True:
        if cursor.take("MATCH"):
            cursor.next()
        elif cursor.take("ON", "DELETE") or cursor.take("ON", "UPDATE"):
            if cursor.take("SET"):
                cursor.next()
                if cursor.sees("("):
                    cursor.names()
            elif not cursor.take("NO", "ACTION"):
                cursor.next()
        else:
            return


def add(effect: Effect, relation: Relation, found: Definition) -> Effect:
    """Add a column."""
    table, column = relation.table, found.column
    key = (column.name,) if found.primary else table.primary_key
    unique, names = table.unique, relation.unique_names
    if found.unique:
        unique = (*unique, (column.name,))
        names = (*names, frozenset({f"{table.name.name}_{column.name}_key"}))
    changed = replace(
        relation,
        table=replace(table, columns=(*table.columns, column), primary_key=key, unique=unique),
        unique_names=names,
        key_name=f"{table.name.name}_pkey" if found.primary else relation.key_name,
        generated={**relation.generated, **_only(column.name, found.generated)},
    )
    effect = effect.put(changed)
    filled = found.default or found.generated or found.serial
    if not column.nullable and not filled and relation.origin is not None:
        return effect.harmless(f"fails where {relation.name} has rows: NOT NULL without a default")
    return effect.values(changed, column.name, "existing rows get its value") if filled else effect


def _only(name: str, value: str) -> dict[str, str]:
    return {name: value} if value else {}


def drop(effect: Effect, relation: Relation, name: str) -> Effect:
    """Drop a column, with the keys that it is part of."""
    table = relation.table
    kept = [
        (one, names)
        for one, names in zip(table.unique, relation.unique_names, strict=True)
        if name not in one
    ]
    changed = replace(
        relation,
        table=replace(
            table,
            columns=tuple(one for one in table.columns if one.name != name),
            primary_key=() if name in table.primary_key else table.primary_key,
            unique=tuple(one for one, _ in kept),
        ),
        unique_names=tuple(names for _, names in kept),
        columns_from=_without(relation.columns_from, name),
        excluded=_without(relation.excluded, name),
        generated=_without(relation.generated, name),
    )
    return effect.put(changed)


def _without(names: Mapping[str, str], gone: str) -> dict[str, str]:
    return {k: v for k, v in names.items() if k != gone}


def rename(effect: Effect, relation: Relation, old: str, new: str) -> Effect:
    """Give a column another name."""

    def called(name: str) -> str:
        return new if name == old else name

    table = relation.table
    columns = tuple(replace(one, name=called(one.name)) for one in table.columns)
    changed = replace(
        relation,
        table=replace(
            table,
            columns=columns,
            primary_key=tuple(map(called, table.primary_key)),
            unique=tuple(tuple(map(called, one)) for one in table.unique),
        ),
        columns_from={called(k): v for k, v in relation.columns_from.items()},
        excluded={called(k): v for k, v in relation.excluded.items()},
        generated={called(k): v for k, v in relation.generated.items()},
    )
    return effect.put(changed)


def change(relation: Relation, name: str, how: Callable[[Column], Column]) -> Relation:
    """Give a table with one column changed."""
    table: Table = relation.table
    columns = tuple(how(one) if one.name == name else one for one in table.columns)
    return replace(relation, table=replace(table, columns=columns))


def retype(effect: Effect, relation: Relation, name: str, printed: str, using: str) -> Effect:
    """Give a column another type."""
    column = relation.table.column(name)
    if column is None:
        return effect.harmless(f"{relation.name}.{name} is excluded")
    known = effect.schema
    if (
        model_type(printed, known) is None
        and not is_built_in(printed)
        and not (printed in known.domains or printed in known.enums)
    ):
        return effect.unjudged(
            f"whether models can read the type {printed}, which is not known here"
        )
    new = typed(name, printed, known, nullable=column.nullable)
    changed = change(relation, name, lambda _: new)
    effect = effect.put(changed)
    if column.database_type == printed and not using:
        return effect
    how = f"{column.database_type} → {printed}"
    said = f"{how} USING {using}" if using else how
    return effect.values(changed, name, f"values are computed anew: {said}")
