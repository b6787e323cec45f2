"""The type of an ODCS property: (logicalType, physicalType, options) → type. See docs/types.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from streammesh.contracts.physical import (
    BYTES,
    DECIMALS,
    FLOAT_BITS,
    INTEGER_BITS,
    JSONS,
    SIZED_TEXTS,
    TIMESTAMPS,
    ZONED,
    ZONED_TIMES,
    PhysicalType,
    parse,
)
from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Float,
    Integer,
    Json,
    Rules,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.errors import Location
from streammesh.errors.contracts import (
    BadDecimal,
    MissingType,
    UndecidedNumber,
    UnknownType,
    UnsupportedType,
)

MAX_DIGITS = 38

FORMAT_RANGES: Mapping[str, tuple[int, int]] = {
    **{f"i{bits}": (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) for bits in (8, 16, 32, 64)},
    **{f"u{bits}": (0, (1 << bits) - 1) for bits in (8, 16, 32)},
}
"""The integer formats that can be published, with their smallest and greatest number."""

_FORMAT_BITS = {"i8": 16, "i16": 16, "i32": 32, "i64": 64, "u8": 16, "u16": 32, "u32": 64}

Options = Mapping[str, Any]
Place = Callable[..., Location | None]
"""Gives the place of the first of some parts of a property that is written, or its own."""


def nowhere(*_: str) -> Location | None:
    """Give no place, for a property that stands in no file."""
    return None


def scalar(field: str, said: Mapping[str, Any], place: Place = nowhere) -> Type:
    """Give the type of a property that is no record, no map and no list of properties.

    Args:
        field: dotted path of the property, for messages.
        said: the property as the contract says it.
        place: where its parts stand, for messages.

    Raises:
        ContractError: when the type is missing, unknown or not supported.
    """
    logical = said.get("logicalType")
    if logical is None:
        raise MissingType(field=field, where=place("name"))
    read = _READERS.get(logical)
    if read is None:
        where = place("logicalType")
        raise UnknownType(field=field, said=str(logical), where=where, fix=MissingType.fix)
    return read(field, physical_type(said), said.get("logicalTypeOptions") or {}, place)


def physical_type(said: Mapping[str, Any]) -> PhysicalType:
    """Give the physical type of a property; empty when it has none."""
    return parse(str(said.get("physicalType") or ""))


def is_json(said: Mapping[str, Any]) -> bool:
    """Tell whether it is any JSON value: it says so, and says nothing about what is inside."""
    inside = said.get("properties") or said.get("items")
    return not inside and physical_type(said).name in JSONS


def _integer(field: str, physical: PhysicalType, options: Options, place: Place) -> Type:
    kind = options.get("format")
    if kind is not None and kind not in FORMAT_RANGES:
        fix = 'logicalType: number with physicalType: "decimal(38,0)"'
        where = place("logicalTypeOptions.format")
        raise UnsupportedType(field=field, said=f"an integer of {kind}", where=where, fix=fix)
    if not physical.text:
        return Integer(_FORMAT_BITS[kind or "i64"])
    if physical.name not in INTEGER_BITS:
        fix = "write smallint, integer or bigint; or logicalType: number for a decimal type"
        raise _unknown(field, "integer", physical, place, fix)
    return Integer(INTEGER_BITS[physical.name])


def _number(field: str, physical: PhysicalType, options: Options, place: Place) -> Type:
    if physical.name in FLOAT_BITS:
        return Float(_float_bits(physical))
    if not physical.text and "format" in options:
        return Float(32 if options["format"] == "f32" else 64)
    if physical.text and physical.name not in DECIMALS | {"number"}:
        fix = "write decimal(12,2), real or double precision; or logicalType: integer"
        raise _unknown(field, "number", physical, place, fix)
    if not physical.sizes:
        raise UndecidedNumber(field=field, where=place("physicalType", "logicalType"))
    precision, scale = (*physical.sizes, 0)[:2]
    if not (1 <= precision <= MAX_DIGITS and scale <= precision):
        where = place("physicalType")
        raise BadDecimal(field=field, said=physical.text, where=where, fix="decimal(12,2)")
    return Decimal(precision, scale)


def _float_bits(physical: PhysicalType) -> int:
    """Give the bits of a float type; SQL's `float(n)` says how many bits are exact."""
    if physical.name == "float" and physical.sizes:
        return 32 if physical.sizes[0] <= 24 else 64
    return FLOAT_BITS[physical.name]


