"""Until when access is granted, as people write it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from streammesh.errors.access import ExpiryWrong

_DAYS = re.compile(r"0*([1-9][0-9]{0,4})\s*d\Z")


def last_day(text: str, today: date) -> str:
    """Give the last day of a grant, `2027-01-31`.

    Args:
        text: `90d` or `2027-01-31`; `never` for none.
        today: the day it is granted.

    Returns:
        Empty for none.

    Raises:
        ExpiryWrong: it is neither, or over already.
    """
    said = text.strip()
    if said == "never":
        return ""
    found = _DAYS.match(said)
    if found is not None:
        return (today + timedelta(days=int(found[1]))).isoformat()
    try:
        day = date.fromisoformat(said)
    except ValueError:
        raise ExpiryWrong(text=text) from None
    if day < today or len(said) != len("2027-01-31"):
        raise ExpiryWrong(text=text)
    return day.isoformat()
