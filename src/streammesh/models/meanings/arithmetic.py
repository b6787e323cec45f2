"""Arithmetic on integers and decimals: exact, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from streammesh.contracts.types import Date, Decimal, Integer, Timestamp
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.meanings.dates import moved
from streammesh.models.numbers import (
    fits,
    is_certain,
    is_number,
    is_wide,
    negated_bound,
    numeric,
    result_type,
    scale_of,
    scaled,
    scaled_bound,
    widened,
    with_nan,
)
from streammesh.models.storage import is_fast
from streammesh.models.values import Value

_NUMBERS = "integers, decimals"
_SUM = (
    "bigint of two integers; else a decimal with the greater number of decimals and the digits it"
    " needs"
)
_PRODUCT = (
    "bigint of two integers; else a decimal with the decimals of both and the digits it needs"
)
_OVERFLOW = (
    "over 18 digits: kept in 18 and checked (a greater value is a violation) up to 6 decimals, else"
    " decimal(38,s)"
)


def _operation(sign: str, function: str) -> Callable[[Call], Value]:
    def compute(call: Call) -> Value:
        left, right = call.values
        if sign in "+-" and isinstance(left.type, Date | Timestamp):
            return moved(call, sign)
        if not is_number(left) or not is_number(right):
            raise Unfit("it takes integers and decimals")
        scale, bound = _size(sign, left, right)
        kind = result_type(left, right, scale, bound, exact=call.exact)
        if kind is None:
            raise Unfit(f"the result would have {scale} decimals, 38 are possible")
        if isinstance(kind, Decimal) and not is_fast(kind):
            engine = f"{function}({widened(left)}, {widened(right)})"
            return call.result(kind, engine, f"({numeric(left)} {sign} {numeric(right)})")
        engine = f"({_operand(sign, left, scale)} {sign} {_operand(sign, right, scale)})"
        engine = with_nan(engine, left, right) if call.exact else engine
        return call.result(kind, engine, _database(bound, left, sign, right), bound)

    return compute


def _size(sign: str, left: Value, right: Value) -> tuple[int, int]:
    """Give the decimals of the result and its greatest magnitude."""
    if sign == "*":
        return scale_of(left.type) + scale_of(right.type), left.bound * right.bound
    scale = max(scale_of(left.type), scale_of(right.type))
    if is_wide(left) or is_wide(right):
        return scale, 0
    return scale, scaled_bound(left, scale) + scaled_bound(right, scale)


def _operand(sign: str, value: Value, scale: int) -> str:
    return value.engine if sign == "*" else scaled(value, scale)


def _database(bound: int, left: Value, sign: str, right: Value) -> str:
    """Compute in bigint where it never overflows: an error would end the query of all documents."""
    whole = isinstance(left.type, Integer) and isinstance(right.type, Integer)
    if whole and fits(max(bound, left.bound, right.bound)):
        return f"({left.database}::bigint {sign} {right.database}::bigint)"
    return f"({numeric(left)} {sign} {numeric(right)})"


def _negative(call: Call) -> Value:
    (value,) = call.values
    if not is_number(value):
        raise Unfit("it takes integers and decimals")
    if is_wide(value):
        engine = f"mesh_subtract('0', {value.engine})"
        return call.result(value.type, engine, f"(- {value.database})")
    constant = None if value.constant is None else value.constant.copy_negate()
    kind, database = value.type, f"(- {value.database})"
    if isinstance(value.type, Integer):
        number = f"{value.database}::bigint" if is_certain(value) else numeric(value)
        kind, database = Integer(64), f"(- {number})"
    engine = f"(- {value.engine})"
    engine = with_nan(engine, value) if call.exact else engine
    found = call.result(kind, engine, database, negated_bound(value))
    return replace(found, constant=constant)


PLUS = Meaning(
    "a + b",
    _operation("+", "mesh_add"),
    f"{_NUMBERS}; a date and an integer (days)",
    f"{_SUM}; a date",
    f"{_OVERFLOW}; a date beyond the years 1 to 9999 is NULL",
)
MINUS = Meaning(
    "a - b",
    _operation("-", "mesh_subtract"),
    f"{_NUMBERS}; a date and an integer (days); two dates",
    f"{_SUM}; a date; an integer (days)",
    f"{_OVERFLOW}; a date beyond the years 1 to 9999 is NULL",
)
TIMES = Meaning("a * b", _operation("*", "mesh_multiply"), _NUMBERS, _PRODUCT, _OVERFLOW)
NEGATIVE = Meaning("-a", _negative, _NUMBERS, "bigint of an integer; else the same decimal")
