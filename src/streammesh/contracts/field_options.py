"""What a property says in its `stream` custom property: `unit`, `avro`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streammesh.documents.nearest import nearest
from streammesh.errors import Location
from streammesh.errors.contracts import BadRule, UnsupportedType

_KNOWN = ("unit", "avro")


def check_field_options(field: str, said: Mapping[str, Any], where: Location | None) -> None:
    """Check the `stream` entry of a property.

    Args:
        field: dotted path of the property, for messages.
        said: the property as the contract says it.
        where: its place, for messages.

    Raises:
        ContractError: when an option is unknown or not supported yet.
    """
    for entry in said.get("customProperties") or ():
        if entry["property"] == "stream":
            _check(field, entry["value"], where)


def _check(field: str, options: object, where: Location | None) -> None:
    if not isinstance(options, Mapping):
        fix = "write it like `value: { unit: EUR }`"
        raise BadRule(field=field, reason="`stream` has no fields", where=where, fix=fix)
    for name in options:
        if name not in _KNOWN:
            reason = f"`{name}` is no option of a property"
            raise BadRule(field=field, reason=reason, where=where, fix=nearest(name, _KNOWN))
    if "avro" in options:
        raise UnsupportedType(
            field=field,
            said=f"to be an Avro {options['avro']}",
            where=where,
            why="A text with valid values can gain a value without breaking a reader.",
            fix="leave out `avro`: it becomes a string, and validValues are checked",
        )
