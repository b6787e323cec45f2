"""A SELECT with GROUP BY in FROM: joined by its keys, it is a sub-select for each of its columns.

    LEFT JOIN (SELECT order_id, sum(qty) AS pieces FROM lines GROUP BY order_id) t
           ON t.order_id = o.id

gives, for `t.pieces`, `(SELECT sum(qty) FROM lines WHERE order_id = o.id)`: NULL where there is no
group. An inner JOIN is the same, and a condition that there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from streammesh.models.bodies import Body, gathering, is_gathering, not_possible
from streammesh.models.names import Names
from streammesh.models.scopes import Derived, Scope, conjuncts, forget

_NULL_OF_NONE = (
    exp.Sum,
    exp.Min,
    exp.Max,
    exp.Avg,
    exp.ArrayAgg,
    exp.GroupConcat,
    exp.LogicalAnd,
    exp.LogicalOr,
)
"""Aggregates that are NULL over no rows by themselves."""

NEVER_EMPTY = "never_empty"
"""In a sub-select's meta: a condition around it says that it has rows."""


@dataclass
class Group:
    """A SELECT that has a row for each group.

    Attributes:
        derived: its name.
        body: the SELECT.
        keys: what it groups by.
        outputs: what its columns are, by their names.
        select: its rows, without what it gives of them.
        having: which groups there are; None for all.
    """

    derived: Derived
    body: Body
    keys: list[exp.Column]
    outputs: dict[str, exp.Expr]
    select: exp.Select
    having: exp.Expr | None


def group_of(names: Names, derived: Derived, body: Body) -> Group:
    """Read a SELECT with GROUP BY, with DISTINCT, or of aggregates alone.

    Raises:
        DerivedNotPossible: when its groups can't be followed.
    """
    select = body.select
    outputs = _outputs(names, derived, body)
    keys = _keys(names, derived, select, list(outputs.values()))
    derived.columns = dict(outputs)
    having = select.args.get("having")
    rows = select.copy()
    for clause in ("group", "having", "order", "distinct"):
        rows.set(clause, None)
    condition = having.this if having else None
    return Group(derived, body, keys, outputs, rows, condition)


def _outputs(names: Names, derived: Derived, body: Body) -> dict[str, exp.Expr]:
    found: dict[str, exp.Expr | None] = {}
    for node in body.select.expressions:
        column = node if isinstance(node, exp.Column) else None
        if isinstance(node, exp.Star) or (column and isinstance(column.this, exp.Star)):
            reason, fix = "its groups have no certain columns", "name each column in place of *"
            raise not_possible(names, derived.written, node, reason, fix)
        if node.alias_or_name:
            found[node.alias_or_name] = node.unalias()
    return {name: node for name, node in body.renamed(found).items() if node is not None}


def _keys(
    names: Names, derived: Derived, select: exp.Select, outputs: Sequence[exp.Expr]
) -> list[exp.Column]:
    group = select.args.get("group")
    plain = [one for one in outputs if not gathering(one)]
    written: list[exp.Expr] = []
    if group is not None:
        written = plain if group.args.get("all") else list(group.expressions)
        others = {name for name, value in group.args.items() if value} - {"expressions", "all"}
        if others:
            reason = "it groups in several ways at once"
            raise not_possible(names, derived.written, group, reason, "write a GROUP BY of columns")
    elif select.args.get("distinct"):
        written = plain
    found: list[exp.Column] = []
    for node in written:
        key = _key(node, select)
        if not isinstance(key, exp.Column):
            reason = "it groups by an expression, along which no change can be followed"
            fix = "group by columns; keep the expression in a generated column of the database"
            raise not_possible(names, derived.written, node, reason, fix)
        found.append(key)
    if not found:
        reason = "it gathers all rows: each of them would change every document"
        fix = "group by the columns that lead to the root, and join by them"
        raise not_possible(names, derived.written, select, reason, fix)
    return found


