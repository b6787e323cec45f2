"""Aggregates: what gathers the rows of a sub-select."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Decimal,
    Integer,
    Json,
    Record,
    Text,
    Uuid,
)
from streammesh.models.inexact import is_inexact
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.meanings.comparison import check_printed
from streammesh.models.numbers import (
    MAX_CHECKED_SCALE,
    is_column,
    is_number,
    is_wide,
    may_be_nan,
    scale_of,
    wide_type,
    widened,
    with_nan,
)
from streammesh.models.storage import FAST_DIGITS
from streammesh.models.values import LIMIT, Cause, Value

_EMPTY = Cause("over no rows it is NULL", empty=True)
_FILTERED = Cause("over no rows it is NULL")
_SAFE = 10**12
"""SQLite's sum stays exact for nine million numbers up to this magnitude."""


def _count(call: Call) -> Value:
    argument = call.values[0] if call.values else Value(None, "*", "*")
    if call.distinct and isinstance(argument.type, Json | Record | Array):
        raise Unfit("DISTINCT takes values that can be compared")
    engine = call.gather("count", argument.engine, 0)
    database = call.gather("count", argument.database, 1)
    return Value(Integer(64), engine, database, refs=argument.refs, bound=LIMIT)


def _sum(call: Call) -> Value:
    (value,) = call.values
    if not is_number(value):
        raise Unfit("it takes integers and decimals")
    scale = scale_of(value.type)
    database = call.gather("sum", value.database, 1)
    exact = call.exact or call.distinct
    if is_wide(value) or scale > MAX_CHECKED_SCALE or (exact and value.bound >= _SAFE):
        engine = call.gather("mesh_sum", widened(value), 0)
        return or_null(call, call.result(wide_type(scale), engine, database))
    whole = isinstance(value.type, Integer)
    kind = Integer(64) if whole else Decimal(FAST_DIGITS, scale)
    engine = _fast_sum(call, value)
    engine = with_nan(engine, value) if call.exact else engine
    return or_null(call, call.result(kind, engine, database, _sum_bound(value)))


def _sum_bound(value: Value) -> int:
    return LIMIT if value.bound < _SAFE else LIMIT + 1


def _fast_sum(call: Call, value: Value) -> str:
    """Sum in two halves where SQLite's own sum could leave 64 bits and fail."""
    number = value.engine
    if value.bound < _SAFE:
        return call.gather("sum", number, 0)
    high = call.gather("sum", f"{number} >> 32", 0)
    low = call.gather("sum", f"{number} & 4294967295", 0)
    halves = f"({high} * 4294967296 + {low})"
    if value.bound <= LIMIT and is_column(value) and not may_be_nan(value):
        return halves
    # what is computed may be a float for other reasons: an integer cast from NaN
    kind = call.gather("max", f"typeof({number})", 0)
    return f"CASE {kind} WHEN 'real' THEN {call.gather('total', number, 0)} ELSE {halves} END"


def _extreme(function: str) -> Callable[[Call], Value]:
    def compute(call: Call) -> Value:
        (value,) = call.values
        if value.type is None or isinstance(value.type, Json | Record | Array):
            raise Unfit("it takes values that have an order")
        check_printed(value)
        call = replace(call, distinct=False)
        as_text = is_wide(value) or is_inexact(value.type)
        name = f"mesh_{function}" if as_text else function
        engine = call.gather(name, value.engine, 0)
        if may_be_nan(value) and not call.exact and not is_column(value):
            # NaN in a computation may have become a number that is not the greatest
            kind = call.gather("max", f"typeof({value.engine})", 0)
            engine = f"CASE {kind} WHEN 'real' THEN 1e300 ELSE {engine} END"
        found = call.result(value.type, engine, _greatest(call, function), value.bound)
        return or_null(call, found)

    return compute


def _greatest(call: Call, function: str) -> str:
    """Give the database's minimum or maximum, also of types for which it has none."""
    (value,) = call.values
    match value.type:
        case Text():
            return call.gather(function, f'{value.database} COLLATE "C"', 1)
        case Uuid():
            shown = f'{value.database}::text COLLATE "C"'
            return f"({call.gather(function, shown, 1)})::uuid"
        case Bytes():
            shown = f"encode({value.database}, 'hex') COLLATE \"C\""
            return f"decode({call.gather(function, shown, 1)}, 'hex')"
        case Boolean():
            return call.gather({"min": "bool_and", "max": "bool_or"}[function], value.database, 1)
        case _:
            return call.gather(function, value.database, 1)


def _all(function: str) -> Callable[[Call], Value]:
    """TRUE is the greater boolean: all are true where the least is."""

    def compute(call: Call) -> Value:
        (value,) = call.values
        if not isinstance(value.type, Boolean):
            raise Unfit("it takes a boolean; compare the value with something")
        return _extreme(function)(call)

    return compute


def or_null(call: Call, value: Value) -> Value:
    """Let an aggregate's result be NULL over no rows, beside what makes its argument NULL."""
    empty = _FILTERED if any(call.among) else _EMPTY
    return replace(value, nulls=(empty, *value.nulls))


_ORDERED = "numbers, text, boolean, date, time, timestamp, uuid, bytes"
COUNT = Meaning("count(*), count(a), count(DISTINCT a)", _count, "anything", "bigint, never NULL")
SUM = Meaning(
    "sum(a), sum(DISTINCT a)",
    _sum,
    "integers, decimals",
    "bigint of integers; else decimal(18,s), over 6 decimals decimal(38,s)",
    "exact; a sum beyond that is a violation; NULL over no rows",
)
MIN = Meaning("min(a)", _extreme("min"), _ORDERED, "the same type", "NULL over no rows")
MAX = Meaning("max(a)", _extreme("max"), _ORDERED, "the same type", "NULL over no rows")
ALL = Meaning("bool_and(a)", _all("min"), "a boolean", "boolean", "NULL over no rows; also `every`")
ANY = Meaning("bool_or(a)", _all("max"), "a boolean", "boolean", "NULL over no rows")
