"""Functions over JSON values and lists that the engine's SQL calls. Values are in state form."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from streammesh.models.uncomputable import Uncomputable

BEYOND = "9e999"
"""Stands for what no reader of JSON can hold."""

_GREAT, _SMALL = 1e300, 1e-300
"""Numbers with a point have a text between these magnitudes."""

_UNTOLD = 1e300
_NOTHING = object()


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(json.loads(path))


def _inside(value: str, path: str) -> Any:
    here = json.loads(value)
    for step in _steps(path):
        if isinstance(step, str):
            if not isinstance(here, dict) or step not in here:
                return _NOTHING
        elif not isinstance(here, list) or not -len(here) <= step < len(here):
            return _NOTHING
        here = here[step]
    return here


def part(value: str | None, path: str) -> str | None:
    """Give a part of a JSON value, as JSON; None where there is none.

    Args:
        value: JSON text.
        path: a JSON list of names and places.
    """
    found = _NOTHING if value is None else _inside(value, path)
    if found is _NOTHING:
        return None
    try:
        return json.dumps(
            found, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
        )
    except ValueError:
        return BEYOND


def text(value: str | None, path: str) -> str | None:
    """Give a part of a JSON value as a text; None for what is no text, number or truth value."""
    found = None if value is None else _inside(value, path)
    match found:
        case bool():
            return "true" if found else "false"
        case int():
            return str(found)
        case float():
            return _written(found)
        case str():
            return found
        case _:
            return None


def _written(number: float) -> str | None:
    if number == 0:
        return "0"
    if not _SMALL <= abs(number) < _GREAT:
        return None
    written = f"{Decimal(repr(number)):f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def has(items: str | None, value: Any, sure: int, days: int) -> int | float | None:
    """Tell whether a list has a value.

    Args:
        items: the list, as JSON with values in state form.
        value: in state form.
        sure: whether a NULL in the list counts as another value; else nothing is known of it.
        days: whether it holds dates or timestamps, of which some are not told (they end in `?`).
    """
    if items is None:
        return None
    listed = json.loads(items)
    if value is None:
        return None if sure or listed else 0
    if not isinstance(listed, list):
        return _UNTOLD
    if days and (value.endswith("?") or any(one is not None and one[-1] == "?" for one in listed)):
        return _UNTOLD
    if value in listed:
        return 1
    return None if None in listed and not sure else 0


def joined(items: str | None, separator: str | None) -> str | None:
    """Give the texts of a list as one text; NULLs are left out."""
    if items is None or separator is None:
        return None
    listed = json.loads(items)
    if not isinstance(listed, list):
        raise Uncomputable
    return separator.join(one for one in listed if one is not None)


JSON_TEXTS: dict[str, Callable[..., Any]] = {
    "mesh_json": part,
    "mesh_json_text": text,
    "mesh_joined": joined,
}
JSON_FUNCTIONS: dict[str, Callable[..., Any]] = {"mesh_has": has}
