"""Date functions that the engine's SQL calls. Values are in state form."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

_KEPT = {"year": 4, "month": 7, "day": 10, "hour": 13, "minute": 16, "second": 19}
_PATTERN = "0001-01-01T00:00:00.000000"


def truncated(moment: str | None, unit: str) -> str | None:
    """Give the beginning of the unit that a date or time is in."""
    if moment is None:
        return None
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


def moved(day: str | None, days: int | float | None) -> str | None:
    """Give a date some days on; None beyond the years 1 to 9999."""
    if day is None or days is None:
        return None
    try:
        number = datetime.date.fromisoformat(day).toordinal() + int(days)
        return datetime.date.fromordinal(number).isoformat()
    except (ValueError, OverflowError):
        return None


def between(later: str | None, earlier: str | None) -> int | None:
    """Give the days from one date to another."""
    if later is None or earlier is None:
        return None
    return (datetime.date.fromisoformat(later) - datetime.date.fromisoformat(earlier)).days


TIME_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "mesh_trunc": truncated,
    "mesh_move": moved,
    "mesh_days": between,
}
