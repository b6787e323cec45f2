"""ALTER TABLE … ALTER COLUMN."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace

from streammesh.capture.migrations.columns import change, retype
from streammesh.capture.migrations.cursor import Cursor
from streammesh.capture.migrations.effects import NULLABLE, Effect, Note, Verdict
from streammesh.capture.migrations.lexing import Token
from streammesh.capture.migrations.schema import Relation
from streammesh.capture.migrations.types import read_type

_STORAGE = ("STATISTICS", "STORAGE", "COMPRESSION", "(", "VISIBLE", "INVISIBLE")


def alter_column(cursor: Cursor, effect: Effect, relation: Relation) -> Effect:
    """Apply what follows ALTER.

    Raises:
        Unread: it has a part that is not known.
    """
    if cursor.take_one("CONSTRAINT", "INDEX", "CHECK"):
        cursor.until(",")
        return effect.harmless("values stay as they are")
    cursor.take("COLUMN")
    name = cursor.name()
    if not relation.has(name):
        cursor.until(",")
        return missing(effect, relation, name)
    if cursor.take("TYPE") or cursor.take("SET", "DATA", "TYPE"):
        return _typed(cursor, effect, relation, name)
    if cursor.take("SET"):
        return _set(cursor, effect, relation, name)
    if cursor.take("DROP"):
        return _dropped(cursor, effect, relation, name)
    if cursor.take("ADD", "GENERATED") or cursor.sees_one(("RESTART", "RESET")):
        cursor.until(",")
        return effect.harmless("it is about rows to come")
    raise cursor.unread()


def missing(effect: Effect, relation: Relation, name: str) -> Effect:
    """Say that a column is not there."""
    known = [*(one.name for one in relation.table.columns), *relation.excluded]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f" (it has {near[0]})" if near else ""
    words = f"{relation.name} has no column {name}{hint}: this fails"
    return effect.note(Note(Verdict.UNJUDGED, words, relation.origin))


def _typed(cursor: Cursor, effect: Effect, relation: Relation, name: str) -> Effect:
    printed = read_type(cursor)
    if cursor.take("COLLATE"):
        cursor.qualified()
        effect = effect.values(relation, name, "which texts are the same may change: its collation")
    using = ""
    if cursor.take("USING"):
        using = written(cursor.until(","))
    return retype(effect, relation, name, printed, using)


def written(tokens: Iterable[Token]) -> str:
    """Give words as one text, about as they were written."""
    said, end = "", -1
    for one in tokens:
        text = f"'{one.text}'" if one.kind == "string" else one.text
        said += text if one.start == end or not said else f" {text}"
        end = one.end
    return said


def _set(cursor: Cursor, effect: Effect, relation: Relation, name: str) -> Effect:
    if cursor.take("NOT", "NULL"):
        changed = change(relation, name, lambda one: replace(one, nullable=False))
        return effect.put(changed).harmless("what was never NULL is required now")
    if cursor.take("DEFAULT"):
        cursor.until(",")
        return effect.harmless("existing rows stay as they are; rows to come have it")
    if cursor.take("EXPRESSION"):
        cursor.until(",")
        return effect.values(relation, name, "it is computed anew for all rows")
    if cursor.sees_one(_STORAGE):
        cursor.until(",")
        return effect.harmless("how it is stored says nothing to a model")
    if cursor.sees_one(("GENERATED", "INCREMENT", "START", "RESTART", "CACHE")):
        cursor.until(",")
        return effect.harmless("it is about rows to come")
    raise cursor.unread()


def _dropped(cursor: Cursor, effect: Effect, relation: Relation, name: str) -> Effect:
    if cursor.take("NOT", "NULL"):
        before = relation.table.column(name)
        if before is not None and not before.nullable:
            effect = effect.values(relation, name, NULLABLE, events=True)
        return effect.put(change(relation, name, lambda one: replace(one, nullable=True)))
    if cursor.take("DEFAULT") or cursor.take("IDENTITY"):
        cursor.take("IF", "EXISTS")
        return effect.harmless("existing rows stay as they are")
    if cursor.take("EXPRESSION"):
        cursor.take("IF", "EXISTS")
        kept = {k: v for k, v in relation.generated.items() if k != name}
        return effect.put(replace(relation, generated=kept)).harmless("its values stay")
    raise cursor.unread()
