"""Floating-point numbers: canonical form, and 32 bits in Python's 64."""

from __future__ import annotations

import math
import re
import struct

from streammesh.contracts.violations import Violated

_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]{1,9})?\Z")
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_NARROW = struct.Struct("<f")
_LEAST_NORMAL = 2.0**-126
"""From here on every number of six digits has a float of its own; smaller ones have fewer."""

Canonical = float | str
"""A finite number, or "NaN", "Infinity" or "-Infinity"; never negative zero."""


def number(value: object) -> float:
    """Read a float, canonical or in state form.

    Raises:
        Violated: when it is none.
    """
    if isinstance(value, str):
        if value in _WORDS:
            return _WORDS[value]
        if not _NUMBER.match(value):
            raise Violated("is no floating-point number")
    elif type(value) not in (int, float):
        raise Violated("is no floating-point number")
    try:
        return float(value) + 0.0  # type: ignore[arg-type] # adding makes -0.0 zero
    except OverflowError:
        raise Violated("is too large for a floating-point number") from None


def canonical(value: float, bits: int) -> Canonical:
    """Give a number its canonical form, rounded to a number of 32 or 64 bits.

    Raises:
        Violated: when its amount is too large for 32 bits.
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return (value if bits == 64 else _shortest(value)) + 0.0


def _shortest(value: float) -> float:
    """Give the number with the fewest digits that is the same in 32 bits."""
    try:
        packed = _NARROW.pack(value)
    except OverflowError:
        raise Violated("is too large for a floating-point number of 32 bits") from None
    exact: float = _NARROW.unpack(packed)[0]
    for digits in range(6 if abs(exact) >= _LEAST_NORMAL else 1, 9):
        short = float(f"{exact:.{digits}g}")
        if _NARROW.pack(short) == packed:
            return short
    return float(f"{exact:.9g}")
