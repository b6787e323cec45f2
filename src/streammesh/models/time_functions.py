"""Date functions that the engine's SQL calls. Values are in state form."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable
from typing import Any

from streammesh.models.uncomputable import Uncomputable

_KEPT = {"year": 4, "month": 7, "day": 10, "hour": 13, "minute": 16, "second": 19}
_PATTERN = "0001-01-01T00:00:00.000000"

_UNTOLD = 1e300
"""What is computed from a value that capture doesn't tell (it ends in `?`): a violation."""

Computed = str | int | float | None


def _shown(compute: Callable[..., Computed]) -> Callable[..., Computed]:
    """Give NULL for what is computed from days beyond the years 1 to 9999, and infinite ones."""

    def computed(moment: str | None, *others: Any) -> Computed:
        if moment is None or None in others:
            return None
        texts = [moment, *(one for one in others if isinstance(one, str))]
        if any(one.endswith("?") for one in texts):
            return _UNTOLD
        days = all(one[:1].isdigit() or one.isalpha() for one in texts)
        return compute(moment, *others) if days and "infinity" not in texts else None

    return computed


def truncated(moment: str, unit: str) -> str:
    """Give the beginning of the unit that a date or time is in."""
    zone = "Z" if moment.endswith("Z") else ""
    size = len(moment) - len(zone)
    if unit == "week":
        day = datetime.date.fromisoformat(moment[:10])
        kept = (day - datetime.timedelta(days=day.weekday())).isoformat()
    elif unit == "quarter":
        kept = f"{moment[:5]}{(int(moment[5:7]) - 1) // 3 * 3 + 1:02}"
    else:
        kept = moment[: _KEPT[unit]]
    return (kept + _PATTERN[len(kept) :])[:size] + zone


def part(moment: str, unit: str) -> int:
    """Give a part of a date or time, as PostgreSQL's EXTRACT; seconds without their fraction."""
    if unit in _CLOCK:
        clock = moment.rpartition("T")[2]
        return int(clock[_CLOCK[unit] : _CLOCK[unit] + 2])
    return _DAY[unit](datetime.date.fromisoformat(moment[:10]))


_CLOCK = {"hour": 0, "minute": 3, "second": 6}
_DAY: dict[str, Callable[[datetime.date], int]] = {
    "year": lambda day: day.year,
    "quarter": lambda day: (day.month + 2) // 3,
    "month": lambda day: day.month,
    "week": lambda day: day.isocalendar().week,
    "isoyear": lambda day: day.isocalendar().year,
    "day": lambda day: day.day,
    "doy": lambda day: day.timetuple().tm_yday,
    "dow": lambda day: day.isoweekday() % 7,
    "isodow": datetime.date.isoweekday,
}


def moved(day: str, days: int | float) -> Computed:
    """Give a date some days on; None beyond the years 1 to 9999."""
    if isinstance(days, float):
        return _UNTOLD
    try:
        number = datetime.date.fromisoformat(day).toordinal() + days
        return datetime.date.fromordinal(number).isoformat()
    except (ValueError, OverflowError):
        return None


def between(later: str, earlier: str) -> int:
    """Give the days from one date to another."""
    return (datetime.date.fromisoformat(later) - datetime.date.fromisoformat(earlier)).days


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.removesuffix("Z"))


def _micros(moment: str) -> int:
    past = _moment(moment) - _moment("1970-01-01")
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def difference(later: str, earlier: str, unit: str) -> int:
    """Give how many times a unit begins after one date or time, up to another."""
    if unit in _SECONDS:
        size = _SECONDS[unit] * 1_000_000
        return _micros(later) // size - _micros(earlier) // size
    to, since = (_moment(one).date() for one in (later, earlier))
    if unit == "day":
        return to.toordinal() - since.toordinal()
    if unit == "week":
        return (to.toordinal() - 1) // 7 - (since.toordinal() - 1) // 7
    months = 12 * (to.year - since.year) + to.month - since.month
    if unit == "quarter":
        return 4 * (to.year - since.year) + (to.month - 1) // 3 - (since.month - 1) // 3
    return months if unit == "month" else to.year - since.year


_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def shifted(moment: str, number: int, unit: str) -> Computed:
    """Give a time some units on; days of a month that it doesn't have become its last one."""
    here = _moment(moment)
    try:
        if unit in _MONTHS:
            months = here.year * 12 + here.month - 1 + number * _MONTHS[unit]
            year, month = months // 12, months % 12 + 1
            last = calendar.monthrange(year, month)[1] if 1 <= year <= 9999 else 0
            here = here.replace(year=year, month=month, day=min(here.day, last))
        else:
            seconds = number * (_SECONDS.get(unit) or 86_400 * _DAYS[unit])
            here += datetime.timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
    return here.isoformat("T", "microseconds") + ("Z" if moment.endswith("Z") else "")


_PLACES = {
    "Y": (0, 4),
    "m": (5, 7),
    "d": (8, 10),
    "H": (11, 13),
    "M": (14, 16),
    "S": (17, 19),
    "f": (20, 26),
}


def formatted(moment: str, pattern: str) -> str:
    """Give a date or time as `%Y`, `%m`, `%d`, `%H`, `%M`, `%S` and `%f` say."""
    clock = ":" in moment[:3]
    whole = f"0001-01-01T{moment}" if clock else moment + "T00:00:00.000000" * ("T" not in moment)
    pieces = pattern.split("%")
    found = [pieces[0]]
    for piece in pieces[1:]:
        start, end = _PLACES[piece[0]]
        found.append(whole[start:end] + piece[1:])
    return "".join(found)


def _format(moment: str | None, pattern: str) -> str | None:
    found = _shown(lambda known: formatted(known, pattern))(moment)
    if isinstance(found, float):
        raise Uncomputable
    return None if found is None else str(found)


TIME_TEXTS: dict[str, Callable[..., Any]] = {"mesh_format": _format}
TIME_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "mesh_trunc": _shown(truncated),
    "mesh_part": _shown(part),
    "mesh_date": _shown(lambda moment: moment[:10]),
    "mesh_local": _shown(lambda moment: f"{moment[:10]}T{moment[11:26] or '00:00:00.000000'}"),
    "mesh_move": _shown(moved),
    "mesh_days": _shown(between),
    "mesh_epoch": _shown(_micros),
    "mesh_seconds": _shown(lambda later, earlier: _micros(later) - _micros(earlier)),
    "mesh_difference": _shown(difference),
    "mesh_shift": _shown(shifted),
}
