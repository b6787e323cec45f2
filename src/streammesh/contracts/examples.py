"""A document as a contract promises it, made of what the contract says: nothing of it is real."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from streammesh.contracts.assignment import element_of
from streammesh.contracts.checks import violated
from streammesh.contracts.field_options import as_canonical
from streammesh.contracts.numbers import decimal_text
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
    Map,
    Record,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.contracts.violations import Violated

Said = Mapping[str, Any]


def example(record: Record, properties: Sequence[Said]) -> dict[str, Any]:
    """Give a document in canonical form, with a value in every field.

    A field has the first of its `examples` that it could hold, else its default, else a value of
    its type that keeps its rules. Where none is found that matches a pattern, the pattern is named.

    Args:
        record: the fields.
        properties: the same fields as the contract says them.
    """
    said = {one["name"]: one for one in properties}
    return {one.name: _value(one, said.get(one.name, {})) for one in record.fields}


def _value(field: Field, said: Said) -> Any:
    given = next(_given(field, said.get("examples") or ()), None)
    if given is not None:
        return given
    if field.default is not None:
        return field.default
    match field.type:
        case Record():
            return example(field.type, said.get("properties") or ())
        case Array():
            element = _value(element_of(field.type), said.get("items") or {})
            return [element] * max(field.rules.min_size, 1)
        case Map():
            held = (said.get("map") or {}).get("value") or {}
            return {"key": _value(element_of(field.type), held)}
        case _:
            return _plain(field)


def _given(field: Field, examples: Sequence[Any]) -> Iterator[Any]:
    """Give those examples that the field could hold: nobody has checked them before."""
    for one in examples:
        try:
            value = as_canonical(field.type, one)
        except (Violated, ValueError, TypeError, AttributeError):
            continue
        if value is not None and violated(field, value) is None:
            yield value


def _plain(field: Field) -> Any:
    candidates = [*field.rules.valid, *_typical(field)]
    fitting = (one for one in candidates if violated(field, one) is None)
    if (found := next(fitting, None)) is not None:
        return found
    if field.rules.patterns:
        return f"<text like {field.rules.patterns[0]}>"
    return candidates[0]


def _typical(field: Field) -> Iterator[Any]:
    """Give values of a field's type, the likeliest first."""
    rules = field.rules
    match field.type:
        case Text(length):
            text = "text".ljust(rules.min_size, "…")
            yield text if length is None else text[:length]
        case Bytes():
            yield "00" * max(rules.min_size, 1)
        case Enum(symbols):
            yield from symbols
        case Integer():
            yield from (1, rules.multiple or 0, 0)
        case Decimal(_, scale):
            yield from (decimal_text(one, scale) for one in (10**scale, rules.multiple or 1, 0))
        case Timestamp(zone):
            yield f"2026-01-31T10:00:00.000000{'Z' if zone else ''}"
        case _:
            yield _VALUES.get(type(field.type), {})
    yield from (one for one in (rules.least, rules.most) if one is not None)


_VALUES: Mapping[type[Type], Any] = {
    Boolean: True,
    Float: 1.0,
    Date: "2026-01-31",
    Time: "10:00:00.000000",
    Uuid: "00000000-0000-4000-8000-000000000000",
}
"""A value of each type; of any other (JSON), an object without fields."""
