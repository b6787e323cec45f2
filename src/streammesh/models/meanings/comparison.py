"""Comparisons. Text is ordered by code points, whatever the database's collation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streammesh.contracts.types import (
    Array,
    Boolean,
    Json,
    Record,
    Text,
    Timestamp,
)
from streammesh.models.inexact import is_inexact
from streammesh.models.literals import boolean
from streammesh.models.meanings.call import Call, Meaning, Unfit, alike
from streammesh.models.numbers import (
    fits,
    is_number,
    is_wide,
    scale_of,
    scaled,
    scaled_bound,
    widened,
)
from streammesh.models.postgres_types import equal_texts
from streammesh.models.values import Value

_ALIKE = "two of one kind: numbers, text, boolean, date, time, timestamp, uuid, bytes"
_ORDERED = "two of one kind: numbers, text, date, time, timestamp, uuid, bytes"
_CHAIN = 50
_TEXT = "text constants are read as the date, time or uuid they are compared with"


def compared(left: Value, right: Value, sign: str) -> tuple[str, str]:
    """Give the SQL of a comparison for engine and database.

    Args:
        left: a value.
        right: another.
        sign: `=`, `<>`, `<`, `<=`, `>`, `>=`, `IS` or `IS NOT`.

    Raises:
        Unfit: when the two can't be compared.
    """
    left, right = alike(left, right)
    database_sign = {"IS": "IS NOT DISTINCT FROM", "IS NOT": "IS DISTINCT FROM"}.get(sign, sign)
    if is_number(left) and is_number(right):
        engine = _numbers(left, right, sign)
        return engine, f"({left.database} {database_sign} {right.database})"
    _check(left, right, ordered=sign in ("<", "<=", ">", ">="))
    engine = f"({left.engine} {sign} {right.engine})"
    if is_inexact(left.type) and sign in ("<", "<=", ">", ">="):
        engine = f"(mesh_compare({left.engine}, {right.engine}) {sign} 0)"
    if isinstance(left.type, Text) and sign in ("<", "<=", ">", ">="):
        database = f'({left.database} COLLATE "C" {sign} {right.database} COLLATE "C")'
        return engine, database
    return engine, f"({left.database} {database_sign} {right.database})"


def _check(left: Value, right: Value, *, ordered: bool) -> None:
    if left.type is None or right.type is None:
        raise Unfit("nothing equals NULL: write IS NULL")
    if (is_inexact(left.type) or is_inexact(right.type)) and left.type != right.type:
        raise Unfit("cast it first: CAST(… AS decimal(12,2))")
    if isinstance(left.type, Json | Record | Array) or type(left.type) is not type(right.type):
        raise Unfit("it takes two values of one kind; cast one of them")
    if left.printed or right.printed:
        check_printed(left, right, ordered=ordered)
    if isinstance(left.type, Timestamp) and left.type != right.type:
        raise Unfit("an instant and a time without zone are not comparable")
    if ordered and isinstance(left.type, Boolean):
        raise Unfit("booleans have no order here")


def check_printed(*values: Value, ordered: bool = True) -> None:
    """Refuse what would take the text of an address, range or interval for its value.

    Args:
        values: what is compared.
        ordered: whether it is their order that decides.

    Raises:
        Unfit: when the database would decide otherwise.
    """
    kinds = {one.printed for one in values}
    named = max(kinds)
    if named and (ordered or len(kinds) > 1 or not equal_texts(named)):
        raise Unfit(
            f"a model has {named} as its text, which doesn't compare as {named} does;"
            " CAST(… AS VARCHAR) compares the texts"
        )


def _scaled(value: Value, scale: int) -> str:
    return scaled(value, scale, exact=True)


def _numbers(left: Value, right: Value, sign: str) -> str:
    scale = max(scale_of(left.type), scale_of(right.type))
    if not is_wide(left) and not is_wide(right):
        both = (scaled_bound(left, scale), scaled_bound(right, scale))
        if scale_of(left.type) == scale_of(right.type) or all(fits(bound) for bound in both):
            return f"({_scaled(left, scale)} {sign} {_scaled(right, scale)})"
    if sign in ("=", "<>", "IS", "IS NOT"):
        return f"({widened(left, scale)} {sign} {widened(right, scale)})"
    return f"(mesh_compare({widened(left)}, {widened(right)}) {sign} 0)"


def _comparison(sign: str) -> Callable[[Call], Value]:
    def compute(call: Call) -> Value:
        left, right = call.values
        engine, database = compared(left, right, sign)
        return call.result(Boolean(), engine, database)

    return compute


def _distinct(sign: str) -> Callable[[Call], Value]:
    def compute(call: Call) -> Value:
        left, right = call.values
        engine, database = compared(left, right, sign)
        refs = call.result(None, "", "").refs
        return Value(Boolean(), engine, database, refs=refs)

    return compute


def _is_null(call: Call) -> Value:
    value, other = call.values
    if other.engine != "NULL":
        return _is_truth(value, other)
    if value.type is None:
        return boolean(True)
    engine, database = f"({value.engine} IS NULL)", f"({value.database} IS NULL)"
    return Value(Boolean(), engine, database, refs=value.refs)


def _is_truth(value: Value, truth: Value) -> Value:
    if not isinstance(value.type, Boolean):
        raise Unfit("IS TRUE and IS FALSE take a boolean")
    word = truth.database
    return Value(
        Boolean(), f"({value.engine} IS {word})", f"({value.database} IS {word})", refs=value.refs
    )


def _between(call: Call) -> Value:
    value, low, high = call.values
    first, second = compared(value, low, ">="), compared(value, high, "<=")
    engine, database = (f"({a} AND {b})" for a, b in zip(first, second, strict=True))
    return call.result(Boolean(), engine, database)


def _any_of(conditions: Sequence[str]) -> str:
    """Join conditions by OR, in halves: SQLite takes no chain of a thousand."""
    if len(conditions) <= _CHAIN:
        return f"({' OR '.join(conditions)})"
    middle = len(conditions) // 2
    return f"({_any_of(conditions[:middle])} OR {_any_of(conditions[middle:])})"


def _is_in(call: Call) -> Value:
    value, *others = call.values
    if any(other.refs for other in others):
        raise Unfit("the list holds constants only: write a = b OR a = c")
    pairs = [compared(value, other, "=") for other in others]
    engine, database = (_any_of(side) for side in zip(*pairs, strict=True))
    return call.result(Boolean(), engine, database)


EQUAL = Meaning("a = b", _comparison("="), _ALIKE, "boolean", _TEXT)
NOT_EQUAL = Meaning("a <> b", _comparison("<>"), _ALIKE, "boolean", _TEXT)
LESS = Meaning("a < b", _comparison("<"), _ORDERED, "boolean", _TEXT)
AT_MOST = Meaning("a <= b", _comparison("<="), _ORDERED, "boolean", _TEXT)
GREATER = Meaning("a > b", _comparison(">"), _ORDERED, "boolean", _TEXT)
AT_LEAST = Meaning("a >= b", _comparison(">="), _ORDERED, "boolean", _TEXT)
BETWEEN = Meaning("a BETWEEN b AND c", _between, _ORDERED.replace("two", "three"), "boolean")
IN = Meaning("a IN (b, …)", _is_in, "a value and constants of its kind", "boolean")
IS_NULL = Meaning(
    "a IS NULL, a IS TRUE, a IS FALSE",
    _is_null,
    "anything; a boolean",
    "boolean, never NULL",
    "also with NOT; `IS UNKNOWN` is `IS NULL`",
)
SAME = Meaning(
    "a IS NOT DISTINCT FROM b", _distinct("IS"), _ALIKE, "boolean, never NULL", "NULL is NULL"
)
NOT_SAME = Meaning(
    "a IS DISTINCT FROM b", _distinct("IS NOT"), _ALIKE, "boolean, never NULL", "NULL is NULL"
)
