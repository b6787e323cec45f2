"""Functions that the engine's SQL calls where SQLite's own arithmetic is not exact.

A decimal of more than 18 digits is text with exactly as many decimals as its type has ("wide").
Python's decimal computes with it at 80 digits, which is exact for two operands of 38.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

import apsw

_EXACT = Context(prec=80)

_OVERFLOWN = 1e300
"""What is computed from a number that SQLite could not keep exact; the codec refuses floats."""

Wide = str | float | None

WIDE_ORDER = "mesh_decimal"
"""The collation by which wide decimals are ordered."""


def register(connection: apsw.Connection) -> None:
    """Make the functions known to a connection. The engine does so once for each."""
    for name, function in _SCALARS.items():
        connection.create_scalar_function(name, function, deterministic=True)
    for name, aggregate in _AGGREGATES.items():
        connection.create_aggregate_function(name, aggregate, 1)
    connection.create_collation(WIDE_ORDER, _order)


def wide(value: Wide | int, own: int, scale: int) -> Wide:
    """Give a number as a wide decimal.

    Args:
        value: an integer, scaled by 10^own; or a wide decimal.
        own: decimals of the value.
        scale: decimals of the result, at least `own`.
    """
    if value is None or isinstance(value, float):
        return value
    number = Decimal(value)
    if isinstance(value, int):
        number = number.scaleb(-own, _EXACT)
    return f"{number:.{scale}f}"


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


_SCALARS: dict[str, Callable[..., Any]] = {
    "mesh_wide": wide,
    "mesh_add": _operation(_EXACT.add),
    "mesh_subtract": _operation(_EXACT.subtract),
    "mesh_multiply": _operation(_EXACT.multiply),
    "mesh_compare": compare,
}
_AGGREGATES: dict[str, Callable[[], Any]] = {
    "mesh_sum": _Sum,
    "mesh_min": _Extreme,
    "mesh_max": _Greatest,
}
