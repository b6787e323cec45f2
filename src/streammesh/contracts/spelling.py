"""Types as a person writes them: `decimal(12,2)`, `timestamp with time zone`."""

from __future__ import annotations

from streammesh.contracts.types import (
    Array,
    Decimal,
    Float,
    Integer,
    Map,
    Text,
    Timestamp,
    Type,
)

_INTEGERS = {16: "smallint", 32: "integer", 64: "bigint"}


def spell(type_: Type) -> str:
    """Give a type's name as it stands in messages.

    Args:
        type_: any type; a record's fields and a list's elements are named shortly.
    """
    match type_:
        case Timestamp(zone):
            return "timestamp with time zone" if zone else "timestamp without time zone"
        case Array(items):
            return f"list of {spell(items)}"
        case Map(values):
            return f"map of {spell(values)}"
        case Float(bits):
            return "real" if bits == 32 else "double precision"
        case Integer() | Decimal() | Text():
            return _sized(type_)
        case _:
            return type(type_).__name__.lower()


def _sized(type_: Integer | Decimal | Text) -> str:
    match type_:
        case Integer(bits):
            return _INTEGERS.get(bits, f"integer of {bits} bits")
        case Decimal(precision, scale):
            return f"decimal({precision},{scale})"
        case Text(length):
            return "text" if length is None else f"text of at most {length} characters"
