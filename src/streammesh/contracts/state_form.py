"""From the state form of a document to its canonical form, both by the model's types."""

from __future__ import annotations

from typing import Any

from streammesh.contracts.floats import canonical, number
from streammesh.contracts.numbers import decimal_text
from streammesh.contracts.types import (
    Array,
    Boolean,
    Decimal,
    Float,
    Integer,
    Json,
    Map,
    Record,
    Type,
)
from streammesh.contracts.violations import Violated
from streammesh.contracts.walking import Convert, array, entries, nullable, record, same

MAX_INTEGER_DIGITS = 18
"""A decimal of at most this many digits is kept as a scaled integer."""


def from_state(  # noqa: PLR0911 - one line per type
    type_: Type, *, in_document: bool = True
) -> Convert:
    """Give the function from state form to canonical form.

    Args:
        type_: the model's type.
        in_document: whether the value stands in a document's JSON.

    Returns:
        A function of a value that is not None; it raises Violated for what is in no state form,
        such as the REAL that an overflowing integer turns into.
    """
    match type_:
        case Record(fields):
            return record([(one.name, nullable(from_state(one.type))) for one in fields])
        case Array(items):
            return array(nullable(from_state(items)))
        case Map(values):
            return entries(nullable(from_state(values)))
        case Float(bits):
            return lambda value: canonical(number(value), bits)
        case Decimal(precision, scale) if precision <= MAX_INTEGER_DIGITS:
            return lambda value: decimal_text(_integer(value), scale)
        case Json() if in_document:
            return same
        case _:
            return _SCALARS.get(type(type_), _text)


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise Violated("is no exact number: the computation left the range of 64 bits")
    return value


def _boolean(value: Any) -> bool:
    if value not in (0, 1):
        raise Violated("is neither true nor false")
    return bool(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Violated("is no text")
    return value


_SCALARS: dict[type, Convert] = {Boolean: _boolean, Integer: _integer}
