"""Division and what needs it: exact to a stated number of decimals, halves away from zero.

PostgreSQL's `/` on numeric chooses its decimals by the values, and rounding its result again could
round twice; so the database's SQL divides whole numbers with `div`, which is exact. What is divided
by zero is NULL, on both sides: an error would stop every document of the model.
"""

from __future__ import annotations

from dataclasses import replace

from streammesh.contracts.types import Decimal, Integer
from streammesh.models.meanings.aggregates import COUNT, SUM, or_null
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.numbers import (
    MAX_CHECKED_SCALE,
    digits_of,
    is_certain,
    is_number,
    is_wide,
    negated_bound,
    numeric,
    scale_of,
    scaled,
    wide_type,
    widened,
    with_nan,
)
from streammesh.models.postgres_types import MAX_PRECISION
from streammesh.models.storage import FAST_DIGITS, is_fast
from streammesh.models.values import LIMIT, Cause, Value

DECIMALS = 6
"""Decimals of a quotient, or those of the dividend if it has more."""

_ZERO = Cause("divided by zero it is NULL")


def _numbers(call: Call) -> None:
    if not all(is_number(value) for value in call.values):
        raise Unfit("it takes integers and decimals")


def _by_zero(call: Call, divisor: Value) -> tuple[Cause, ...]:
    never = divisor.constant is not None and divisor.constant != 0
    causes = tuple(cause for value in call.values for cause in value.nulls)
    return causes if never else (*causes, _ZERO)


def _whole_digits(value: Value) -> int:
    """Give the digits before the point of every value that there can be."""
    scale = scale_of(value.type)
    if is_wide(value):
        return digits_of(value.type) - scale
    return max(digits_of(value.type), len(str(value.bound))) - scale


def _quotient_type(left: Value, right: Value, *, exact: bool) -> tuple[Decimal, int]:
    """Give the type of a quotient and its greatest magnitude, scaled."""
    scale = max(DECIMALS, scale_of(left.type))
    digits = _whole_digits(left) + scale_of(right.type) + scale
    if digits <= FAST_DIGITS:
        return Decimal(max(1, digits), scale), 10**digits
    if is_wide(left) or is_wide(right) or exact or scale > MAX_CHECKED_SCALE:
        kind = wide_type(scale)
        if not isinstance(kind, Decimal):
            raise Unfit(f"the result would have {scale} decimals, {MAX_PRECISION} are possible")
        return kind, 0
    return Decimal(FAST_DIGITS, scale), LIMIT + 1


def _printed(left: Value, right: Value, kind: Decimal) -> tuple[str, str]:
    """Give the SQL of a quotient, rounded to the decimals of a type."""
    scale, form = kind.scale, "fast" if is_fast(kind) else "wide"
    engine = (
        f"mesh_divide({left.engine}, {scale_of(left.type)}, {right.engine},"
        f" {scale_of(right.type)}, {scale}, '{form}')"
    )
    top, bottom, unit = numeric(left), numeric(right), "0." + "0" * (scale - 1) + "1"
    doubled = f"2 * {top} * {10**scale} + abs({bottom}) * sign({top})"
    return engine, f"(div({doubled}, nullif(2 * {bottom}, 0)) * {unit})"


def _divided(call: Call) -> Value:
    _numbers(call)
    left, right = call.values
    kind, bound = _quotient_type(left, right, exact=call.exact)
    engine, database = _printed(left, right, kind)
    return replace(call.result(kind, engine, database, bound), nulls=_by_zero(call, right))


def _whole(call: Call) -> Value:
    _numbers(call)
    left, right = call.values
    if not all(isinstance(value.type, Integer) for value in call.values):
        raise Unfit("it takes integers; for decimals write trunc(a / b)")
    database = f"div({numeric(left)}, nullif({numeric(right)}, 0))"
    if is_certain(left, right):
        database = f"({left.database}::bigint / nullif({right.database}, 0)::bigint)"
    engine = f"({left.engine} / {right.engine})"
    value = call.result(Integer(64), engine, database, negated_bound(left))
    return replace(value, nulls=_by_zero(call, right))


def _remainder(call: Call) -> Value:
    _numbers(call)
    left, right = call.values
    scale = max(scale_of(left.type), scale_of(right.type))
    nulls = _by_zero(call, right)
    if all(isinstance(value.type, Integer) for value in call.values):
        database = f"({numeric(left)} % nullif({numeric(right)}, 0))"
        if is_certain(left, right):
            database = f"({left.database}::bigint % nullif({right.database}, 0)::bigint)"
        engine = f"({left.engine} % {right.engine})"
        return replace(call.result(Integer(64), engine, database, LIMIT), nulls=nulls)
    database = f"({numeric(left)} % nullif({numeric(right)}, 0))"
    digits = max(digits_of(one.type) - scale_of(one.type) for one in call.values) + scale
    if digits <= FAST_DIGITS and not is_wide(left) and not is_wide(right):
        engine = f"({scaled(left, scale)} % {scaled(right, scale)})"
        engine = with_nan(engine, left, right) if call.exact else engine
        return replace(call.result(Decimal(digits, scale), engine, database), nulls=nulls)
    engine = f"mesh_remainder({widened(left, scale)}, {widened(right, scale)})"
    kind = wide_type(scale)
    if kind is None:
        raise Unfit(f"the result would have {scale} decimals, {MAX_PRECISION} are possible")
    return replace(call.result(kind, engine, database), nulls=nulls)


def _average(call: Call) -> Value:
    """The exact sum, divided by the count."""
    if call.distinct:
        raise Unfit("DISTINCT is not for avg")
    _numbers(call)
    (value,) = call.values
    total = SUM.compute(replace(call, exact=True))
    count = COUNT.compute(call)
    scale = max(DECIMALS, scale_of(value.type))
    digits = _whole_digits(value) + scale
    kind = Decimal(digits if digits <= FAST_DIGITS else MAX_PRECISION, scale)
    engine, database = _printed(total, count, kind)
    result = call.result(kind, engine, database)
    return or_null(call, result)


DIVIDED = Meaning(
    "a / b",
    _divided,
    "integers, decimals",
    "a decimal with 6 decimals, or those of a if they are more",
    "exact, halves away from zero; NULL where b is 0; 7 / 2 is 3.500000 (3 is `7 // 2`); over 18"
    " digits: kept in 18 and checked",
)
WHOLE = Meaning(
    "a // b", _whole, "integers", "bigint", "towards zero: -7 // 2 is -3; NULL where b is 0"
)
REMAINDER = Meaning(
    "a % b",
    _remainder,
    "integers, decimals",
    "bigint of two integers; else a decimal with the greater number of decimals",
    "has the sign of a: -7 % 2 is -1; NULL where b is 0; also `mod(a, b)`",
)
AVERAGE = Meaning(
    "avg(a)",
    _average,
    "integers, decimals",
    "a decimal with 6 decimals, or those of a if they are more",
    "exact, halves away from zero; NULL over no rows",
)
