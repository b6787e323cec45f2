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
    dates,
    division,
    jsons,
    logic,
    patterns,
    rounding,
    texts,
    times,
)
from streammesh.models.meanings.call import Call, Meaning, Unfit
from streammesh.models.meanings.casts import CASTS, cast, try_cast
from streammesh.models.nodes import Epoch, EqualsAny, JsonArrayLength, SecondsBetween, Shifted

OPERATORS: Mapping[type[exp.Expr], Meaning] = {
    exp.Add: arithmetic.PLUS,
    exp.Sub: arithmetic.MINUS,
    exp.Mul: arithmetic.TIMES,
    exp.Div: division.DIVIDED,
    exp.IntDiv: division.WHOLE,
    exp.Mod: division.REMAINDER,
    exp.Neg: arithmetic.NEGATIVE,
    exp.Round: rounding.ROUND,
    exp.Trunc: rounding.TRUNC,
    exp.Floor: rounding.FLOOR,
    exp.Ceil: rounding.CEIL,
    exp.Abs: rounding.ABS,
    exp.Sign: rounding.SIGN,
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
    exp.Greatest: choice.GREATEST,
    exp.Least: choice.LEAST,
    exp.Case: choice.CASE,
    exp.DPipe: texts.CONCATENATION,
    exp.Concat: texts.CONCAT,
    exp.ConcatWs: texts.CONCAT_WS,
    exp.Like: patterns.LIKE,
    exp.ILike: patterns.ILIKE,
    exp.Escape: patterns.LIKE,
    exp.StartsWith: texts.STARTS_WITH,
    exp.EndsWith: texts.ENDS_WITH,
    exp.Contains: texts.CONTAINS,
    exp.StrPosition: texts.POSITION,
    exp.Length: texts.LENGTH,
    exp.Lower: texts.LOWER,
    exp.Upper: texts.UPPER,
    exp.Trim: texts.TRIM,
    exp.Substring: texts.SUBSTRING,
    exp.Left: texts.LEFT,
    exp.Right: texts.RIGHT,
    exp.Pad: texts.PAD,
    exp.Replace: texts.REPLACE,
    exp.Reverse: texts.REVERSE,
    exp.SplitPart: texts.SPLIT,
    exp.Extract: dates.EXTRACT,
    exp.TimestampTrunc: dates.DATE_TRUNC,
    Epoch: times.EPOCH,
    SecondsBetween: times.SECONDS,
    exp.DateDiff: times.DIFFERENCE,
    Shifted: times.SHIFTED,
    exp.TimeToStr: times.FORMATTED,
    exp.ToChar: times.FORMATTED,
    exp.JSONExtract: jsons.PART,
    exp.JSONExtractScalar: jsons.PART_TEXT,
    JsonArrayLength: jsons.ARRAY_LENGTH,
    EqualsAny: jsons.EQUALS_ANY,
    exp.ArrayContains: jsons.CONTAINS,
    exp.ArrayToString: jsons.TO_STRING,
}
"""Operators and functions of single values."""

DECIDING = frozenset(
    node
    for node, meaning in OPERATORS.items()
    if meaning in (choice.NULLIF, choice.GREATEST, choice.LEAST, rounding.SIGN, division.REMAINDER)
    or meaning in (texts.CONCAT, texts.CONCAT_WS, jsons.EQUALS_ANY, jsons.CONTAINS)
    or meaning in vars(comparison).values()
)
"""Operators whose arguments' values decide something: they are computed exactly at any size.

So are those that make texts of numbers: nothing would tell a text of a number that isn't exact.
"""

AGGREGATES: Mapping[type[exp.Expr], Meaning] = {
    exp.Count: aggregates.COUNT,
    exp.Sum: aggregates.SUM,
    exp.Min: aggregates.MIN,
    exp.Max: aggregates.MAX,
    exp.Avg: division.AVERAGE,
    exp.LogicalAnd: aggregates.ALL,
    exp.LogicalOr: aggregates.ANY,
}
"""What gathers the rows of a sub-select; `list` and `string_agg` are in `models.lists`."""

ORDERED: Mapping[type[exp.Expr], Meaning] = {exp.GroupConcat: texts.STRING_AGG}
"""Aggregates that have an order."""

__all__ = [
    "AGGREGATES",
    "CASTS",
    "DECIDING",
    "OPERATORS",
    "ORDERED",
    "Call",
    "Meaning",
    "Unfit",
    "cast",
    "try_cast",
]
