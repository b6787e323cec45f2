"""Checks a parsed file by a JSON Schema and says what is wrong in the words of this project."""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import jsonschema_rs

from streammesh.documents.nearest import nearest
from streammesh.documents.parsed import Parsed, dotted
from streammesh.errors import MeshError
from streammesh.errors.documents import MissingField, UnknownField, WrongShape

_WORDS = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a mapping (`name: value`)",
    "null": "nothing",
}
_UNEXPECTED = frozenset({"additionalProperties", "unevaluatedProperties"})
_NAMED = {
    "SchemaProperty": "a property",
    "SchemaBaseProperty": "a property",
    "SchemaItemProperty": "`items`",
    "SchemaObject": "a schema object",
}


@dataclass(frozen=True)
class DocumentSchema:
    """A JSON Schema for one kind of file.

    Attributes:
        label: what a person calls such a file: `a Domain`.
        schema: the JSON Schema.
        validator: compiled.
        names: every field name that stands anywhere in the schema.
    """

    label: str
    schema: Mapping[str, Any]
    validator: jsonschema_rs.Validator
    names: frozenset[str]

    def errors(self, parsed: Parsed) -> list[MeshError]:
        """Check a file; give what is wrong with it, each at its place."""
        found = list(self.validator.iter_errors(parsed.document))
        firm = [one.instance_path for one in found if one.kind.name not in _UNEXPECTED]
        errors = {
            (type(error), error.what, error.where): error
            for one in found
            for error in self._translate(one, firm, parsed)
        }
        return list(errors.values())

    def _translate(
        self, error: jsonschema_rs.ValidationError, firm: Sequence[Any], parsed: Parsed
    ) -> Iterator[MeshError]:
        steps, kind = error.instance_path, error.kind
        if kind.name in _UNEXPECTED:
            yield from self._unexpected(error, firm, parsed)
        elif kind.name == "required":
            yield self._missing(error, parsed)
        elif kind.name == "type":
            yield _wrong_type(steps, kind.as_dict()["types"], error.instance, parsed)
        elif kind.name in ("enum", "const"):
            yield _wrong_choice(steps, kind.as_dict(), error.instance, parsed)
        else:
            what = f"`{dotted(steps)}`: {error.message}"
            yield WrongShape(what=what, where=parsed.place(*steps))

    def _unexpected(
        self, error: jsonschema_rs.ValidationError, firm: Sequence[Any], parsed: Parsed
    ) -> Iterator[MeshError]:
        """Name the unknown fields.

        A known one is "unevaluated" only because something at or below it is wrong, which then is
        an error of its own.
        """
        steps = error.instance_path
        explained = any(other[: len(steps)] == steps for other in firm)
        around = self._definition(error)
        known = around.get("properties") or self.names
        for name in error.kind.as_dict()["unexpected"]:
            if (
                error.kind.name == "unevaluatedProperties"
                and name in self.names
                and (explained or _has_errors_below(parsed, steps, name))
            ):
                continue
            where = parsed.key(*steps, name)
            fix = nearest(name, known)
            yield UnknownField(name=name, kind=self._call(error), where=where, fix=fix)

    def _missing(self, error: jsonschema_rs.ValidationError, parsed: Parsed) -> MeshError:
        name, instance = error.kind.as_dict()["property"], cast("dict[str, Any]", error.instance)
        if name == "map" and "logicalType" not in instance:
            name = "logicalType"  # the standard's "if it is a map" also holds when nothing is said
        where = parsed.place(*error.instance_path)
        fix = f"add `{name}`"
        return MissingField(name=name, kind=self._call(error), where=where, fix=fix)

    def _definition(self, error: jsonschema_rs.ValidationError) -> Mapping[str, Any]:
        """Give the part of the schema that refused."""
        node: Any = self.schema
        for step in error.schema_path[:-1]:
            node = node.get(step, {}) if isinstance(node, Mapping) else node[step]
        return node if isinstance(node, Mapping) else {}

    def _call(self, error: jsonschema_rs.ValidationError) -> str:
        """Say what a person calls the thing that has or lacks a field."""
        title = self._definition(error).get("x-label")
        named = next((_NAMED[s] for s in reversed(error.schema_path) if s in _NAMED), None)
        path = dotted(error.instance_path)
        return str(title or named or (f"`{path}`" if path else self.label))


def _has_errors_below(parsed: Parsed, steps: Sequence[str | int], name: str) -> bool:
    """Tell whether a field holds something that may have unknown fields of its own."""
    value = parsed.document
    for step in (*steps, name):
        value = value[step]
    return isinstance(value, list | dict)


def _wrong_type(
    steps: Sequence[str | int], types: Sequence[str], value: object, parsed: Parsed
) -> MeshError:
    wanted = " or ".join(_WORDS.get(one, one) for one in types)
    name = f"`{dotted(steps)}`" if steps else "the document"
    what = f"{name} must be {wanted}, not {_word(value)}"
    quotes = "string" in types and isinstance(value, int | float)
    fix = "put it in quotes" if quotes else f"write {wanted}"
    return WrongShape(what=what, where=parsed.place(*steps), fix=fix)


def _word(value: object) -> str:
    for kind, word in (
        (bool, _WORDS["boolean"]),
        (str, _WORDS["string"]),
        (int, _WORDS["integer"]),
        (float, _WORDS["number"]),
        (list, _WORDS["array"]),
        (dict, _WORDS["object"]),
    ):
        if isinstance(value, kind):
            return word
    return _WORDS["null"]


def _wrong_choice(
    steps: Sequence[str | int], details: Mapping[str, Any], value: object, parsed: Parsed
) -> MeshError:
    options = details.get("options") or [details.get("expected_value")]
    shown = value if isinstance(value, str) else json.dumps(value)[:60]
    what = f"`{dotted(steps)}` can't be `{shown}`"
    fix = nearest(str(value), [str(one) for one in options])
    return WrongShape(what=what, where=parsed.place(*steps), fix=fix)


@functools.cache
def own_schema(name: str) -> DocumentSchema:
    """Give the schema of one of streammesh's own kinds of file, or of ODPS.

    Args:
        name: the file's name in `documents/schemas`, without its end.
    """
    files = importlib.resources.files("streammesh.documents")
    text = (files / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    return _document_schema(json.loads(text))


@functools.cache
def contract_schema() -> DocumentSchema:
    """Give ODCS's official JSON Schema, as its package brings it."""
    files = importlib.resources.files("open_data_contract_standard")
    schema = json.loads((files / "schema.json").read_text(encoding="utf-8"))
    return _document_schema({**schema, "x-label": "a contract"})


def _document_schema(schema: Mapping[str, Any]) -> DocumentSchema:
    validator = jsonschema_rs.validator_for(dict(schema))
    return DocumentSchema(schema["x-label"], schema, validator, frozenset(_names(schema)))


def _names(schema: object) -> Iterator[str]:
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        if isinstance(properties, Mapping):
            yield from properties
        for child in schema.values():
            yield from _names(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from _names(child)
