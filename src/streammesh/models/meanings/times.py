"""Time that passes: seconds, units between two times, intervals; times as texts."""

from __future__ import annotations

import re

from streammesh.contracts.types import Date, Decimal, Integer, Text, Time, Timestamp
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.meanings.dates import local, within
from streammesh.models.printing import text
from streammesh.models.values import Value

_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
_MOST = {"month": 120_000, "quarter": 40_000, "year": 10_000, "week": 520_000, "day": 3_660_000}
_LIMIT = 320_000_000_000
_MICROS = Decimal(18, 6)
_BOUND = 10**18 - 1
_LETTERS = {"Y": "YYYY", "m": "MM", "d": "DD", "H": "HH24", "M": "MI", "S": "SS", "f": "US"}
_WORDS = {word: letter for letter, word in _LETTERS.items()}
_PERCENT = re.compile(r"%(.?)|([^%]+)", re.DOTALL)
_NAMED = re.compile(r'YYYY|MM|DD|HH24|MI|SS|US|"[^"]*"|[^A-Za-z0-9"]+|.', re.DOTALL)
_PLAIN = re.compile(r"[^A-Za-z0-9\"\\]*\Z")


def _moment(value: Value) -> str:
    """Give the database's SQL of a date or timestamp as a timestamp, in UTC."""
    return f"{local(value)}::timestamp" if isinstance(value.type, Date) else local(value)


def _epoch(call: Call) -> Value:
    (value,) = call.values
    if not isinstance(value.type, Date | Timestamp):
        raise Unfit("it takes a date or timestamp, or the difference of two: epoch FROM a - b")
    database = within(value, f"round(extract(epoch FROM {_moment(value)})::numeric, 6)")
    return call.result(_MICROS, f"mesh_epoch({value.engine})", database, _BOUND)


def _seconds(call: Call) -> Value:
    later, earlier = call.values
    if not isinstance(later.type, Timestamp) or later.type != earlier.type:
        raise Unfit(
            "it takes two timestamps of one type; days between dates are a - b, as an integer"
        )
    passed = f"round(extract(epoch FROM {local(later)} - {local(earlier)})::numeric, 6)"
    database = within(later, within(earlier, passed))
    engine = f"mesh_seconds({later.engine}, {earlier.engine})"
    return call.result(_MICROS, engine, database, _BOUND)


def _difference(call: Call) -> Value:
    later, earlier = call.values
    unit = call.options[0].removesuffix("s")
    kinds = Date | Timestamp
    if unit not in _UNITS or not isinstance(later.type, kinds) or later.type != earlier.type:
        units = ", ".join(_UNITS)
        raise Unfit(f"it takes one of {units}, and two dates or two timestamps of one type")
    to, since = _moment(later), _moment(earlier)
    between = _between(unit, to, since)
    database = within(later, within(earlier, f"({between})::bigint"))
    engine = f"mesh_difference({later.engine}, {earlier.engine}, '{unit}')"
    return call.result(Integer(64), engine, database)


def _between(unit: str, to: str, since: str) -> str:
    if unit in _SECONDS:
        passed = f"date_trunc('{unit}', {to}) - date_trunc('{unit}', {since})"
        return f"extract(epoch FROM {passed}) / {_SECONDS[unit]}"
    if unit in ("day", "week"):
        days = f"date_trunc('{unit}', {to})::date - date_trunc('{unit}', {since})::date"
        return days if unit == "day" else f"({days}) / 7"
    size = {"month": 12, "quarter": 4}.get(unit, 0)
    both = (
        f"(extract(year FROM {one}) * {size or 1}"
        + (f" + extract({unit} FROM {one}))" if size else ")")
        for one in (to, since)
    )
    return " - ".join(both)


