"""Functions that the engine's SQL calls where SQLite's own arithmetic is not exact.

A decimal of more than 18 digits is text with exactly as many decimals as its type has ("wide").
Python's decimal computes with it at 80 digits, which is exact for two operands of 38.
"""

from __future__ import annotations

import decimal
import functools
import re
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

import apsw

from streammesh.models import inexact
from streammesh.models.incoming import NAN
from streammesh.models.json_functions import JSON_FUNCTIONS, JSON_TEXTS
from streammesh.models.moments import shown
from streammesh.models.text_functions import TEXT_FUNCTIONS
from streammesh.models.time_functions import TIME_FUNCTIONS, TIME_TEXTS
from streammesh.models.uncomputable import Uncomputable

_EXACT = Context(prec=80)

_OVERFLOWN = 1e301
"""What is computed from a number that SQLite could not keep exact; the codec refuses floats."""

Wide = str | float | None

WIDE_ORDER = "mesh_decimal"
"""The collation by which wide decimals are ordered."""


def register(connection: apsw.Connection) -> None:
    """Make the functions known to a connection. The engine does so once for each."""
    for name, function in _SCALARS.items():
        connection.create_scalar_function(name, _safe(function), deterministic=True)
    for name, function in _TEXTS.items():
        connection.create_scalar_function(name, function, deterministic=True)
    for name, aggregate in _AGGREGATES.items():
        connection.create_aggregate_function(name, aggregate, 1)
    connection.create_collation(WIDE_ORDER, _order)