def _key(node: exp.Expr, select: exp.Select) -> exp.Expr:
    """Give what GROUP BY means: a column, the place of one, or the name that SELECT gives it."""
    expressions = select.expressions
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        place = int(node.name) - 1
        return expressions[place].unalias().unnest() if place < len(expressions) else node
    if isinstance(node, exp.Column) and not node.table:
        for one in expressions:
            if isinstance(one, exp.Alias) and one.alias.lower() == node.name.lower():
                inner = one.this.unnest()
                return inner if isinstance(inner, exp.Column) else node
    return node.unnest()


def join_group(
    names: Names, scope: Scope, group: Group, on: Sequence[exp.Expr], *, left: bool
) -> list[exp.Expr]:
    """Join a SELECT with GROUP BY by its keys.

    Args:
        names: of the model.
        scope: where it is joined.
        group: the SELECT; its name stands for sub-selects afterwards.
        on: the condition.
        left: whether it is a LEFT JOIN.

    Returns:
        The conditions that an inner JOIN sets.

    Raises:
        DerivedNotPossible: when the condition doesn't say which group is meant.
    """
    found: dict[int, exp.Expr] = {}
    rest: list[exp.Expr] = []
    for one in (part for condition in on for part in conjuncts(condition)):
        pair = _equality(names, scope, group, one)
        if pair is not None and pair[0] not in found:
            found[pair[0]] = pair[1]
        else:
            rest.append(one)
    missing = [key.name for at, key in enumerate(group.keys) if at not in found]
    if missing:
        forget(group.derived)
        written = group.derived.written
        reason = f"it has a row for each {', '.join(key.name for key in group.keys)}, and ON does"
        reason += f" not say which {missing[0]} is meant"
        equal = " AND ".join(f"{written}.{name} = …" for name in missing)
        fix = f"write ON {equal}, that column among its fields, or a sub-select among the fields"
        raise not_possible(names, written, group.derived.node, reason, fix)
    joining = _Joining(names, scope, group, [found[at] for at, _ in enumerate(group.keys)])
    return joining.left(rest) if left else joining.inner(rest)


def _equality(
    names: Names, scope: Scope, group: Group, node: exp.Expr
) -> tuple[int, exp.Expr] | None:
    """Give which key a condition equates with something else, and with what."""
    if not isinstance(node, exp.EQ):
        return None
    for side, other in ((node.left, node.right), (node.right, node.left)):
        at = _key_named(names, scope, group, side.unnest())
        if at is not None and not _reads(names, scope, group, other):
            return at, other
    return None


def _key_named(names: Names, scope: Scope, group: Group, node: exp.Expr) -> int | None:
    output = _output(names, scope, group, node)
    if output is None:
        return None
    inner = output.unnest()
    return next((at for at, key in enumerate(group.keys) if _same(inner, key)), None)


def _output(names: Names, scope: Scope, group: Group, node: exp.Expr) -> exp.Expr | None:
    """Give the expression of a group's column when a node names one."""
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return None
    with names.problems.quietly():
        meant = names.meant(scope, node)
        return next((one for one in group.outputs.values() if one is meant), None)
    return None


def _reads(names: Names, scope: Scope, group: Group, node: exp.Expr) -> bool:
    columns = node.find_all(exp.Column)
    return any(_output(names, scope, group, one) is not None for one in columns)


def _same(one: exp.Expr, other: exp.Column) -> bool:
    """Tell whether two names of a SELECT are the same column."""
    if not isinstance(one, exp.Column) or one.name.lower() != other.name.lower():
        return False
    return not one.table or not other.table or one.table.lower() == other.table.lower()


