"""The msgspec type that a document in state form must have to be encoded without a closer look.

msgspec checks types, NULLs, ranges, lengths and choices while it parses, in C. A document that it
refuses is looked at again by `assignment`, which says what is wrong.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta

from streammesh.contracts.numbers import power_of_ten
from streammesh.contracts.state_form import MAX_INTEGER_DIGITS
from streammesh.contracts.types import (
    Array,
    Boolean,
    Date,
    Decimal,
    Enum,
    Field,
    Float,
    Integer,
    Json,
    Map,
    Record,
    Text,
    Time,
    Timestamp,
    Type,
)

_MOST = (1 << 63) - 1

_PLAIN: dict[type, Any] = {
    Boolean: bool | Annotated[int, Meta(ge=0, le=1)],
    Date: date,
    Time: time,
    Float: float | str,
    Json: Any,
}


def typed(model: Type, contract: Type) -> Any:  # noqa: PLR0911 - one line per type
    """Give the type of a value in state form.

    Args:
        model: the model's type, which decides the form.
        contract: the contract's type, which decides ranges, lengths and choices.
    """
    match model, contract:
        case Record(given), Record(promised):
            types = {one.name: one.type for one in given}
            fields = {one.name: _field(types[one.name], one) for one in promised}
            return TypedDict("Document", fields)  # type: ignore[operator]
        case Array(items), Array(promised_items, never_null):
            inner = typed(items, promised_items)
            return list[inner if never_null else inner | None]  # type: ignore[misc]
        case Map(values), Map(promised_values, never_null):
            inner = typed(values, promised_values)
            return dict[str, inner if never_null else inner | None]  # type: ignore[misc]
        case _, Enum(symbols):
            return Literal[symbols]
        case _, Map():
            return Any
        case Integer() | Decimal(), _:
            return _number(model, contract)
        case _, Text(length):
            return str if length is None else Annotated[str, Meta(max_length=length)]
        case Timestamp(zone), _:
            return Annotated[datetime, Meta(tz=zone)]
        case _:
            return _PLAIN.get(type(model), str)


def _field(given: Type, promised: Field) -> Any:
    valid = promised.rules.valid
    plain = valid and not isinstance(given, Decimal)
    inner = Literal[valid] if plain else typed(given, promised.type)
    return inner if promised.required else inner | None


def _number(model: Type, contract: Type) -> Any:
    if isinstance(model, Decimal) and model.precision > MAX_INTEGER_DIGITS:
        return str
    least, most = _range(model, contract)
    return Annotated[int, Meta(ge=max(least, -_MOST - 1), le=min(most, _MOST))]


def _range(model: Type, contract: Type) -> tuple[int, int]:
    """Give the range of the number in state form that fits the contract.

    Where decimals are rounded away it is a little wider or narrower than what fits after rounding;
    the encoder then looks at the rounded number itself.
    """
    if isinstance(contract, Integer):
        return -(1 << (contract.bits - 1)), (1 << (contract.bits - 1)) - 1
    if isinstance(contract, Float):
        return -_MOST - 1, _MOST
    if not isinstance(contract, Decimal):
        raise TypeError(contract)
    scale = model.scale if isinstance(model, Decimal) else 0
    most = power_of_ten(contract.precision) - 1
    if scale > contract.scale:
        return -_MOST, _MOST
    most //= power_of_ten(contract.scale - scale)
    return -most, most
