"""Answers from the database's statistics, where counting would take too long; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from streammesh.documents.values import TableName
from streammesh.models.compiled import Hop
from streammesh.models.tables import Table
from streammesh.planning.sizes.questions import unique
from streammesh.planning.sizes.values import Largest, Question


@dataclass(frozen=True)
class ColumnStatistics:
    """What ANALYZE found in a column (PostgreSQL's `pg_stats`).

    Attributes:
        distinct: how many different values; negative: that part of the rows, as PostgreSQL has it.
        most_common: the most common value as text; None when none is more common than others.
        frequency: the part of the rows that has it.
    """

    distinct: float
    most_common: str | None
    frequency: float


Statistics = Mapping[tuple[TableName, str], ColumnStatistics]


@dataclass(frozen=True)
class _Rows:
    """How many rows of a table have the same value in some columns."""

    usual: float
    most: float
    value: str | None


def estimate(
    question: Question, tables: Mapping[TableName, Table], statistics: Statistics
) -> Largest | None:
    """Answer a question: the most at one step of the path, the usual at the others.

    Returns:
        The answer; None when the statistics say nothing.
    """
    found = _steps(question, tables, statistics)
    if any(one is None for one in found):
        return None
    steps = [one for one in found if one is not None]
    products = [
        one.most * prod(other.usual for other in steps if other is not one) for one in steps
    ]
    count = max(products)
    value = steps[0].value if products.index(count) == 0 else None
    known = value is not None and _names_the_key(question)
    return Largest(
        kind=question.kind,
        table=question.path.table,
        field=question.field,
        count=max(1, round(count)),
        key=(str(value),) if known else (),
    )


def _steps(
    question: Question, tables: Mapping[TableName, Table], statistics: Statistics
) -> list[_Rows | None]:
    hops = question.path.hops
    if question.kind == "fan-out":
        return [_rows(tables[hop.table], hop.to_columns, statistics) for hop in hops]
    starts = (question.path.table, *(hop.table for hop in hops[:-1]))
    return [
        _rows(tables[start], hop.from_columns, statistics)
        for start, hop in zip(starts, hops, strict=True)
    ]


def _names_the_key(question: Question) -> bool:
    """Tell whether the value of the first step is the key that the answer names."""
    hop: Hop = question.path.hops[0]
    if question.kind == "fan-out":
        return hop.from_columns == question.table_key and len(hop.from_columns) == 1
    return hop.to_columns == question.root_key and len(question.path.hops) == 1


def _rows(table: Table, columns: tuple[str, ...], statistics: Statistics) -> _Rows | None:
    if unique(table, columns):
        return _Rows(1, 1, None)
    found = [
        _of_column(table, one)
        for one in (statistics.get((table.name, name)) for name in columns)
        if one is not None
    ]
    if not found or table.estimated_rows < 0:
        return None
    return min(found, key=lambda one: one.most)


def _of_column(table: Table, one: ColumnStatistics) -> _Rows:
    rows = max(1, table.estimated_rows)
    distinct = one.distinct if one.distinct > 0 else -one.distinct * rows
    usual = rows / max(1.0, distinct)
    return _Rows(usual, max(usual, one.frequency * rows), one.most_common)
