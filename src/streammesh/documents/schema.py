"""Checks a parsed file by a JSON Schema and says what is wrong in the words of this project."""

from __future__ import annotations

import copy
import functools
import importlib.resources
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import jsonschema_rs

from streammesh.documents.parsed import Parsed
from streammesh.documents.schema_errors import UNEXPECTED, Translator
from streammesh.errors import MeshError
from streammesh.errors.documents import MissingField, UnknownField

MAX_ERRORS = 100
"""More are not shown of one file: it is another kind of file, or made to keep us busy."""


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

    def accepts(self, document: Any) -> bool:
        """Tell whether a document is valid."""
        return self.validator.is_valid(document)

    def errors(self, parsed: Parsed) -> list[MeshError]:
        """Check a file; give what is wrong with it, each at its place, `MAX_ERRORS` at most."""
        found = list(islice(self.validator.iter_errors(parsed.document), 10 * MAX_ERRORS))
        firm = [one.instance_path for one in found if one.kind.name not in UNEXPECTED][:MAX_ERRORS]
        translator = Translator(self.schema, self.label, self.names)
        errors: dict[Any, MeshError] = {}
        for refusal in found:
            for error in translator.errors(refusal, firm, parsed):
                errors[type(error), error.what, error.where] = error
                if len(errors) == MAX_ERRORS:
                    return _without_echoes(errors.values())
        return _without_echoes(errors.values())


def _without_echoes(errors: Iterable[MeshError]) -> list[MeshError]:
    """Leave out that a field is missing where it only has a letter wrong."""
    found = list(errors)
    meant = {one.fix for one in found if isinstance(one, UnknownField)}
    return [
        one
        for one in found
        if not isinstance(one, MissingField) or f"write `{one.fields['name']}`" not in meant
    ]


@functools.cache
def own_schema(name: str) -> DocumentSchema:
    """Give the schema of one of streammesh's own kinds of file, or of ODPS.

    Args:
        name: the file's name in `documents/schemas`, without its end.
    """
    return compiled(_own_file(name))


def changed(schema: Mapping[str, Any], name: str, version: str) -> dict[str, Any]:
    """Give an older version of a schema.

    Args:
        schema: the next newer version.
        name: a file of `documents/schemas` with the changes of each version: `remove` or `set` what
            stands at a path, `keep` entries of a list by their number, take values out that it
            was `without`.
        version: which version's changes.
    """
    older = copy.deepcopy(dict(schema))
    for change in _own_file(name)[version]:
        _change(older, change)
    return older


def _change(schema: Any, change: Mapping[str, Any]) -> None:
    *path, last = change["at"].split("/")
    node = schema
    for step in path:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if "remove" in change:
        del node[last]
    elif "set" in change:
        node[int(last) if isinstance(node, list) else last] = change["set"]
    elif "keep" in change:
        node[last] = [node[last][index] for index in change["keep"]]
    else:
        node[last] = [one for one in node[last] if one not in change["without"]]


def _own_file(name: str) -> dict[str, Any]:
    files = importlib.resources.files("streammesh.documents")
    found: dict[str, Any] = json.loads(
        (files / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    )
    return found


def compiled(schema: Mapping[str, Any]) -> DocumentSchema:
    """Make a JSON Schema ready; its `x-label` is what a person calls a file of its kind."""
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