class _Joining:
    """Writes the sub-selects for one join of a SELECT with GROUP BY."""

    def __init__(self, names: Names, scope: Scope, group: Group, outer: Sequence[exp.Expr]) -> None:
        self._names = names
        self._scope = scope
        self._group = group
        self._outer = outer

    def left(self, rest: Sequence[exp.Expr]) -> list[exp.Expr]:
        """Let each column be NULL where there is no group that the condition holds for."""
        group = self._group
        conditions = self._conditions(rest)
        columns: dict[str, exp.Expr | None] = {}
        for name, output in group.outputs.items():
            inner = output.unnest()
            is_key = any(_same(inner, key) for key in group.keys)
            value = exp.Min(this=inner.copy()) if is_key else self._with_keys(output)
            if conditions or not isinstance(value, _NULL_OF_NONE):
                value = self._where(conditions, value)
            columns[name] = self._select(value)
        group.derived.columns = columns
        return []

    def inner(self, rest: Sequence[exp.Expr]) -> list[exp.Expr]:
        """Give the condition that there is a group; what else is asked of it stays a condition."""
        group = self._group
        columns: dict[str, exp.Expr | None] = {}
        for name, output in group.outputs.items():
            at = next((i for i, key in enumerate(group.keys) if _same(output.unnest(), key)), None)
            columns[name] = self._outer[at].copy() if at is not None else self._certain(output)
        group.derived.columns = columns
        if group.having is None:
            select = self._rows(exp.Literal.number(1))
            return [exp.Exists(this=select), *rest]
        some = exp.GT(this=_count(), expression=exp.Literal.number(0))
        having = exp.and_(some, self._with_keys(group.having), copy=False)
        return [self._select(having), *rest]

    def _certain(self, output: exp.Expr) -> exp.Subquery:
        found = self._select(self._with_keys(output))
        found.this.meta[NEVER_EMPTY] = True
        return found

    def _conditions(self, rest: Sequence[exp.Expr]) -> list[exp.Expr]:
        """Give what else must hold for a group, in terms of its rows."""
        found = [self._with_outputs(one) for one in rest]
        if self._group.having is not None:
            found.insert(0, self._with_keys(self._group.having))
        return found

    def _where(self, conditions: Sequence[exp.Expr], value: exp.Expr) -> exp.Expr:
        some = exp.GT(this=_count(), expression=exp.Literal.number(0))
        missing = exp.Null()
        missing.meta["said"] = f"the LEFT JOIN may find no row of {self._group.derived.written}"
        branch = exp.If(this=exp.and_(some, *conditions), true=value)
        return exp.Case(ifs=[branch], default=missing)

    def _select(self, value: exp.Expr) -> exp.Subquery:
        return exp.Subquery(this=self._rows(value))

    def _rows(self, value: exp.Expr) -> exp.Select:
        """Give the rows of the group that is meant, with something that is given of them."""
        select = self._group.select.copy()
        select.set("expressions", [value])
        pairs = zip(self._group.keys, self._outer, strict=True)
        equal = [exp.EQ(this=key.copy(), expression=outer.copy()) for key, outer in pairs]
        where = select.args.get("where")
        conditions = [*([where.this] if where else []), *equal]
        select.set("where", exp.Where(this=exp.and_(*conditions, copy=False)))
        return select

    def _with_keys(self, output: exp.Expr) -> exp.Expr:
        """Put what a key equals in its place, where it isn't gathered."""

        def outer(node: exp.Column) -> exp.Expr | None:
            pairs = zip(self._group.keys, self._outer, strict=True)
            return next((other for key, other in pairs if _same(node, key)), None)

        return _replaced(output, outer)

    def _with_outputs(self, condition: exp.Expr) -> exp.Expr:
        """Put what the group's columns stand for in their place."""

        def meant(node: exp.Column) -> exp.Expr | None:
            output = _output(self._names, self._scope, self._group, node)
            return None if output is None else self._with_keys(output)

        return _replaced(condition, meant)


def _count() -> exp.Expr:
    return exp.Count(this=exp.Star())


def _replaced(tree: exp.Expr, other: Callable[[exp.Column], exp.Expr | None]) -> exp.Expr:
    """Give a copy of an expression with other expressions in the place of some columns."""
    root = exp.Paren(this=tree.copy())
    waiting: list[exp.Expr] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.Column):
            new = other(node)
            if new is not None:
                node.replace(exp.Paren(this=new.copy()))
        elif not is_gathering(node) and not isinstance(node, exp.Select):
            waiting += list(node.iter_expressions())
    found: exp.Expr = root.this.pop()
    return found
