"""Dates and times; what has a time zone is read in UTC, whatever the session's is."""

from __future__ import annotations

from streammesh.contracts.types import Date, Integer, Time, Timestamp
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.values import Value

_DAY_PARTS = ("year", "quarter", "month", "week", "isoyear", "day", "doy", "dow", "isodow")
_CLOCK_PARTS = ("hour", "minute", "second")
_NAMES = {"dayofyear": "doy", "dayofweek": "dow", "weekday": "dow", "weekofyear": "week"}
_UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")


def within(value: Value, database: str) -> str:
    """Give the database's SQL of what comes from a moment: NULL beyond the years 1 to 9999."""
    if isinstance(value.type, Time):
        return database
    first, last = ("0001-01-01", "10000-01-01")
    zone = "+00" if value.type == Timestamp(zone=True) else ""
    bounds = f"{value.database} >= '{first}{zone}' AND {value.database} < '{last}{zone}'"
    return f"(CASE WHEN {bounds} THEN {database} END)"


def local(value: Value) -> str:
    """Give the database's SQL of a moment as a time without zone, in UTC."""
    if value.type == Timestamp(zone=True):
        return f"({value.database} AT TIME ZONE 'UTC')"
    return value.database


def _part(call: Call) -> Value:
    (value,) = call.values
    unit = call.options[0]
    unit = _NAMES.get(unit, unit.removesuffix("s") if unit != "s" else unit)
    days = isinstance(value.type, Date | Timestamp) and unit in _DAY_PARTS
    if not days and not (isinstance(value.type, Time | Timestamp) and unit in _CLOCK_PARTS):
        known = (*_DAY_PARTS, *_CLOCK_PARTS)
        raise Unfit(f"it takes {', '.join(known)}; of a date the first nine, of a time the others")
    database = within(value, f"floor(extract({unit} FROM {local(value)}))::integer")
    return call.result(Integer(32), f"mesh_part({value.engine}, '{unit}')", database)


def _truncated(call: Call) -> Value:
    (value,) = call.values
    unit = call.options[0]
    if not isinstance(value.type, Date | Timestamp) or unit not in _UNITS:
        raise Unfit(f"it takes a date or timestamp, and one of {', '.join(_UNITS)}")
    engine = f"mesh_trunc({value.engine}, '{unit}')"
    if isinstance(value.type, Date):
        database = f"date_trunc('{unit}', {value.database}::timestamp)::date"
    elif value.type == Timestamp(zone=True):
        database = f"(date_trunc('{unit}', {local(value)}) AT TIME ZONE 'UTC')"
    else:
        database = f"date_trunc('{unit}', {value.database})"
    return call.result(value.type, engine, within(value, database))


def moved(call: Call, sign: str) -> Value:
    """Give a date some days on or back, or the days between two dates.

    Raises:
        Unfit: for anything else.
    """
    left, right = call.values
    if isinstance(left.type, Date) and isinstance(right.type, Date) and sign == "-":
        engine = f"mesh_days({left.engine}, {right.engine})"
        between = within(right, f"({left.database} - {right.database})")
        return call.result(Integer(32), engine, within(left, between))
    if not isinstance(left.type, Date) or not isinstance(right.type, Integer):
        raise Unfit(
            "it takes numbers; a date and days (an integer), or two dates: CAST(… AS DATE); seconds"
            " between timestamps are extract(epoch FROM a - b)"
        )
    forth = f"(- {right.engine})" if sign == "-" else right.engine
    engine = f"mesh_move({left.engine}, {forth})"
    low, high = (f"(DATE '{day}' - {left.database})" for day in ("0001-01-01", "9999-12-31"))
    number = f"({right.database})::numeric"
    days = f"(- {number})" if sign == "-" else number
    there = f"{left.database} + {days}::integer"
    database = f"(CASE WHEN {days} BETWEEN {low} AND {high} THEN {there} END)"
    return call.result(left.type, engine, within(left, database))


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
