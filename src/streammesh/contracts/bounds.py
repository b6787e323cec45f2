"""Bounds of numbers, days and times: `minimum`, `exclusiveMaximum`, and so on.

Each becomes an inclusive bound in canonical form, so that it says the same of every value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as Number
from fractions import Fraction
from typing import Any

from streammesh.contracts.floats import canonical
from streammesh.contracts.numbers import decimal_text
from streammesh.contracts.property_types import MAX_DIGITS, Place
from streammesh.contracts.raw import DAYS_TO_EPOCH, EPOCH, micros, raw, time_micros
from streammesh.contracts.types import (
    Date,
    Decimal,
    Float,
    Integer,
    Time,
    Timestamp,
    Type,
)
from streammesh.errors.contracts import BadRule

OPTIONS = "logicalTypeOptions"
_UTC_NAMES = frozenset({"UTC", "Etc/UTC", "Z", "GMT", "Etc/GMT"})
_OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)\Z", re.IGNORECASE)

Bound = int | float | str | None


def range_of(
    field: str, type_: Type, options: Mapping[str, Any], place: Place
) -> tuple[Bound, Bound]:
    """Give the smallest and the greatest value that options allow; None for no bound.

    Raises:
        BadRule: when a bound can't be read, or nothing is between them.
    """
    lows = [_bound(field, type_, options, name, place) for name in _given(options, "Minimum")]
    highs = [_bound(field, type_, options, name, place) for name in _given(options, "Maximum")]
    least, most = type_range(type_)
    low, high = max([least, *lows]), min([most, *highs])
    if low > high:
        given = [*_given(options, "Minimum"), *_given(options, "Maximum")]
        parts = [f"{OPTIONS}.{name}" for name in given]
        reason = "no value is at least its minimum and at most its maximum"
        fix = "make the minimum smaller, or the maximum greater"
        raise BadRule(field=field, reason=reason, where=place(*parts), fix=fix)
    return (
        _shown(type_, low) if low > least else None,
        _shown(type_, high) if high < most else None,
    )


def type_range(type_: Type) -> tuple[int | float, int | float]:
    """Give the smallest and greatest number that Avro holds for a type."""
    match type_:
        case Integer(bits):
            return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        case Decimal(precision):
            return 1 - 10**precision, 10**precision - 1
        case Date():
            return date.min.toordinal() - DAYS_TO_EPOCH, date.max.toordinal() - DAYS_TO_EPOCH
        case Time():
            return 0, time_micros(time.max)
        case Timestamp():
            return micros(datetime.min), micros(datetime.max)
        case _:
            return -math.inf, math.inf


def _given(options: Mapping[str, Any], end: str) -> list[str]:
    return [name for name in (end.lower(), f"exclusive{end}") if name in options]


def multiple(field: str, type_: Type, value: object, place: Place) -> int:
    """Give what the digits of an integer or decimal are a multiple of.

    Raises:
        BadRule: for floating-point numbers, in which 0.3 is no multiple of 0.1.
    """
    where = place(f"{OPTIONS}.multipleOf")
    if not isinstance(type_, Integer | Decimal):
        reason = "a floating-point number is rarely a multiple of anything"
        fix = "leave `multipleOf` out, or make it a decimal"
        raise BadRule(field=field, reason=reason, where=where, fix=fix)
    scale = type_.scale if isinstance(type_, Decimal) else 0
    try:
        wanted = _fraction(value) * 10**scale
    except ValueError as error:
        fix = _EXAMPLES[type(type_)]
        raise BadRule(field=field, reason=f"multipleOf: {error}", where=where, fix=fix) from error
    if not 1 <= wanted.numerator <= 10**MAX_DIGITS:
        reason = "multipleOf: only 0 is a multiple of it"
        fix = "write a positive number of fewer digits"
        raise BadRule(field=field, reason=reason, where=where, fix=fix)
    return int(wanted.numerator)


def _bound(
    field: str, type_: Type, options: Mapping[str, Any], name: str, place: Place
) -> int | float:
    """Give a bound as the number that Avro holds, inclusive."""
    where = place(f"{OPTIONS}.{name}")
    try:
        return _inclusive(type_, options[name], name, str(options.get("defaultTimezone", "UTC")))
    except ValueError as error:
        fix = _EXAMPLES[type(type_)]
        raise BadRule(field=field, reason=f"{name}: {error}", where=where, fix=fix) from error


_EXAMPLES: Mapping[type, str] = {
    Integer: "write a number, such as 0",
    Decimal: "write a number, such as 0.01",
    Float: "write a number, such as 0.5",
    Date: 'write a day, such as "2026-01-31"',
    Time: 'write a time of day, such as "08:00:00"',
    Timestamp: 'write a day and time, such as "2026-01-31T08:00:00Z" (Z only for an instant)',
}


def _inclusive(type_: Type, value: object, name: str, zone: str) -> int | float:
    low, exclusive = name.lower().endswith("minimum"), name.startswith("exclusive")
    match type_:
        case Integer():
            return _whole(_fraction(value), low, exclusive)
        case Decimal(_, scale):
            return _whole(_fraction(value) * 10**scale, low, exclusive)
        case Float():
            bound = float(_fraction(value))
            towards = math.inf if low else -math.inf
            return math.nextafter(bound, towards) if exclusive else bound
        case _:
            number: int = raw(type_, _written(type_, value, zone))
            return number + (1 if low else -1) if exclusive else number


def _whole(bound: Fraction, low: bool, exclusive: bool) -> int:
    if low:
        return math.floor(bound) + 1 if exclusive else math.ceil(bound)
    return math.ceil(bound) - 1 if exclusive else math.floor(bound)


def _fraction(value: object) -> Fraction:
    """Give the number that is written: 0.1 is a tenth."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"{value!r} is no number")
    number = Number(repr(value))
    if not number.is_finite() or abs(number.adjusted()) > 307:
        raise ValueError(f"{value} is beyond all numbers here")
    return Fraction(number)


