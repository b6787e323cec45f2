"""What a model can say: one entry per operator and function, with one meaning each.

Each entry computes, from its arguments, the type of its result and its SQL for engine and database.
`docs/models.md` lists them, and a test keeps the two equal. What is not here is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from streammesh.models.meanings import (
    aggregates,
    arithmetic,
    choice,
    comparison,
    logic,
    texts,
)
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.meanings.casts import CASTS, cast

OPERATORS: Mapping[type[exp.Expr], Meaning] = {
    exp.Add: arithmetic.PLUS,
    exp.Sub: arithmetic.MINUS,
    exp.Mul: arithmetic.TIMES,
    exp.Neg: arithmetic.NEGATIVE,
    exp.EQ: comparison.EQUAL,
    exp.NEQ: comparison.NOT_EQUAL,
    exp.LT: comparison.LESS,
    exp.LTE: comparison.AT_MOST,
    exp.GT: comparison.GREATER,
    exp.GTE: comparison.AT_LEAST,
    exp.Between: comparison.BETWEEN,
    exp.In: comparison.IN,
    exp.Is: comparison.IS_NULL,
    exp.NullSafeEQ: comparison.SAME,
    exp.NullSafeNEQ: comparison.NOT_SAME,
    exp.And: logic.AND,
    exp.Or: logic.OR,
    exp.Not: logic.NOT,
    exp.Coalesce: choice.COALESCE,
    exp.Nullif: choice.NULLIF,
    exp.Case: choice.CASE,
    exp.DPipe: texts.CONCATENATION,
    exp.Length: texts.LENGTH,
}
"""Operators and functions of single values."""

DECIDING = frozenset(
    node
    for node, meaning in OPERATORS.items()
    if meaning is choice.NULLIF
    or (meaning in vars(comparison).values() and meaning is not comparison.IS_NULL)
)
"""Operators whose arguments' values decide something: they are computed exactly at any size."""

AGGREGATES: Mapping[type[exp.Expr], Meaning] = {
    exp.Count: aggregates.COUNT,
    exp.Sum: aggregates.SUM,
    exp.Min: aggregates.MIN,
    exp.Max: aggregates.MAX,
}
"""What gathers the rows of a sub-select; `list` is the compiler's own (`models.lists`)."""

__all__ = ["AGGREGATES", "CASTS", "DECIDING", "OPERATORS", "Call", "Meaning", "Unfit", "cast"]