def _string(field: str, physical: PhysicalType, options: Options, place: Place) -> Type:
    del field, place
    if physical.name == "uuid" or (not physical.text and options.get("format") == "uuid"):
        return Uuid()
    if physical.name in BYTES:
        return Bytes()
    if physical.name in JSONS:
        return Json()
    bounds = [options["maxLength"]] if "maxLength" in options else []
    if physical.name in SIZED_TEXTS:
        bounds += physical.sizes[:1]
    return Text(min(bounds) if bounds else None)


def _simple(type_: Type) -> Callable[[str, PhysicalType, Options, Place], Type]:
    return lambda *_: type_


def _timestamp(field: str, physical: PhysicalType, options: Options, place: Place) -> Type:
    if physical.text and physical.name not in TIMESTAMPS | ZONED:
        fix = "write timestamp, or timestamptz for an instant"
        raise _unknown(field, "timestamp", physical, place, fix)
    without = physical.name.endswith("without time zone")
    if without and options.get("timezone"):
        where = place("logicalTypeOptions.timezone")
        fix = "write timestamptz, or take `timezone: true` away"
        said = "a timestamp without time zone and with one"
        raise UnsupportedType(field=field, said=said, where=where, fix=fix)
    return Timestamp(zone=physical.name in ZONED or bool(options.get("timezone", False)))


def _time(field: str, physical: PhysicalType, options: Options, place: Place) -> Type:
    if physical.name in ZONED_TIMES or options.get("timezone"):
        fix = "a timestamp, or a time in an agreed time zone"
        where = place("logicalTypeOptions.timezone", "physicalType")
        raise UnsupportedType(field=field, said="a time with time zone", where=where, fix=fix)
    return Time()


_ELEMENTS: Mapping[str, tuple[Type, Rules]] = {
    "float16": (Float(32), Rules()),
    "bfloat16": (Float(32), Rules()),
    "float32": (Float(32), Rules()),
    "float64": (Float(64), Rules()),
    "int8": (Integer(16), Rules(least=-128, most=127)),
    "uint8": (Integer(16), Rules(least=0, most=255)),
}


def _vector(field: str, physical: PhysicalType, options: Options, place: Place) -> Type:
    del physical
    kind = options.get("elementType", "float32")
    if kind not in _ELEMENTS:
        where = place("logicalTypeOptions.elementType")
        fix = "logicalType: string with physicalType: bytea"
        raise UnsupportedType(field=field, said=f"a vector of {kind}", where=where, fix=fix)
    if "dimensions" not in options:
        fix = "logicalTypeOptions: { dimensions: 3 }"
        said = "a vector of unknown length"
        raise UnsupportedType(field=field, said=said, where=place("logicalType"), fix=fix)
    element, rules = _ELEMENTS[kind]
    return Array(element, required=True, rules=rules)


def _unknown(
    field: str, logical: str, physical: PhysicalType, place: Place, fix: str
) -> UnknownType:
    said = f"{logical} as {physical.text}"
    return UnknownType(field=field, said=said, where=place("physicalType"), fix=fix)


_READERS: Mapping[str, Callable[[str, PhysicalType, Options, Place], Type]] = {
    "integer": _integer,
    "number": _number,
    "string": _string,
    "boolean": _simple(Boolean()),
    "date": _simple(Date()),
    "time": _time,
    "timestamp": _timestamp,
    "vector": _vector,
}
