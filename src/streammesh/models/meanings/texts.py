"""Text. Functions whose meaning depends on a locale (upper, lower) are not here."""

from __future__ import annotations

from streammesh.contracts.types import Integer, Text
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.values import Value


def _concatenation(call: Call) -> Value:
    left, right = call.values
    if not isinstance(left.type, Text) or not isinstance(right.type, Text):
        raise Unfit("it takes texts; CAST(… AS TEXT)")
    lengths = (left.type.length, right.type.length)
    length = None if None in lengths else sum(size or 0 for size in lengths)
    engine = f"({left.engine} || {right.engine})"
    return call.result(Text(length), engine, f"({left.database} || {right.database})")


def _length(call: Call) -> Value:
    (value,) = call.values
    if not isinstance(value.type, Text):
        raise Unfit("it takes a text")
    return call.result(Integer(32), f"length({value.engine})", f"length({value.database})")


CONCATENATION = Meaning("a || b", _concatenation, "two texts", "text", "NULL when one is NULL")
LENGTH = Meaning("length(a)", _length, "a text", "integer", "characters, not bytes")
