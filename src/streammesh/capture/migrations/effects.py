"""What one statement does to the tables, and what there is to say of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from streammesh.capture.migrations.schema import Relation, Schema
from streammesh.documents.values import TableName

NULLABLE = "it may be NULL from now on; where rows are joined by it, such a row finds none"
"""What is said of a column that was never NULL before."""


class Verdict(enum.IntEnum):
    """What a change means for those who read the products; the greater, the worse."""

    HARMLESS = 0
    CHANGES = 1
    UNJUDGED = 2
    BREAKS = 3


@dataclass(frozen=True)
class Note:
    """Something to say of a statement.

    Attributes:
        verdict: how bad.
        words: what it is.
        table: the table that it is about, as it was called before; None for none that is captured.
        column: its column, as it was called before; empty for the whole table.
        events: whether it makes events, rather than changing values without any.
    """

    verdict: Verdict
    words: str
    table: TableName | None = None
    column: str = ""
    events: bool = False


@dataclass(frozen=True)
class Effect:
    """What a statement does.

    Attributes:
        schema: the tables after it.
        notes: what there is to say beside the tables.
        keys_unsure: tables whose primary key or unique constraint it may drop: their names are not
            known.
        unique_unsure: the same of unique indexes alone.
    """

    schema: Schema
    notes: tuple[Note, ...] = ()
    keys_unsure: tuple[TableName, ...] = ()
    unique_unsure: tuple[TableName, ...] = ()

    def note(self, note: Note) -> Effect:
        """Give it with one more thing to say."""
        return replace(self, notes=(*self.notes, note))

    def harmless(self, words: str) -> Effect:
        """Give it with something harmless to say."""
        return self.note(Note(Verdict.HARMLESS, words))

    def unjudged(self, words: str) -> Effect:
        """Give it with something that can't be judged."""
        return self.note(Note(Verdict.UNJUDGED, words))

    def values(
        self, relation: Relation, column: str, words: str, *, events: bool = False
    ) -> Effect:
        """Give it with values that change, of the whole table where no column is named."""
        if relation.origin is None:
            return self
        old = relation.old_name(column) if column else ""
        return self.note(Note(Verdict.CHANGES, words, relation.origin, old, events))

    def events(self, relation: Relation, words: str, column: str = "") -> Effect:
        """Give it with rows that change, of which every reader is told by events."""
        old = relation.old_name(column) if column else ""
        return self.note(Note(Verdict.HARMLESS, words, relation.origin, old, events=True))

    def put(self, relation: Relation, before: TableName | None = None) -> Effect:
        """Give it with a table that is new, changed, or was called otherwise before."""
        return replace(self, schema=self.schema.put(relation, before))

    def without(self, name: TableName) -> Effect:
        """Give it without a table."""
        return replace(self, schema=self.schema.without(name))

    def worst(self) -> Schema:
        """Give the tables as they are if what can't be known is what models rely on."""
        schema = self.schema
        for name in (*self.keys_unsure, *self.unique_unsure):
            relation = schema.relations.get(name)
            if relation is not None:
                table = replace(relation.table, unique=())
                if name in self.keys_unsure:
                    table = replace(table, primary_key=())
                schema = schema.put(replace(relation, table=table, unique_names=()))
        return schema
