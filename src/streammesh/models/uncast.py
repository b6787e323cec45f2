"""The cast that makes a number of no certain size, such as `numeric`, fit an operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from streammesh.contracts.types import Decimal, Integer, Type
from streammesh.models.arguments import arguments
from streammesh.models.inexact import is_inexact
from streammesh.models.meanings import Call, Unfit, cast
from streammesh.models.positions import ModelText
from streammesh.models.values import Value

_SIZE = Decimal(18, 3)
_SMALLER = (_SIZE, Decimal(12, 3), Decimal(9, 3), Decimal(6, 3))


def operand_casts(
    text: ModelText, node: exp.Expr, call: Call, compute: Callable[[Call], Value]
) -> str | None:
    """Give the casts with which an operator or function takes its arguments.

    Args:
        text: the model.
        node: the operator or function.
        call: its arguments, which it did not take.
        compute: its meaning.

    Returns:
        A fix that names each of them; None when casts don't help.
    """
    if not any(is_inexact(value.type) for value in call.values):
        return None
    try:
        compute(replace(call, values=tuple(map(_as_decimal, call.values))))
    except Unfit:
        return None
    written = [
        f"CAST({_short(text.source(one))} AS {_spelt(_SIZE)})"
        for one, value in zip(_operands(node), call.values, strict=False)
        if is_inexact(value.type)
    ]
    return _fix(" and ".join(dict.fromkeys(written)))


def cast_of_cast(text: ModelText, node: exp.Expr, value: Value, target: Type) -> str | None:
    """Give the fix for a cast to what is no decimal: by way of one, where that goes."""
    if not is_inexact(value.type):
        return None
    for size in _SMALLER if isinstance(target, Integer) else _SMALLER[:1]:
        try:
            cast(Call((cast(Call((value,)), size),)), target)
        except Unfit:
            continue
        name = node.args["to"].sql("postgres").lower()
        inner = f"CAST({_short(text.source(node.this))} AS {_spelt(size)})"
        return _fix(f"CAST({inner} AS {name})")
    return None


def _fix(written: str) -> str:
    return f"write {written}, with the digits and decimals that it has"


def _as_decimal(value: Value) -> Value:
    return cast(Call((value,)), _SIZE) if is_inexact(value.type) else value


def _operands(node: exp.Expr) -> Sequence[exp.Expr]:
    """Give an operator's arguments as they are written; an aggregate's is what it gathers."""
    inner = node.this
    if isinstance(inner, exp.Distinct):
        return inner.expressions
    found = arguments(node) or [inner]
    return [one for one in found if isinstance(one, exp.Expr)]


def _spelt(size: Decimal) -> str:
    return f"decimal({size.precision},{size.scale})"


def _short(sql: str) -> str:
    flat = " ".join(sql.split())
    return flat if len(flat) <= 60 else flat[:57] + "…"
