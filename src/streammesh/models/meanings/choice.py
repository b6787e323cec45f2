"""Choosing among values: COALESCE, NULLIF, CASE."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from streammesh.contracts.types import Array, Boolean, Integer, Json, Record, Text, Type
from streammesh.models.inexact import is_inexact
from streammesh.models.literals import coerced, null
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.meanings.comparison import check_printed, compared
from streammesh.models.numbers import (
    is_number,
    is_wide,
    numeric,
    scale_of,
    scaled,
    scaled_bound,
    unified,
    widened,
)
from streammesh.models.storage import is_fast
from streammesh.models.values import Cause, Value, all_nulls, all_refs

_ONE_KIND = "values of one kind"


def common(values: Sequence[Value], *, exact: bool) -> tuple[Value, ...]:
    """Bring values to one type.

    Args:
        values: of one kind.
        exact: whether what comes of them decides something.

    Raises:
        Unfit: when there is no such type.
    """
    typed = [value for value in values if value.type is not None]
    if not typed:
        raise Unfit("NULL alone has no type: CAST(NULL AS …)")
    leading = next((value for value in typed if value.literal is None), typed[0])
    values = [coerced(value, leading.type) or value for value in values]
    kind = leading.type
    for value in values:
        kind = _both(kind, value.type)
    if any(value.empty for value in values) and not isinstance(kind, Array):
        raise Unfit("[] stands beside a list only")
    return tuple(_as(value, kind, exact=exact) for value in values)


def _both(left: Type | None, right: Type | None) -> Type | None:
    if left is None or right is None or left == right:
        return left or right
    if all(is_number(Value(kind, "", "")) for kind in (left, right)):
        return unified(left, right)
    if isinstance(left, Text) and isinstance(right, Text):
        return Text()
    raise Unfit("it takes values of one kind; cast one of them")


def _as(value: Value, kind: Type | None, *, exact: bool) -> Value:
    """Convert a number to a number's type that holds it; give a bare NULL its type."""
    if value.type is None:
        return replace(value, type=kind) if value.empty else null(kind)
    if value.type == kind or not is_number(value):
        return value
    if isinstance(kind, Integer):
        return replace(value, type=kind)
    scale = scale_of(kind)
    database = numeric(value)
    if is_fast(kind) and not is_wide(value):
        engine, bound = scaled(value, scale, exact=exact), scaled_bound(value, scale)
        return replace(value, type=kind, engine=engine, database=database, bound=bound)
    return replace(value, type=kind, engine=widened(value, scale), database=database, bound=0)


def _gathered(values: Sequence[Value], engine: str, database: str) -> Value:
    """Give the value that is one of several."""
    model = next((value for value in values if value.parts or value.element), values[0])
    return Value(
        values[0].type,
        engine,
        database,
        all_nulls(values),
        all_refs(values),
        max(value.bound for value in values),
        parts=model.parts,
        element=model.element,
        printed=next((value.printed for value in values if value.printed), ""),
    )


def _coalesce(call: Call) -> Value:
    values = common(call.values, exact=call.exact)
    if len(values) == 1:
        return values[0]
    engine = f"coalesce({', '.join(value.engine for value in values)})"
    database = f"coalesce({', '.join(value.database for value in values)})"
    chosen = _gathered(values, engine, database)
    always = any(not value.nulls for value in values)
    return replace(chosen, nulls=() if always else chosen.nulls)


def _nullif(call: Call) -> Value:
    left, right = call.values
    engine, database = compared(left, right, "=")
    chosen = replace(left, literal=None, refs=all_refs(call.values))
    return replace(
        replace(chosen, constant=None),
        engine=f"CASE WHEN {engine} THEN NULL ELSE {left.engine} END",
        database=f"CASE WHEN {database} THEN NULL ELSE {left.database} END",
        nulls=(*left.nulls, Cause("NULLIF gives NULL")),
    )


def _case(call: Call) -> Value:
    """The arguments are condition, value, condition, value, …, and the ELSE."""
    conditions, results = call.values[:-1:2], (*call.values[1::2], call.values[-1])
    if not all(isinstance(condition.type, Boolean) for condition in conditions):
        raise Unfit("after WHEN stands a condition")
    values = common(results, exact=call.exact)
    engine = database = "CASE"
    for condition, value in zip(conditions, values, strict=False):
        engine += f" WHEN {condition.engine} THEN {value.engine}"
        database += f" WHEN {condition.database} THEN {value.database}"
    engine += f" ELSE {values[-1].engine} END"
    database += f" ELSE {values[-1].database} END"
    chosen = _gathered(values, engine, database)
    return replace(chosen, refs=all_refs(call.values))


def _extreme(word: str) -> Callable[[Call], Value]:
    """NULLs are left out; text by code points."""

    def compute(call: Call) -> Value:
        values = common(call.values, exact=True)
        kind = values[0].type
        if isinstance(kind, Json | Record | Array):
            raise Unfit("it takes values that have an order")
        check_printed(*values)
        wide = "_wide" if is_wide(values[0]) or is_inexact(kind) else ""
        engine = f"mesh_{word}{wide}({', '.join(value.engine for value in values)})"
        collation = ' COLLATE "C"' if isinstance(kind, Text) else ""
        listed = ", ".join(f"{value.database}{collation}" for value in values)
        chosen = _gathered(values, engine, f"{word}({listed})")
        always = any(not value.nulls for value in values)
        return replace(chosen, nulls=() if always else chosen.nulls)

    return compute


_EXTREME = "NULLs are left out: NULL only where all are"
GREATEST = Meaning(
    "greatest(a, b, …)", _extreme("greatest"), _ONE_KIND, "the type that holds all", _EXTREME
)
LEAST = Meaning("least(a, b, …)", _extreme("least"), _ONE_KIND, "the type that holds all", _EXTREME)
COALESCE = Meaning(
    "coalesce(a, b, …)", _coalesce, _ONE_KIND, "the type that holds all", "also `ifnull`"
)
NULLIF = Meaning("nullif(a, b)", _nullif, "two values that `=` takes", "the type of a")
CASE = Meaning(
    "CASE WHEN c THEN a … ELSE b END",
    _case,
    "conditions, and " + _ONE_KIND,
    "the type that holds all",
    "`CASE x WHEN y THEN …` compares by `=`; without ELSE it gives NULL; also `if(c, a, b)`",
)
