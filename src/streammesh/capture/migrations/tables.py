"""CREATE TABLE, DROP TABLE, and what else is about whole tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from streammesh.capture.migrations import constraints
from streammesh.capture.migrations.columns import add, read_definition
from streammesh.capture.migrations.cursor import Cursor
from streammesh.capture.migrations.effects import Effect
from streammesh.capture.migrations.schema import Relation, default_names
from streammesh.documents.values import TableName
from streammesh.models.tables import Table

_CONSTRAINTS = ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE")
_INDEXES = ("INDEX", "KEY", "FULLTEXT", "SPATIAL")


def create_table(cursor: Cursor, effect: Effect, *, logged: bool) -> Effect:
    """Apply CREATE TABLE; the words up to TABLE have been read.

    Raises:
        Unread: it has a part that is not known.
    """
    exists = cursor.take("IF", "NOT", "EXISTS")
    name = effect.schema.find_new(cursor.qualified())
    there = effect.schema.relations.get(name)
    if there is not None and there.known:
        cursor.until()
        said = f"{name} is there already"
        return effect.harmless(said) if exists else effect.unjudged(f"{said}: this fails")
    if cursor.take("PARTITION", "OF"):
        cursor.until()
        return effect.harmless("a partition is empty to begin with")
    made = effect.put(Relation(Table(name, (), ()), logged=logged))
    if cursor.sees("(", "LIKE") or cursor.sees("LIKE"):
        return _like(cursor, effect, name, logged=logged)
    if not cursor.sees("(") or cursor.sees("(", "SELECT"):
        return _selected(cursor, effect, name)
    return _told(_body(cursor, made, name), effect, name)


def _told(made: Effect, before: Effect, name: TableName) -> Effect:
    """Keep what a new table is; what its parts would say of an old one counts for nothing."""
    told = replace(made, notes=before.notes)
    if name in before.schema.source.tables:
        return told
    return told.harmless(f"{name} is not captured until the source's `tables` name it")


def _body(cursor: Cursor, effect: Effect, name: TableName) -> Effect:
    cursor.expect("(")
    while not cursor.take(")"):
        relation = effect.schema.relations[name]
        if cursor.sees_one(_CONSTRAINTS):
            effect = constraints.add_constraint(cursor, effect, relation)
        elif cursor.mysql and cursor.sees_one(_INDEXES):
            cursor.until(",")
        elif cursor.take("LIKE"):
            cursor.until(",")
            effect = effect.put(replace(relation, known=False))
        else:
            effect = add(effect, relation, read_definition(cursor, effect.schema))
        if not cursor.sees(")"):
            cursor.expect(",")
    inherits = cursor.take("INHERITS")
    if inherits:
        effect = _child(effect, cursor.names(), name)
    cursor.until()
    return effect


def _child(effect: Effect, parents: tuple[str, ...], name: TableName) -> Effect:
    for one in parents:
        parent = effect.schema.get((one,))
        if parent is not None:
            effect = effect.put(replace(parent, children=(*parent.children, str(name))))
    return effect.put(replace(effect.schema.relations[name], known=False))


def _like(cursor: Cursor, effect: Effect, name: TableName, *, logged: bool) -> Effect:
    bracket = cursor.take("(")
    cursor.expect("LIKE")
    other = effect.schema.get(cursor.qualified())
    rest = [one.word for one in cursor.until(")")]
    if bracket:
        cursor.expect(")")
    cursor.until()
    if other is None:
        return _told(effect.put(Relation(Table(name, (), ()), known=False)), effect, name)
    keyed = cursor.mysql or "ALL" in rest or "INDEXES" in rest
    table = replace(other.table, name=name)
    if not keyed:
        table = replace(table, primary_key=(), unique=())
    made = Relation(
        table=table,
        key_name=f"{name.name}_pkey" if keyed else "",
        unique_names=tuple(default_names(name.name, one) for one in table.unique),
        logged=logged,
    )
    return _told(effect.put(made), effect, name)


def _selected(cursor: Cursor, effect: Effect, name: TableName) -> Effect:
    cursor.until()
    return _told(effect.put(Relation(Table(name, (), ()), known=False)), effect, name)


def drop_table(cursor: Cursor, effect: Effect) -> Effect:
    """Apply DROP TABLE; the words up to TABLE have been read."""
    cursor.take("IF", "EXISTS")
    for written in _listed(cursor):
        name = effect.schema.find(written)
        if name in effect.schema.relations:
            effect = effect.without(name)
        else:
            effect = effect.harmless(f"{name} is not captured")
    cursor.take_one("CASCADE", "RESTRICT")
    return effect


def _listed(cursor: Cursor) -> Iterator[tuple[str, ...]]:
    yield cursor.qualified()
    while cursor.take(","):
        yield cursor.qualified()


def rename_tables(cursor: Cursor, effect: Effect) -> Effect:
    """Apply MySQL's RENAME TABLE a TO b, c TO d."""
    cursor.take_one("TABLE", "TABLES")
    while True:
        old = effect.schema.find(cursor.qualified())
        cursor.expect("TO")
        new = effect.schema.find_new(cursor.qualified())
        relation = effect.schema.relations.get(old) or Relation(Table(old, (), ()), known=False)
        if relation.known or new in effect.schema.source.tables:
            effect = effect.put(replace(relation, table=replace(relation.table, name=new)), old)
        else:
            effect = effect.without(old).harmless(f"{old} is not captured")
        if not cursor.take(","):
            return effect


def truncate(cursor: Cursor, effect: Effect) -> Effect:
    """Tell what TRUNCATE does: an event for each document that is gone or changed."""
    cursor.take("TABLE")
    for written in _truncated(cursor):
        name = effect.schema.find(written)
        relation = effect.schema.relations.get(name)
        if relation is None or relation.origin is None:
            effect = effect.harmless(f"{name} is not captured")
        else:
            effect = effect.events(relation, "all its rows go")
    cursor.until()
    return effect


def _truncated(cursor: Cursor) -> Iterator[tuple[str, ...]]:
    while True:
        cursor.take("ONLY")
        yield cursor.qualified()
        cursor.take("*")
        if not cursor.take(","):
            return


def drop_schema(cursor: Cursor, effect: Effect) -> Effect:
    """Apply DROP SCHEMA; without CASCADE it fails where there is anything in it."""
    cursor.take("IF", "EXISTS")
    gone = set(cursor.names() if cursor.sees("(") else [cursor.name()])
    while cursor.take(","):
        gone.add(cursor.name())
    if not cursor.take("CASCADE"):
        return effect.harmless("it is done only where nothing is in it")
    for name in [one for one in effect.schema.relations if one.schema in gone]:
        effect = effect.without(name)
    return effect