def _shifted(call: Call) -> Value:
    (value,) = call.values
    written, unit = call.options
    number = int(written)
    if not isinstance(value.type, Date | Timestamp):
        raise Unfit("an interval is added to a date or timestamp")
    most = _MOST.get(unit, _LIMIT // _SECONDS.get(unit, 1))
    if abs(number) > most:
        raise Unfit("the interval is longer than all years that there are")
    kind = value.type if isinstance(value.type, Timestamp) else Timestamp(zone=False)
    count, name = (number * _MONTHS[unit], "month") if unit in _MONTHS else (number, unit)
    there = f"({_moment(value)} + INTERVAL '{count} {name}')"
    shown = within(Value(Timestamp(zone=False), "", there), there)
    if kind.zone:
        shown = f"({shown} AT TIME ZONE 'UTC')"
    engine = f"mesh_shift({value.engine}, {number}, '{unit}')"
    return call.result(kind, engine, within(value, shown))


def _formatted(call: Call) -> Value:
    (value,) = call.values
    style, written = call.options
    pieces = _percent(written) if style == "strftime" else _named(written)
    letters = {one for kind, one in pieces if kind == "letter"}
    if isinstance(value.type, Time) and letters & set("Ymd"):
        raise Unfit("a time of day has no year, month or day")
    if not isinstance(value.type, Date | Time | Timestamp):
        raise Unfit("it takes a date, time or timestamp")
    pattern = "".join(f"%{one}" if kind == "letter" else one for kind, one in pieces)
    form = "".join(_LETTERS[one] if kind == "letter" else _quoted(one) for kind, one in pieces)
    given = value.database if isinstance(value.type, Time) else _moment(value)
    database = within(value, f"to_char({given}, {text(form)})")
    return call.result(Text(), f"mesh_format({value.engine}, {text(pattern)})", database)


def _quoted(written: str) -> str:
    return f'"{written}"' if written else ""


def _percent(written: str) -> list[tuple[str, str]]:
    pieces = []
    for letter, plain in _PERCENT.findall(written):
        if plain:
            pieces.append(("plain", _checked(plain)))
        elif letter in _LETTERS:
            pieces.append(("letter", letter))
        else:
            raise Unfit(f"the format has %Y, %m, %d, %H, %M, %S and %f, not %{letter}")
    return pieces


def _named(written: str) -> list[tuple[str, str]]:
    pieces = []
    for piece in _NAMED.findall(written):
        if piece in _WORDS:
            pieces.append(("letter", _WORDS[piece]))
        elif piece[0] == '"' and len(piece) > 1:
            pieces.append(("plain", _checked(piece[1:-1])))
        elif _PLAIN.match(piece):
            pieces.append(("plain", _checked(piece)))
        else:
            known = ", ".join(_WORDS)
            raise Unfit(f'the format has {known}, signs, and other letters in "…"')
    return pieces


def _checked(plain: str) -> str:
    if any(one in plain for one in '%"\\'):
        raise Unfit('the format has no %, \\ or " of its own')
    return plain


EPOCH = Meaning(
    "extract(epoch FROM a)",
    _epoch,
    "a date or timestamp",
    "decimal(18,6): seconds since 1970",
    "without time zone as if in UTC; also `epoch(a)`",
)
SECONDS = Meaning(
    "extract(epoch FROM a - b)",
    _seconds,
    "two timestamps of one type",
    "decimal(18,6): seconds from b to a",
    "also `epoch(a - b)`",
)
DIFFERENCE = Meaning(
    "date_diff('unit', a, b)",
    _difference,
    f"{', '.join(_UNITS)}; two dates or two timestamps of one type",
    "bigint",
    "how often a unit begins between a and b: from 10:59 to 11:01 it is 1 hour; weeks begin on"
    " Monday; in UTC; `datediff` too",
)
SHIFTED = Meaning(
    "a + INTERVAL n unit",
    _shifted,
    f"a date or timestamp; a constant number of {', '.join(_UNITS)}",
    "a timestamp; of a date without time zone",
    "also `-`; in UTC, so that a day has 24 hours; the last day of a month where there is no such"
    " day; NULL beyond the years 1 to 9999",
)
FORMATTED = Meaning(
    "strftime(a, '%Y-%m'), to_char(a, 'YYYY-MM')",
    _formatted,
    "a date, time or timestamp; a constant of `%Y`, `%m`, `%d`, `%H`, `%M`, `%S`, `%f` and signs,"
    ' or of `YYYY`, `MM`, `DD`, `HH24`, `MI`, `SS`, `US`, signs and `"letters"`',
    "text",
    "in UTC",
)