_WORDS = {Date: "day", Time: "time of day", Timestamp: "day and time"}
_READERS: Mapping[type, Callable[[str], date | time]] = {
    Date: date.fromisoformat,
    Time: time.fromisoformat,
    Timestamp: datetime.fromisoformat,
}


def _written(type_: Type, value: object, zone: str) -> str:
    """Read a day or time as ISO 8601 writes it."""
    text = str(value).strip()
    try:
        found = _READERS[type(type_)](text)
    except ValueError:
        raise ValueError(f"`{text}` is no {_WORDS[type(type_)]}") from None
    if isinstance(found, time):
        return _clock(found)
    return _moment(found, type_, zone) if isinstance(found, datetime) else found.isoformat()


def _clock(value: time) -> str:
    if value.tzinfo is not None:
        raise ValueError("a time of day has no time zone here")
    return value.isoformat(timespec="microseconds")


def _moment(value: datetime, type_: Type, zone: str) -> str:
    if not (isinstance(type_, Timestamp) and type_.zone):
        if value.tzinfo is not None:
            raise ValueError("the property has no time zone, so its bounds have none")
        return value.isoformat(timespec="microseconds")
    if value.tzinfo is None:
        if zone not in _UTC_NAMES:
            raise ValueError(f"say its offset from UTC; it isn't taken from {zone}")
        value = value.replace(tzinfo=UTC)
    try:
        moment = value.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise ValueError("it is not in the years 1 to 9999") from None
    return moment.isoformat(timespec="microseconds") + "Z"


def _shown(type_: Type, bound: int | float) -> Bound:
    """Give a bound in canonical form."""
    if isinstance(type_, Float):
        return canonical(float(bound), 64)
    number = int(bound)
    match type_:
        case Decimal(_, scale):
            return decimal_text(number, scale)
        case Date():
            return date.fromordinal(number + DAYS_TO_EPOCH).isoformat()
        case Time() | Timestamp():
            moment = EPOCH + timedelta(microseconds=number)
            text = moment.isoformat(timespec="microseconds")
            if isinstance(type_, Time):
                return text[11:]
            return text + "Z" if type_.zone else text
        case _:
            return number
