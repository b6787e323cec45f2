"""Canonical values of ordered types as the whole numbers that Avro holds: for bounds."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from streammesh.contracts.numbers import unscaled
from streammesh.contracts.types import Date, Decimal, Time, Timestamp, Type

EPOCH = datetime(1970, 1, 1)
DAYS_TO_EPOCH = EPOCH.toordinal()


def micros(value: datetime) -> int:
    """Give microseconds since 1970-01-01T00:00:00, by the clock that the value shows."""
    since = value.replace(tzinfo=None) - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def time_micros(value: time) -> int:
    """Give microseconds since midnight."""
    seconds = value.hour * 3600 + value.minute * 60 + value.second
    return seconds * 1_000_000 + value.microsecond


def raw(type_: Type, value: Any) -> Any:
    """Give a canonical value as the number that Avro holds.

    Args:
        type_: an ordered type; a float is its own number.
        value: canonical, of that type.
    """
    match type_:
        case Decimal(_, scale):
            return unscaled(value, scale)
        case Date():
            return date.fromisoformat(value).toordinal() - DAYS_TO_EPOCH
        case Time():
            return time_micros(time.fromisoformat(value))
        case Timestamp():
            return micros(datetime.fromisoformat(value))
        case _:
            return float(value) if isinstance(value, str) else value
