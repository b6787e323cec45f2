"""Keys and values of events, decoded by the schema that they were written with.

What comes out is the canonical form of `streammesh.contracts.types`, for any Avro schema: a reader
needs nothing but the registry.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any

import fastavro
from fastavro.read import LOGICAL_READERS

from streammesh.contracts.floats import canonical

MAGIC = 0
"""The first byte of Confluent's wire format; the schema's id follows in four bytes."""

PREFIX = "mesh-"
"""Before the name of a logical type that is read into its canonical form.

fastavro keeps one table of readers for the whole process, so own names leave the others' alone.
"""

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1)


class Undecodable(Exception):
    """These bytes are no value of a registered schema; the message says why."""


class Decoder:
    """Decodes the Confluent wire format; schemas are asked for once."""

    def __init__(self, schema: Callable[[int], str]) -> None:
        """Keep how to get the schema of an id."""
        self._schema = schema
        self._parsed: dict[bytes, Any] = {}

    def decode(self, data: bytes | None) -> Any:
        """Give the canonical value of a key or value; None for none.

        Raises:
            Undecodable: it is not in Confluent's wire format, or not of its schema.
            MeshError: the registry doesn't answer, or has no schema of that id.
        """
        if data is None:
            return None
        if len(data) < 5 or data[0] != MAGIC:
            raise Undecodable("it doesn't begin with a schema's id")
        id = data[1:5]
        schema = self._parsed.get(id) or self._parse(id)
        body = BytesIO(data)
        body.seek(5)
        try:
            value = fastavro.schemaless_reader(body, schema, None)
        except Exception as error:
            raise Undecodable(f"it is no value of its schema: {error}") from error
        if body.tell() != len(data):
            raise Undecodable("there are bytes left behind the value")
        return value

    def _parse(self, id: bytes) -> Any:
        schema = json.loads(self._schema(int.from_bytes(id)))
        self._parsed[id] = parsed = fastavro.parse_schema(renamed(schema))
        return parsed


def renamed(schema: Any) -> Any:
    """Give an Avro schema whose logical types are the ones that are read canonically."""
    if isinstance(schema, list):
        return [renamed(one) for one in schema]
    if schema in ("bytes", "float", "double"):
        form = "hex" if schema == "bytes" else "number"
        return {"type": schema, "logicalType": f"{PREFIX}{form}"}
    if not isinstance(schema, dict):
        return schema
    result = {name: _renamed_part(name, value) for name, value in schema.items()}
    kind, logical = schema.get("type"), schema.get("logicalType")
    if f"{kind}-{PREFIX}{logical}" in LOGICAL_READERS:
        return result | {"type": kind, "logicalType": f"{PREFIX}{logical}"}
    if kind in ("bytes", "fixed", "float", "double"):
        form = "hex" if kind in ("bytes", "fixed") else "number"
        return result | {"type": kind, "logicalType": f"{PREFIX}{form}"}
    return result


def _renamed_part(name: str, value: Any) -> Any:
    if name == "fields":
        return [field | {"type": renamed(field["type"])} for field in value]
    return renamed(value) if name in ("type", "items", "values") else value


def _decimal(data: bytes, schema: Any, _: Any = None) -> str:
    unscaled, scale = int.from_bytes(data, signed=True), schema.get("scale")
    if not scale:
        return str(unscaled)
    digits = f"{unscaled:0{scale + 1 + (unscaled < 0)}d}"
    return f"{digits[:-scale]}.{digits[-scale:]}"


@lru_cache(4096)  # documents repeat their days
def _date_of(days: int) -> str:
    return date.fromordinal(_EPOCH_ORDINAL + days).isoformat()


def _date(days: int, *_: Any) -> str:
    return _date_of(days)


def _local_micros(micros: int, *_: Any) -> str:
    return (_EPOCH + timedelta(0, 0, micros)).isoformat("T", "microseconds")


def _zoned_micros(micros: int, *_: Any) -> str:
    return (_EPOCH + timedelta(0, 0, micros)).isoformat("T", "microseconds") + "Z"


def _time_micros(micros: int, *_: Any) -> str:
    return _local_micros(micros)[11:]


def _hex(data: bytes, *_: Any) -> str:
    return data.hex()


def _single(value: float, *_: Any) -> float | str:
    return canonical(value, 32)


def _double(value: float, *_: Any) -> float | str:
    return canonical(value, 64)


def _uuid(text: str, *_: Any) -> str:
    return text.lower()


def _millis(reader: Callable[[int], str]) -> Callable[..., str]:
    return lambda millis, *_: reader(millis * 1000)


_READERS: dict[str, Callable[..., float | str]] = {
    "float-number": _single,
    "double-number": _double,
    "bytes-decimal": _decimal,
    "fixed-decimal": _decimal,
    "bytes-hex": _hex,
    "fixed-hex": _hex,
    "int-date": _date,
    "string-uuid": _uuid,
    "long-time-micros": _time_micros,
    "int-time-millis": _millis(_time_micros),
    "long-timestamp-micros": _zoned_micros,
    "long-timestamp-millis": _millis(_zoned_micros),
    "long-local-timestamp-micros": _local_micros,
    "long-local-timestamp-millis": _millis(_local_micros),
}

for _name, _reader in _READERS.items():
    _kind, _, _logical = _name.partition("-")
    LOGICAL_READERS[f"{_kind}-{PREFIX}{_logical}"] = _reader
