"""Rounding: to decimals that are written in the model, exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from streammesh.contracts.types import Decimal, Integer, Type
from streammesh.models.meanings.call import Call, Meaning, Unfit, constant
from streammesh.models.numbers import (
    digits_of,
    is_certain,
    is_number,
    is_wide,
    negated_bound,
    numeric,
    scale_of,
)
from streammesh.models.postgres_types import MAX_PRECISION
from streammesh.models.storage import FAST_DIGITS, is_fast
from streammesh.models.values import LIMIT, Value


def rounded(call: Call, value: Value, scale: int, mode: str, kind: Type | None = None) -> Value:
    """Give a decimal with fewer decimals.

    Args:
        call: for what the result is computed from.
        value: a decimal.
        scale: decimals of the result, fewer than the value's.
        mode: `round` (halves away from zero), `trunc`, `floor` or `ceil`.
        kind: the result's type; None for the narrowest that holds every result.
    """
    own = scale_of(value.type)
    digits = min(MAX_PRECISION, max(1, digits_of(value.type) - own + scale + 1))
    fast = not is_wide(value)
    result = kind or Decimal(min(digits, FAST_DIGITS) if fast else digits, scale)
    form = "wide" if isinstance(result, Decimal) and not is_fast(result) else "fast"
    engine = f"mesh_round({value.engine}, {own}, {scale}, '{mode}', '{form}')"
    where = f", {scale}" if mode in ("round", "trunc") else ""
    database = f"{mode}({numeric(value)}{where})"
    bound = value.bound // 10 ** (own - scale) + 1 if fast else 0
    bound = LIMIT + 1 if value.bound > LIMIT else bound
    return call.result(result, engine, database, bound)


def _to_decimals(mode: str) -> Callable[[Call], Value]:
    def compute(call: Call) -> Value:
        value, *more = call.values
        if not is_number(value):
            raise Unfit("it takes integers and decimals")
        scale = constant(more[0], 0, MAX_PRECISION, "the number of decimals") if more else 0
        if isinstance(value.type, Integer) or scale >= scale_of(value.type):
            return replace(value, literal=None, constant=None)
        inner = Call((value,), call.exact)
        return rounded(inner, value, scale, mode)

    return compute


def _whole(mode: str) -> Callable[[Call], Value]:
    def compute(call: Call) -> Value:
        (value,) = call.values
        if not is_number(value):
            raise Unfit("it takes integers and decimals")
        if scale_of(value.type) == 0:
            return value
        return rounded(call, value, 0, mode)

    return compute


def _absolute(call: Call) -> Value:
    (value,) = call.values
    if not is_number(value):
        raise Unfit("it takes integers and decimals")
    if is_wide(value):
        return call.result(value.type, f"ltrim({value.engine}, '-')", f"abs({value.database})")
    whole = isinstance(value.type, Integer)
    small = whole and is_certain(value)
    database = f"abs({value.database}::bigint)" if small else f"abs({numeric(value)})"
    # SQLite's abs fails for the least integer
    function = "abs" if value.bound < LIMIT else "mesh_absolute"
    engine = f"{function}({value.engine})"
    return call.result(Integer(64) if whole else value.type, engine, database, negated_bound(value))


def _sign(call: Call) -> Value:
    (value,) = call.values
    if not is_number(value):
        raise Unfit("it takes integers and decimals")
    # no integer is NaN: NULL stands for it
    engine = f"nullif(mesh_sign({value.engine}), 1e300)"
    return call.result(Integer(16), engine, f"nullif(sign({numeric(value)}), 'NaN')::smallint", 1)


_NUMBER = "an integer or decimal"
ROUND = Meaning(
    "round(a, n)",
    _to_decimals("round"),
    f"{_NUMBER}, a constant from 0 (left away: 0)",
    "a decimal with n decimals; an integer stays one",
    "halves away from zero: round(-2.5) is -3",
)
TRUNC = Meaning(
    "trunc(a, n)",
    _to_decimals("trunc"),
    f"{_NUMBER}, a constant from 0 (left away: 0)",
    "a decimal with n decimals; an integer stays one",
    "towards zero",
)
FLOOR = Meaning("floor(a)", _whole("floor"), _NUMBER, "a decimal without decimals; an integer")
CEIL = Meaning(
    "ceil(a)", _whole("ceil"), _NUMBER, "a decimal without decimals; an integer", "also `ceiling`"
)
ABS = Meaning("abs(a)", _absolute, _NUMBER, "bigint of an integer; else the same decimal")
SIGN = Meaning("sign(a)", _sign, _NUMBER, "smallint: -1, 0 or 1")
