"""Numbers: how they are brought to one form, and what type a computation has.

In the engine a number is an integer of 64 bits, scaled by its decimals ("fast"), or, over 18
digits, text ("wide"). A fast computation that may leave 64 bits stays fast where its value only
goes into the document, since SQLite then gives a float, which the codec refuses; it is done wide
where its value decides something (a condition, an order).
"""

from __future__ import annotations

from streammesh.contracts.types import Decimal, Integer, Type
from streammesh.models.postgres_types import MAX_PRECISION
from streammesh.models.storage import FAST_DIGITS, is_fast, quote
from streammesh.models.values import LIMIT, Value

MAX_CHECKED_SCALE = 6
"""Up to so many decimals, a result of over 18 digits is held in 18 and checked."""


def is_number(value: Value) -> bool:
    """Tell whether a value is an integer or a decimal."""
    return isinstance(value.type, Integer | Decimal)


def scale_of(kind: Type | None) -> int:
    """Give the decimals of a number's type."""
    return kind.scale if isinstance(kind, Decimal) else 0


def digits_of(kind: Type | None) -> int:
    """Give the digits that hold every value of a number's type."""
    if isinstance(kind, Decimal):
        return kind.precision
    return {16: 5, 32: 10}.get(kind.bits, 19) if isinstance(kind, Integer) else 0


def is_wide(value: Value) -> bool:
    """Tell whether a value is a decimal kept as text."""
    return isinstance(value.type, Decimal) and not is_fast(value.type)


def may_be_nan(value: Value) -> bool:
    """Tell whether a value is a fast decimal that may be NaN, which is 1e300 among its integers."""
    return is_fast(value.type) and value.constant is None


def is_column(value: Value) -> bool:
    """Tell whether a value is a column as it is, with nothing computed."""
    (ref, *others) = value.refs or (None,)
    if ref is None or others:
        return False
    return value.engine == f"{quote(ref.occurrence.alias)}.{quote(ref.name)}"


def with_nan(engine: str, *values: Value) -> str:
    """Give the engine's SQL of a fast result that decides something: NaN where an operand is NaN.

    SQLite goes on with 1e300 as with any number: -1e300, or 0.0 of 1e300 - 1e300.
    """
    return f"mesh_nan({engine})" if any(map(may_be_nan, values)) else engine


def scaled(value: Value, scale: int, *, exact: bool = False) -> str:
    """Give the engine's SQL of a fast number, scaled by 10^scale.

    Args:
        value: the number.
        scale: decimals of the result, at least its own.
        exact: whether the result decides something.
    """
    factor = 10 ** (scale - scale_of(value.type))
    if factor == 1:
        return value.engine
    if value.engine.lstrip("-").isdigit():
        return str(int(value.engine) * factor)
    engine = f"({value.engine} * {factor})"
    return with_nan(engine, value) if exact else engine


def scaled_bound(value: Value, scale: int) -> int:
    """Give the bound of a fast number when scaled by 10^scale."""
    return int(value.bound * 10 ** (scale - scale_of(value.type)))


def widened(value: Value, scale: int | None = None) -> str:
    """Give the engine's SQL of a number as a wide decimal with at least its own decimals."""
    own = scale_of(value.type)
    wanted = own if scale is None else scale
    if is_wide(value) and wanted == own:
        return value.engine
    return f"mesh_wide({value.engine}, {own}, {wanted})"


def numeric(value: Value) -> str:
    """Give the database's SQL of a number as numeric."""
    return value.database if isinstance(value.type, Decimal) else f"({value.database})::numeric"


def is_certain(*values: Value) -> bool:
    """Tell whether 64 bits hold every one of some integers, and its negative."""
    return all(value.bound < LIMIT for value in values)


def negated_bound(value: Value) -> int:
    """Give the bound of a number's negative: that of the least bigint has no place in 64 bits."""
    return value.bound if is_certain(value) else max(value.bound, LIMIT + 1)


def fits(bound: int) -> bool:
    """Tell whether SQLite's integers hold every number up to a bound."""
    return bound <= LIMIT


def result_type(left: Value, right: Value, scale: int, bound: int, *, exact: bool) -> Type | None:
    """Give the type of a sum, difference or product.

    Args:
        left: an operand.
        right: the other.
        scale: decimals of the result.
        bound: greatest magnitude of the result, scaled.
        exact: whether the result decides something.

    Returns:
        A fast type, or a wide one; None when there would be more than 38 decimals.
    """
    whole = isinstance(left.type, Integer) and isinstance(right.type, Integer)
    if is_wide(left) or is_wide(right):
        return wide_type(scale)
    if whole and (fits(bound) or not exact):
        return Integer(64)
    if bound < 10**FAST_DIGITS:
        return Decimal(max(len(str(bound)), scale, 1), scale)
    if scale <= MAX_CHECKED_SCALE and (fits(bound) or not exact):
        return Decimal(FAST_DIGITS, scale)
    return wide_type(scale)


def wide_type(scale: int) -> Type | None:
    """Give the type of wide decimals; None when no type has so many decimals."""
    return Decimal(MAX_PRECISION, scale) if scale <= MAX_PRECISION else None


def unified(left: Type, right: Type) -> Type:
    """Give the type that holds the values of two types of numbers."""
    if isinstance(left, Integer) and isinstance(right, Integer):
        return left if left.bits >= right.bits else right
    scale = max(scale_of(left), scale_of(right))
    whole = max(digits_of(left) - scale_of(left), digits_of(right) - scale_of(right))
    return Decimal(min(MAX_PRECISION, whole + scale), scale)
