"""A contract as Avro schemas: canonical JSON, so that the same contract always gives the same text.

The key's bytes on Kafka hold the id that the registry gave to the key schema, and the registry sees
another order of attributes as another schema. So the order here is fixed, there is no white space,
and the key schema has nothing in it that may change within a major version: no doc, no metadata.
"""

from __future__ import annotations

import json
from typing import Any

from streammesh.contracts.avro_name_errors import KEY, VALUE, name_errors
from streammesh.contracts.avro_names import record_name
from streammesh.contracts.contract import Contract
from streammesh.contracts.raw import raw
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
    Json,
    Map,
    Record,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.errors import MeshErrors

Schema = str | dict[str, Any] | list[Any]

_PLAIN: dict[type, Schema] = {
    Boolean: "boolean",
    Text: "string",
    Bytes: "bytes",
    Json: "string",
    Date: {"type": "int", "logicalType": "date"},
    Time: {"type": "long", "logicalType": "time-micros"},
    Uuid: {"type": "string", "logicalType": "uuid"},
}


def key_schema(contract: Contract, topic: str) -> str:
    """Give the schema of a topic's keys.

    Args:
        contract: the port's contract.
        topic: the topic's full name; the namespace of the record.

    Raises:
        MeshErrors: when a field's name is none in Avro.
    """
    return _schema(contract, KEY, contract.key, topic, documented=False)


def value_schema(contract: Contract, topic: str) -> str:
    """Give the schema of a topic's values, with the contract's descriptions as `doc`.

    Args:
        contract: the port's contract.
        topic: the topic's full name; the namespace of the records.

    Raises:
        MeshErrors: when a field's name is none in Avro, or two records would have one name.
    """
    return _schema(contract, VALUE, contract.fields.fields, topic, documented=True)


def namespace(topic: str) -> str:
    """Give the Avro namespace of a topic: Avro's names have no `-`."""
    return topic.replace("-", "_")


def _schema(
    contract: Contract, name: str, fields: tuple[Field, ...], topic: str, *, documented: bool
) -> str:
    errors = list(name_errors(contract))
    if errors:
        raise MeshErrors(errors)
    head = {"type": "record", "name": name, "namespace": namespace(topic)}
    if documented and contract.description:
        head["doc"] = contract.description
    body = {"fields": [_field(one, one.name, documented) for one in fields]}
    return json.dumps(head | body, ensure_ascii=False, separators=(",", ":"))


def _field(one: Field, path: str, documented: bool) -> dict[str, Any]:
    type_ = _type(one.type, path, documented)
    schema: dict[str, Any] = {"name": one.name, "type": type_}
    if not one.required:
        schema["type"] = ["null", type_]
    if documented and one.description:
        schema["doc"] = one.description
    if not one.required:
        schema["default"] = None
    elif one.default is not None:
        schema["default"] = _default(one.type, one.default)
    return schema


def _type(type_: Type, path: str, documented: bool) -> Schema:
    match type_:
        case Record(fields):
            below = [_field(one, f"{path}.{one.name}", documented) for one in fields]
            return {"type": "record", "name": record_name(path), "fields": below}
        case Array(items, required):
            inner = _type(items, f"{path}[]", documented)
            return {"type": "array", "items": inner if required else ["null", inner]}
        case Map(values, required):
            inner = _type(values, f"{path}{{}}", documented)
            return {"type": "map", "values": inner if required else ["null", inner]}
        case Enum(symbols, unknown):
            head = {"type": "enum", "name": record_name(path), "symbols": list(symbols)}
            return head if unknown is None else head | {"default": unknown}
        case _:
            return _scalar(type_)


def _scalar(type_: Type) -> Schema:
    match type_:
        case Integer(bits):
            return "int" if bits <= 32 else "long"
        case Float(bits):
            return "float" if bits <= 32 else "double"
        case Decimal(precision, scale):
            head = {"type": "bytes", "logicalType": "decimal"}
            return head | {"precision": precision, "scale": scale}
        case Timestamp(zone):
            kind = "timestamp-micros" if zone else "local-timestamp-micros"
            return {"type": "long", "logicalType": kind}
        case _:
            return _PLAIN[type(type_)]


def _default(type_: Type, value: Any) -> Any:
    """Give a default as a schema writes it: bytes are text of the characters 0 to 255."""
    match type_:
        case Decimal():
            number = raw(type_, value)
            length = (~number if number < 0 else number).bit_length() // 8 + 1
            return number.to_bytes(length, "big", signed=True).decode("latin-1")
        case Bytes():
            return bytes.fromhex(value).decode("latin-1")
        case Date() | Time() | Timestamp():
            return raw(type_, value)
        case _:
            return value
