"""Whether data written with one Avro schema can be read with another (Avro 1.12, resolution).

A real registry decides for itself; this finds the words where it gives none, and is what the
twin decides by.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from fastavro.schema import SchemaParseException, UnknownType, parse_schema

_PROMOTIONS = {
    "int": {"long", "float", "double"},
    "long": {"float", "double"},
    "float": {"double"},
    "string": {"bytes"},
    "bytes": {"string"},
}

Schema = Any
"""A schema as parsed JSON: a name, a union's list, or an object."""


def unreadable(reader: Schema, writer: Schema) -> tuple[str, ...]:
    """Say why `reader` can't read what `writer` wrote; empty when it can.

    Args:
        reader: an Avro schema as parsed JSON.
        writer: likewise.
    """
    return tuple(_Resolution(reader, writer).problems(reader, writer, "$"))


def breaks(level: str, old: Schema, new: Schema) -> tuple[str, ...]:
    """Say what a change of a schema breaks.

    Args:
        level: such as BACKWARD, FORWARD_TRANSITIVE, FULL or NONE.
        old: an Avro schema as parsed JSON.
        new: likewise.
    """
    backward = unreadable(new, old) if level.startswith(("BACKWARD", "FULL")) else ()
    forward = unreadable(old, new) if level.startswith(("FORWARD", "FULL")) else ()
    return (
        *(f"the new schema can't read old records: {why}" for why in backward),
        *(f"the old schema can't read new records: {why}" for why in forward),
    )


def fault(schema: str) -> str | None:
    """Say what is wrong with an Avro schema, None when nothing is.

    Args:
        schema: JSON.
    """
    try:
        parse_schema(json.loads(schema))
    except (ValueError, TypeError, KeyError, SchemaParseException, UnknownType) as error:
        return str(error) or type(error).__name__
    return None


class _Resolution:
    def __init__(self, reader: Schema, writer: Schema) -> None:
        self._reader_names: dict[str, Any] = {}
        self._writer_names: dict[str, Any] = {}
        self._reader = parse_schema(reader, self._reader_names, _force=True)
        self._writer = parse_schema(writer, self._writer_names, _force=True)
        self._seen: set[tuple[str, str]] = set()

    def problems(self, reader: Schema, writer: Schema, path: str) -> Iterator[str]:
        if path == "$":
            reader, writer = self._reader, self._writer
        reader, writer = _named(reader, self._reader_names), _named(writer, self._writer_names)
        if isinstance(writer, list):
            for branch in writer:
                yield from self.problems(reader, branch, path + "|")
        elif isinstance(reader, list):
            tries = (self.problems(branch, writer, path + "|") for branch in reader)
            if all(any(True for _ in one) for one in tries):
                yield f"{path}: no branch of the union reads {_kind(writer)}"
        elif _kind(reader) != _kind(writer):
            if _kind(reader) not in _PROMOTIONS.get(_kind(writer), ()):
                yield f"{path}: {_kind(reader)} can't read {_kind(writer)}"
        else:
            yield from self._same_kind(reader, writer, path)

    def _same_kind(self, reader: Schema, writer: Schema, path: str) -> Iterator[str]:
        checks: dict[str, Callable[[Any, Any, str], Iterator[str]]] = {
            "record": self._records,
            "enum": _enums,
            "fixed": _fixed,
        }
        kind = _kind(reader)
        if kind in checks:
            yield from checks[kind](reader, writer, path)
        elif kind == "array":
            yield from self.problems(reader["items"], writer["items"], path + "[]")
        elif kind == "map":
            yield from self.problems(reader["values"], writer["values"], path + "{}")

    def _records(self, reader: Schema, writer: Schema, path: str) -> Iterator[str]:
        pair = (reader["name"], writer["name"])
        if pair in self._seen:
            return
        self._seen.add(pair)
        yield from _names(reader, writer, path)
        written = {field["name"]: field for field in writer["fields"]}
        for field in reader["fields"]:
            place = f"{path}.{field['name']}"
            if field["name"] in written:
                yield from self.problems(field["type"], written[field["name"]]["type"], place)
            elif "default" not in field:
                yield f"{place}: is not written, and has no default"


def _kind(schema: Schema) -> str:
    return str(schema["type"]) if isinstance(schema, dict) else str(schema)


def _named(schema: Schema, names: dict[str, Any]) -> Schema:
    if isinstance(schema, str):
        return names.get(schema, schema)
    if isinstance(schema, dict) and isinstance(schema["type"], (dict, list)):
        return _named(schema["type"], names)
    return schema


def _names(reader: Schema, writer: Schema, path: str) -> Iterator[str]:
    if reader["name"].rpartition(".")[2] != writer["name"].rpartition(".")[2]:
        yield f"{path}: is named {reader['name']}, was written as {writer['name']}"


def _enums(reader: Schema, writer: Schema, path: str) -> Iterator[str]:
    yield from _names(reader, writer, path)
    unknown = sorted(set(writer["symbols"]) - set(reader["symbols"]))
    if unknown and "default" not in reader:
        yield f"{path}: does not know the symbols {', '.join(unknown)}"


def _fixed(reader: Schema, writer: Schema, path: str) -> Iterator[str]:
    yield from _names(reader, writer, path)
    if reader["size"] != writer["size"]:
        yield f"{path}: has {reader['size']} bytes, {writer['size']} were written"
