"""AND, OR, NOT: with three values, as in SQL."""

from __future__ import annotations

from collections.abc import Callable

from streammesh.contracts.types import Boolean
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.values import Value


def _check(call: Call) -> None:
    if not all(isinstance(value.type, Boolean) for value in call.values):
        raise Unfit("it takes booleans; compare the value with something")


def _connective(word: str) -> Callable[[Call], Value]:
    def compute(call: Call) -> Value:
        _check(call)
        left, right = call.values
        engine = f"({left.engine} {word} {right.engine})"
        return call.result(Boolean(), engine, f"({left.database} {word} {right.database})")

    return compute


def _negation(call: Call) -> Value:
    _check(call)
    (value,) = call.values
    return call.result(Boolean(), f"(NOT {value.engine})", f"(NOT {value.database})")


AND = Meaning("a AND b", _connective("AND"), "two booleans", "boolean")
OR = Meaning("a OR b", _connective("OR"), "two booleans", "boolean")
NOT = Meaning("NOT a", _negation, "a boolean", "boolean")
