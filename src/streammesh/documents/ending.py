"""What a contract says of its own end: when, why, and what takes its place.

The day is the standard's `slaProperties` entry `endOfLife`; the rest stands in `stream`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

END_OF_LIFE = "endOfLife"
"""The service level of ODCS that holds the day (https://bitol-io.github.io/open-data-contract-standard/)."""

REPLACED_BY, BECAUSE = ENDING = ("replaced_by", "because")
"""Options of the `stream` property that are about a version's end."""


@dataclass(frozen=True)
class Ending:
    """How a version ends.

    Attributes:
        until: its last day; None where the contract says none.
        because: why; empty where it isn't said.
        instead: the version that takes its place, `sales.orders.v2`; empty for none.
    """

    until: date | None
    because: str = ""
    instead: str = ""


def ending(document: Mapping[str, Any]) -> Ending:
    """Read what a contract says of its end."""
    listed = document.get("slaProperties") or ()
    days = (one.get("value") for one in listed if is_end(one))
    said = stream_of(document)
    return Ending(
        until=next(filter(None, map(_day, days)), None),
        because=str(said.get(BECAUSE) or ""),
        instead=str(said.get(REPLACED_BY) or ""),
    )


def is_end(service_level: Mapping[str, Any]) -> bool:
    """Tell whether an entry of `slaProperties` holds the end of life (`el` for short)."""
    return str(service_level.get("property")).lower() in ("endoflife", "el")


def stream_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the `stream` property of a contract; empty where it has none."""
    listed = document.get("customProperties") or ()
    found = (one.get("value") for one in listed if one.get("property") == "stream")
    return next((one for one in found if isinstance(one, Mapping)), {})


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
