"""Values that models see as texts, from what Debezium writes to what PostgreSQL prints.

That is ISO 8601 for intervals (`intervalstyle = iso_8601`), UTC in ranges of instants, and the
digits of `bit(n)`. Debezium 3.5 gives other types as PostgreSQL prints them; multiranges, which it
does not know, as the hexadecimal form of that.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from streammesh.models.postgres_types import bits_of, printed_type

_INTERVAL = re.compile(r"P(-?\d+)Y(-?\d+)M(-?\d+)DT(-?\d+)H(-?\d+)M(-?\d+(?:\.\d+)?)S\Z")
_MICROSECOND = Decimal("0.000001")
_INSTANT = re.compile(r"(\d{4,})(-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d+)?([+-]\d\d(?::\d\d){0,2})( BC)?")
_CYCLE = 400
"""Years after which the calendar begins again."""


def printed_reader(database_type: str) -> Callable[[str], str] | None:
    """Give the function from a value in the log to the text that PostgreSQL prints.

    Args:
        database_type: one of those that `printed_type` names.

    Returns:
        The function, which raises ValueError for what is no such value; None when values stand in
        the log as they are printed.
    """
    name = printed_type(database_type)
    if name == "bit":
        return _bits(bits_of(database_type))
    return _READERS.get(name)


def _interval(value: str) -> str:
    found = _INTERVAL.match(value)
    if found is None:
        raise ValueError(f"{value!r} is no interval")
    years, months, days, hours, minutes, seconds = found.groups()
    # Debezium cuts a binary fraction: 1.235 seconds arrive as 1.234999999
    exact = Decimal(seconds).quantize(_MICROSECOND).normalize()
    date = _parts((years, "Y"), (months, "M"), (days, "D"))
    time = _parts((hours, "H"), (minutes, "M"), (f"{exact:f}", "S"))
    return f"P{date}{'T' + time if time else ''}" if date or time else "PT0S"


def _parts(*parts: tuple[str, str]) -> str:
    return "".join(f"{number}{unit}" for number, unit in parts if number not in ("0", "-0"))


def _bits(size: int) -> Callable[[str | bool], str]:
    def bits(value: str | bool) -> str:
        if isinstance(value, bool):
            return str(int(value))
        # the octets of the number, the least one first
        number = int.from_bytes(base64.b64decode(value, validate=True), "little")
        return f"{number:0{size}b}"

    return bits


def _instants(value: str) -> str:
    """Bring instants to UTC: Debezium has them in the time zone of Connect's machine."""
    return _INSTANT.sub(_in_utc, value)


def _in_utc(found: re.Match[str]) -> str:
    year, clock, fraction, offset, before = found.groups()
    if offset == "+00":
        return found[0]
    counted = 1 - int(year) if before else int(year)
    # a year that Python knows, at the same place of the calendar
    like = counted % _CYCLE + 5 * _CYCLE
    there = datetime.strptime(f"{like:04}{clock}", "%Y-%m-%d %H:%M:%S") - _offset(offset)
    counted += there.year - like
    year, era = (f"{1 - counted:04}", " BC") if counted < 1 else (f"{counted:04}", "")
    return f"{year}{there:-%m-%d %H:%M:%S}{fraction or ''}+00{era}"


def _offset(written: str) -> timedelta:
    hours, minutes, seconds = (*map(int, written[1:].split(":")), 0, 0)[:3]
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -offset if written[0] == "-" else offset


def _unknown(value: str) -> str:
    return bytes.fromhex(value).decode()


def _unknown_instants(value: str) -> str:
    return _instants(_unknown(value))


_READERS: dict[str, Callable[[str], str]] = {
    "interval": _interval,
    "tstzrange": _instants,
    "tstzmultirange": _unknown_instants,
    "int4multirange": _unknown,
    "int8multirange": _unknown,
    "nummultirange": _unknown,
    "datemultirange": _unknown,
    "tsmultirange": _unknown,
}
