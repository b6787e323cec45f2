"""JSON of any database: its numbers may be beyond what a reader of JSON holds."""

from __future__ import annotations

import json
from typing import Any

MOST_DIGITS = 4_000
"""Python reads no integers of more than 4,300 digits: a longer one is infinite, like 1e400."""


def loads(text: str | bytes) -> Any:
    """Parse JSON; numbers that are too large are infinite.

    Raises:
        ValueError: when it is none.
    """
    return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int | float:
    if len(digits) <= MOST_DIGITS:
        return int(digits)
    return float("-inf") if digits.startswith("-") else float("inf")
