"""How the engine's state (SQLite) keeps the tables of a source.

A state table is called `"schema.table"`, its columns as in the database, its values are in
*state form* (`contracts.types`). What a column holds is decided by its type alone, so that two
columns of one type compare by their stored values as the database compares them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal as Number
from decimal import InvalidOperation
from typing import Any

from streammesh.contracts.types import (
    Boolean,
    Bytes,
    Date,
    Decimal,
    Integer,
    Json,
    Text,
    Time,
    Timestamp,
    Type,
)
from streammesh.documents.values import TableName
from streammesh.models.compiled import CompiledModel
from streammesh.models.postgres_types import is_padded

Normaliser = Callable[[Any], Any]

FAST_DIGITS = 18
"""Decimals of up to so many digits are scaled integers of 64 bits; wider ones are text."""

GREGORIAN = "1582-10-25"
"""From this day on a time arrives as the database has it.

Debezium 3.5 reads a snapshot's older times by the Julian calendar and writes them by the Gregorian
one: days off, where the stream has them right. Of days, only those around the change are concerned.
"""

_BEFORE = "{} is before the Gregorian calendar: capture gives it otherwise in snapshots than later"

_CLOCK = re.compile(r"(\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?Z?\Z")


def quote(identifier: str) -> str:
    """Give an identifier as both SQLite and PostgreSQL take it."""
    return '"' + identifier.replace('"', '""') + '"'


def table_name(table: TableName) -> str:
    """Name the state's table of a source's table, quoted."""
    return quote(str(table))


def column_ddl(kind: Type | None) -> str:
    """Give the SQLite type of a column: INTEGER or TEXT, so that no value is ever converted.

    Args:
        kind: the column's type; None for one that models can't read.
    """
    whole = isinstance(kind, Integer | Boolean) or is_fast(kind)
    return "INTEGER" if whole else "TEXT"


def indexes(model: CompiledModel) -> set[tuple[TableName, tuple[str, ...]]]:
    """Give the column lists by which rows of the state are looked up for a model.

    Both ways of every hop: towards the root when a change is followed, from it when documents are
    evaluated. Some of them are primary keys.
    """
    found: set[tuple[TableName, tuple[str, ...]]] = set()
    for path in model.paths:
        here = path.table
        for hop in path.hops:
            found |= {(here, hop.from_columns), (hop.table, hop.to_columns)}
            here = hop.table
    return found


def is_fast(kind: Type | None) -> bool:
    """Tell whether the type is a decimal kept as a scaled integer."""
    return isinstance(kind, Decimal) and kind.precision <= FAST_DIGITS


def normaliser(  # noqa: PLR0911 - one line per type
    kind: Type | None, database_type: str = ""
) -> Normaliser | None:
    """Give the function from a value as Debezium writes it (JSON) to the state form.

    Debezium is set to `decimal.handling.mode=string`, `time.precision.mode=isostring` and
    `binary.handling.mode=hex`. NULL is never passed to the function, nor is the mark of an
    unavailable value.

    Args:
        kind: the column's type; None for one that models can't read: its raw JSON text is kept.
        database_type: as the database prints it; `character(n)` loses its padding.

    Returns:
        The function, which raises ValueError naming a value that has no state form (NaN, infinity,
        years before 1 or after 9999); None when values are in state form as they come.
    """
    match kind:
        case None:
            return _raw
        case Decimal(precision, scale):
            return _scaled(scale) if precision <= FAST_DIGITS else _wide(scale)
        case Date():
            return _date
        case Time():
            return _time
        case Timestamp(zone):
            return _instant if zone else _local
        case Json():
            return canonical_json
        case Bytes():
            return str.lower
        case Text() if is_padded(database_type):
            return _unpadded
        case _:
            return None


def _raw(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _unpadded(value: str) -> str:
    return value.rstrip(" ")


def canonical_json(value: str) -> str:
    """Give JSON text with sorted keys and no spaces."""
    parsed = json.loads(value, parse_float=_finite)
    return json.dumps(parsed, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is beyond what JSON readers hold")
    return number


def _scaled(scale: int) -> Normaliser:
    point = -scale - 1

    def scaled(value: str) -> int:
        try:
            if scale == 0:
                return int(value)
            if value[point] == ".":
                return int(value[:point] + value[-scale:])
        except (ValueError, IndexError):
            pass
        return int(_number(value, scale).scaleb(scale))

    return scaled


def _wide(scale: int) -> Normaliser:
    def wide(value: str) -> str:
        return f"{_number(value, scale):.{scale}f}"

    return wide


def _number(value: str, scale: int) -> Number:
    try:
        number = Number(value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise ValueError(f"{value!r} is no exact number") from error
    if not number.is_finite():
        raise ValueError(f"{value} has no place in an exact number")
    if number == 0:
        return Number(0)
    exponent = number.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > scale:
        raise ValueError(f"{value} has more than {scale} decimals")
    return number


def _date(value: str) -> str:
    day = value[:10]
    if value[4:5] != "-" or value[10:] not in ("Z", ""):
        raise ValueError(f"{value} is no day of the years 1 to 9999")
    if "1582-10-05" <= day < GREGORIAN:
        raise ValueError(_BEFORE.format(value))
    return day


def _instant(value: str) -> str:
    if len(value) == 27 and value[26] == "Z" and value[4] == "-" and value >= GREGORIAN:
        return value
    return _local(value) + "Z"


def _local(value: str) -> str:
    if len(value) == 27 and value[26] == "Z" and value[4] == "-" and value >= GREGORIAN:
        return value[:26]
    found = _CLOCK.match(value[11:])
    if value[4:5] != "-" or value[10:11] != "T" or found is None:
        raise ValueError(f"{value} is no time in UTC of the years 1 to 9999")
    if value < GREGORIAN:
        raise ValueError(_BEFORE.format(value))
    return value[:11] + _clock(found)


def _time(value: str) -> str:
    found = _CLOCK.match(value)
    if found is None:
        raise ValueError(f"{value} is no time of day in UTC")
    return _clock(found)


def _clock(found: re.Match[str]) -> str:
    clock, seconds, fraction = found.groups()
    return f"{clock}{seconds or ':00'}.{(fraction or '')[:6]:0<6}"