def _safe(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function that gives what no document can show where it can't compute.

    So it is with values that no document can show themselves: days that are none. A function that
    gives a text fails instead, since a text can be made of anything: the engine takes that for a
    violation of the document.
    """

    def computed(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except (ValueError, ArithmeticError):
            return _OVERFLOWN

    return computed


def wide(value: Wide | int, own: int, scale: int) -> Wide:
    """Give a number as a wide decimal.

    Args:
        value: an integer, scaled by 10^own; or a wide decimal.
        own: decimals of the value.
        scale: decimals of the result, at least `own`.
    """
    if value is None or isinstance(value, float):
        return "NaN" if value == NAN else value
    number = Decimal(value)
    if isinstance(value, int):
        number = number.scaleb(-own, _EXACT)
    return f"{number:.{scale}f}"


def nan(value: int | float | None) -> int | float | None:
    """Give NaN as it is among scaled integers, whatever number SQLite has made of it."""
    return NAN if isinstance(value, float) else value


def digits(value: int | float | None) -> str | None:
    """Give an integer as text."""
    if isinstance(value, float):
        raise Uncomputable
    return None if value is None else str(value)


def written(value: Wide | int, own: int) -> str | None:
    """Give a decimal as text.

    Args:
        value: an integer, scaled by 10^own; or a wide decimal.
        own: its decimals.
    """
    found = wide(value, own, own)
    if isinstance(found, float):
        raise Uncomputable
    return found


def _print(number: Decimal) -> str:
    return f"{number:f}" if number else f"{abs(number):f}"


def _operation(compute: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Wide, Wide], Wide]:
    def operation(left: Wide, right: Wide) -> Wide:
        if left is None or right is None:
            return None
        if isinstance(left, float) or isinstance(right, float):
            return _OVERFLOWN
        return _print(compute(Decimal(left), Decimal(right)))

    return operation


def compare(left: str | None, right: str | None) -> int | None:
    """Give -1, 0 or 1 as `left` is less than, equal to or greater than `right`; None for NULL."""
    if left is None or right is None:
        return None
    if left == "NaN" or right == "NaN":
        # as in PostgreSQL it equals itself and is greater than all others
        return (left == "NaN") - (right == "NaN")
    return int(_EXACT.compare(Decimal(left), Decimal(right)))


def _order(left: str, right: str) -> int:
    return compare(left, right) or 0


class _Sum:
    """The exact sum of wide decimals; NULL over no values."""

    def __init__(self) -> None:
        self.total: Decimal | None = None
        self.overflown = False

    def step(self, value: Wide) -> None:
        self.overflown = self.overflown or isinstance(value, float)
        if isinstance(value, str):
            self.total = _EXACT.add(self.total or Decimal(0), Decimal(value))

    def final(self) -> Wide:
        if self.overflown:
            return _OVERFLOWN
        return None if self.total is None else _print(self.total)


class _Extreme:
    """The least or greatest of wide decimals; NULL over no values."""

    sign = 1

    def __init__(self) -> None:
        self.best: str | None = None

    def step(self, value: str | None) -> None:
        if value is not None and (self.best is None or _order(value, self.best) * self.sign < 0):
            self.best = value

    def final(self) -> str | None:
        return self.best


class _Greatest(_Extreme):
    sign = -1


def _number(value: Wide | int, own: int) -> Decimal:
    number = Decimal(value or 0)
    return number.scaleb(-own, _EXACT) if isinstance(value, int) else number


def _is_nan(value: Wide | int) -> bool:
    return value in {"NaN", NAN}


def _given_nan(form: str) -> Wide:
    return "NaN" if form == "wide" else NAN


def _given(number: Decimal, scale: int, form: str) -> Wide | int:
    """Give a number in state form: an integer scaled by 10^scale, or text."""
    if form == "wide":
        return _print(number)
    scaled = int(number.scaleb(scale, _EXACT))
    return scaled if -(2**63) <= scaled < 2**63 else _OVERFLOWN


def divide(left: Wide | int, own: int, right: Wide | int, its: int, scale: int, form: str) -> Any:  # noqa: PLR0913, PLR0917
    """Give a quotient, halves away from zero; None when it is divided by zero.

    Args:
        left: an integer, scaled by 10^own; or a wide decimal.
        own: decimals of it.
        right: the divisor, in the same forms.
        its: decimals of it.
        scale: decimals of the result.
        form: of the result, `fast` or `wide`.
    """
    if left is None or right is None:
        return None
    if _is_nan(left) or _is_nan(right):
        return _given_nan(form) if Decimal(right) else None
    if isinstance(left, float) or isinstance(right, float):
        return _OVERFLOWN
    top, bottom = _number(left, own).as_integer_ratio(), _number(right, its).as_integer_ratio()
    above, below = top[0] * bottom[1] * 10**scale, top[1] * bottom[0]
    if below == 0:
        return None
    quotient = (2 * abs(above) + abs(below)) // (2 * abs(below))
    signed = quotient if (above < 0) == (below < 0) else -quotient
    if form == "fast":
        return signed if -(2**63) <= signed < 2**63 else _OVERFLOWN
    return f"{Decimal(signed).scaleb(-scale, _EXACT):.{scale}f}" if signed else f"{0:.{scale}f}"


_MODES = {
    "round": decimal.ROUND_HALF_UP,
    "trunc": decimal.ROUND_DOWN,
    "floor": decimal.ROUND_FLOOR,
    "ceil": decimal.ROUND_CEILING,
}


def round_to(value: Wide | int, own: int, scale: int, mode: str, form: str) -> Wide | int:
    """Give a number with fewer decimals.

    Args:
        value: an integer, scaled by 10^own; or a wide decimal.
        own: decimals of the value.
        scale: decimals of the result.
        mode: `round`, `trunc`, `floor` or `ceil`.
        form: of the result, `fast` or `wide`.
    """
    if _is_nan(value):
        return _given_nan(form)
    if value is None or isinstance(value, float):
        return value
    unit = Decimal(1).scaleb(-scale, _EXACT)
    number = _number(value, own).quantize(unit, rounding=_MODES[mode], context=_EXACT)
    return _given(number, scale, form)


def remainder(left: Wide, right: Wide) -> Wide:
    """Give what is left of a division, with the sign of what is divided; None by zero."""
    if left is None or right is None or not isinstance(right, str) or not isinstance(left, str):
        return None if left is None or right is None else _OVERFLOWN
    divisor = Decimal(right)
    return None if not divisor else _print(_EXACT.remainder(Decimal(left), divisor))


def absolute(value: int | float | None) -> int | float | None:
    """Give a magnitude; a float when it leaves 64 bits."""
    if value is None or isinstance(value, float):
        return value
    return abs(value) if value > -(2**63) else _OVERFLOWN


def sign(value: Wide | int) -> int | float | None:
    """Give -1, 0 or 1; of NaN itself."""
    if value is None:
        return None
    if _is_nan(value):
        return NAN
    if isinstance(value, float):
        return _OVERFLOWN
    number = Decimal(value)
    return (number > 0) - (number < 0)


_KEY = functools.cmp_to_key(_order)


def _choose(*, greatest: bool, wide: bool) -> Callable[..., Any]:
    pick = max if greatest else min

    def chosen(*values: Any) -> Any:
        present = [value for value in values if value is not None]
        if not present:
            return None
        return pick(present, key=_KEY) if wide else pick(present)

    return chosen


def number_of(written: str | None, scale: int, whole: int, bound: int) -> int | None:
    """Give the number that a text is, scaled; None when it is none, or too great."""
    if written is None or (_WHOLE if whole else _DECIMAL).fullmatch(written) is None:
        return None
    unit = Decimal(1).scaleb(-scale, _EXACT)
    exact = Decimal(written).quantize(unit, rounding=decimal.ROUND_HALF_UP, context=_EXACT)
    scaled = int(exact.scaleb(scale, _EXACT))
    return scaled if -bound - whole <= scaled <= bound else None


_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?(?=.{1,19}\Z)[0-9]+([.][0-9]+)?", re.DOTALL)

_TEXTS: dict[str, Callable[..., Any]] = {
    **TEXT_FUNCTIONS,
    **JSON_TEXTS,
    **TIME_TEXTS,
    "mesh_shown": shown,
    "mesh_digits": digits,
    "mesh_written": written,
}
"""Functions that give texts."""

_SCALARS: dict[str, Callable[..., Any]] = {
    **TIME_FUNCTIONS,
    **JSON_FUNCTIONS,
    "mesh_divide": divide,
    "mesh_round": round_to,
    "mesh_remainder": remainder,
    "mesh_absolute": absolute,
    "mesh_sign": sign,
    "mesh_greatest": _choose(greatest=True, wide=False),
    "mesh_least": _choose(greatest=False, wide=False),
    "mesh_greatest_wide": _choose(greatest=True, wide=True),
    "mesh_least_wide": _choose(greatest=False, wide=True),
    "mesh_number": number_of,
    "mesh_wide": wide,
    "mesh_add": _operation(_EXACT.add),
    "mesh_subtract": _operation(_EXACT.subtract),
    "mesh_multiply": _operation(_EXACT.multiply),
    "mesh_compare": compare,
    "mesh_decimal": inexact.decimal,
    "mesh_nan": nan,
}
_AGGREGATES: dict[str, Callable[[], Any]] = {
    "mesh_sum": _Sum,
    "mesh_min": _Extreme,
    "mesh_max": _Greatest,
}
