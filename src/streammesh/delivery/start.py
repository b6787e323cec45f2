"""From where a product is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from streammesh.errors.consume import BadStart
from streammesh.platform.consumer import Start

_AGE = re.compile(r"(\d{1,6})([smhd])\Z")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_start(text: str, now: datetime) -> Start:
    """Read `beginning`, `end`, a time, or an age such as `15m`.

    Args:
        text: as typed; a time without zone is the machine's local time.
        now: with a zone; ages count back from it.

    Raises:
        BadStart: it is none of these.
    """
    if text in ("beginning", "end"):
        return text
    try:
        if age := _AGE.match(text):
            return now - timedelta(**{_UNITS[age[2]]: int(age[1])})
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadStart(text=text) from error
