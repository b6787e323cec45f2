"""The known name that a person most likely meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MEANT = {
    "bool": "boolean",
    "char": "string",
    "datetime": "timestamp",
    "decimal": "number",
    "dict": "object",
    "double": "number",
    "float": "number",
    "int": "integer",
    "list": "array",
    "numeric": "number",
    "record": "object",
    "str": "string",
    "struct": "object",
    "text": "string",
    "uuid": "string",
    "varchar": "string",
}
"""What words of other type systems are called in contracts."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Give the fix for an unknown name: the nearest known one, or all when there are few.

    Args:
        name: what was written.
        known: what could have been written.

    Returns:
        A sentence such as "write `owner`"; None when nothing is known.
    """
    names = sorted(known)
    if (meant := _MEANT.get(name.lower())) in names:
        return f"write `{meant}`"
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"write `{close[0]}`"
    if not names:
        return None
    shown = ", ".join(f"`{one}`" for one in names[:12])
    return f"known are {shown}" + (", …" if len(names) > 12 else "")
