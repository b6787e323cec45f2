"""May a model's value be assigned to a contract's type?

Widening is free. Narrowing within a kind (fewer bits, digits or decimals, a shorter text) is
allowed and checked for each document by the codec. Everything else needs a cast in the model, so
that the reader of the model sees it.
"""

from __future__ import annotations

from streammesh.contracts.spelling import spell
from streammesh.contracts.types import (
    Array,
    Decimal,
    Field,
    Integer,
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
        case _:
            return None if _scalars(model, contract) else _refusal(model, contract)


def _scalars(model: Type, contract: Type) -> bool:
    match model, contract:
        case (Integer(), Integer() | Decimal()) | (Decimal(), Decimal()):
            return True
        case Decimal(_, scale), Integer():
            return scale == 0
        case Text() | Uuid(), Text():
            return True
        case Timestamp(given), Timestamp(promised):
            return given == promised
        case Record() | Array(), _:
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
    dot = "" if path.startswith("[]") else "."
    return f"`{name}{dot}{path}`{rest}"
