"""What changes of the service levels that a contract promises."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from streammesh.contracts.changes.kinds import Kind

Said = Mapping[str, Any]
Found = tuple[Kind, str, str, int]
"""A kind of change, what was said before and is said now, and which promise of the new ones it is
(-1 for one that is gone)."""

_SECONDS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "second", "seconds"), 1),
    **dict.fromkeys(("min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3_600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "week", "weeks"), 7 * 86_400),
    **dict.fromkeys(("month", "months"), 30 * 86_400),
    **dict.fromkeys(("y", "yr", "year", "years"), 365 * 86_400),
}
"""Seconds of a unit; `m` is none: to some it is a month, to others a minute."""

_LESS_IS_MORE = frozenset(
    {
        *("latency", "frequency", "updatefrequency", "errorrate", "er"),
        *("timetodetect", "timetonotify", "timetorepair", "ly", "fy", "td", "tn", "tr"),
    }
)
_MORE_IS_MORE = frozenset(
    {"availability", "av", "throughput", "th", "completeness", "retention", "re"}
)
_RETENTION = frozenset({"retention", "re"})
_ENDS = frozenset({"endoflife", "el", "endofsupport", "es"})
"""Days of a version's end: no promise changes with them; consumers are told by a notice."""

_ENDLESS = frozenset({"unlimited", "infinite", "forever", "for ever", "-1"})


def sla_changes(old: Said, new: Said) -> Iterator[Found]:
    """Give what changes between the service levels of two contracts."""
    before, after = _promises(old), _promises(new)
    for key, (index, promise) in after.items():
        kept = key[0] in _RETENTION
        if key not in before:
            kind = Kind.RETENTION_LENGTHENED if kept else Kind.SLA_TIGHTENED
            yield kind, "", _shown(promise), index
        elif (kind_or_none := _compared(key[0], before[key][1], promise)) is not None:
            yield kind_or_none, _shown(before[key][1]), _shown(promise), index
    for key, (_, promise) in before.items():
        if key not in after:
            gone = Kind.RETENTION_SHORTENED if key[0] in _RETENTION else Kind.SLA_LOOSENED
            yield gone, _shown(promise), "", -1


def _promises(document: Said) -> dict[tuple[str, str, str], tuple[int, Said]]:
    return {
        (str(one["property"]).lower(), str(one.get("element")), str(one.get("driver"))): (at, one)
        for at, one in enumerate(document.get("slaProperties") or ())
        if str(one["property"]).lower() not in _ENDS
    }


def _compared(name: str, old: Said, new: Said) -> Kind | None:
    before, after = promised(old), promised(new)
    same_end = old.get("valueExt") == new.get("valueExt")
    if before == after and same_end:
        return None
    better = same_end and _better(name, before, after)
    if name in _RETENTION:
        return Kind.RETENTION_LENGTHENED if better else Kind.RETENTION_SHORTENED
    return Kind.SLA_TIGHTENED if better else Kind.SLA_LOOSENED


def _better(name: str, before: tuple[Any, str], after: tuple[Any, str]) -> bool:
    """Tell whether the new value is surely the better one."""
    (old, old_unit), (new, new_unit) = before, after
    numbers = isinstance(old, int | float) and isinstance(new, int | float)
    alike = old_unit == new_unit or math.inf in (old, new)
    if not numbers or not alike:
        return False
    if name in _LESS_IS_MORE:
        return bool(new < old)
    return name in _MORE_IS_MORE and bool(new > old)


def promised(promise: Said) -> tuple[Any, str]:
    """Give a promise's value in seconds, endless ones as infinity, or in its own unit."""
    value, unit = promise.get("value"), str(promise.get("unit") or "").strip().lower()
    if str(value).strip().lower() in _ENDLESS:
        return math.inf, ""
    number = _number(value)
    if number is None:
        return value, unit
    if unit in _SECONDS:
        return number * _SECONDS[unit], "s"
    return number, unit


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _shown(promise: Said) -> str:
    parts = (promise["property"], promise.get("value"), promise.get("unit"))
    return " ".join(str(one) for one in parts if one is not None)
