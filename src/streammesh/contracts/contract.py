"""A contract as types: what the document of a port holds, what its key is, and where it says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from streammesh.contracts.field_options import check_field_options
from streammesh.contracts.property_types import is_json, scalar
from streammesh.contracts.rules import valid_values
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
    Timestamp,
    Type,
    Uuid,
)
from streammesh.documents.values import ContractFile
from streammesh.errors import Location, MeshError, MeshErrors
from streammesh.errors.contracts import (
    BadKey,
    BadRule,
    ContractWithoutKey,
    FieldTwice,
    NoFields,
    NoSchema,
    UnsupportedType,
)

_KEY_TYPES = (Boolean, Bytes, Date, Decimal, Integer, Text, Timestamp, Uuid)


@dataclass(frozen=True)
class Contract:
    """What a port promises of its documents.

    Attributes:
        key: the fields of the key, in key order; all required, all also in `fields`.
        fields: the whole document.
        topic: `physicalName` as written, None when there is none.
        description: what a document is, in words.
        places: the location of each field by its dotted path: `customer.name`, `lines[].amount`;
            `""` is the schema object itself.
    """

    key: tuple[Field, ...]
    fields: Record
    topic: str | None
    description: str
    places: Mapping[str, Location] = field(compare=False, repr=False)


def read(contract_file: ContractFile) -> Contract:
    """Read the types, key and rules of a contract that is valid by the standard's JSON Schema.

    Raises:
        MeshErrors: with every ContractError found, each with its place.
    """
    reader = _Reader(contract_file)
    schemas = contract_file.document.get("schema") or []
    if len(schemas) != 1:
        where = contract_file.places.get("schema") or contract_file.places.get("")
        raise MeshErrors([NoSchema(count=len(schemas), where=where)])
    contract = reader.contract(schemas[0])
    if reader.errors:
        raise MeshErrors(reader.errors)
    return contract


class _Reader:
    """Walks one contract and gathers its errors and the places of its fields."""

    def __init__(self, contract_file: ContractFile) -> None:
        self._file_places = contract_file.places
        self.errors: list[MeshError] = []
        self.places: dict[str, Location] = {}

    def contract(self, schema: Mapping[str, Any]) -> Contract:
        self._place("", "schema[0]")
        properties = schema.get("properties") or []
        record = self._record("", "schema[0]", properties)
        key = self._key(properties, record)
        return Contract(
            key=key,
            fields=record,
            topic=schema.get("physicalName"),
            description=schema.get("description") or "",
            places=self.places,
        )

    def _place(self, path: str, at: str) -> None:
        for candidate in (f"{at}.name", at):
            where = self._file_places.get(candidate)
            if where is not None:
                self.places[path] = where
                return

    def _where(self, at: str, *names: str) -> Location | None:
        paths = (*(f"{at}.{name}" for name in names), at)
        return next((self._file_places[one] for one in paths if one in self._file_places), None)

    def _record(self, path: str, at: str, properties: list[Mapping[str, Any]]) -> Record:
        if not properties:
            where = self._where(at, "properties")
            self.errors.append(NoFields(field=path or "the document", where=where))
        fields: dict[str, Field] = {}
        for index, said in enumerate(properties):
            below = f"{at}.properties[{index}]"
            name = f"{path}.{said['name']}" if path else said["name"]
            if said["name"] in fields:
                self.errors.append(FieldTwice(field=name, where=self._where(below, "name")))
                continue
            self._place(name, below)
            found = self._guarded(self._field, name, below, said)
            if found is not None:
                fields[said["name"]] = found
        return Record(tuple(fields.values()))

    def _guarded(
        self, make: Callable[[str, str, Mapping[str, Any]], Field], *args: Any
    ) -> Field | None:
        try:
            return make(*args)
        except MeshError as error:
            self.errors.append(error)
            return None

    def _field(self, path: str, at: str, said: Mapping[str, Any]) -> Field:
        type_ = self._type(path, at, said)
        return Field(
            name=said["name"],
            type=type_,
            required=bool(said.get("required", False)),
            description=said.get("description") or "",
            valid_values=valid_values(path, said, type_, self._where(at, "quality", "enum")),
        )

    def _type(self, path: str, at: str, said: Mapping[str, Any]) -> Type:
        check_field_options(path, said, self._where(at, "customProperties"))
        match said.get("logicalType"):
            case "object":
                return Json() if is_json(said) else self._object(path, at, said)
            case "array":
                return self._array(path, at, said)
            case _:
                where = self._where(at, "physicalType", "logicalType", "name")
                return scalar(path, said, where)

    def _object(self, path: str, at: str, said: Mapping[str, Any]) -> Record:
        return self._record(path, at, said.get("properties") or [])

    def _array(self, path: str, at: str, said: Mapping[str, Any]) -> Array:
        items = said.get("items")
        inner, below = f"{path}[]", f"{at}.items"
        if not items:
            raise NoFields(field=inner, where=self._where(at), fix="say what it holds: `items`")
        self._place(inner, below)
        if items.get("logicalType") == "array":
            where = self._where(below, "logicalType")
            fix = "wrap the inner list in an object"
            raise UnsupportedType(field=inner, said="a list in a list", where=where, fix=fix)
        type_ = self._type(inner, below, items)
        if valid_values(inner, items, type_, self._where(below, "quality", "enum")):
            where = self._where(below, "quality", "enum")
            reason = "rules on a list's plain elements aren't checked yet"
            fix = "make the elements objects with a field"
            raise BadRule(field=inner, reason=reason, where=where, fix=fix)
        return Array(type_, required=bool(items.get("required", True)))

    def _key(self, properties: list[Mapping[str, Any]], record: Record) -> tuple[Field, ...]:
        marked = [
            (said.get("primaryKeyPosition", -1), index, said["name"])
            for index, said in enumerate(properties)
            if said.get("primaryKey")
        ]
        if not marked:
            self.errors.append(ContractWithoutKey(where=self._where("schema[0]", "name")))
        self._check_positions(marked)
        fields = [(index, record.field(name)) for _, index, name in sorted(marked)]
        for index, one in fields:
            if one is not None:
                self._check_key_field(one, f"schema[0].properties[{index}]")
        return tuple(one for _, one in fields if one is not None)

    def _check_positions(self, marked: list[tuple[int, int, str]]) -> None:
        positions = [position for position, _, _ in marked]
        given = [position for position in positions if position != -1]
        if given and sorted(given) != list(range(1, len(positions) + 1)):
            _, index, name = marked[-1]
            at = f"schema[0].properties[{index}]"
            where = self._where(at, "primaryKeyPosition", "primaryKey")
            reason = "the key's positions are not 1, 2, 3 …"
            fix = "give every part of the key its primaryKeyPosition, from 1, or none"
            self.errors.append(BadKey(field=name, reason=reason, where=where, fix=fix))

    def _check_key_field(self, one: Field, at: str) -> None:
        where = self._where(at, "primaryKey")
        if not one.required:
            fix = "add `required: true`"
            self.errors.append(
                BadKey(field=one.name, reason="it is not required", where=where, fix=fix)
            )
        if not isinstance(one.type, _KEY_TYPES):
            reason = "a key has plain values only"
            fix = "take `primaryKey` away, or choose a plain field"
            self.errors.append(BadKey(field=one.name, reason=reason, where=where, fix=fix))
