"""A migrated database held against the present one, where no statements say what became of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from streammesh.capture.migrations.effects import Verdict
from streammesh.deployments.forms import grown
from streammesh.documents.values import Source, TableName, Workspace
from streammesh.models.tables import Table
from streammesh.planning.migrations.breaking import Breaking, new_errors
from streammesh.planning.migrations.models import Reader, Tables, readers
from streammesh.planning.migrations.renaming import Renamed
from streammesh.planning.migrations.values import (
    Consumers,
    Impact,
    Judged,
    Judgement,
    nobody_known,
)
from streammesh.planning.tables import table_changes


def compare(
    workspace: Workspace,
    source: Source,
    present: Iterable[Table],
    migrated: Iterable[Table],
    *,
    consumers: Consumers = nobody_known,
) -> Judgement:
    """Say what a migrated database means for the products of a source, table by table.

    Args:
        workspace: the files.
        source: the database that is migrated.
        present: its captured tables as they stand.
        migrated: the same of the migrated database.
        consumers: who relies on a product's field.
    """
    old = {one.name: one for one in present}
    new = {one.name: one for one in migrated}
    found = readers(workspace, source, old.values())
    differing = [name for name in old if name not in new or _form(old[name]) != _form(new[name])]
    other = [name for name in differing if name not in new or not grown(old[name], new[name])]
    statements = [
        Judged(
            None, _told(old, new, name), tuple(_impacts(found.products, old, new, name, consumers))
        )
        for name in differing
    ]
    notes = ["a column that was renamed looks like one that is gone and one that is new"]
    return Judgement(
        file="the migrated database",
        source=f"{source.domain}.{source.name}",
        statements=tuple(statements),
        read_anew=tuple(str(one) for one in differing if one in new),
        waiting=tuple(one.label for one in found.products if one.tables.intersection(other)),
        notes=tuple(notes if differing else []),
    )


def _form(table: Table) -> object:
    return (table.columns, table.primary_key, frozenset(table.unique))


def _told(old: Tables, new: Tables, name: TableName) -> str:
    before, after = [old[name]], [new[name]] if name in new else []
    changes = [f"{one.symbol} {one.text}" for one in table_changes(before, after)]
    return ", ".join(changes) or f"~ unique constraints of {name}"


def _impacts(
    products: Iterable[Reader], old: Tables, new: Tables, name: TableName, consumers: Consumers
) -> Iterator[Impact]:
    alone = {key: new.get(key, one) if key == name else one for key, one in old.items()}
    if name not in new:
        del alone[name]
    for reader in products:
        breaking = Breaking(reader, Renamed({}, {}), consumers)
        errors = new_errors(reader.errors(old), reader.errors(alone))
        yield from (breaking.impact(one) for one in errors)
        if not errors and name in new:
            yield from _changed(reader, old[name], new[name])


def _changed(reader: Reader, old: Table, new: Table) -> Iterator[Impact]:
    for column in old.columns:
        now = new.column(column.name)
        if now is None or now.database_type == column.database_type:
            continue
        fields = ", ".join(reader.fields(old.name, column.name))
        if reader.reads(old.name, column.name):
            how = f"{column.database_type} → {now.database_type}"
            of = f"field {fields}" if fields else f"{old.name}.{column.name}"
            words = f"{of}: values may have changed: {how}"
            yield Impact(Verdict.CHANGES, reader.label, words, field=fields)
