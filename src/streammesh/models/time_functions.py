"""Date functions that the engine's SQL calls. Values are in state form."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

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


TIME_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "mesh_trunc": _shown(truncated),
    "mesh_part": _shown(part),
    "mesh_date": _shown(lambda moment: moment[:10]),
    "mesh_local": _shown(lambda moment: f"{moment[:10]}T{moment[11:26] or '00:00:00.000000'}"),
    "mesh_move": _shown(moved),
    "mesh_days": _shown(between),
}
