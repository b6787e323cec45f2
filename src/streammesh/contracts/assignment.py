"""A canonical value by the model's type, assigned to the contract's type.

Widening is free. Decimals are rounded half away from zero, as PostgreSQL assigns them; a number
that doesn't fit, a text that is too long, a NULL where a value is required and a value that breaks
a rule violate the contract.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import msgspec

from streammesh.contracts.assign import assignable
from streammesh.contracts.checks import guarded
from streammesh.contracts.floats import canonical, number
from streammesh.contracts.numbers import bounded, decimal_text, in_bits, rescale, rounded, unscaled
from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Enum,
    Field,
    Float,
    Integer,
    Json,
    Map,
    Numeric,
    Record,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.contracts.violations import Violated
from streammesh.contracts.walking import Convert, array, entries, record


def assigner(model: Type, contract: Type) -> Convert:
    """Give the function that assigns a canonical value of the model to the contract's type.

    Raises:
        ValueError: when the types can't be assigned; apply has checked that they can.
    """
    match model, contract:
        case Record(given), Record(promised):
            types = {one.name: one.type for one in given}
            if types.keys() != {one.name for one in promised}:
                raise ValueError(assignable(model, contract))
            return record([(one.name, _field(types[one.name], one)) for one in promised])
        case Array(given_items), Array():
            return array(_element(given_items, contract))
        case Map(given_values), Map():
            return entries(_element(given_values, contract))
        case Json(), Map() if assignable(model, contract) is None:
            return _json_as(contract)
        case _:
            reason = assignable(model, contract)
            if reason is not None:
                raise ValueError(reason)
            return _scalar(model, contract)


def _field(given: Type, promised: Field) -> Convert:
    return guarded(assigner(given, promised.type), promised)


def _element(given: Type, promised: Array | Map) -> Convert:
    return guarded(assigner(given, element_of(promised).type), element_of(promised))


def element_of(promised: Array | Map) -> Field:
    """Give what a list or map holds as a field without a name."""
    held = promised.items if isinstance(promised, Array) else promised.values
    return Field("", held, required=promised.required, rules=promised.rules)


def _json_as(promised: Type) -> Convert:
    """Give the function that takes a JSON value for a value of a type, when it is one."""
    match promised:
        case Array():
            return array(guarded(_json_as(promised.items), element_of(promised)))
        case Map():
            return entries(guarded(_json_as(promised.values), element_of(promised)))
        case _:
            return assigner(promised, promised)


def _scalar(model: Type, contract: Type) -> Convert:
    match contract:
        case Integer() | Decimal():
            return _number(model, contract)
        case Float(bits):
            return _float(model, bits)
        case Enum(symbols):
            return _word(frozenset(symbols))
        case Text(length) if length is not None:
            return _text(length)
        case Timestamp(zone):
            return _INSTANT if zone else _LOCAL
        case _:
            return _CHECKS[type(contract)]


def _number(model: Type, contract: Type) -> Convert:
    match model, contract:
        case Integer(), Integer(bits):
            return lambda value: in_bits(_whole(value), bits)
        case Integer(), Decimal(precision, scale):
            limit = 10**precision - 1
            return lambda value: decimal_text(bounded(_whole(value) * 10**scale, limit), scale)
        case Decimal(), Integer(bits):
            return lambda value: in_bits(unscaled(value, 0), bits)
        case Numeric(), Decimal(precision, scale):
            return lambda value: decimal_text(rounded(value, scale, precision), scale)
        case Decimal(_, given), Decimal(precision, scale):
            return _decimal(given, scale, 10**precision - 1)
        case _:
            raise ValueError(f"no number: {model}")


def _decimal(given: int, scale: int, limit: int) -> Convert:
    def assigned(value: Any) -> str:
        number = rescale(unscaled(value, given), given, scale)
        return decimal_text(bounded(number, limit), scale)

    return assigned


def _float(model: Type, bits: int) -> Convert:
    match model:
        case Decimal(_, scale):
            divisor = 10**scale
            return lambda value: canonical(unscaled(value, scale) / divisor, bits)
        case Integer():
            return lambda value: canonical(float(_whole(value)), bits)
        case _:
            return lambda value: canonical(number(value), bits)


def _word(symbols: frozenset[str]) -> Convert:
    def checked(value: Any) -> str:
        if _of(str, value) not in symbols:
            raise Violated("is none of the enum's words")
        return str(value)

    return checked


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise Violated("is no whole number")
    return value


def _text(length: int) -> Convert:
    def checked(value: Any) -> str:
        if len(_of(str, value)) > length:
            raise Violated(f"is longer than {length} characters")
        return str(value)

    return checked


def _of(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise Violated(f"is no {'text' if kind is str else 'truth value'}")
    return value


def _readable(read: Callable[[str], object], length: int | None, word: str) -> Convert:
    """Refuse what can't be read: `infinity`, a year beyond 9999, 24:00:00."""

    def checked(value: Any) -> str:
        try:
            read(_of(str, value))
        except ValueError as error:
            raise Violated(f"is no {word} that can be published") from error
        if length is not None and len(value) != length:
            raise Violated(f"is no {word} in canonical form")
        return str(value)

    return checked


def _json(value: Any) -> Any:
    """Give any JSON value with the keys of its objects sorted."""
    try:
        json.dumps(value, allow_nan=False)
        return msgspec.json.decode(msgspec.json.encode(value, order="deterministic"))
    except (ValueError, RecursionError, OverflowError) as error:
        raise Violated("holds what readers of JSON can't hold") from error


_INSTANT = _readable(datetime.fromisoformat, len("2026-01-31T10:00:00.000000Z"), "instant")
_LOCAL = _readable(datetime.fromisoformat, len("2026-01-31T10:00:00.000000"), "timestamp")
_CHECKS: dict[type, Convert] = {
    Boolean: lambda value: _of(bool, value),
    Text: lambda value: _of(str, value),
    Bytes: _readable(bytes.fromhex, None, "sequence of bytes"),
    Date: _readable(date.fromisoformat, len("2026-01-31"), "date"),
    Time: _readable(time.fromisoformat, len("10:00:00.000000"), "time"),
    Uuid: _readable(UUID, 36, "UUID"),
    Json: _json,
}
