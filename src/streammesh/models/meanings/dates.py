"""Dates and times; what has a time zone is read in UTC, whatever the session's is."""

from __future__ import annotations

from dataclasses import replace

from streammesh.contracts.types import Date, Integer, Time, Timestamp
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.values import Cause, Value

_DAY_PARTS = {
    "year": "CAST(substr({a}, 1, 4) AS INTEGER)",
    "month": "CAST(substr({a}, 6, 2) AS INTEGER)",
    "day": "CAST(substr({a}, 9, 2) AS INTEGER)",
    "quarter": "((CAST(substr({a}, 6, 2) AS INTEGER) + 2) / 3)",
    "week": "CAST(strftime('%V', substr({a}, 1, 10)) AS INTEGER)",
    "isoyear": "CAST(strftime('%G', substr({a}, 1, 10)) AS INTEGER)",
    "doy": "CAST(strftime('%j', substr({a}, 1, 10)) AS INTEGER)",
    "dow": "CAST(strftime('%w', substr({a}, 1, 10)) AS INTEGER)",
    "isodow": "CAST(strftime('%u', substr({a}, 1, 10)) AS INTEGER)",
}
_CLOCK_PARTS = {"hour": -14, "minute": -11, "second": -8}
"""Where two digits stand, from the end of a time without its zone's mark."""

_NAMES = {"dayofyear": "doy", "dayofweek": "dow", "weekday": "dow", "weekofyear": "week"}
_UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
_BEYOND = Cause("beyond the years 1 to 9999 it is NULL")


def _local(value: Value) -> str:
    """Give the database's SQL of a moment as a time without zone, in UTC."""
    if value.type == Timestamp(zone=True):
        return f"({value.database} AT TIME ZONE 'UTC')"
    return value.database


def _part(call: Call) -> Value:
    (value,) = call.values
    unit = call.options[0]
    unit = _NAMES.get(unit, unit.removesuffix("s") if unit != "s" else unit)
    days = isinstance(value.type, Date | Timestamp)
    if days and unit in _DAY_PARTS:
        engine = _DAY_PARTS[unit].format(a=value.engine)
    elif isinstance(value.type, Time | Timestamp) and unit in _CLOCK_PARTS:
        # HH:MM:SS.ffffff stands at the end, with Z behind it where there is a zone
        at = _CLOCK_PARTS[unit] - 1 - (value.type == Timestamp(zone=True))
        engine = f"CAST(substr({value.engine}, {at}, 2) AS INTEGER)"
    else:
        known = (*_DAY_PARTS, *_CLOCK_PARTS)
        raise Unfit(f"it takes {', '.join(known)}; of a date the first nine, of a time the others")
    database = f"floor(extract({unit} FROM {_local(value)}))::integer"
    return call.result(Integer(32), engine, database)


def _truncated(call: Call) -> Value:
    (value,) = call.values
    unit = call.options[0]
    if not isinstance(value.type, Date | Timestamp) or unit not in _UNITS:
        raise Unfit(f"it takes a date or timestamp, and one of {', '.join(_UNITS)}")
    engine = f"mesh_trunc({value.engine}, '{unit}')"
    if isinstance(value.type, Date):
        database = f"date_trunc('{unit}', {value.database}::timestamp)::date"
    elif value.type == Timestamp(zone=True):
        database = f"(date_trunc('{unit}', {_local(value)}) AT TIME ZONE 'UTC')"
    else:
        database = f"date_trunc('{unit}', {value.database})"
    return call.result(value.type, engine, database)


def moved(call: Call, sign: str) -> Value:
    """Give a date some days on or back, or the days between two dates.

    Raises:
        Unfit: for anything else.
    """
    left, right = call.values
    if isinstance(left.type, Date) and isinstance(right.type, Date) and sign == "-":
        engine = f"mesh_days({left.engine}, {right.engine})"
        return call.result(Integer(32), engine, f"({left.database} - {right.database})")
    if not isinstance(left.type, Date) or not isinstance(right.type, Integer):
        raise Unfit("it takes numbers; a date and days (an integer), or two dates: CAST(… AS DATE)")
    forth = f"(- {right.engine})" if sign == "-" else right.engine
    engine = f"mesh_move({left.engine}, {forth})"
    low, high = (f"(DATE '{day}' - {left.database})" for day in ("0001-01-01", "9999-12-31"))
    days = f"(- {right.database}::bigint)" if sign == "-" else f"{right.database}::bigint"
    there = f"{left.database} + {days}::integer"
    database = f"(CASE WHEN {days} BETWEEN {low} AND {high} THEN {there} END)"
    value = call.result(left.type, engine, database)
    return replace(value, nulls=(*value.nulls, _BEYOND))


EXTRACT = Meaning(
    "extract(part FROM a)",
    _part,
    "year, quarter, month, week (ISO), isoyear, day, doy, dow (Sunday is 0), isodow (Monday is 1)"
    " of a date or timestamp; hour, minute, second of a time or timestamp",
    "integer",
    "of a timestamp with time zone in UTC; seconds are whole; also `year(a)`,"
    " `date_part('year', a)`",
)
DATE_TRUNC = Meaning(
    "date_trunc('unit', a)",
    _truncated,
    "year, quarter, month, week (Monday), day, hour, minute, second; a date or timestamp",
    "the type of a",
    "of a timestamp with time zone in UTC",
)
