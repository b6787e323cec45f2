"""Whether a source can still be captured as its file says, after a migration's statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from streammesh.capture.migrations.schema import Relation, Schema
from streammesh.capture.publication import PUBLISHES_GENERATED
from streammesh.documents.values import TableName
from streammesh.errors import Location


@dataclass(frozen=True)
class Obstacle:
    """What keeps a source from being captured.

    Attributes:
        what: in words.
        table: the table, as it was called before the migration.
        place: where the source's file says otherwise.
        fix: what to do in the same release.
    """

    what: str
    table: TableName | None
    place: Location | None = field(default=None, compare=False)
    fix: str = field(default="", compare=False)


def obstacles(schema: Schema) -> frozenset[Obstacle]:
    """Give what keeps the source from being captured with its tables as they are now."""
    found = [*_missing(schema), *_exclusions(schema)]
    for name in schema.source.tables:
        relation = schema.relations.get(name)
        if relation is not None and relation.known:
            found += _of_table(schema, relation)
    return frozenset(found)


def _file(schema: Schema) -> str:
    return schema.source.where.file.rpartition("/")[2]


def _missing(schema: Schema) -> Iterator[Obstacle]:
    source = schema.source
    for number, name in enumerate(source.tables):
        if name in schema.relations:
            continue
        moved = next((one for one in schema.relations.values() if one.origin == name), None)
        place = source.places.get(f"tables[{number}]") or source.where
        if moved is None:
            fix = f"keep it, or take it out of `tables` of {_file(schema)} with all that reads it"
            yield Obstacle(f"table {name} is gone", name, place, fix)
        else:
            fix = f"in the same release, write {moved.name} in `tables` of {_file(schema)}"
            yield Obstacle(f"table {name} is {moved.name} now", name, place, fix)


def _exclusions(schema: Schema) -> Iterator[Obstacle]:
    source = schema.source
    for number, column in enumerate(source.exclude):
        name, _, old = column.rpartition(".")
        schema_name, _, table = name.partition(".")
        origin = TableName(schema_name, table)
        relation = next((one for one in schema.relations.values() if one.origin == origin), None)
        if relation is None:
            continue  # the table is gone, which is told already
        new = next((now for now, was in relation.excluded.items() if was == old), None)
        place = source.places.get(f"exclude[{number}]") or source.where
        if new is None:
            fix = f"in the same release, take {column} out of `exclude` of {_file(schema)}"
            yield Obstacle(f"the excluded column {column} is gone", origin, place, fix)
        elif f"{relation.name}.{new}" != column:
            fix = (
                f"in the same release, write {relation.name}.{new} in `exclude` of {_file(schema)}"
            )
            said = f"the excluded {column} would be captured as {relation.name}.{new}"
            yield Obstacle(said, origin, place, fix)


def _of_table(schema: Schema, relation: Relation) -> Iterator[Obstacle]:
    table, name = relation.table, relation.name
    known = relation.origin
    if not relation.logged:
        fix = "keep it logged: changes of an unlogged table never reach the log"
        yield Obstacle(f"{name} is unlogged", known, fix=fix)
    if not table.primary_key:
        fix = "give it a primary key in the same transaction"
        yield Obstacle(f"{name} has no primary key", known, fix=fix)
    if table.replica_identity == "nothing":
        fix = f"ALTER TABLE {name} REPLICA IDENTITY DEFAULT"
        yield Obstacle(f"{name} has no replica identity: UPDATE and DELETE fail", known, fix=fix)
    if relation.children:
        fix = "capture the child tables, each as a table of its own"
        yield Obstacle(f"{', '.join(relation.children)} inherits from {name}", known, fix=fix)
    for column, kind in relation.generated.items():
        if kind == "v" or 0 < schema.server_version < PUBLISHES_GENERATED:
            words = "virtual: its values are never written" if kind == "v" else "not published"
            fix = f"in the same release, add {name}.{column} to `exclude` of {_file(schema)}"
            yield Obstacle(f"{name}.{column} is generated, and {words}", known, fix=fix)
    yield from _alike(relation)


def _alike(relation: Relation) -> Iterator[Obstacle]:
    known: dict[str, str] = {}
    for one in relation.table.columns:
        first = known.setdefault(one.name.lower(), one.name)
        if first != one.name:
            words = f"{first} and {one.name} of {relation.name} differ in the case of letters only"
            yield Obstacle(words, relation.origin, fix="give one of them another name")
        if any(mark in one.name for mark in '"\\'):
            words = f"the name {one.name!r} can't be read by Debezium"
            yield Obstacle(words, relation.origin, fix="give the column another name")
