"""CAST: only where both engine and database give the same, and never fail."""

from __future__ import annotations

from streammesh.contracts.types import (
    Array,
    Boolean,
    Date,
    Decimal,
    Integer,
    Json,
    Record,
    Text,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.models.literals import coerced, null
from streammesh.models.meanings.call import Call, Unfit
from streammesh.models.numbers import (
    digits_of,
    is_number,
    is_wide,
    numeric,
    scale_of,
    scaled,
    scaled_bound,
    widened,
)
from streammesh.models.printing import canonical, cast_target
from streammesh.models.storage import is_fast
from streammesh.models.values import Value

CASTS = (
    ("integer", "a wider integer, decimal, text", "decimal: one with room for all its digits"),
    ("decimal", "a decimal with at least its decimals and digits, text", "text: `12.50`"),
    ("text", "text", ""),
    ("boolean", "text", "`true`, `false`"),
    ("date, uuid", "text", "as in a document"),
    ("timestamp without time zone", "date, text", "text as in a document"),
    ("timestamp with time zone", "text", "in UTC, as in a document"),
    ("text constant", "date, time, timestamp, uuid", "checked when the model is compiled"),
    ("NULL", "any plain type", ""),
)
"""(from, to, note): what the docs list."""


def cast(call: Call, target: Type) -> Value:
    """Give a value as another type.

    Raises:
        Unfit: when that could fail, or differ between engine and database.
    """
    (value,) = call.values
    if value.type is None:
        return null(target)
    if (constant := coerced(value, target)) is not None:
        return constant
    if value.type == target:
        return value
    match target:
        case Text(None) if not isinstance(value.type, Json | Record | Array):
            return _to_text(call, value)
        case Integer() | Decimal() if is_number(value):
            return _to_number(call, value, target)
        case Date() if value.type == Timestamp(zone=False):
            engine = f"substr({value.engine}, 1, 10)"
            return call.result(target, engine, f"({value.database})::date")
        case _:
            raise Unfit("that cast could fail, or differ between engine and database")


def _to_number(call: Call, value: Value, target: Integer | Decimal) -> Value:
    lost = scale_of(value.type) - scale_of(target)
    whole = digits_of(target) - scale_of(target)
    if lost > 0 or digits_of(value.type) - scale_of(value.type) > whole:
        raise Unfit("the cast could lose digits: a narrower type belongs in the contract")
    scale = scale_of(target)
    database = f"({value.database})::{cast_target(target)}"
    if isinstance(target, Integer):
        return call.result(target, value.engine, database, value.bound)
    if is_fast(target) and not is_wide(value):
        bound = scaled_bound(value, scale)
        return call.result(target, scaled(value, scale), numeric(value), bound)
    return call.result(target, widened(value, scale), numeric(value))


def _to_text(call: Call, value: Value) -> Value:
    database = f"({canonical(value)})::text"
    match value.type:
        case Boolean():
            yes = f"CASE {value.engine} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
            return call.result(Text(), yes, database)
        case Integer():
            return call.result(Text(), f"CAST({value.engine} AS TEXT)", database)
        case Decimal():
            return call.result(Text(), widened(value), database)
        case Text() | Uuid() | Date() | Timestamp():
            return call.result(Text(), value.engine, database)
        case _:
            raise Unfit("it has no text form here")
