"""What changes of a field's type, and of the words of an Avro enum."""

from __future__ import annotations

from collections.abc import Iterator

from streammesh.contracts.changes.kinds import Kind
from streammesh.contracts.spelling import spell
from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Enum,
    Float,
    Integer,
    Map,
    Record,
    Text,
    Time,
    Timestamp,
    Type,
)

Found = tuple[Kind, str, str]
"""A kind of change, with what was said before and is said now."""


def type_changes(old: Type, new: Type) -> Iterator[Found]:
    """Give what changes between two types, but for what stands in them."""
    match old, new:
        case (Record(), Record()) | (Array(), Array()) | (Map(), Map()):
            return
        case Enum(), Enum():
            yield from _enum(old, new)
        case Decimal(), Decimal():
            yield from _decimal(old, new)
        case _ if old != new:
            yield _kind(old, new), spell(old), spell(new)


def same_kind(old: Type, new: Type) -> bool:
    """Tell whether what stands in two types, and rules of them, can be compared."""
    return type(old) is type(new)


def _kind(old: Type, new: Type) -> Kind:
    before, after = _form(old), _form(new)
    if before != after and {before, after} != {"bytes", "string"}:
        if after in _WIDER.get(before, ()):
            return Kind.TYPE_WIDENED
        return Kind.TYPE_NARROWED if before in _WIDER.get(after, ()) else Kind.TYPE_REPLACED
    match old, new:
        case Integer(before_bits), Integer(after_bits):
            return Kind.SIZE_WIDENED if after_bits > before_bits else Kind.SIZE_NARROWED
        case Text(before_length), Text(after_length):
            shorter = after_length is not None and (
                before_length is None or after_length < before_length
            )
            return Kind.SIZE_NARROWED if shorter else Kind.SIZE_WIDENED
        case _:
            return Kind.TYPE_READ_OTHERWISE


_WIDER = {"int": ("long", "float", "double"), "long": ("float", "double"), "float": ("double",)}
"""What Avro reads numbers as, beside themselves."""


def _form(type_: Type) -> str:  # noqa: PLR0911 - one line per form
    """Give the type of Avro that holds a type's values."""
    match type_:
        case Integer(bits):
            return "int" if bits <= 32 else "long"
        case Float(bits):
            return "float" if bits <= 32 else "double"
        case Date():
            return "int"
        case Time() | Timestamp():
            return "long"
        case Decimal() | Bytes():
            return "bytes"
        case Boolean() | Enum() | Record() | Array() | Map():
            return type(type_).__name__.lower()
        case _:
            return "string"


def _decimal(old: Decimal, new: Decimal) -> Iterator[Found]:
    if old.scale != new.scale:
        yield Kind.DECIMAL_SCALE, spell(old), spell(new)
    elif old.precision != new.precision:
        yield Kind.DECIMAL_PRECISION, spell(old), spell(new)


def _enum(old: Enum, new: Enum) -> Iterator[Found]:
    added = [one for one in new.symbols if one not in old.symbols]
    gone = [one for one in old.symbols if one not in new.symbols]
    if added:
        kind = Kind.ENUM_VALUE_ADDED if old.unknown else Kind.ENUM_WORD_ADDED
        yield kind, "", ", ".join(added)
    if gone:
        kind = Kind.ENUM_VALUE_REMOVED if new.unknown else Kind.ENUM_WORD_REMOVED
        yield kind, ", ".join(gone), ""
    if old.unknown != new.unknown:
        kind = Kind.ENUM_UNKNOWN_CHANGED if new.unknown else Kind.ENUM_UNKNOWN_REMOVED
        yield kind, old.unknown or "", new.unknown or ""
