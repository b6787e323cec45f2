"""The type of an ODCS property: (logicalType, physicalType, options) → type. See docs/types.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from streammesh.contracts.physical import (
    BYTES,
    DECIMALS,
    FLOATS,
    INTEGER_BITS,
    JSONS,
    SIZED_TEXTS,
    ZONED,
    ZONED_TIMES,
    PhysicalType,
    parse,
)
from streammesh.contracts.types import (
    Boolean,
    Bytes,
    Date,
    Decimal,
    Integer,
    Json,
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
_FORMAT_BITS = {"i8": 16, "i16": 16, "i32": 32, "i64": 64, "u8": 16, "u16": 32, "u32": 64}


def scalar(field: str, said: Mapping[str, Any], where: Location | None) -> Type:
    """Give the type of a property that is neither a record nor a list.

    Args:
        field: dotted path of the property, for messages.
        said: the property as the contract says it.
        where: its place, for messages.

    Raises:
        ContractError: when the type is missing, unknown or not supported.
    """
    logical = said.get("logicalType")
    if logical is None:
        raise MissingType(field=field, where=where)
    read = _READERS.get(logical)
    if read is None:
        fix = "describe it as an object or an array, or leave it out"
        raise UnsupportedType(field=field, said=f"a {logical}", where=where, fix=fix)
    physical = parse(str(said.get("physicalType") or ""))
    return read(field, physical, said.get("logicalTypeOptions") or {}, where)


def is_json(said: Mapping[str, Any]) -> bool:
    """Tell whether an object is any JSON value, not a record: it says so and names no fields."""
    return not said.get("properties") and parse(str(said.get("physicalType") or "")).name in JSONS


Options = Mapping[str, Any]
Where = Location | None


def _integer(field: str, physical: PhysicalType, options: Options, where: Where) -> Type:
    if not physical.text:
        kind = options.get("format", "i64")
        if kind not in _FORMAT_BITS:
            fix = 'logicalType: number with physicalType: "decimal(38,0)"'
            raise UnsupportedType(field=field, said=f"an integer of {kind}", where=where, fix=fix)
        return Integer(_FORMAT_BITS[kind])
    if physical.name not in INTEGER_BITS:
        fix = "write smallint, integer or bigint; or logicalType: number for a decimal type"
        raise UnknownType(field=field, said=f"integer as {physical.text}", where=where, fix=fix)
    return Integer(INTEGER_BITS[physical.name])


def _number(field: str, physical: PhysicalType, options: Options, where: Where) -> Type:
    if physical.name in FLOATS or options.get("format") in ("f32", "f64"):
        raise UnsupportedType(
            field=field,
            said="a floating-point number",
            where=where,
            why="Two systems rarely compute the same last digit, so a proof would never hold.",
            fix='physicalType: "decimal(18,6)" and a cast in the model',
        )
    if physical.name not in DECIMALS or not physical.sizes:
        raise UndecidedNumber(field=field, where=where)
    precision, scale = (*physical.sizes, 0)[:2]
    if not (1 <= precision <= MAX_DIGITS and scale <= precision):
        raise BadDecimal(field=field, said=physical.text, where=where, fix="decimal(12,2)")
    return Decimal(precision, scale)


def _string(field: str, physical: PhysicalType, options: Options, where: Where) -> Type:
    del field, where
    if physical.name == "uuid" or options.get("format") == "uuid":
        return Uuid()
    if physical.name in BYTES:
        return Bytes()
    if physical.name in JSONS:
        return Json()
    bounds = [options["maxLength"]] if "maxLength" in options else []
    if physical.name in SIZED_TEXTS:
        bounds += physical.sizes[:1]
    return Text(min(bounds) if bounds else None)


def _timestamp(field: str, physical: PhysicalType, options: Options, where: Where) -> Type:
    del field, where
    return Timestamp(zone=physical.name in ZONED or bool(options.get("timezone", False)))


def _time(field: str, physical: PhysicalType, options: Options, where: Where) -> Type:
    if physical.name in ZONED_TIMES or options.get("timezone"):
        fix = "a timestamp, or a time in an agreed time zone"
        raise UnsupportedType(field=field, said="a time with time zone", where=where, fix=fix)
    return Time()


def _simple(type_: Type) -> Callable[[str, PhysicalType, Options, Where], Type]:
    return lambda *_: type_


_READERS: Mapping[str, Callable[[str, PhysicalType, Options, Where], Type]] = {
    "integer": _integer,
    "number": _number,
    "string": _string,
    "boolean": _simple(Boolean()),
    "date": _simple(Date()),
    "time": _time,
    "timestamp": _timestamp,
}
