"""Text functions that the engine's SQL calls, as PostgreSQL has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from streammesh.models.uncomputable import Uncomputable

_END = 1_000_000_000
"""Places in texts are cut here, as in the database's SQL."""

_LOWER = {upper: upper + 32 for upper in range(65, 91)}


def _place(number: int | float) -> int:
    if isinstance(number, float):
        # SQLite could not keep the integer exact
        raise Uncomputable
    return max(-_END, min(_END, number))


def substring(text: str | None, start: int | None, *size: int | None) -> str | None:
    """Give characters from a place (from 1); places before it count."""
    if text is None or start is None or None in size:
        return None
    first = _place(start) - 1
    if not size or size[0] is None:
        return text[max(0, first) :]
    return text[max(0, first) : max(0, first + max(0, _place(size[0])))]


def left(text: str | None, size: int | None) -> str | None:
    """Give the first characters; all but the last ones of a negative size."""
    if text is None or size is None:
        return None
    return text[: _place(size)]


def right(text: str | None, size: int | None) -> str | None:
    """Give the last characters; all but the first ones of a negative size."""
    if text is None or size is None:
        return None
    return text[-_place(size) :] if size else ""


def _padding(size: int, text: str, fill: str) -> str:
    missing = size - len(text)
    return (fill * (missing // len(fill) + 1))[:missing] if fill and missing > 0 else ""


def lpad(text: str | None, size: int, fill: str | None) -> str | None:
    """Fill up on the left, or cut."""
    if text is None or fill is None:
        return None
    return _padding(size, text, fill) + text[:size]


def rpad(text: str | None, size: int, fill: str | None) -> str | None:
    """Fill up on the right, or cut."""
    if text is None or fill is None:
        return None
    return text[:size] + _padding(size, text, fill)


def split(text: str | None, separator: str | None, number: int) -> str | None:
    """Give a part of a text, from 1; empty when there is none."""
    if text is None or separator is None:
        return None
    parts = text.split(separator) if separator else [text]
    return parts[number - 1] if number <= len(parts) else ""


def _both(test: Callable[[str, str], bool]) -> Callable[[str | None, str | None], int | None]:
    def tested(one: str | None, other: str | None) -> int | None:
        return None if one is None or other is None else int(test(one, other))

    return tested


@lru_cache(maxsize=4096)
def _pattern(written: str, escape: str, fold: int) -> re.Pattern[str]:
    """Give a pattern as an expression that never looks back: each part is taken where it is met."""
    pieces, escaped = [""], False
    for character in written.translate(_LOWER) if fold else written:
        if not escaped and escape and character == escape:
            escaped = True
        elif not escaped and character == "%":
            pieces.append("")
        else:
            any_one = character == "_" and not escaped
            pieces[-1] += "." if any_one else re.escape(character)
            escaped = False
    first, *others = pieces
    middle = "".join(f"(?>.*?{piece})" for piece in others[:-1])
    last = f".*{others[-1]}" if others else ""
    return re.compile(first + middle + last, re.DOTALL)


def like(text: str | None, pattern: str | None, escape: str, fold: int) -> int | None:
    """Tell whether a text is like a pattern."""
    if text is None or pattern is None:
        return None
    compared = text.translate(_LOWER) if fold else text
    return int(_pattern(pattern, escape, fold).fullmatch(compared) is not None)


TEXT_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "mesh_substring": substring,
    "mesh_left": left,
    "mesh_right": right,
    "mesh_lpad": lpad,
    "mesh_rpad": rpad,
    "mesh_split": split,
    "mesh_reverse": lambda text: None if text is None else text[::-1],
    "mesh_starts_with": _both(str.startswith),
    "mesh_ends_with": _both(str.endswith),
    "mesh_like": like,
}
