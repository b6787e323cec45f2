"""The properties of a contract as fields, with all that is wrong and where each stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from streammesh.contracts.field_options import avro_type, default_of, field_options
from streammesh.contracts.property_types import Place, is_json, physical_type, scalar
from streammesh.contracts.rules import read_rules, required_by_option
from streammesh.contracts.types import FREE, Array, Field, Json, Map, Record, Text, Type
from streammesh.errors import Location, MeshError
from streammesh.errors.contracts import (
    BadDefault,
    BadKey,
    FieldTwice,
    NoFields,
    TooDeep,
    UnsupportedType,
)

Said = Mapping[str, Any]

DEEPEST = 32
"""Objects and lists in each other that a document may have."""


class Properties:
    """Walks one contract and gathers its errors and the places of its fields.

    Attributes:
        errors: what is wrong, in the order of the file.
        places: the location of each field by its dotted path; `""` is the schema object itself.
    """

    def __init__(self, file_places: Mapping[str, Location]) -> None:
        """Begin.

        Args:
            file_places: the location of each value of the file by its path.
        """
        self._file_places = file_places
        self.errors: list[MeshError] = []
        self.places: dict[str, Location] = {}

    def document(self, at: str, properties: list[Said]) -> Record:
        """Read the fields of a whole document, whose schema object stands at `at`."""
        self._place("", at)
        return self._record("", at, properties)

    def where(self, at: str, *names: str) -> Location | None:
        """Give the place of the first of some parts of `at` that is written, or its own."""
        paths = (*(f"{at}.{name}" for name in names), at)
        return next((self._file_places[one] for one in paths if one in self._file_places), None)

    def _at(self, at: str) -> Place:
        return lambda *names: self.where(at, *names, "name")

    def _place(self, path: str, at: str) -> None:
        where = self.where(at, "name")
        if where is not None:
            self.places[path] = where

    def _record(self, path: str, at: str, properties: list[Said]) -> Record:
        if not properties:
            where = self.where(at, "properties")
            fix = "name its fields under `properties`; or physicalType: json for any JSON value"
            error = NoFields(field=path or "the document", where=where, fix=fix if path else None)
            self.errors.append(error)
        fields: dict[str, Field] = {}
        for index, said in enumerate(properties):
            below = f"{at}.properties[{index}]"
            name = f"{path}.{said['name']}" if path else said["name"]
            if said["name"] in fields:
                self.errors.append(FieldTwice(field=name, where=self.where(below, "name")))
                continue
            self._place(name, below)
            fields[said["name"]] = self._guarded(name, below, said)
        return Record(tuple(fields.values()))

    def _guarded(self, path: str, at: str, said: Said) -> Field:
        """Read a property; one that is wrong is told, and stands for its name alone."""
        try:
            return self._field(path, at, said)
        except MeshError as error:
            self.errors.append(error)
            return Field(said["name"], Text(), required=True)

    def _field(self, path: str, at: str, said: Said) -> Field:
        """Read a property; a list's elements and a map's values are properties without a name."""
        place = self._at(at)
        self._check_nesting(path, at, said)
        options = field_options(path, said, place)
        plain = self._type(path, at, said)
        rules = read_rules(path, said, plain, place)
        type_, rules = avro_type(path, plain, rules, options, place)
        field = Field(
            name=said.get("name", ""),
            type=type_,
            required=bool(said.get("required", False)),
            description=said.get("description") or "",
            rules=rules,
        )
        default = default_of(field, path, options, place)
        return msgspec.structs.replace(field, default=default)

    def _check_nesting(self, path: str, at: str, said: Said) -> None:
        if path.count(".") + path.count("[]") + path.count("{}") > DEEPEST:
            raise TooDeep(field=path, most=DEEPEST, where=self.where(at, "logicalType"))
        if said.get("primaryKey") and at.count(".") > 1:
            reason = "it is inside another property"
            fix = "make it a property of the document itself, or take `primaryKey` away"
            raise BadKey(field=path, reason=reason, where=self.where(at, "primaryKey"), fix=fix)

    def _type(self, path: str, at: str, said: Said) -> Type:
        match said.get("logicalType"):
            case "object" | "array" if is_json(said):
                return Json()
            case "object":
                return self._object(path, at, said)
            case "array":
                return self._array(path, at, said)
            case "map":
                return self._map(path, at, said)
            case _:
                return scalar(path, said, self._at(at))

    def _object(self, path: str, at: str, said: Said) -> Record:
        record = self._record(path, at, said.get("properties") or [])
        names = {one.name: one for one in record.fields}
        wanted = required_by_option(path, said, names, self._at(at))
        if not wanted:
            return record
        fields = [
            msgspec.structs.replace(one, required=one.required or one.name in wanted)
            for one in record.fields
        ]
        return Record(tuple(fields))

    def _array(self, path: str, at: str, said: Said) -> Array:
        items = said.get("items")
        if not items:
            fix = "say what it holds: `items`; or physicalType: json for any JSON value"
            raise NoFields(field=f"{path}[]", where=self.where(at), fix=fix)
        element = self._element(f"{path}[]", f"{at}.items", items)
        return Array(element.type, required=element.required, rules=element.rules)

    def _map(self, path: str, at: str, said: Said) -> Map:
        key, value = said["map"]["key"], said["map"]["value"]
        where = self.where(f"{at}.map.key", "physicalType", "logicalType")
        kind = scalar(f"{path}{{}}", key, self._at(f"{at}.map.key")) if _is_plain(key) else None
        if not isinstance(kind, Text):
            fix = "logicalType: string for the key; or an array of objects with the fields of both"
            said_ = "a map with keys that are no texts"
            raise UnsupportedType(field=path, said=said_, where=where, fix=fix)
        place = self._at(f"{at}.map.key")
        if kind.length is not None or read_rules(path, key, kind, place) != FREE:
            fix = "leave the rule out, or make it an array of objects"
            raise UnsupportedType(
                field=path, said="a map with a rule on its keys", where=where, fix=fix
            )
        element = self._element(f"{path}{{}}", f"{at}.map.value", value)
        return Map(element.type, required=element.required, rules=element.rules)

    def _element(self, path: str, at: str, said: Said) -> Field:
        """Read what a list or map holds: never null, unless it says `required: false`."""
        self._place(path, at)
        field = self._field(path, at, {"required": True, **said})
        if field.default is not None:
            fix = "take it away: it belongs to the property"
            where = self.where(at, "customProperties")
            raise BadDefault(field=path, reason="it is an element", where=where, fix=fix)
        return field


def _is_plain(said: Said) -> bool:
    return said.get("logicalType") == "string" and physical_type(said).name not in ("bytea",)
