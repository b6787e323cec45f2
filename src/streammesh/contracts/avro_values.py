"""From Avro bytes to canonical documents.

fastavro reads the schema without its logical types, so that numbers come exact and raw; here they
become canonical by the contract's types.
"""

from __future__ import annotations

import io
import json
from datetime import date, datetime, timedelta
from typing import Any

import fastavro
import msgspec

from streammesh.contracts.floats import canonical
from streammesh.contracts.numbers import decimal_text
from streammesh.contracts.types import (
    Array,
    Bytes,
    Date,
    Decimal,
    Float,
    Json,
    Map,
    Record,
    Time,
    Timestamp,
    Type,
)
from streammesh.contracts.walking import Convert, array, entries, nullable, record, same

Schema = Any

_EPOCH = datetime(1970, 1, 1)
_EPOCH_DAY = _EPOCH.toordinal()


def raw_schema(schema: str) -> Schema:
    """Parse an Avro schema without its logical types.

    Raises:
        ValueError: when it is no Avro schema.
    """
    try:
        return fastavro.parse_schema(_without_logical_types(json.loads(schema)))
    except (KeyError, TypeError, fastavro.schema.SchemaParseException) as error:
        raise ValueError(f"no Avro schema: {error}") from error


def _without_logical_types(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_logical_types(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "logicalType" in schema:
        return schema["type"]
    return {name: _without_logical_types(one) for name, one in schema.items() if name != "doc"}


def read(data: bytes, start: int, writer: Schema, reader: Schema) -> Any:
    """Read a value that ends where the data ends.

    Args:
        data: the message.
        start: where the Avro begins in it.
        writer: raw schema that it was written with.
        reader: raw schema to read it as; the same object as `writer` when it is the same.

    Raises:
        ValueError: when it is no such value.
    """
    stream = io.BytesIO(data)
    stream.seek(start)
    try:
        value = fastavro.schemaless_reader(stream, writer, None if writer is reader else reader)
    except Exception as error:  # fastavro raises whatever its reading runs into
        raise ValueError(f"no Avro of this schema: {error!r}") from error
    if stream.tell() != len(data):
        raise ValueError(f"{len(data) - stream.tell()} bytes too many after the Avro value")
    return value


def from_avro(type_: Type) -> Convert:  # noqa: PLR0911 - one line per type
    """Give the function from a raw Avro value, never None, to its canonical form."""
    match type_:
        case Record(fields):
            return record([(one.name, nullable(from_avro(one.type))) for one in fields])
        case Array(items):
            return array(nullable(from_avro(items)))
        case Map(values):
            return entries(nullable(from_avro(values)))
        case Float(bits):
            return lambda value: canonical(value, bits)
        case Decimal(_, scale):
            return lambda value: decimal_text(int.from_bytes(_octets(value), signed=True), scale)
        case Timestamp(zone):
            return _instant if zone else _timestamp
        case _:
            return _SCALARS.get(type(type_), same)


def _octets(value: bytes | str) -> bytes:
    """Give bytes; a default of the reader's schema comes as a text of their values."""
    return value if isinstance(value, bytes) else value.encode("latin-1")


def _hex(value: bytes | str) -> str:
    return _octets(value).hex()


def _timestamp(value: int) -> str:
    return (_EPOCH + timedelta(microseconds=value)).isoformat(timespec="microseconds")


def _instant(value: int) -> str:
    return _timestamp(value) + "Z"


def _time(value: int) -> str:
    return _timestamp(value)[11:]


def _date(value: int) -> str:
    return date.fromordinal(value + _EPOCH_DAY).isoformat()


_SCALARS: dict[type, Convert] = {
    Bytes: _hex,
    Date: _date,
    Time: _time,
    Json: msgspec.json.decode,
}
