"""Days and times as Debezium writes them, in state form.

What no document can show keeps its order among the others as text, so that conditions and orders
decide as the database does: `-infinity` < years before 1 (`.9999956-03-15`) < years 1 to 9999
< later years (`A0010000-01-01`) < `infinity`. A value that capture does not tell ends in `?`.

What Debezium 3.5 writes was recorded from it (docs/capture.md): a snapshot, and lists of days and
of timestamps anywhere, come through Java's calendar, which is the Julian one before 1582-10-15.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from streammesh.models.uncomputable import Uncomputable

FIRST = "0001"
"""From this year on a value stands in state form as it is."""

JULIAN_UNTIL = "1582-10-15"
"""Before this day a value that came through Java's calendar is another day than it says."""

GREGORIAN = "1582-10-25"
"""From this day on, a value that came through Java's calendar is certain.

The ten days before it may stand for the ten days before those, which Java's calendar has not.
"""

_INFINITE = {
    "infinity": "infinity",
    "-infinity": "-infinity",
    "+292278994-08-16Z": "infinity",
    "+292269055-12-02Z": "-infinity",
    "-5877611-06-21Z": "infinity",
    "-5877611-06-22Z": "-infinity",
    "+294247-01-10T04:00:25.2Z": "infinity",
    "-290308-12-21T19:59:27.6Z": "-infinity",
}
"""What Debezium makes of the infinite ones. No other day is written so; of timestamps, one is."""

_CLOCK = re.compile(r"(\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?Z?\Z")
_DAY = re.compile(r"([+-]?\d{4,9})-(\d\d)-(\d\d)\Z")


def day_reader(*, calendar: bool) -> Callable[[str], str]:
    """Give the function from a day to its state form.

    Args:
        calendar: whether it came through Java's calendar. (Its days say the right date all the
            same, but for the ten that are uncertain. Years before 1 arrive as years after it.)
    """

    def day(value: str) -> str:
        if value[4:5] == "-" and value[10:] in ("Z", "") and value >= FIRST:
            found = value[:10]
            uncertain = calendar and JULIAN_UNTIL <= found < GREGORIAN
            return f"{found}?" if uncertain else found
        return _INFINITE.get(value) or _far(value.removesuffix("Z"))

    return day


def moment_reader(*, zone: bool, calendar: bool) -> Callable[[str], str]:
    """Give the function from a timestamp to its state form.

    Args:
        zone: whether it is an instant.
        calendar: whether it came through Java's calendar.
    """
    certain = GREGORIAN if calendar else FIRST
    end = 27 if zone else 26
    suffix = "Z" if zone else ""

    def moment(value: str) -> str:
        if len(value) == 27 and value[26] == "Z" and value[4] == "-" and value >= certain:
            return value[:end]
        if (infinite := _INFINITE.get(value)) is not None:
            return infinite
        day, _, clock = value.partition("T")
        found = _CLOCK.match(clock)
        if found is None:
            raise ValueError(f"{value} is no time in UTC")
        if calendar and (value < JULIAN_UNTIL or value[0] == "-") and value[0] != "+":
            day = _julian(day)
        uncertain = calendar and JULIAN_UNTIL <= day < GREGORIAN and value >= JULIAN_UNTIL
        return f"{_far(day)}T{_clock(found)}{suffix}{'?' if uncertain else ''}"

    return moment


def certain(engine: str, result: str) -> str:
    """Give the engine's SQL of what is computed from a day or timestamp that a document can show.

    From any other comes a number, which no text, day or time of a document can be: a violation.

    Args:
        engine: the day or timestamp.
        result: what is computed from it.
    """
    other = f"{engine} < '{FIRST}' OR {engine} >= 'A' OR {engine} LIKE '%?'"
    return f"(CASE WHEN {other} THEN 1e300 ELSE {result} END)"


def shown(value: str | None) -> str | None:
    """Give a day or timestamp of any year as the database's query writes it as a text."""
    if value is not None and value.endswith("?"):
        raise Uncomputable
    if value is None or value[0] not in ".A":
        return value
    year, rest = value[1:8], value[8:]
    return f"{int(year)}{rest}" if value[0] == "A" else f"{10_000_000 - int(year):04}{rest} BC"


def clock(value: str) -> str:
    """Give a time of day in state form."""
    found = _CLOCK.match(value)
    if found is None:
        raise ValueError(f"{value} is no time of day in UTC")
    return _clock(found)


def _clock(found: re.Match[str]) -> str:
    minutes, seconds, fraction = found.groups()
    return f"{minutes}{seconds or ':00'}.{(fraction or '')[:6]:0<6}"


def _far(day: str) -> str:
    """Give a day of any year as text that is in order; years 1 to 9999 as they are."""
    year, month, number = _parts(day)
    if 1 <= year <= 9999:
        return f"{year:04}-{month:02}-{number:02}"
    before = f".{9_999_999 + year:07}"
    return f"{before if year < 1 else f'A{year:07}'}-{month:02}-{number:02}"


def _parts(day: str) -> tuple[int, int, int]:
    found = _DAY.match(day)
    if found is None:
        raise ValueError(f"{day} is no day")
    year, month, number = found.groups()
    return int(year), int(month), int(number)


def _julian(day: str) -> str:
    """Give the day that Java's calendar took for the one that it then wrote in the Gregorian one.

    Both count days from 1 March of the year 0; the Julian count is 2 ahead, for the same day.
    """
    year, month, number = _parts(day)
    year, since_march = year - (month <= 2), (month + 9) % 12
    days = number + (153 * since_march + 2) // 5 + 365 * year
    days += year // 4 - year // 100 + year // 400 + 2 - 1
    year = (4 * days + 3) // 1461
    left = days - 365 * year - year // 4
    since_march = (5 * left + 2) // 153
    number = left - (153 * since_march + 2) // 5 + 1
    month, year = (since_march + 2) % 12 + 1, year + (since_march >= 10)
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04}-{month:02}-{number:02}"
