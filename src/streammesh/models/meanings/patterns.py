"""LIKE: `%` and `_` over characters, with no escape unless ESCAPE says one."""

from __future__ import annotations

from collections.abc import Callable

from streammesh.contracts.types import Boolean, Text
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.values import Value

_NO_ESCAPE = "write ESCAPE: databases differ about what a backslash means without it"


def _like(*, fold: bool) -> Callable[[Call], Value]:
    def compute(call: Call) -> Value:
        text, pattern, *more = call.values
        if not all(isinstance(value.type, Text) for value in call.values):
            raise Unfit("it takes texts; CAST(… AS TEXT)")
        escape = _escape(pattern, more)
        folds = fold or "ILIKE" in call.options
        engine = f"mesh_like({text.engine}, {pattern.engine}, {_quoted(escape)}, {int(folds)})"
        sides = [f'{value.database} COLLATE "C"' for value in (text, pattern)]
        if folds:
            sides = [f"lower({side})" for side in sides]
        database = f"({sides[0]} LIKE {sides[1]} ESCAPE {_quoted(escape)})"
        if "NOT" in call.options:
            engine, database = f"(NOT {engine})", f"(NOT {database})"
        return call.result(Boolean(), engine, database)

    return compute


def _quoted(escape: str) -> str:
    return "'" + escape.replace("'", "''") + "'"


def _escape(pattern: Value, more: list[Value]) -> str:
    if not more:
        if pattern.literal is not None and "\\" in pattern.literal:
            raise Unfit(_NO_ESCAPE)
        return ""
    escape = more[0].literal
    if escape is None or len(escape) != 1 or pattern.literal is None:
        raise Unfit("ESCAPE is one character, and its pattern is written in the model")
    if (len(pattern.literal) - len(pattern.literal.rstrip(escape))) % 2:
        raise Unfit("the pattern ends in the middle of an escape")
    if escape.isascii() and escape.isalpha():
        raise Unfit("a letter can't be the escape")
    return escape


_NOTE = "`%` any characters, `_` one; no escape unless written: `LIKE 'a!%' ESCAPE '!'`"
LIKE = Meaning("a LIKE b", _like(fold=False), "two texts", "boolean", _NOTE)
ILIKE = Meaning(
    "a ILIKE b",
    _like(fold=True),
    "two texts",
    "boolean",
    "as LIKE, A to Z and a to z being the same",
)
