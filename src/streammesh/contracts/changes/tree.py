"""The fields of a contract by their paths, each with all that the contract says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from streammesh.contracts.contract import Contract, read
from streammesh.contracts.types import Array, Field, Map, Record
from streammesh.documents.values import ContractFile
from streammesh.errors import Location

Said = Mapping[str, Any]

ROOT = "schema[0]"


@dataclass(frozen=True)
class Node:
    """A field, or what a list or a map holds.

    Attributes:
        path: dotted, such as `lines[].amount`; a list's elements are `lines[]`.
        parent: path of what it stands in; empty for the document.
        at: its path in the file.
        said: what the contract says of it; nothing of a vector's elements.
        field: its type, rules and default.
    """

    path: str
    parent: str
    at: str
    said: Said
    field: Field

    @property
    def critical(self) -> bool:
        """Whether it is a critical data element."""
        return bool(self.said.get("criticalDataElement"))

    @property
    def options(self) -> Said:
        """What it says in its `stream` property."""
        return stream_options(self.said)


@dataclass(frozen=True)
class Tree:
    """A contract with its fields by their paths, in the order of the file.

    Attributes:
        file: the contract as written.
        contract: the contract as read.
        nodes: the fields by their paths, what holds others before these.
    """

    file: ContractFile
    contract: Contract
    nodes: Mapping[str, Node]

    @property
    def schema(self) -> Said:
        """What the contract says of the document as such."""
        found: Said = self.file.document["schema"][0]
        return found

    def below(self, path: str) -> Iterator[str]:
        """Give the paths of all that stands in a field."""
        starts = (f"{path}.", f"{path}[", f"{path}{{")
        return (one for one in self.nodes if one.startswith(starts))

    def with_below(self, path: str) -> tuple[str, ...]:
        """Give a field's path, and the paths of all that stands in it."""
        return (path, *self.below(path))

    def where(self, path: str, *names: str) -> Location | None:
        """Give the place of the first of some parts of a field that is written, or its name's."""
        node = self.nodes.get(path)
        return self.place(node.at if node else ROOT, *names, "name")

    def place(self, at: str, *names: str) -> Location | None:
        """Give the place of the first of some parts that is written, or the nearest around it."""
        places = self.file.places
        for one in (*(f"{at}.{name}" for name in names), at):
            if one in places:
                return places[one]
        return places.get("")


def read_tree(file: ContractFile) -> Tree:
    """Read a contract.

    Raises:
        MeshErrors: when it is none, as `contract.read` tells.
    """
    contract = read(file)
    nodes = _below("", ROOT, file.document["schema"][0], contract.fields)
    return Tree(file, contract, {one.path: one for one in nodes})


def stream_options(said: Said) -> Said:
    """Give the `stream` entry of what a contract says of a property."""
    entries = said.get("customProperties") or ()
    found = next((one["value"] for one in entries if one["property"] == "stream"), None)
    return found or {}


def _below(path: str, at: str, said: Said, type_: object) -> Iterator[Node]:
    match type_:
        case Record(fields):
            written = {one["name"]: i for i, one in enumerate(said.get("properties") or ())}
            dot = f"{path}." if path else ""
            for one in fields:
                index = written[one.name]
                inner = said["properties"][index]
                yield from _node(f"{dot}{one.name}", path, f"{at}.properties[{index}]", inner, one)
        case Array(items, required, rules):
            element = Field("", items, required, rules=rules)
            yield from _node(f"{path}[]", path, f"{at}.items", said.get("items") or {}, element)
        case Map(values, required, rules):
            element = Field("", values, required, rules=rules)
            held = (said.get("map") or {}).get("value") or {}
            yield from _node(f"{path}{{}}", path, f"{at}.map.value", held, element)


def _node(path: str, parent: str, at: str, said: Said, field: Field) -> Iterator[Node]:
    yield Node(path, parent, at, said, field)
    yield from _below(path, at, said, field.type)
