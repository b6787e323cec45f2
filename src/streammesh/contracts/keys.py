"""The key of a document: the properties that say `primaryKey`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streammesh.contracts.properties import Properties
from streammesh.contracts.types import (
    Boolean,
    Bytes,
    Date,
    Decimal,
    Enum,
    Field,
    Integer,
    Record,
    Text,
    Timestamp,
    Uuid,
)
from streammesh.errors import MeshError
from streammesh.errors.contracts import BadKey, ContractWithoutKey

_KEY_TYPES = (Boolean, Bytes, Date, Decimal, Integer, Text, Timestamp, Uuid)


def read_key(
    properties: Properties, at: str, said: list[Mapping[str, Any]], record: Record
) -> tuple[Field, ...]:
    """Read the key of a document; what is wrong with it goes to the other errors.

    Args:
        properties: the reader that has read the document.
        at: the path of the schema object in the file.
        said: the document's properties as the contract says them.
        record: the document's fields.
    """
    marked = [
        (one.get("primaryKeyPosition", -1), index, one["name"])
        for index, one in enumerate(said)
        if one.get("primaryKey")
    ]
    if not marked:
        where = properties.where(at, "name")
        properties.errors.append(ContractWithoutKey(where=where))
    properties.errors.extend(_position_errors(properties, at, marked))
    fields = [(index, record.field(name)) for _, index, name in sorted(marked)]
    for index, one in fields:
        if one is not None:
            properties.errors.extend(_field_errors(properties, one, f"{at}.properties[{index}]"))
    return tuple(one for _, one in fields if one is not None)


def _position_errors(
    properties: Properties, at: str, marked: list[tuple[int, int, str]]
) -> list[MeshError]:
    positions = [position for position, _, _ in marked]
    given = [position for position in positions if position != -1]
    if not given or sorted(given) == list(range(1, len(positions) + 1)):
        return []
    _, index, name = marked[-1]
    where = properties.where(f"{at}.properties[{index}]", "primaryKeyPosition", "primaryKey")
    reason = "the key's positions are not 1, 2, 3 …"
    fix = "give every part of the key its primaryKeyPosition, from 1, or none"
    return [BadKey(field=name, reason=reason, where=where, fix=fix)]


def _field_errors(properties: Properties, one: Field, at: str) -> list[MeshError]:
    where = properties.where(at, "primaryKey")
    errors: list[MeshError] = []
    if not one.required:
        fix = "add `required: true`"
        errors.append(BadKey(field=one.name, reason="it is not required", where=where, fix=fix))
    if isinstance(one.type, Enum):
        reason = "a key's schema never changes, so an enum in it could never gain a value"
        fix = "leave out `avro: enum`: its valid values are checked all the same"
        errors.append(BadKey(field=one.name, reason=reason, where=where, fix=fix))
    elif not isinstance(one.type, _KEY_TYPES):
        reason = "a key has plain values only, no time of day and no floating point"
        fix = "take `primaryKey` away, or choose a plain field"
        errors.append(BadKey(field=one.name, reason=reason, where=where, fix=fix))
    if one.default is not None:
        reason = "a key has no default: every document has its own"
        fix = "take the default away"
        errors.append(BadKey(field=one.name, reason=reason, where=where, fix=fix))
    return errors
