"""Exact decimals as unscaled integers and as canonical text; rounding as PostgreSQL assigns."""

from __future__ import annotations

import re

from streammesh.contracts.violations import Violated

_DECIMAL = re.compile(r"-?[0-9]{1,1000}(?:\.([0-9]{1,1000}))?\Z")

_ANY = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?\Z")


def decimal_text(unscaled: int, scale: int) -> str:
    """Write a decimal with exactly `scale` decimals: `decimal_text(-5, 2)` is "-0.05"."""
    if scale == 0:
        return str(unscaled)
    digits = str(abs(unscaled)).rjust(scale + 1, "0")
    sign = "-" if unscaled < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"


def unscaled(text: object, scale: int) -> int:
    """Read canonical decimal text as the integer of its digits.

    Args:
        text: the decimal; anything but a text is refused.
        scale: how many decimals it has to have.

    Raises:
        Violated: when it is no such text (NaN, Infinity, an exponent, other decimals).
    """
    found = _DECIMAL.match(text) if isinstance(text, str) else None
    if found is None or len(found[1] or "") != scale:
        raise Violated("is no exact decimal number")
    return int(found[0].replace(".", "", 1))


def rounded(text: object, scale: int, digits: int) -> int:
    """Read decimal text of any length as an unscaled decimal; halves are rounded away from zero.

    Args:
        text: digits with or without a point; anything but a text is refused.
        scale: decimals of the result.
        digits: how many digits the result may have at most.

    Raises:
        Violated: when it is no such text (NaN, Infinity, an exponent), or has more digits.
    """
    found = _ANY.match(text) if isinstance(text, str) else None
    if found is None:
        raise Violated("is no exact decimal number")
    sign, whole, decimals = found[1], found[2].lstrip("0"), found[3] or ""
    if len(whole) > digits - scale:
        raise Violated("has more digits than the contract allows")
    kept = int(f"0{whole}{decimals[:scale]:0<{scale}}") + (decimals[scale : scale + 1] >= "5")
    return bounded(-kept if sign else kept, power_of_ten(digits) - 1)


def power_of_ten(exponent: int) -> int:
    """Give 10 to the power of a number that is not negative."""
    return int(10**exponent)


def rescale(value: int, given: int, wanted: int) -> int:
    """Give an unscaled decimal another scale; halves are rounded away from zero."""
    if wanted >= given:
        return value * power_of_ten(wanted - given)
    divisor = power_of_ten(given - wanted)
    rounded = (abs(value) + divisor // 2) // divisor
    return -rounded if value < 0 else rounded


def bounded(value: int, limit: int) -> int:
    """Give the value when its amount is at most `limit`.

    Raises:
        Violated: when it is larger.
    """
    if not -limit <= value <= limit:
        raise Violated("has more digits than the contract allows")
    return value


def in_bits(value: int, bits: int) -> int:
    """Give the value when it fits a signed integer of that many bits.

    Raises:
        Violated: when it doesn't.
    """
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise Violated(f"doesn't fit an integer of {bits} bits")
    return value
