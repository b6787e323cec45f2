"""A migration held against the products: what breaks, what changes, what is harmless.

Every statement is judged by itself: the models are compiled over the tables before and after it,
under the names that columns had before the migration, so that what an earlier statement renamed is
no error of a later one. What a later statement mends is told as no break.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from streammesh.capture.migrations.applying import Step, apply
from streammesh.capture.migrations.capturable import obstacles
from streammesh.capture.migrations.effects import Note, Verdict
from streammesh.capture.migrations.schema import Schema, schema_of
from streammesh.capture.migrations.statements import Migration
from streammesh.deployments.forms import grown
from streammesh.documents.values import Source, TableName, Workspace
from streammesh.errors import MeshError
from streammesh.errors.models import UnknownTable
from streammesh.models.tables import Table
from streammesh.planning.migrations.breaking import Breaking, new_errors
from streammesh.planning.migrations.models import Reader, Readers, readers
from streammesh.planning.migrations.renaming import Renamed, renamed
from streammesh.planning.migrations.values import (
    Consumers,
    Impact,
    Judged,
    Judgement,
    nobody_known,
)

LATER = ", until a later statement mends it"


def judge(  # noqa: PLR0913 - files, tables, and what there is to know of both
    workspace: Workspace,
    source: Source,
    tables: Iterable[Table],
    migration: Migration,
    *,
    server_version: int = 0,
    consumers: Consumers = nobody_known,
) -> Judgement:
    """Say what a migration means for the products of a source.

    Args:
        workspace: the files.
        source: the database that is migrated.
        tables: its captured tables as they stand.
        migration: the statements.
        server_version: major version of the database's server; 0 when not known.
        consumers: who relies on a product's field.

    Raises:
        MigrationSyntax: a statement begins with a word that begins none.
    """
    begin = schema_of(source, tables, server_version)
    steps = list(apply(migration, begin))
    end = steps[-1].effect.schema if steps else begin
    judging = _Judging(readers(workspace, source, begin.captured().values()), end, consumers)
    found = [judging.statement(one) for one in steps]
    changed = _read_anew(begin, end)
    waited_for = [one for one in changed if not _only_grown(begin, end, one)]
    judging.make_sure(found)
    notes = [
        f"{who} does not fit the tables as they are, and is not judged: {error.what}"
        for who, error in judging.readers.unfit
    ]
    if migration.left_out is not None:
        notes.append(f"what takes the migration back is left out, from {migration.left_out}")
    return Judgement(
        file=migration.path,
        source=f"{source.domain}.{source.name}",
        statements=tuple(found),
        read_anew=tuple(map(str, changed)),
        unseen=tuple(map(str, _unseen(steps, end, changed))),
        waiting=tuple(
            one.label for one in judging.readers.products if one.tables.intersection(waited_for)
        ),
        notes=tuple(notes),
    )


class _Judging:
    """Judges statement by statement, knowing what the tables are like in the end."""

    def __init__(self, found: Readers, end: Schema, consumers: Consumers) -> None:
        self.readers = found
        self.label = f"{end.source.domain}.{end.source.name}"
        self.end = end
        self.last = obstacles(end)
        self.broken = {one.label for one in found.products if one.errors(end.captured())}
        self.consumers = consumers

    def statement(self, step: Step) -> Judged:
        """Say what a statement means."""
        impacts = [*self._breaks(step), *self._hindered(step)]
        for note in step.effect.notes:
            impacts += self._noted(note)
        if not any(one.verdict is Verdict.BREAKS for one in impacts):
            impacts += self._unsure(step)
        told = _most_telling(impacts)
        return Judged(step.statement.where, step.statement.text, tuple(told))

    def make_sure(self, found: list[Judged]) -> None:
        """Tell at the last statement what breaks by several of them together."""
        told = {each.who for one in found for each in one.impacts if each.verdict is Verdict.BREAKS}
        for reader in self.readers.products:
            if reader.label in self.broken and reader.label not in told and found:
                breaking = Breaking(reader, Renamed({}, {}), self.consumers)
                errors = reader.errors(self.end.captured())
                impacts = (breaking.impact(one) for one in errors)
                found[-1] = replace(found[-1], impacts=(*impacts, *found[-1].impacts))

    def _breaks(self, step: Step) -> Iterator[Impact]:
        before, after = step.before.as_before(), step.effect.schema.as_before()
        called = renamed(step.before, step.effect.schema)
        if before == after and not called.names:
            return
        for reader in self.readers.products:
            known = reader.errors(before)
            errors = [*new_errors(known, reader.errors(called.tables(step.before)))]
            errors += new_errors([*known, *errors], reader.errors(after))
            breaking = Breaking(reader, called, self.consumers)
            for one in errors:
                impact = breaking.impact(one)
                yield impact if self._lasts(reader, one) else self._mended(reader, impact)

    def _lasts(self, reader: Reader, error: MeshError) -> bool:
        """Tell whether an error is there in the end; one of a table hides others."""
        if reader.label not in self.broken:
            return False
        final = (
            *reader.errors(self.end.captured()),
            *reader.errors(self.end.as_before()),
        )
        hidden = any(isinstance(one, UnknownTable) for one in final)
        return hidden or not new_errors(final, [error])

    def _mended(self, reader: Reader, impact: Impact) -> Impact:
        """Tell a break that is none in the end; what has the old name may be something else."""
        others = self._replaced(reader)
        if not others:
            return _changing(impact, LATER)
        return _changing(impact, f", and in the end it is made of another {', '.join(others)}")

    def _replaced(self, reader: Reader) -> list[str]:
        """Give the columns and tables that a product reads which are not those it read before."""
        found = []
        for name, columns in reader.model.columns:
            relation = self.end.relations.get(name)
            if relation is None or relation.origin != name:
                found.append(str(name))
            else:
                origins = relation.columns_from
                found += [f"{name}.{one}" for one in columns if origins.get(one) != one]
        return found

    def _hindered(self, step: Step) -> Iterator[Impact]:
        old = obstacles(step.before)
        for one in sorted(obstacles(step.effect.schema) - old, key=lambda each: each.what):
            impact = Impact(Verdict.BREAKS, self.label, one.what, place=one.place, fix=one.fix)
            lasting = any(one.table == other.table for other in self.last)
            yield impact if lasting else _changing(impact, LATER)

    def _noted(self, note: Note) -> Iterator[Impact]:
        if note.verdict is Verdict.BREAKS:
            yield Impact(note.verdict, self.label, note.words)
            return
        if note.verdict is Verdict.UNJUDGED:
            yield Impact(note.verdict, "", note.words)
            return
        told = False
        for reader in self.readers.products:
            if note.table is None or not reader.reads(note.table, note.column):
                continue
            told = True
            yield self._for_reader(note, reader)
        if not told:
            where = _where(note)
            calm = Verdict.HARMLESS if note.verdict is Verdict.CHANGES else note.verdict
            nobody = ": no product reads it" if where else ""
            yield Impact(calm, "", f"{where}{note.words}{nobody}")

    def _for_reader(self, note: Note, reader: Reader) -> Impact:
        assert note.table is not None  # noqa: S101 - told by the caller
        fields = reader.fields(note.table, note.column) if note.column else ()
        of = f"field {', '.join(fields)}: " if fields else _where(note)
        silent = note.verdict is Verdict.CHANGES
        if note.events:
            more = "" if silent else ": an event for each document that changes"
        else:
            more = ": no event tells it" if silent else ""
        relying = self.consumers(reader.port, fields[0] if len(fields) == 1 else "")
        return Impact(
            note.verdict,
            reader.label,
            f"{of}{note.words}{more}",
            field=", ".join(fields),
            consumers=tuple(relying),
        )

    def _unsure(self, step: Step) -> Iterator[Impact]:
        """Say what may be relied on among what a statement drops by a name that is not known."""
        effect = step.effect
        if not effect.keys_unsure and not effect.unique_unsure:
            return
        now, worst = effect.schema, effect.worst()
        hindered = obstacles(worst) - obstacles(now)
        relying = [
            one.label
            for one in self.readers.products
            if new_errors(one.errors(now.as_before()), one.errors(worst.as_before()))
        ]
        if relying or hindered:
            who = ", ".join(relying) or self.label
            verb = "rely" if len(relying) > 1 else "relies"
            words = f"by its name alone it may be a key, on which {who} {verb}"
            yield Impact(Verdict.UNJUDGED, "", words)
        else:
            yield Impact(Verdict.HARMLESS, "", "no product relies on it")


def _where(note: Note) -> str:
    if note.table is None:
        return ""
    return f"{note.table}.{note.column}: " if note.column else f"{note.table}: "


def _changing(impact: Impact, words: str) -> Impact:
    return replace(impact, verdict=Verdict.CHANGES, what=f"{impact.what}{words}", fix="")


def _most_telling(impacts: Sequence[Impact]) -> list[Impact]:
    """Leave out what says less than another: harmless words beside worse ones, and repetitions."""
    unique = list(dict.fromkeys(impacts))
    worse = [one for one in unique if one.verdict is not Verdict.HARMLESS]
    return sorted(worse or unique, key=lambda one: -one.verdict)


def _read_anew(begin: Schema, end: Schema) -> list[TableName]:
    """Give the tables that are captured in another form than before, under their old names."""
    old, new, now = begin.as_before(), end.as_before(), end.captured()
    return [
        name
        for name, table in old.items()
        if (name in now and end.relations[name].origin != name)
        or (
            name in new
            and (_form(table) != _form(new[name]) or _called(begin, name) != _called(end, name))
        )
    ]


def _only_grown(begin: Schema, end: Schema, name: TableName) -> bool:
    """Tell whether nothing but columns more is what makes a table another one."""
    old, new, now = begin.as_before(), end.as_before(), end.captured()
    if name not in new or name not in now or end.relations[name].origin != name:
        return False
    columns = {one.name for one in now[name].columns}
    kept = all(one.name in columns for one in old[name].columns)
    return kept and grown(old[name], new[name])


def _unseen(steps: Iterable[Step], end: Schema, seen: Sequence[TableName]) -> list[TableName]:
    """Give the tables whose values change without an event or another form."""
    left = end.as_before()
    noted = (
        note.table
        for step in steps
        for note in step.effect.notes
        if note.verdict is Verdict.CHANGES and not note.events and note.table in left
    )
    return [one for one in dict.fromkeys(noted) if one is not None and one not in seen]


def _form(table: Table) -> object:
    return (table.columns, table.primary_key)


def _called(schema: Schema, origin: TableName) -> object:
    found = next((one for one in schema.relations.values() if one.origin == origin), None)
    return None if found is None else (found.name, [one.name for one in found.table.columns])
