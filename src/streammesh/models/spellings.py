"""One spelling for what can be written in several ways: PostgreSQL's names become the list's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from streammesh.models.nodes import (
    Epoch,
    EqualsAny,
    JsonArrayLength,
    SecondsBetween,
    Shifted,
)

Respelled = Callable[[exp.Expr], exp.Expr | None]

DATE_PARTS: dict[type[exp.Expr], str] = {
    exp.Year: "year",
    exp.Month: "month",
    exp.Day: "day",
    exp.DayOfMonth: "day",
    exp.Quarter: "quarter",
    exp.Week: "week",
    exp.WeekOfYear: "week",
    exp.DayOfYear: "doy",
    exp.DayOfWeek: "dow",
    exp.DayOfWeekIso: "isodow",
    exp.Hour: "hour",
    exp.Minute: "minute",
    exp.Second: "second",
}
_PAIR = 2


def respell(tree: exp.Expr) -> None:
    """Bring a parsed model to one spelling, from the inside to the outside."""
    for node in reversed(list(tree.walk())):
        if node is tree:
            continue
        new = _respelled(node)
        if new is None or new is node:
            continue
        new.meta.update({key: value for key, value in node.meta.items() if key not in new.meta})
        node.replace(new)


def _respelled(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node, exp.Anonymous):
        return _named(str(node.name).lower(), node.expressions)
    if type(node) in DATE_PARTS:
        return exp.Extract(this=exp.Var(this=DATE_PARTS[type(node)].upper()), expression=node.this)
    handler = _NODES.get(type(node))
    return handler(node) if handler is not None else None


def _named(name: str, arguments: Sequence[exp.Expr]) -> exp.Expr | None:
    if name in ("json_build_object", "jsonb_build_object"):
        return _object(arguments)
    if len(arguments) == 1 and name in _ONE:
        return _ONE[name](this=arguments[0])
    if name in ("date_part", "datepart") and len(arguments) == _PAIR and arguments[0].is_string:
        part = exp.Extract(this=exp.Var(this=arguments[0].name.upper()), expression=arguments[1])
        return _extract(part) or part
    if name == "btrim" and 1 <= len(arguments) <= _PAIR:
        more = {"expression": arguments[1]} if len(arguments) == _PAIR else {}
        return exp.Trim(this=arguments[0], **more)
    if len(arguments) == _PAIR and name in _TWO:
        return _TWO[name](this=arguments[0], expression=arguments[1])
    return None


_ONE: dict[str, type[exp.Expr]] = {
    "json_agg": exp.ArrayAgg,
    "jsonb_agg": exp.ArrayAgg,
    "every": exp.LogicalAnd,
    "cardinality": exp.Length,
    "json_array_length": JsonArrayLength,
    "jsonb_array_length": JsonArrayLength,
}
_TWO: dict[str, type[exp.Expr]] = {
    "suffix": exp.EndsWith,
    "prefix": exp.StartsWith,
}


def _object(arguments: Sequence[exp.Expr]) -> exp.Expr | None:
    names, values = arguments[::2], arguments[1::2]
    if len(arguments) % 2 or not all(one.is_string for one in names):
        return None
    return _struct([(one.name, value) for one, value in zip(names, values, strict=True)])


def _struct(named: Sequence[tuple[str, exp.Expr]]) -> exp.Expr:
    parts = [
        exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=value)
        for name, value in named
    ]
    return exp.Struct(expressions=parts)


def _json_object(node: exp.Expr) -> exp.Expr | None:
    named = []
    for part in node.expressions:
        if not isinstance(part, exp.JSONKeyValue) or not part.this.is_string:
            return None
        named.append((part.this.name, part.expression))
    plain = not any(node.args.get(name) for name in ("null_handling", "unique_keys"))
    return _struct(named) if plain else None


def _if(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node.parent, exp.Case):
        return None
    branch = exp.If(this=node.this, true=node.args["true"])
    return exp.Case(ifs=[branch], default=node.args.get("false"))


def _empty_list(node: exp.Expr) -> exp.Expr | None:
    """Read `'[]'::json` as `[]`."""
    kind = node.args["to"].this
    if node.this.is_string and node.this.name.strip() == "[]" and kind in _JSON:
        return exp.Array(expressions=[])
    return None


_JSON = (exp.DataType.Type.JSON, exp.DataType.Type.JSONB)


def _array(node: exp.Expr) -> exp.Expr | None:
    """Read `array(SELECT x … ORDER BY y)` as a list that is empty without rows."""
    if len(node.expressions) != 1 or not isinstance(node.expressions[0], exp.Select):
        return None
    select = node.expressions[0]
    order = select.args.get("order")
    if order is None or len(select.expressions) != 1:
        return None
    value = select.expressions[0].unalias()
    gathered = exp.ArrayAgg(this=exp.Order(this=value, expressions=order.expressions))
    gathered.meta.update(_place(value))
    select.set("order", None)
    count = _constant(select.args.get("limit"))
    if count is not None:
        gathered.set("first", count)
        select.set("limit", None)
    select.set("expressions", [gathered])
    return exp.Coalesce(this=exp.Subquery(this=select), expressions=[exp.Array(expressions=[])])


def _place(node: exp.Expr) -> dict[str, object]:
    return {key: value for key, value in node.meta.items() if key in ("start", "end")}


def _constant(limit: exp.Expr | None) -> int | None:
    if not isinstance(limit, exp.Limit) or not isinstance(limit.expression, exp.Literal):
        return None
    written = limit.expression.name
    return int(written) if written.isdigit() and int(written) < 1 << 31 else None


def _bracket(node: exp.Expr) -> exp.Expr | None:
    """Read the first elements of a list: `(SELECT list(…) …)[1]`, `list(…)[1:3]`."""
    if len(node.expressions) != 1:
        return None
    inside = node.this.unnest() if isinstance(node.this, exp.Paren) else node.this
    select = inside.this if isinstance(inside, exp.Subquery) else _alone(node, inside)
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        return None
    gathered = select.expressions[0].unalias() if select is not inside else inside
    if isinstance(inside, exp.ArrayAgg):
        gathered = inside
    if not isinstance(gathered, exp.ArrayAgg) or not isinstance(gathered.this, exp.Order):
        return None
    count = _first(node.expressions[0])
    if count is None:
        return None
    if isinstance(node.expressions[0], exp.Slice):
        gathered.set("first", count)
        return inside
    return _first_row(inside, select, gathered)


def _alone(node: exp.Expr, inside: exp.Expr) -> exp.Expr | None:
    """Give the SELECT of which `list(…)[…]` is all."""
    if not isinstance(inside, exp.ArrayAgg):
        return None
    around = node.parent.parent if isinstance(node.parent, exp.Alias) else node.parent
    return around if around is not None and isinstance(around.parent, exp.Subquery) else None


def _first(index: exp.Expr) -> int | None:
    if isinstance(index, exp.Slice):
        if index.args.get("step"):
            return None
        low, high = index.this, index.expression
        starts = isinstance(low, exp.Literal) and low.name == "1"
        if starts and isinstance(high, exp.Literal) and high.name.isdigit():
            return int(high.name)
        return None
    return 1 if isinstance(index, exp.Literal) and index.name == "0" else None


def _first_row(inside: exp.Expr, select: exp.Select, gathered: exp.Expr) -> exp.Expr | None:
    """Read `list(x ORDER BY y)[1]` as `x` of the first row."""
    ordered = gathered.this
    if isinstance(ordered.this, exp.Distinct) or select.args.get("limit"):
        return None
    select.set("order", exp.Order(expressions=ordered.expressions))
    select.set("limit", exp.Limit(expression=exp.Literal.number(1)))
    if inside is gathered:
        first: exp.Expr = ordered.this
        return first
    select.set("expressions", [ordered.this])
    return inside


def _extract(node: exp.Expr) -> exp.Expr | None:
    """Read `extract(epoch FROM a - b)` as seconds from one time to another."""
    if isinstance(node, exp.Extract) and node.this.name.upper() != "EPOCH":
        return None
    inner = node.expression if isinstance(node, exp.Extract) else node.this
    bare = inner.unnest()
    if isinstance(bare, exp.Sub):
        return SecondsBetween(this=bare.this, expression=bare.expression)
    return Epoch(this=inner)


def _equal(node: exp.Expr) -> exp.Expr | None:
    """Read `a = ANY(list)`, and `a = ANY(SELECT b …)` as `a IN (SELECT b …)`."""
    for side, other in ((node.this, node.expression), (node.expression, node.this)):
        if isinstance(side, exp.Any):
            inside = side.this.unnest()
            if isinstance(inside, exp.Select):
                return exp.In(this=other, query=exp.Subquery(this=inside))
            return EqualsAny(this=other, expression=inside)
    return None


_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")


def _shifted(node: exp.Expr) -> exp.Expr | None:
    """Read a time and an interval that is written in the model."""
    left, right = node.this, node.expression
    if isinstance(left, exp.Interval) and isinstance(node, exp.Add):
        left, right = right, left
    if not isinstance(right, exp.Interval) or not isinstance(right.this, exp.Literal):
        return None
    written, unit = right.this.name.strip(), str(right.args.get("unit") or "").lower()
    unit = unit.removesuffix("s")
    digits = written.lstrip("-")
    if unit not in _UNITS or not digits.isdigit() or len(written) - len(digits) > 1:
        return None
    number = -int(written) if isinstance(node, exp.Sub) else int(written)
    constants = {"number": exp.Literal.number(abs(number)), "unit": exp.Var(this=unit)}
    shifted = Shifted(this=left, **constants)
    shifted.meta["back"] = number < 0
    return shifted


def _count_if(node: exp.Expr) -> exp.Expr:
    branch = exp.If(this=node.this, true=exp.Literal.number(1))
    return exp.Count(this=exp.Case(ifs=[branch]))


_NODES: dict[type[exp.Expr], Respelled] = {
    exp.JSONObject: _json_object,
    exp.If: _if,
    exp.Cast: _empty_list,
    exp.Array: _array,
    exp.Bracket: _bracket,
    exp.Extract: _extract,
    exp.TimeToUnix: _extract,
    exp.EQ: _equal,
    exp.Add: _shifted,
    exp.Sub: _shifted,
    exp.DateAdd: _shifted,
    exp.CountIf: _count_if,
}
