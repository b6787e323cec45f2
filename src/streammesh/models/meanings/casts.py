"""CAST: only where both engine and database give the same, and never fail."""

from __future__ import annotations

from dataclasses import replace

from streammesh.contracts.types import (
    Array,
    Boolean,
    Date,
    Decimal,
    Float,
    Integer,
    Json,
    Numeric,
    Record,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.models.inexact import decimal_sql
from streammesh.models.literals import coerced, null
from streammesh.models.meanings.call import Call, Unfit
from streammesh.models.meanings.dates import local, within
from streammesh.models.meanings.rounding import rounded
from streammesh.models.numbers import (
    digits_of,
    is_column,
    is_number,
    is_wide,
    numeric,
    scale_of,
    scaled,
    scaled_bound,
    widened,
)
from streammesh.models.printing import canonical, cast_target
from streammesh.models.storage import FAST_DIGITS, is_fast
from streammesh.models.values import Cause, Value, type_bound

CASTS = (
    ("integer", "integer, decimal, text", "to a type with room for all its digits"),
    (
        "decimal",
        "decimal, integer, text",
        "to a type with room for all its digits before the point; decimals are rounded, halves"
        " away from zero; text: `12.50`",
    ),
    (
        "numeric without precision, real, double precision",
        "decimal",
        "rounded, halves away from zero; what does not fit is a violation where it is published;"
        " of a real the first 6 digits count, of a double precision the first 15",
    ),
    ("text", "text", "`varchar(n)` is refused, since it would cut: `left(a, n)`"),
    ("boolean", "text", "`true`, `false`"),
    ("date, time, uuid", "text", "as in a document"),
    ("date", "timestamp without time zone", "at midnight"),
    ("timestamp without time zone", "date, text", "text as in a document"),
    ("timestamp with time zone", "date, timestamp without time zone, text", "in UTC"),
    ("text constant", "date, time, timestamp, uuid, integer, decimal", "checked at once"),
    (
        "text, by TRY_CAST",
        "integer, decimal",
        "NULL unless the text is a number that fits, and nothing else: a sign or none, at most 18"
        " digits; for a decimal digits with a point or none, at most 19 characters",
    ),
    ("NULL", "any plain type", ""),
)
"""(from, to, note): what the docs list."""


def cast(call: Call, target: Type) -> Value:  # noqa: PLR0911 - one line per kind
    """Give a value as another type.

    Raises:
        Unfit: when that could fail, or differ between engine and database.
    """
    (value,) = call.values
    if value.type is None:
        return null(target)
    if (constant := coerced(value, target)) is not None:
        return constant
    if value.type == target and not value.printed:
        return value
    match value.type, target:
        case _, Text(None) if not isinstance(value.type, Json | Record | Array):
            return to_text(value)
        case _, Integer() | Decimal() if is_number(value):
            return _to_number(call, value, target)
        case ((Numeric() | Float()), Decimal()):
            return call.result(target, *decimal_sql(value, target))
        case ((Date() | Timestamp()), (Date() | Timestamp())):
            return _to_moment(call, value, target)
        case Text(), Integer() | Decimal():
            raise Unfit("a text may be no number: TRY_CAST(… AS …) gives NULL then")
        case _:
            raise Unfit("that cast could fail, or differ between engine and database")


def try_cast(call: Call, target: Type) -> Value:
    """Give a text as a number, or NULL when it is none; any other cast as CAST does it.

    Raises:
        Unfit: when that has no one meaning.
    """
    (value,) = call.values
    if not isinstance(value.type, Text) or not isinstance(target, Integer | Decimal):
        return cast(call, target)
    if not isinstance(target, Integer) and not is_fast(target):
        raise Unfit(f"it takes decimals of at most {FAST_DIGITS} digits")
    scale, bound = scale_of(target), type_bound(target)
    whole = isinstance(target, Integer)
    engine = f"mesh_number({value.engine}, {scale}, {int(whole)}, {bound})"
    pattern = "^[+-]?[0-9]{1,18}$" if whole else "^[+-]?(?=.{1,19}$)[0-9]+([.][0-9]+)?$"
    number = f"round({value.database}::numeric, {scale})"
    # the pattern is looked at first: CASE computes nothing that it doesn't give
    least = f"-{bound + 1}" if whole else f"-{_limit(bound, scale)}"
    fits = f"{number} BETWEEN {least} AND {_limit(bound, scale)}"
    given = f"{number}::{cast_target(target)}"
    like = f"{value.database} COLLATE \"C\" ~ '{pattern}'"
    database = f"CASE WHEN {like} THEN CASE WHEN {fits} THEN {given} END END"
    found = call.result(target, engine, f"({database})")
    return replace(found, nulls=(*value.nulls, Cause("TRY_CAST gives NULL for what is no number")))


def _limit(bound: int, scale: int) -> str:
    digits = str(bound).rjust(scale + 1, "0")
    return f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits


def _to_number(call: Call, value: Value, target: Integer | Decimal) -> Value:
    lost = scale_of(value.type) - scale_of(target)
    whole = digits_of(value.type) - scale_of(value.type)
    if digits_of(target) - scale_of(target) < whole + (lost > 0):
        fits = f"decimal({whole + (lost > 0) + scale_of(target)},{scale_of(target)})"
        raise Unfit(
            f"it could be too great for that. Leave the cast away, since the contract's type is"
            f" checked for each document; or cast to {fits}"
        )
    if lost > 0:
        found = rounded(call, value, scale_of(target), "round", target)
        given = found.database
        if isinstance(target, Integer):
            given = f"nullif({given}, 'NaN')"
            found = replace(found, engine=_no_nan(found.engine))
        return replace(found, database=f"({given})::{cast_target(target)}")
    scale = scale_of(target)
    database = f"({value.database})::{cast_target(target)}"
    if isinstance(target, Integer):
        if isinstance(value.type, Decimal):
            database = f"nullif({value.database}, 'NaN')::{cast_target(target)}"
        engine = value.engine
        if is_wide(value):
            engine = f"mesh_round({value.engine}, {scale_of(value.type)}, 0, 'round', 'fast')"
        if isinstance(value.type, Decimal):
            engine = _no_nan(engine)
        return call.result(target, engine, database, value.bound)
    if is_fast(target) and not is_wide(value):
        engine, bound = scaled(value, scale, exact=call.exact), scaled_bound(value, scale)
        return call.result(target, engine, numeric(value), bound)
    if is_fast(target):
        engine = f"mesh_round({value.engine}, {scale_of(value.type)}, {scale}, 'round', 'fast')"
        return call.result(target, engine, numeric(value))
    return call.result(target, widened(value, scale), numeric(value))


def _no_nan(engine: str) -> str:
    """No integer is NaN: NULL stands for it."""
    return f"nullif({engine}, 1e300)"


def _to_moment(call: Call, value: Value, target: Type) -> Value:
    name, kind = {
        Date(): ("mesh_date", "date"),
        Timestamp(zone=False): ("mesh_local", "timestamp"),
    }.get(target, ("", ""))
    if not name:
        raise Unfit("a time zone would have to be supposed")
    database = within(value, f"{local(value)}::{kind}")
    return call.result(target, f"{name}({value.engine})", database)


def to_text(value: Value) -> Value:
    """Give a value as text: as CAST to text does.

    Raises:
        Unfit: when it has no text form.
    """
    call = Call((value,))
    database = f"({canonical(value)})::text"
    match value.type:
        case Boolean():
            yes = f"CASE {value.engine} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
            return call.result(Text(), yes, database)
        case Integer():
            written = f"CAST({value.engine} AS TEXT)"
            # what can't be computed is a float, whose digits no text may have
            engine = written if is_column(value) else f"mesh_digits({value.engine})"
            return call.result(Text(), engine, database)
        case Decimal():
            own = scale_of(value.type)
            engine = f"mesh_written({value.engine}, {own})"
            return call.result(Text(), engine, database)
        case Text():
            return replace(value, printed="")
        case Uuid() | Time():
            return call.result(Text(), value.engine, database)
        case Date() | Timestamp():
            return call.result(Text(), f"mesh_shown({value.engine})", database)
        case _:
            raise Unfit("it has no text form here: texts, numbers, booleans, dates, times have")
