"""What only MySQL and MariaDB do to a column: MODIFY and CHANGE define it anew."""

from __future__ import annotations

from dataclasses import replace

from streammesh.capture.migrations.alter_column import missing
from streammesh.capture.migrations.columns import change, read_definition, rename, retype
from streammesh.capture.migrations.cursor import Cursor
from streammesh.capture.migrations.effects import NULLABLE, Effect
from streammesh.capture.migrations.schema import Relation


def modify_column(cursor: Cursor, effect: Effect, relation: Relation) -> Effect:
    """Apply MODIFY [COLUMN] column definition."""
    cursor.take("COLUMN")
    cursor.take("IF", "EXISTS")
    return _defined(cursor, effect, relation)


def change_column(cursor: Cursor, effect: Effect, relation: Relation) -> Effect:
    """Apply CHANGE [COLUMN] old new definition."""
    cursor.take("COLUMN")
    cursor.take("IF", "EXISTS")
    old = cursor.name()
    new = cursor.token
    if new is not None and new.text != old and relation.has(old):
        effect = rename(effect, relation, old, new.text)
        relation = effect.schema.relations[relation.name]
    return _defined(cursor, effect, relation)


def _defined(cursor: Cursor, effect: Effect, relation: Relation) -> Effect:
    found = read_definition(cursor, effect.schema)
    column = found.column
    before = relation.table.column(column.name)
    if before is None:
        placed(cursor, relation, column.name)
        if relation.has(column.name):
            return effect.harmless(f"{relation.name}.{column.name} is excluded")
        return missing(effect, relation, column.name)
    effect = retype(effect, relation, column.name, column.database_type, "")
    nullable = column.nullable and column.name not in relation.table.primary_key
    changed = change(
        effect.schema.relations[relation.name],
        column.name,
        lambda one: replace(one, nullable=nullable),
    )
    if before.nullable and not nullable:
        effect = effect.values(relation, column.name, "NULL becomes the type's own empty value")
    if nullable and not before.nullable:
        effect = effect.values(relation, column.name, NULLABLE, events=True)
    return effect.put(placed(cursor, changed, column.name))


def placed(cursor: Cursor, relation: Relation, name: str) -> Relation:
    """Give a table with a column at the place that FIRST or AFTER says."""
    if not cursor.mysql:
        return relation
    columns = [one for one in relation.table.columns if one.name != name]
    moved = [one for one in relation.table.columns if one.name == name]
    if cursor.take("FIRST"):
        ordered = moved + columns
    elif cursor.take("AFTER"):
        behind = cursor.name()
        at = next((i for i, one in enumerate(columns) if one.name == behind), len(columns)) + 1
        ordered = columns[:at] + moved + columns[at:]
    else:
        return relation
    return replace(relation, table=replace(relation.table, columns=tuple(ordered)))
