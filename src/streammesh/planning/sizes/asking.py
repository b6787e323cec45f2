"""Ask PostgreSQL how large documents get: bounded in time, and never an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from typing import Any

import psycopg
from psycopg import Connection

from streammesh.documents.values import TableName
from streammesh.models.compiled import CompiledModel
from streammesh.models.tables import Table
from streammesh.planning.sizes.estimates import ColumnStatistics, Statistics, estimate
from streammesh.planning.sizes.queries import counting, read_tables, sizing
from streammesh.planning.sizes.questions import questions
from streammesh.planning.sizes.values import Document, Largest, Question, Sizes
from streammesh.platform.database import Limits

LIMITS = Limits(lock_seconds=1.0, statement_seconds=3.0)
"""For one question."""

ALL_SECONDS = 15.0
"""For all questions of one source; what is left then is not asked."""

COUNTED_ROWS = 2_000_000
"""Tables with more rows together are not counted, their statistics are read."""

_STATISTICS = """
SELECT schemaname::text, tablename::text, attname::text, n_distinct,
       (most_common_vals::text::text[])[1], coalesce(most_common_freqs[1], 0)
  FROM pg_stats
 WHERE (schemaname || '.' || tablename) = ANY(%s)
 ORDER BY inherited
"""


class Asking:
    """One session with a source's database, for the questions of several models."""

    def __init__(self, connection: Connection[Any], tables: Iterable[Table]) -> None:
        """Begin.

        Args:
            connection: read-only, in autocommit, limited by `LIMITS`.
            tables: of the source.
        """
        self._connection = connection
        self._tables: Mapping[TableName, Table] = {one.name: one for one in tables}
        self._statistics: Statistics | None = None
        self._answers: dict[str, Largest] = {}
        self._deadline = monotonic() + ALL_SECONDS

    def sizes(self, model: CompiledModel) -> Sizes:
        """Answer all questions of one model."""
        answers = tuple(self._answer(one) for one in questions(model, self._tables))
        return Sizes(answers, self._document(model, answers))

    def _answer(self, question: Question) -> Largest:
        query = counting(question)
        if query not in self._answers:
            self._answers[query] = self._found(question, query)
        return self._answers[query]

    def _found(self, question: Question, query: str) -> Largest:
        unknown = Largest(question.kind, question.path.table, question.field)
        if monotonic() > self._deadline:
            reason = f"not asked: the database was busy with such questions for {ALL_SECONDS:.0f} s"
            return _replaced(unknown, reason)
        try:
            counted = self._count(question, query) if self._small(question) else None
            found = counted or self._estimate(question)
        except psycopg.Error as error:
            return _replaced(unknown, _reason(error))
        return found or _replaced(unknown, "the tables are large and have no statistics: ANALYZE")

    def _small(self, question: Question) -> bool:
        """Tell whether counting is cheap; unknown sizes are tried."""
        known = (self._tables[name].estimated_rows for name in read_tables(question))
        return sum(max(0, rows) for rows in known) <= COUNTED_ROWS

    def _count(self, question: Question, query: str) -> Largest | None:
        """Count; None when that takes too long."""
        kind, table, field = question.kind, question.path.table, question.field
        try:
            row = self._connection.execute(query.encode()).fetchone()
        except psycopg.errors.QueryCanceled:
            return None
        if row is None:
            return Largest(kind, table, field, 0, exact=True)
        return Largest(kind, table, field, int(row[1]), tuple(row[0]), exact=True)

    def _estimate(self, question: Question) -> Largest | None:
        if self._statistics is None:
            self._statistics = self._read_statistics()
        return estimate(question, self._tables, self._statistics)

    def _read_statistics(self) -> Statistics:
        names = [str(one) for one in self._tables]
        return {
            (TableName(schema, table), column): ColumnStatistics(distinct, value, frequency)
            for schema, table, column, distinct, value, frequency in self._connection.execute(
                _STATISTICS, (names,)
            )
        }

    def _document(self, model: CompiledModel, answers: Sequence[Largest]) -> Document | None:
        """Measure the document with the longest list, if it is known and the time suffices."""
        lists = [one for one in answers if one.kind == "list" and one.key]
        if not lists or monotonic() > self._deadline or not self._keyed_by_rows(model):
            return None
        key = max(lists, key=lambda one: one.count).key
        parameters = {f"k{number}": part for number, part in enumerate(key)}
        try:
            row = self._connection.execute(sizing(model).encode(), parameters).fetchone()
        except psycopg.Error:
            return None
        return None if row is None or row[0] is None else Document(key, int(row[0]))

    def _keyed_by_rows(self, model: CompiledModel) -> bool:
        """Tell whether a document's key is that of its row, with no constant of a SELECT in it."""
        return all(
            tuple(part.column for part in one.key) == self._tables[one.root].primary_key
            for one in model.branches
        )


def _replaced(one: Largest, reason: str) -> Largest:
    return Largest(one.kind, one.table, one.field, reason=reason)


def _reason(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.QueryCanceled):
        return f"the database took longer than {LIMITS.statement_seconds:.0f} s"
    return " ".join((error.diag.message_primary or str(error)).split())
