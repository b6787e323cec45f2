"""Numbers that are no decimals yet: `numeric` without precision, `real`, `double precision`.

They are given on as they are, compared among themselves, and made decimals by a cast; what does
not fit becomes NaN, in engine and database, which is greater than all numbers and never published.
"""

from __future__ import annotations

import struct
from decimal import ROUND_HALF_UP, Context, Decimal

from streammesh.contracts import types
from streammesh.models.incoming import NAN
from streammesh.models.storage import is_fast
from streammesh.models.values import Value

_CONTEXT = Context(prec=400, rounding=ROUND_HALF_UP)
_SINGLE = struct.Struct("<f")


def is_inexact(kind: types.Type | None) -> bool:
    """Tell whether a type is a number that is no integer and no decimal."""
    return isinstance(kind, types.Numeric | types.Float)


def decimal_sql(value: Value, target: types.Decimal) -> tuple[str, str]:
    """Give the SQL, for engine and database, of such a number as a decimal."""
    digits, scale = target.precision, target.scale
    bits = value.type.bits if isinstance(value.type, types.Float) else 0
    engine = f"mesh_decimal({value.engine}, {bits}, {digits}, {scale})"
    rounded = f"round(({value.database})::numeric, {scale})"
    database = (
        f"(CASE WHEN abs({rounded}) < 1{'0' * (digits - scale)} THEN {rounded}"
        f" WHEN {value.database} IS NOT NULL THEN 'NaN'::numeric END)"
    )
    return engine, database


def decimal(value: str | None, bits: int, digits: int, scale: int) -> int | float | str | None:
    """Give a number as PostgreSQL casts it to `numeric(digits, scale)`, in state form.

    Args:
        value: the number in state form.
        bits: 32 or 64 of a floating-point number, of which PostgreSQL then takes 6 or 15 digits;
            0 of an exact one.
        digits: how many the result may have.
        scale: how many of them are decimals.
    """
    if value is None:
        return None
    fast = is_fast(types.Decimal(digits, scale))
    number = _number(value, bits)
    if number is not None:
        shifted = number.scaleb(scale, _CONTEXT).to_integral_value(context=_CONTEXT)
        if abs(shifted) < 10**digits:
            return int(shifted) if fast else f"{_plain(int(shifted), scale)}"
    return NAN if fast else "NaN"


def _number(value: str, bits: int) -> Decimal | None:
    """Give a finite number that may fit a decimal; None for any other."""
    if value in ("NaN", "Infinity", "-Infinity"):
        return None
    if bits == 64:
        return Decimal(f"{float(value):.15g}")
    if bits == 32:
        (single,) = _SINGLE.unpack(_SINGLE.pack(float(value)))
        return Decimal(f"{single:.6g}")
    whole, _, decimals = value.partition(".")
    # only the first digit that is cut off decides how it is rounded
    return Decimal(f"{whole}.{decimals[:60]}") if len(whole) <= 60 else None


def _plain(unscaled: int, scale: int) -> str:
    digits = str(abs(unscaled)).rjust(scale + 1, "0")
    sign = "-" if unscaled < 0 else ""
    return sign + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)
