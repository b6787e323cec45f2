"""Functions over nested values, put together once from functions over single values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streammesh.contracts.violations import Violated

Convert = Callable[[Any], Any]
"""From one value, never None, to another; raises Violated."""


def same(value: Any) -> Any:
    """Give the value itself."""
    return value


def nullable(convert: Convert) -> Convert:
    """Let None pass."""
    if convert is same:
        return same
    return lambda value: None if value is None else convert(value)


def required(convert: Convert, reason: str = "is required by the contract, but NULL") -> Convert:
    """Refuse None, with a reason."""

    def converted(value: Any) -> Any:
        if value is None:
            raise Violated(reason)
        return convert(value)

    return converted


def record(fields: Sequence[tuple[str, Convert]]) -> Convert:
    """Convert an object field by field, in the order given; a missing field is NULL."""

    def converted(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Violated("is no object")
        result = {}
        for name, convert in fields:
            try:
                result[name] = convert(value.get(name))
            except Violated as error:
                raise error.below(name) from None
        return result

    return converted


def array(convert: Convert) -> Convert:
    """Convert a list element by element."""

    def converted(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Violated("is no list")
        result = []
        for index, element in enumerate(value):
            try:
                result.append(convert(element))
            except Violated as error:
                raise error.below(f"[{index}]") from None
        return result

    return converted


def entries(convert: Convert) -> Convert:
    """Convert the values of a map; its keys come out sorted."""

    def converted(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Violated("is no object")
        try:
            return {name: convert(value[name]) for name in sorted(value)}
        except Violated as error:
            raise error.below("{}") from None

    return converted
