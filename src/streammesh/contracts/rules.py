"""Rules on a property that are checked for each document: the values it may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streammesh.contracts.types import Integer, Text, Type
from streammesh.errors import Location
from streammesh.errors.contracts import BadRule


def valid_values(
    field: str, said: Mapping[str, Any], type_: Type, where: Location | None
) -> tuple[str | int, ...]:
    """Give the values that a property may have; empty for any.

    They stand in a quality rule (`metric: invalidValues`, `mustBe: 0`, `validValues`) or in the
    property's `enum`.

    Args:
        field: dotted path of the property, for messages.
        said: the property as the contract says it.
        type_: the property's type.
        where: its place, for messages.

    Raises:
        BadRule: when the rule can't be checked for a value of this type.
    """
    lists = list(_lists(said))
    if not lists:
        return ()
    kind = _kind(field, type_, where)
    for value in (value for values in lists for value in values):
        if type(value) is not kind:
            reason = f"{value!r} is not of the property's type"
            raise BadRule(field=field, reason=reason, where=where, fix="put it in quotes, or not")
    common = [value for value in lists[0] if all(value in other for other in lists[1:])]
    if not common:
        reason = "no value is allowed by all of its rules"
        raise BadRule(field=field, reason=reason, where=where, fix="keep one of the rules")
    return tuple(dict.fromkeys(common))


def _kind(field: str, type_: Type, where: Location | None) -> type[str] | type[int]:
    if isinstance(type_, Text):
        return str
    if isinstance(type_, Integer):
        return int
    reason = "only texts and integers can have a list of valid values"
    raise BadRule(field=field, reason=reason, where=where, fix="leave out the rule")


def _lists(said: Mapping[str, Any]) -> Iterator[list[Any]]:
    for rule in said.get("quality") or ():
        values = (rule.get("arguments") or {}).get("validValues")
        if rule.get("metric") == "invalidValues" and rule.get("mustBe") == 0 and values:
            yield list(values)
    if said.get("enum"):
        yield [entry["value"] for entry in said["enum"]]
