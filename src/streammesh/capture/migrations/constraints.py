"""Keys and constraints of tables, and unique indexes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from streammesh.capture.migrations.columns import change, read_reference
from streammesh.capture.migrations.cursor import Cursor
from streammesh.capture.migrations.effects import Effect, Note, Verdict
from streammesh.capture.migrations.schema import Relation, default_names

_NO_KEY = re.compile(r"_(fkey|check|excl|not_null)\d*\Z|\A(fk|ck|chk|check)_", re.IGNORECASE)
"""What databases and people call constraints that are no keys."""


def add_constraint(cursor: Cursor, effect: Effect, relation: Relation) -> Effect:
    """Read a table's constraint, behind ADD or in CREATE TABLE.

    Raises:
        Unread: it has a part that is not known.
    """
    name = ""
    if cursor.take("CONSTRAINT") and not cursor.sees_one(("PRIMARY", "UNIQUE", "FOREIGN", "CHECK")):
        name = cursor.name()
    if cursor.take("PRIMARY", "KEY"):
        effect = _primary(cursor, effect, relation, name)
    elif cursor.take("UNIQUE"):
        effect = _unique(cursor, effect, relation, name)
    elif cursor.take("FOREIGN", "KEY"):
        if not cursor.sees("("):
            cursor.name()
        cursor.names()
        cursor.expect("REFERENCES")
        read_reference(cursor)
        effect = effect.harmless("a foreign key says nothing to a model")
    elif cursor.take("CHECK"):
        cursor.brackets()
        effect = effect.harmless("existing values stay as they are")
    elif cursor.take("EXCLUDE"):
        cursor.until(",")
    elif cursor.take("NOT", "NULL"):
        column = cursor.name()
        effect = effect.put(change(relation, column, lambda one: replace(one, nullable=False)))
    else:
        raise cursor.unread()
    _behind(cursor)
    return effect


def _behind(cursor: Cursor) -> None:
    """Go past what stands behind a constraint; a deferrable key was looked at before."""
    while not cursor.done and not cursor.sees(",") and not cursor.sees(")"):
        if cursor.take("NOT") or cursor.take("NO"):
            cursor.next()
        elif cursor.take("INCLUDE"):
            cursor.names()
        elif cursor.take("USING"):
            cursor.take("INDEX", "TABLESPACE")
            cursor.name()
        elif cursor.take("COMMENT"):
            cursor.string()
        elif not cursor.take_one("DEFERRABLE", "VALID", "INHERIT", "ENFORCED"):
            cursor.expect("INITIALLY")
            cursor.next()


def _primary(cursor: Cursor, effect: Effect, relation: Relation, name: str) -> Effect:
    if cursor.take("USING", "INDEX"):
        index = cursor.name()
        return _promoted(effect, relation, index)
    if not cursor.sees("("):
        cursor.next()  # MySQL: USING BTREE, or a name
    columns = cursor.names()
    name = name or f"{relation.name.name}_pkey"
    effect = effect.put(_keyed(relation, columns, name))
    captured = relation.name in effect.schema.source.tables
    if cursor.sees("DEFERRABLE") and captured and relation.table.replica_identity == "default":
        words = (
            f"a deferrable key is no replica identity: UPDATE and DELETE on {relation.name} fail"
        )
        effect = effect.note(Note(Verdict.BREAKS, words))
    if relation.origin is not None and relation.table.primary_key not in ((), columns):
        return effect.values(relation, "", "rows are told apart by another key")
    return effect


def _keyed(relation: Relation, columns: tuple[str, ...], name: str) -> Relation:
    found = tuple(
        replace(one, nullable=False) if one.name in columns else one
        for one in relation.table.columns
    )
    table = replace(relation.table, columns=found, primary_key=columns)
    return replace(relation, table=table, key_name=name)


def _promoted(effect: Effect, relation: Relation, index: str) -> Effect:
    """Make a unique index the primary key."""
    found = zip(relation.table.unique, relation.unique_names, strict=True)
    columns = next((one for one, names in found if index in names), None)
    if columns is None:
        return effect.unjudged(f"which columns the index {index} has is not known here")
    return effect.put(_keyed(relation, columns, index))


def _unique(cursor: Cursor, effect: Effect, relation: Relation, name: str) -> Effect:
    cursor.take("NULLS", "DISTINCT") or cursor.take("NULLS", "NOT", "DISTINCT")
    if cursor.take("USING", "INDEX"):
        cursor.name()
        return effect.harmless("the index is unique already")
    cursor.take_one("KEY", "INDEX")
    if not cursor.sees("("):
        name = cursor.name()
    columns = cursor.names()
    immediate = not cursor.sees("DEFERRABLE")
    return add_unique(effect, relation, columns, name) if immediate else effect


def add_unique(effect: Effect, relation: Relation, columns: tuple[str, ...], name: str) -> Effect:
    """Make columns unique; an expression among them (an empty name) makes nothing unique."""
    if not all(relation.table.column(one) for one in columns):
        return effect
    names = frozenset({name}) if name else default_names(relation.name.name, columns)
    table = replace(relation.table, unique=(*relation.table.unique, columns))
    return effect.put(replace(relation, table=table, unique_names=(*relation.unique_names, names)))


def drop_constraint(effect: Effect, relation: Relation, name: str) -> Effect:
    """Drop a constraint by its name."""
    if name == relation.key_name:
        return drop_primary(effect, relation)
    found = drop_unique(effect, relation, name)
    if found is not None:
        return found
    if _NO_KEY.search(name):
        return effect.harmless(f"by its name, {name} is no key")
    return replace(effect, keys_unsure=(*effect.keys_unsure, relation.name))


def drop_primary(effect: Effect, relation: Relation) -> Effect:
    """Drop the primary key."""
    return effect.put(replace(relation, table=replace(relation.table, primary_key=()), key_name=""))


def drop_unique(effect: Effect, relation: Relation, name: str) -> Effect | None:
    """Drop a unique constraint or index; None when the table has none that can be called so."""
    pairs = list(zip(relation.table.unique, relation.unique_names, strict=True))
    kept = [(one, names) for one, names in pairs if name not in names]
    if len(kept) == len(pairs):
        return None
    table = replace(relation.table, unique=tuple(one for one, _ in kept))
    return effect.put(replace(relation, table=table, unique_names=tuple(n for _, n in kept)))


def rename_constraint(effect: Effect, relation: Relation, old: str, new: str) -> Effect:
    """Give a constraint or index another name."""

    def called(names: Iterable[str]) -> frozenset[str]:
        return frozenset({new}) if old in names else frozenset(names)

    key = new if old == relation.key_name else relation.key_name
    names = tuple(called(one) for one in relation.unique_names)
    return effect.put(replace(relation, key_name=key, unique_names=names))
