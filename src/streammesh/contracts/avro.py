"""A contract as Avro schemas: canonical JSON, so that the same contract always gives the same text.

The key's bytes on Kafka hold the id that the registry gave to the key schema, and the registry sees
another order of attributes as another schema. So the order here is fixed, there is no white space,
and the key schema has nothing in it that may change within a major version: no doc, no metadata.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from streammesh.contracts.contract import Contract
from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Field,
    Integer,
    Json,
    Record,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.errors import MeshError, MeshErrors
from streammesh.errors.contracts import BadAvroName, RecordTwice

KEY, VALUE = "Key", "Value"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

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


def record_name(path: str) -> str:
    """Give the name of a nested record: `lines[].main_part` is `LinesMainPart`."""
    words = re.split(r"[^A-Za-z0-9]+", path)
    return "".join(word[:1].upper() + word[1:] for word in words)


def _schema(
    contract: Contract, name: str, fields: tuple[Field, ...], topic: str, *, documented: bool
) -> str:
    errors = list(_name_errors(contract))
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
    return schema


def _type(type_: Type, path: str, documented: bool) -> Schema:
    match type_:
        case Record(fields):
            below = [_field(one, f"{path}.{one.name}", documented) for one in fields]
            return {"type": "record", "name": record_name(path), "fields": below}
        case Array(items, required):
            inner = _type(items, f"{path}[]", documented)
            return {"type": "array", "items": inner if required else ["null", inner]}
        case Integer(bits):
            return "int" if bits <= 32 else "long"
        case Decimal(precision, scale):
            head = {"type": "bytes", "logicalType": "decimal"}
            return head | {"precision": precision, "scale": scale}
        case Timestamp(zone):
            kind = "timestamp-micros" if zone else "local-timestamp-micros"
            return {"type": "long", "logicalType": kind}
        case _:
            return _PLAIN[type(type_)]


def _name_errors(contract: Contract) -> Iterator[MeshError]:
    records = {KEY: "the key itself", VALUE: "the document itself"}
    for path, name, type_ in _walk(contract.fields, ""):
        where = contract.places.get(path)
        if name and not _NAME.match(name):
            proposed = re.sub(r"\W", "_", name, flags=re.ASCII)
            fix = f"write `{proposed if _NAME.match(proposed) else '_' + proposed}`"
            yield BadAvroName(name=name, where=where, fix=fix)
        if isinstance(type_, Record):
            record = record_name(path)
            other = records.setdefault(record, path)
            if other != path:
                yield RecordTwice(field=path, other=other, record=record, where=where)


def _walk(type_: Type, path: str) -> Iterator[tuple[str, str, Type]]:
    """Give path, name and type of each field and each list's elements, outermost first."""
    if isinstance(type_, Record):
        for one in type_.fields:
            below = f"{path}.{one.name}" if path else one.name
            yield below, one.name, one.type
            yield from _walk(one.type, below)
    elif isinstance(type_, Array):
        yield f"{path}[]", "", type_.items
        yield from _walk(type_.items, f"{path}[]")
