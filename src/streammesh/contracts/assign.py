"""May a model's value be assigned to a contract's type?

Widening is free, and so is any number for a floating-point one. Narrowing within a kind (fewer
bits, digits or decimals, a shorter text) is allowed and checked for each document by the codec.
Everything else needs a cast in the model, so that the reader of the model sees it.
"""

from __future__ import annotations

from streammesh.contracts.spelling import spell
from streammesh.contracts.types import (
    Array,
    Boolean,
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
    Timestamp,
    Type,
    Uuid,
)


def assignable(model: Type, contract: Type) -> str | None:
    """Tell why a model's type can't be assigned to a contract's.

    Args:
        model: what the model gives.
        contract: what the contract promises.

    Returns:
        The reason in words, with the path of a nested field in front; None when it can.
    """
    match model, contract:
        case Record(), Record():
            return _records(model, contract)
        case Array(), Array():
            return _arrays(model, contract)
        case Map(), Map():
            return _maps(model, contract)
        case Json(), Map():
            return None if from_json(contract) else _JSON_MAP
        case _:
            return None if _scalars(model, contract) else _refusal(model, contract)


_JSON_MAP = (
    "a JSON value has only texts, integers, floating-point numbers, booleans, JSON, and lists and "
    "maps of them"
)


def from_json(contract: Type) -> bool:
    """Tell whether a JSON value can be a value of a type, when it has the right shape."""
    match contract:
        case Array(inner) | Map(inner):
            return from_json(inner)
        case _:
            return isinstance(contract, Text | Integer | Float | Boolean | Json | Enum)


def lossless(model: Type, contract: Type) -> str | None:
    """Tell why assigning may lose something, which a key must never: two could become one.

    Args:
        model: what the model gives, no record and no list.
        contract: what the contract promises.

    Returns:
        The reason in words; None when every value fits unchanged.
    """
    reason = assignable(model, contract)
    if reason is None and not _widens(model, contract):
        return f"{spell(model)} may not fit {spell(contract)}"
    return reason


def _widens(model: Type, contract: Type) -> bool:
    match model, contract:
        case (Integer() | Decimal() | Numeric() | Float(), Float()) | (_, Enum()):
            return False
        case Text(given), Text(promised):
            return promised is None or (given is not None and given <= promised)
        case Uuid(), Text(promised):
            return promised is None or promised >= 36
        case _:
            return _number_widens(model, contract)


def _number_widens(model: Type, contract: Type) -> bool:
    match model, contract:
        case Integer(given), Integer(promised):
            return given <= promised
        case Integer(bits), Decimal(precision, scale):
            return len(str(1 << (bits - 1))) <= precision - scale
        case Numeric(), Decimal():
            return False
        case Decimal(digits, 0), Integer(bits):
            return digits < len(str(1 << (bits - 1)))
        case Decimal(digits, given), Decimal(precision, promised):
            return given <= promised and digits - given <= precision - promised
        case _:
            return True


def _scalars(model: Type, contract: Type) -> bool:
    match model, contract:
        case (Integer(), Integer() | Decimal() | Float()) | (
            Decimal() | Numeric(),
            Decimal() | Float(),
        ):
            return True
        case Decimal(_, scale), Integer():
            return scale == 0
        case (Text() | Uuid(), Text()) | (Text(), Enum()):
            return True
        case Timestamp(given), Timestamp(promised):
            return given == promised
        case Record() | Array() | Map(), _:
            return False
        case _:
            return type(model) is type(contract)


def _refusal(model: Type, contract: Type) -> str:
    if isinstance(model, Decimal) and isinstance(contract, Integer):
        return f"{spell(model)} has decimals, {spell(contract)} has none: round it in the model"
    return f"{spell(model)} can't be assigned to {spell(contract)}"


def _arrays(model: Array, contract: Array) -> str | None:
    if contract.required and not model.required:
        return "an element may be NULL in the model, but never in the contract"
    reason = assignable(model.items, contract.items)
    return None if reason is None else _below("[]", reason)


def _maps(model: Map, contract: Map) -> str | None:
    if contract.required and not model.required:
        return "a value may be NULL in the model, but never in the contract"
    reason = assignable(model.values, contract.values)
    return None if reason is None else _below("{}", reason)


def _records(model: Record, contract: Record) -> str | None:
    given = {field.name: field for field in model.fields}
    for promised in contract.fields:
        reason = _field(given.pop(promised.name, None), promised)
        if reason is not None:
            return _below(promised.name, reason)
    for name in given:
        return _below(name, "the contract has no such field")
    return None


def _field(given: Field | None, promised: Field) -> str | None:
    if given is None:
        return "the model doesn't give this field"
    if promised.required and not given.required:
        return "it may be NULL in the model, but is required by the contract"
    return assignable(given.type, promised.type)


def _below(name: str, reason: str) -> str:
    """Put a field's name before a reason, which may begin with the path below it."""
    if not reason.startswith("`"):
        return f"`{name}`: {reason}"
    path, rest = reason[1:].split("`", 1)
    dot = "" if path.startswith(("[]", "{}")) else "."
    return f"`{name}{dot}{path}`{rest}"
