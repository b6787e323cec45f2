"""Indexes, types, domains, publications: what stands beside the tables."""

from __future__ import annotations

from dataclasses import replace

from streammesh.capture.migrations import constraints
from streammesh.capture.migrations.alter_table import drop_index_of
from streammesh.capture.migrations.columns import Definition, drop, read_constraints, typed
from streammesh.capture.migrations.cursor import Cursor, Name
from streammesh.capture.migrations.effects import Effect, Note, Verdict
from streammesh.capture.migrations.schema import Relation, Schema
from streammesh.capture.migrations.types import is_built_in, read_type

OURS = "mesh_"
"""What the names of publications and slots that streammesh makes begin with."""


def create_index(cursor: Cursor, effect: Effect, *, unique: bool) -> Effect:
    """Apply CREATE INDEX; the words up to INDEX have been read."""
    cursor.take("CONCURRENTLY")
    cursor.take("IF", "NOT", "EXISTS")
    name = "" if cursor.sees("ON") else cursor.name()
    if cursor.take("USING"):
        cursor.name()
    cursor.expect("ON")
    cursor.take("ONLY")
    relation = effect.schema.get(cursor.qualified())
    if cursor.take("USING"):
        cursor.name()
    if relation is None or not unique:
        cursor.until()
        return effect.harmless("an index says nothing to a model")
    columns = cursor.names()
    partial = "WHERE" in [one.word for one in cursor.until()]
    if not partial:
        effect = constraints.add_unique(effect, relation, columns, name)
    return effect.harmless("no values change; what breaks it is refused from now on")


def drop_index(cursor: Cursor, effect: Effect) -> Effect:
    """Apply DROP INDEX; the words up to INDEX have been read."""
    cursor.take("CONCURRENTLY")
    cursor.take("IF", "EXISTS")
    names = [cursor.qualified()]
    while cursor.take(","):
        names.append(cursor.qualified())
    if cursor.take("ON"):
        relation = effect.schema.get(cursor.qualified())
        cursor.until()
        if relation is None:
            return effect.harmless("its table is not captured")
        return drop_index_of(effect, relation, names[0][-1])
    cursor.take_one("CASCADE", "RESTRICT")
    for one in names:
        effect = _drop_index(effect, one)
    return effect


def _drop_index(effect: Effect, name: Name) -> Effect:
    for relation in effect.schema.relations.values():
        found = constraints.drop_unique(effect, relation, name[-1])
        if found is not None:
            return found
    every = tuple(effect.schema.relations)
    return replace(effect, unique_unsure=(*effect.unique_unsure, *every))


def alter_index(cursor: Cursor, effect: Effect) -> Effect:
    """Apply ALTER INDEX; the words up to INDEX have been read."""
    cursor.take("IF", "EXISTS")
    old = cursor.qualified()[-1]
    if cursor.take("RENAME", "TO"):
        new = cursor.name()
        for relation in effect.schema.relations.values():
            effect = constraints.rename_constraint(effect, relation, old, new)
    cursor.until()
    return effect.harmless("an index says nothing to a model")


# --- types


def create_type(cursor: Cursor, effect: Effect) -> Effect:
    """Apply CREATE TYPE."""
    name = type_name(cursor.qualified())
    enum = cursor.take("AS", "ENUM")
    cursor.until()
    schema = effect.schema
    if enum:
        schema = replace(schema, enums=schema.enums | {name})
    return replace(effect, schema=schema).harmless("no column has it yet")


def type_name(name: Name) -> str:
    """Give a type as it is printed: without the schema that is looked up anyway."""
    return ".".join(name[1:] if name[0] == "public" else name)


