"""Aggregates: what gathers the rows of a sub-select."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from streammesh.contracts.types import Date, Decimal, Integer, Text, Time, Timestamp
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.numbers import (
    MAX_CHECKED_SCALE,
    is_number,
    is_wide,
    scale_of,
    wide_type,
    widened,
)
from streammesh.models.storage import FAST_DIGITS
from streammesh.models.values import LIMIT, Cause, Value

_EMPTY = Cause("over no rows it is NULL")
_SAFE = 10**12
"""SQLite's sum stays exact for nine million numbers up to this magnitude."""


def _count(call: Call) -> Value:
    argument = call.values[0] if call.values else Value(None, "*", "*")
    engine, database = f"count({argument.engine})", f"count({argument.database})"
    return Value(Integer(64), engine, database, refs=argument.refs, bound=LIMIT)


def _sum(call: Call) -> Value:
    (value,) = call.values
    if not is_number(value):
        raise Unfit("it takes integers and decimals")
    scale = scale_of(value.type)
    database = f"sum({value.database})"
    if is_wide(value) or scale > MAX_CHECKED_SCALE or (call.exact and value.bound >= _SAFE):
        engine = f"mesh_sum({widened(value)})"
        return _or_null(call.result(wide_type(scale), engine, database))
    whole = isinstance(value.type, Integer)
    kind = Integer(64) if whole else Decimal(FAST_DIGITS, scale)
    return _or_null(call.result(kind, _fast_sum(value), database, _sum_bound(value)))


def _sum_bound(value: Value) -> int:
    return LIMIT if value.bound < _SAFE else LIMIT + 1


def _fast_sum(value: Value) -> str:
    """Sum in two halves where SQLite's own sum could leave 64 bits and fail."""
    number = value.engine
    if value.bound < _SAFE:
        return f"sum({number})"
    halves = f"(sum({number} >> 32) * 4294967296 + sum({number} & 4294967295))"
    if value.bound <= LIMIT:
        return halves
    return f"CASE max(typeof({number})) WHEN 'real' THEN total({number}) ELSE {halves} END"


def _extreme(function: str) -> Callable[[Call], Value]:
    def compute(call: Call) -> Value:
        (value,) = call.values
        engine, database = f"{function}({value.engine})", f"{function}({value.database})"
        if is_wide(value):
            engine = f"mesh_{function}({value.engine})"
        elif isinstance(value.type, Text):
            database = f'{function}({value.database} COLLATE "C")'
        elif not is_number(value) and not isinstance(value.type, Date | Time | Timestamp):
            raise Unfit("it takes numbers, texts, dates and times")
        return _or_null(call.result(value.type, engine, database, value.bound))

    return compute


def _or_null(value: Value) -> Value:
    return replace(value, nulls=(_EMPTY,))


_ORDERED = "numbers, text, date, time, timestamp"
COUNT = Meaning("count(*), count(a)", _count, "anything", "bigint, never NULL")
SUM = Meaning(
    "sum(a)",
    _sum,
    "integers, decimals",
    "bigint of integers; else decimal(18,s), over 6 decimals decimal(38,s)",
    "exact; a sum beyond that is a violation; NULL over no rows",
)
MIN = Meaning("min(a)", _extreme("min"), _ORDERED, "the same type", "NULL over no rows")
MAX = Meaning("max(a)", _extreme("max"), _ORDERED, "the same type", "NULL over no rows")
