"""The arguments of operators and functions, in one order, from sqlglot's nodes."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from streammesh.models.nodes import Epoch, EqualsAny, JsonArrayLength, SecondsBetween, Shifted

Arguments = list[exp.Expr] | None


def arguments(node: exp.Expr) -> Arguments:
    """Give an operator's arguments in order; None when it is written in a form not known."""
    handler = _FORMS.get(type(node))
    if handler is not None:
        return handler(node)
    if isinstance(node, exp.Binary):
        return [node.this, node.expression]
    return _plain(node)


def options(node: exp.Expr) -> tuple[str, ...]:  # noqa: C901 - one case per node
    """Give the words that belong to a function and are no values."""
    found: tuple[str, ...] = ()
    match node:
        case exp.Extract():
            found = (node.this.name.lower(),)
        case exp.TimestampTrunc() | exp.DateTrunc():
            unit = node.args.get("unit")
            found = (unit.name.lower() if unit is not None else "",)
        case exp.DateDiff():
            unit = node.args.get("unit")
            found = (unit.name.lower() if unit is not None else "",)
        case Shifted():
            sign = "-" if node.meta.get("back") else ""
            found = (sign + node.args["number"].name, node.args["unit"].name)
        case exp.JSONExtract() | exp.JSONExtractScalar():
            found = _steps(node) or ()
        case exp.TimeToStr():
            found = ("strftime", node.args["format"].name)
        case exp.ToChar():
            found = ("to_char", node.args["format"].name)
        case exp.Trim():
            found = (str(node.args.get("position") or "BOTH").upper(),)
        case exp.Pad():
            found = ("left" if node.args.get("is_left") else "right",)
        case exp.Escape():
            found = (*options(node.this), type(node.this).__name__.upper())
        case exp.Like() | exp.ILike():
            found = ("NOT",) if node.args.get("negate") else ()
    return found


def _plain(node: exp.Expr) -> Arguments:
    """Give a function's arguments in sqlglot's own order."""
    found: list[exp.Expr] = []
    for name in type(node).arg_types:
        value = node.args.get(name)
        found += value if isinstance(value, list) else [value] if value is not None else []
    return found if all(isinstance(one, exp.Expr) for one in found) else None


def _named(*names: str) -> Callable[[exp.Expr], Arguments]:
    """Take arguments by their names; any other that is given makes the form unknown."""

    def take(node: exp.Expr) -> Arguments:
        given = {name for name, value in node.args.items() if value not in (None, False, [])}
        if given - {*names, *_HARMLESS}:
            return None
        return [node.args[name] for name in names if node.args.get(name) is not None]

    return take


_HARMLESS = frozenset({"position", "is_left", "negate", "big_int", "safe", "typed", "unit"})


def _with_list(node: exp.Expr) -> Arguments:
    return [node.this, *node.expressions]


def _case(node: exp.Expr) -> Arguments:
    found: list[exp.Expr] = []
    for branch in node.args["ifs"]:
        condition = branch.this
        if node.this is not None:
            condition = exp.EQ(this=node.this.copy(), expression=condition.copy())
        found += [condition, branch.args["true"]]
    return [*found, node.args.get("default") or exp.Null()]


def _between(node: exp.Expr) -> Arguments:
    return None if node.args.get("symmetric") else [node.this, node.args["low"], node.args["high"]]


def _escaped(node: exp.Expr) -> Arguments:
    like = node.this
    if not isinstance(like, exp.Like | exp.ILike):
        return None
    return [like.this, like.expression, node.expression]


def _in(node: exp.Expr) -> Arguments:
    return _with_list(node) if node.expressions and not node.args.get("unnest") else None


def _is(node: exp.Expr) -> Arguments:
    if isinstance(node.expression, exp.Null | exp.Boolean):
        return [node.this, node.expression]
    return None


def _steps(node: exp.Expr) -> tuple[str, ...] | None:
    """Give the steps of a JSON path: `.name` or `[0]`; None when they are no constants."""
    path = node.expression
    if isinstance(path, exp.Neg) and path.this.is_int:
        return (f"[-{path.this.name}]",)
    if not isinstance(path, exp.JSONPath) or node.expressions:
        return None
    found = []
    for step in path.expressions[1:]:
        inside = step.this
        if isinstance(step, exp.JSONPathKey) and isinstance(inside, str):
            found.append(f".{inside}")
        elif isinstance(step, exp.JSONPathSubscript) and isinstance(inside, int):
            found.append(f"[{inside}]")
        else:
            return None
    return tuple(found) or None


def _json_part(node: exp.Expr) -> Arguments:
    return [node.this] if _steps(node) else None


def _formatted(node: exp.Expr) -> Arguments:
    written = node.args.get("format")
    return [node.this] if isinstance(written, exp.Literal) and written.is_string else None


_FORMS: dict[type[exp.Expr], Callable[[exp.Expr], Arguments]] = {
    exp.Case: _case,
    exp.In: _in,
    exp.Between: _between,
    exp.Is: _is,
    exp.Coalesce: _with_list,
    exp.Greatest: _with_list,
    exp.Least: _with_list,
    exp.Concat: lambda node: list(node.expressions),
    exp.ConcatWs: lambda node: list(node.expressions),
    exp.Neg: _named("this"),
    exp.Not: _named("this"),
    exp.Length: _named("this"),
    exp.Round: _named("this", "decimals"),
    exp.Trunc: _named("this", "decimals"),
    exp.Floor: _named("this"),
    exp.Ceil: _named("this"),
    exp.Abs: _named("this"),
    exp.Sign: _named("this"),
    exp.Lower: _named("this"),
    exp.Upper: _named("this"),
    exp.Reverse: _named("this"),
    exp.Trim: _named("this", "expression"),
    exp.Replace: _named("this", "expression", "replacement"),
    exp.Substring: _named("this", "start", "length"),
    exp.Left: _named("this", "expression"),
    exp.Right: _named("this", "expression"),
    exp.StartsWith: _named("this", "expression"),
    exp.EndsWith: _named("this", "expression"),
    exp.Contains: _named("this", "expression"),
    exp.StrPosition: _named("this", "substr"),
    exp.Pad: _named("this", "expression", "fill_pattern"),
    exp.SplitPart: _named("this", "delimiter", "part_index"),
    exp.Extract: lambda node: [node.expression],
    exp.TimestampTrunc: _named("this"),
    exp.DateTrunc: _named("this"),
    exp.Escape: _escaped,
    exp.ArrayContains: _named("this", "expression"),
    exp.ArrayToString: _named("this", "expression"),
    exp.DateDiff: lambda node: [node.this, node.expression],
    exp.TimeToStr: _formatted,
    exp.ToChar: _formatted,
    exp.JSONExtract: _json_part,
    exp.JSONExtractScalar: _json_part,
    JsonArrayLength: _named("this"),
    EqualsAny: _named("this", "expression"),
    Epoch: _named("this"),
    SecondsBetween: _named("this", "expression"),
    Shifted: lambda node: [node.this],
}
