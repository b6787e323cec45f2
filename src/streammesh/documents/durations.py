"""Durations as people write them: `7d`, `12h`, `30m`, `45s`."""

from __future__ import annotations

import re

from streammesh.errors import Location
from streammesh.errors.documents import BadDuration

_DURATION = re.compile(r"0*([1-9][0-9]{0,8})\s*(d|h|m|s)\Z")
_MILLISECONDS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000}


def milliseconds(text: str, where: Location | None = None) -> int:
    """Give a duration in milliseconds.

    Args:
        text: a whole number and a unit.
        where: its place, for the message.

    Raises:
        BadDuration: when it is none, or zero.
    """
    found = _DURATION.match(text.strip())
    if found is None:
        raise BadDuration(text=text, where=where)
    return int(found[1]) * _MILLISECONDS[found[2]]
