"""SQL for both sides, and how a sub-select is put together from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streammesh.contracts.types import Array, Json, Record
from streammesh.models import printing
from streammesh.models.values import Value


@dataclass(frozen=True)
class Printed:
    """SQL for engine and database."""

    engine: str
    database: str

    @classmethod
    def of(cls, value: Value) -> Printed:
        """Give a value's SQL."""
        return cls(value.engine, value.database)

    @classmethod
    def all_of(cls, conditions: Sequence[Printed]) -> Printed | None:
        """Give the condition that holds where all of several do; None when there are none."""
        if len(conditions) <= 1:
            return conditions[0] if conditions else None
        sides = zip(*map(cls.sides, conditions), strict=True)
        engine, database = (" AND ".join(side) for side in sides)
        return cls(engine, database)

    def sides(self) -> tuple[str, str]:
        """Give both."""
        return self.engine, self.database


Rows = tuple[Printed, list[Printed], Printed | None]


def select_text(value: str, side: str, rows: Rows, tail: Printed) -> str:
    """Give a sub-select in brackets, for one side."""
    first, joins, where = rows
    parts = [f"SELECT {value} FROM {getattr(first, side)}"]
    parts += [getattr(join, side) for join in joins]
    if where is not None:
        parts.append(f"WHERE {getattr(where, side)}")
    return f"({' '.join(parts)}{getattr(tail, side)})"


def first_rows(value: Value, rows: Rows) -> tuple[str, str]:
    """Give the list of the first elements: the rows are limited before they are gathered.

    Args:
        value: the list, with `first` of its elements, ordered by `terms`.
        rows: FROM and WHERE.
    """
    element = value.element
    if element is None:
        raise TypeError("a list without an element")
    given = "json(e)" if isinstance(element.type, Record | Array | Json) else "e"
    engine, engine_order = _limited(value, element.engine, "engine", rows)
    database, database_order = _limited(value, printing.canonical(element), "database", rows)
    gathered = f"nullif(json_group_array({given} ORDER BY {engine_order}), '[]')"
    return (
        f"(SELECT {gathered} FROM {engine} AS first_rows)",
        f"(SELECT json_agg(e ORDER BY {database_order}) FROM {database} AS first_rows)",
    )


def _limited(value: Value, element: str, side: str, rows: Rows) -> tuple[str, str]:
    """Give the first rows of one side, and the order in which to gather them again."""
    terms = [term[0 if side == "engine" else 1] for term in value.terms]
    columns = [f"{element} AS e", *(f"{base} AS o{at}" for at, (base, _) in enumerate(terms))]
    ordered = ", ".join(base + suffix for base, suffix in terms)
    tail = f" ORDER BY {ordered} LIMIT {value.first}"
    again = ", ".join(f"o{at}{suffix}" for at, (_, suffix) in enumerate(terms))
    return select_text(", ".join(columns), side, rows, Printed(tail, tail)), again