def alter_type(cursor: Cursor, effect: Effect) -> Effect:
    """Apply ALTER TYPE, which for an enum gives or renames one of its labels.

    Raises:
        Unread: it has a part that is not known.
    """
    name = type_name(cursor.qualified())
    if cursor.take("ADD", "VALUE"):
        exists = cursor.take("IF", "NOT", "EXISTS")
        label = cursor.string()
        cursor.until()
        words = f"a new value may come: '{label}'{' (unless it is there)' if exists else ''}"
        return _users(effect, name, words, events=True)
    if cursor.take("RENAME", "VALUE"):
        old = cursor.string()
        cursor.expect("TO")
        return _users(
            effect, name, f"'{old}' becomes '{cursor.string()}' in all rows, without events"
        )
    if cursor.take("RENAME", "TO"):
        return _called(effect, name, cursor.name())
    if cursor.take("SET", "SCHEMA"):
        schema = cursor.name()
        bare = name.rpartition(".")[2]
        return _called(effect, name, bare if schema == "public" else f"{schema}.{bare}")
    if cursor.take("OWNER", "TO"):
        cursor.until()
        return effect.harmless("an owner says nothing to a model")
    raise cursor.unread()


def _columns_of(schema: Schema, name: str) -> list[tuple[Relation, str]]:
    """Give the columns of a type, lists of it and domains over it included."""
    return [
        (relation, column.name)
        for relation in schema.relations.values()
        for column in relation.table.columns
        if name in (column.database_type.partition("[")[0], column.base.partition("[")[0])
    ]


def _users(effect: Effect, name: str, words: str, *, events: bool = False) -> Effect:
    found = _columns_of(effect.schema, name)
    for relation, column in found:
        effect = effect.values(relation, column, words, events=events)
    return effect if found else effect.harmless("no captured column has it")


def _called(effect: Effect, old: str, new: str) -> Effect:
    schema = effect.schema
    enums = frozenset(new if one == old else one for one in schema.enums)
    domains = {new if k == old else k: v for k, v in schema.domains.items()}
    for relation in schema.relations.values():
        columns = tuple(
            replace(one, database_type=new) if one.database_type == old else one
            for one in relation.table.columns
        )
        schema = schema.put(replace(relation, table=replace(relation.table, columns=columns)))
    effect = replace(effect, schema=replace(schema, enums=enums, domains=domains))
    return effect.harmless("its values stay as they are")


def drop_type(cursor: Cursor, effect: Effect) -> Effect:
    """Apply DROP TYPE or DROP DOMAIN; with CASCADE the columns of it go."""
    cursor.take("IF", "EXISTS")
    names = [type_name(cursor.qualified())]
    while cursor.take(","):
        names.append(type_name(cursor.qualified()))
    if not cursor.take("CASCADE"):
        cursor.take("RESTRICT")
        return effect.harmless("it is done only where no column has it")
    for name in names:
        for relation, column in _columns_of(effect.schema, name):
            effect = drop(effect, effect.schema.relations[relation.name], column)
    return effect


def create_domain(cursor: Cursor, effect: Effect) -> Effect:
    """Apply CREATE DOMAIN."""
    name = type_name(cursor.qualified())
    cursor.take("AS")
    base = read_type(cursor)
    read_constraints(cursor, Definition(typed(name, base, effect.schema, nullable=True)))
    schema = replace(effect.schema, domains={**effect.schema.domains, name: base})
    effect = replace(effect, schema=schema)
    if base in schema.enums:
        words = f"Debezium does not start where there is a domain over an enum ({name})"
        return effect.note(Note(Verdict.BREAKS, words))
    if not is_built_in(base) and base not in schema.domains:
        return effect.unjudged(f"if {base} is an enum, Debezium does not start with the domain")
    return effect.harmless("no column has it yet")


def alter_domain(cursor: Cursor, effect: Effect) -> Effect:
    """Apply ALTER DOMAIN."""
    name = type_name(cursor.qualified())
    if cursor.take("RENAME", "TO"):
        return _called(effect, name, cursor.name())
    cursor.until()
    return effect.harmless("existing values stay as they are")


# --- publications


def publication(cursor: Cursor, effect: Effect) -> Effect:
    """Tell what ALTER or DROP PUBLICATION means; the words up to PUBLICATION have been read."""
    cursor.take("IF", "EXISTS")
    names = [cursor.name()]
    while cursor.take(","):
        names.append(cursor.name())
    cursor.until()
    ours = [one for one in names if one.startswith(OURS)]
    if not ours:
        return effect.harmless("it is not streammesh's")
    words = f"{ours[0]} is what streammesh captures by: changes are lost or never come"
    return effect.note(Note(Verdict.BREAKS, words))
