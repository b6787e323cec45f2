"""A contract's fields as a flat list, each with its path and where the file says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FlatField:
    """A field of a contract.

    Attributes:
        path: as subscriptions write it: `customer.name`, `lines[].amount`.
        place: its key in the contract's places: `schema[0].properties[2]`.
        said: the property as written.
        inner: whether fields stand in it (an object, or a list of objects).
    """

    path: str
    place: str
    said: Mapping[str, Any]
    inner: bool


def flat_fields(contract: Mapping[str, Any]) -> Iterator[FlatField]:
    """Give all fields of a contract, in the order written; a list's `[]` is no field of its own.

    Args:
        contract: an ODCS document; its first schema object is the product's.
    """
    for schema in (contract.get("schema") or ())[:1]:
        yield from _below(schema, "", "schema[0]")


def _below(said: Mapping[str, Any], path: str, place: str) -> Iterator[FlatField]:
    for index, one in enumerate(said.get("properties") or ()):
        name = f"{path}.{one['name']}" if path else one["name"]
        here = f"{place}.properties[{index}]"
        last, end, at = _innermost(one, name, here)
        inner = bool(last.get("properties"))
        yield FlatField(name, here, one, inner)
        yield from _below(last, end, at)


def _innermost(
    said: Mapping[str, Any], path: str, place: str
) -> tuple[Mapping[str, Any], str, str]:
    """Give what a list's elements are, however deep lists stand in lists."""
    while isinstance(said.get("items"), dict):
        said, path, place = said["items"], f"{path}[]", f"{place}.items"
    return said, path, place


def type_of(said: Mapping[str, Any]) -> str:
    """Give a field's type as a reader wants it: the physical one where it is given."""
    if isinstance(said.get("items"), dict):
        return f"array of {type_of(said['items'])}"
    return str(said.get("physicalType") or said.get("logicalType") or "")


def classification_of(said: Mapping[str, Any]) -> str:
    """Give how confidential a field is, or else the elements of its list; empty when unsaid.

    A list whose elements alone are restricted is so itself: who reads it reads them.
    """
    found, items = said.get("classification"), said.get("items")
    own = "" if found is None else str(found).strip()
    inner = classification_of(items) if isinstance(items, Mapping) else ""
    return inner if not own or inner.lower() == "restricted" else own


def stream_option(said: Mapping[str, Any], name: str) -> str:
    """Give what the custom property `stream` says under a name; empty when nothing."""
    for one in said.get("customProperties") or ():
        if isinstance(one, dict) and one.get("property") == "stream":
            value = one.get("value")
            found = value.get(name) if isinstance(value, dict) else None
            return "" if found is None else str(found)
    return ""
