"""From a value as Debezium writes it (JSON) to the state form.

Debezium is set to `decimal.handling.mode=string`, `time.precision.mode=isostring` and
`binary.handling.mode=hex`. Values that no document can show keep, as far as they are told, their
order and their equality: days and times as `moments` says, NaN and infinity as greater or less
than all numbers. Assigned to a contract they are violations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Context, InvalidOperation
from decimal import Decimal as Number
from typing import Annotated, Any

import msgspec

from streammesh.contracts.any_json import MOST_DIGITS, loads
from streammesh.contracts.floats import canonical, number
from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Float,
    Integer,
    Json,
    Numeric,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.models.moments import clock, day_reader, moment_reader
from streammesh.models.postgres_types import bits_of, element_name, is_padded, printed_type
from streammesh.models.printed_values import printed_reader
from streammesh.models.storage import FAST_DIGITS

Normaliser = Callable[[Any], Any]

NAN = 1e300
"""NaN among scaled integers: greater than all of them, equal to itself, and never published."""

UNTOLD_LIST = '"more than one dimension, or NULLs alone"'
"""In place of a list whose values did not arrive: Debezium gives NULLs for them."""

UNCERTAIN_LIST = '"unchanged, or NULL"'
"""In place of a list that was not sent since it is large and unchanged, or that is NULL now."""

BEYOND = "9e999"
"""In place of a JSON value that no reader of JSON can hold."""

MAX_DEPTH = 200
"""Nesting of a JSON value; SQLite takes 1,000 for a whole document."""

_NAMES = {
    "NAN": "NaN",
    "POSITIVE_INFINITY": "Infinity",
    "NEGATIVE_INFINITY": "-Infinity",
    "INFINITY": "Infinity",
    "-INFINITY": "-Infinity",
}
_WIDE = Context(prec=200_000)
_BEYOND_STATE = 1 << 63
_JAVA_ARRAY = re.compile(r"\[+L?[\w.$]+;?@[0-9a-f]+\Z")
"""How Java prints an array that it was to give as a text: a list of several dimensions."""


def normaliser(  # noqa: PLR0911 - one line per type
    kind: Type | None, database_type: str = "", *, snapshot: bool = False
) -> Normaliser | None:
    """Give the function from a value as Debezium writes it to the state form.

    NULL is never passed to the function, nor is the mark of an unavailable value.

    Args:
        kind: the column's type; None for one that models can't read: its raw JSON text is kept.
        database_type: the type behind domains; `character(n)` loses its padding.
        snapshot: whether the value is of a snapshot's row.

    Returns:
        The function, which raises ValueError naming a value that its type does not have; None
        when values are in state form as they come.
    """
    match kind:
        case None:
            return _raw
        case Decimal(precision, scale):
            return _scaled(scale) if precision <= FAST_DIGITS else _wide(scale)
        case Float(bits):
            return lambda value: str(canonical(number(value), bits))
        case Date():
            return day_reader(calendar=snapshot)
        case Timestamp(zone):
            return moment_reader(zone=zone, calendar=snapshot)
        case Array(items):
            return _list(items, element_name(database_type))
        case Text() if is_padded(database_type):
            return _unpadded
        case Text() if printed_type(database_type):
            return printed_reader(database_type)
        case _:
            return _SIMPLE.get(type(kind))


_WHOLE: dict[int, Any] = {
    bits: Annotated[int, msgspec.Meta(ge=-(1 << (bits - 1)), le=(1 << (bits - 1)) - 1)]
    for bits in (16, 32, 64)
}


def json_kind(  # noqa: PLR0911 - one line per type
    kind: Type | None, database_type: str = ""
) -> Any:
    """Give what the log's JSON holds of a type: another kind means that the type has changed.

    Args:
        kind: the column's type; None for one that models can't read.
        database_type: the type behind domains.
    """
    match kind:
        case Text() if bits_of(database_type) == 1:
            return bool | None
        case Integer(bits):
            return _WHOLE[bits] | None
        case Boolean():
            return bool | None
        case Float():
            return float | str | None
        case Array(items):
            return list[json_kind(items)] | None  # type: ignore[misc]
        case None:
            return Any
        case _:
            return str | None


def _raw(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _unpadded(value: str) -> str:
    return value.rstrip(" ")


# --- numbers


def _scaled(scale: int) -> Normaliser:
    point = -scale - 1

    def scaled(value: str) -> int | float:
        try:
            if scale == 0:
                return _stored(int(value))
            if value[point] == ".":
                return _stored(int(value[:point] + value[-scale:]))
        except (ValueError, IndexError):
            pass
        number = _number(value, scale)
        return NAN if number.is_nan() else _stored(int(number.scaleb(scale, _WIDE)))

    return scaled


def _stored(number: int) -> int:
    if not -_BEYOND_STATE <= number < _BEYOND_STATE:
        raise ValueError("a number has more digits than its column's type")
    return number


def _wide(scale: int) -> Normaliser:
    def wide(value: str) -> str:
        number = _number(value, scale)
        return "NaN" if number.is_nan() else f"{number:.{scale}f}"

    return wide


def _any_number(value: str) -> str:
    if (name := _NAMES.get(value.upper())) is not None:
        return name
    if "E" in value or "e" in value:
        value = f"{Number(value):f}"
    if "." in value:
        value = value.rstrip("0").rstrip(".")
    return "0" if value == "-0" else value


def _number(value: str, scale: int) -> Number:
    try:
        number = Number(_NAMES.get(value.upper(), value))
    except (InvalidOperation, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{value!r} is no exact number") from error
    if number.is_infinite():
        raise ValueError(f"{value} has no place in an exact number")
    if number.is_nan() or number == 0:
        return number if number else Number(0)
    exponent = number.normalize(_WIDE).as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > scale:
        raise ValueError(f"{value} has more than {scale} decimals")
    return number


# --- JSON


def canonical_json(value: str) -> str:
    """Give JSON text with sorted keys and no spaces; what no reader can hold is `9e999` in it."""
    try:
        if value.count("[") + value.count("{") > MAX_DEPTH:
            return _with_limits(value)
        text = json.dumps(
            json.loads(value, parse_float=_finite, parse_int=_whole),
            ensure_ascii=False,
            separators=(",", ":"),
            sort_keys=True,
        )
        text.encode()
    except (OverflowError, UnicodeEncodeError):
        return _with_limits(value)
    return text


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise OverflowError(text)
    return number


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise OverflowError
    return int(text)


def _with_limits(value: str) -> str:
    try:
        return _text_of(loads(value), MAX_DEPTH)
    except RecursionError:
        return BEYOND


def _text_of(value: Any, depth: int) -> str:
    if depth == 0 or (isinstance(value, float) and value in (float("inf"), float("-inf"))):
        return BEYOND
    if isinstance(value, list):
        return f"[{','.join(_text_of(one, depth - 1) for one in value)}]"
    if isinstance(value, dict):
        named = sorted((_text_of(name, depth), _text_of(v, depth - 1)) for name, v in value.items())
        if any(name == BEYOND for name, _ in named):
            return BEYOND
        return f"{{{','.join(f'{name}:{one}' for name, one in named)}}}"
    text = _raw(value)
    return text if text.isascii() or _encodable(text) else BEYOND


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# --- lists


def _list(items: Type, database_type: str) -> Normaliser:
    # lists of days and of timestamps come through Java's calendar wherever they come from
    calendar = items in (Date(), Timestamp(zone=False))
    element = normaliser(items, database_type, snapshot=calendar)
    printed = str if isinstance(items, Json) else _raw
    texts = isinstance(items, Text | Uuid)

    def listed(value: list[Any]) -> str:
        if value and all(one is None for one in value):
            return UNTOLD_LIST
        if texts and any(one is not None and _JAVA_ARRAY.match(one) for one in value):
            return UNTOLD_LIST
        parts = (
            "null" if one is None else printed(one if element is None else element(one))
            for one in value
        )
        return f"[{','.join(parts)}]"

    return listed


_SIMPLE: dict[type, Normaliser] = {
    Numeric: _any_number,
    Time: clock,
    Json: canonical_json,
    Bytes: str.lower,
}
