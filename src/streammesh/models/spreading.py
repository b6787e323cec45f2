"""A UNION ALL that stands first in FROM of a model: written out, a SELECT for each of its own.

`SELECT … FROM (SELECT … UNION ALL SELECT …) u JOIN …` has documents of several roots, as if UNION
ALL stood between two whole SELECTs. What is computed from a column of the union is then computed
in each of its SELECTs by itself, so that the column must be of one type in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from streammesh.contracts.spelling import spell
from streammesh.contracts.types import Array, Bytes, Json, Numeric, Record, Type
from streammesh.errors.models import DerivedNotPossible, UnnamedField
from streammesh.models.bodies import aliases_of, is_grouped
from streammesh.models.positions import ModelText
from streammesh.models.printing import cast_target
from streammesh.models.united import Unlike, one_type
from streammesh.models.values import Value
from streammesh.models.withs import with_of

Compute = Callable[[exp.Select], Sequence[Value]]
"""Gives the values of a SELECT's columns; what is wrong with it is not noted."""


class Spreading:
    """Writes the SELECTs of one model out."""

    def __init__(self, text: ModelText, compute: Compute) -> None:
        """Work on a model whose WITHs were taken out."""
        self._text = text
        self._compute = compute

    def spread(self, select: exp.Select) -> list[exp.Select]:
        """Give what a SELECT stands for: itself, where no UNION ALL stands first in its FROM.

        Raises:
            ModelError: when the SELECTs of the union have no one shape.
        """
        origin = select.args.get("from_")
        node = None if origin is None else origin.this
        named = None if node is None else with_of(self._text, node)
        if node is None or (named is None and not isinstance(node, exp.Subquery)):
            return [select]
        given = (node if named is None else named).this
        inner = given.unnest() if isinstance(given, exp.Subquery) else given
        aliases = aliases_of([one for one in (named, node) if one is not None])
        if isinstance(inner, exp.Select):
            parts = self.spread(inner)
        else:
            parts = [each for one in _united(inner) for each in self.spread(one)]
            if parts:
                parts = self._of_one_shape(node, parts, aliases)
        if len(parts) < 2:
            return [select]
        return [_reading(select, node, part, aliases) for part in parts]

    def _of_one_shape(
        self, node: exp.Expr, parts: Sequence[exp.Select], aliases: Sequence[str]
    ) -> list[exp.Select]:
        """Give the SELECTs of a union, their columns named by aliases or as the first one's."""
        names = [
            self._name(one, aliases[at] if at < len(aliases) else one.alias_or_name)
            for at, one in enumerate(parts[0].expressions)
        ]
        for part in parts[1:]:
            for one in part.expressions:
                if _is_star(one):
                    raise UnnamedField(where=self._text.location(one))
            if len(part.expressions) != len(names):
                reason = "its SELECTs have different numbers of columns"
                raise self._not_possible(node, part, reason, "give each the same columns, in order")
        kinds = self._kinds(node, parts, names)
        return [_named(part, names, kinds) for part in parts]

    def _name(self, node: exp.Expr, name: str) -> str:
        if not name or _is_star(node):
            raise UnnamedField(where=self._text.location(node))
        return name

    def _kinds(
        self, node: exp.Expr, parts: Sequence[exp.Select], names: Sequence[str]
    ) -> list[Type | None]:
        """Give the type of each column; None where it is not known.

        Raises:
            DerivedNotPossible: when it has several.
        """
        every = [self._compute(part) for part in parts]
        kinds: list[Type | None] = [None for _ in names]
        for at, name in enumerate(names):
            values = [one[at] for one in every if at < len(one)]
            typed = [one for one in values if one.type is not None and not one.broken]
            for value in typed:
                kinds[at] = self._both(node, name, kinds[at], value)
            if len({one.printed for one in typed}) > 1:
                raise self._not_one_type(node, name, [one.printed or "text" for one in typed])
        return kinds

    def _both(self, node: exp.Expr, name: str, kind: Type | None, value: Value) -> Type | None:
        if kind is None or value.type is None:
            return value.type
        try:
            return one_type(kind, value.type)
        except Unlike as unlike:
            raise self._not_one_type(node, name, [spell(kind), spell(value.type)]) from unlike

    def _not_one_type(self, node: exp.Expr, name: str, types: Sequence[str]) -> DerivedNotPossible:
        listed = " and ".join(dict.fromkeys(types))
        reason = f"its column `{name}` has the types {listed}"
        return self._not_possible(node, node, reason, "cast them to one type in each SELECT")

    def _not_possible(
        self, node: exp.Expr, place: exp.Expr, reason: str, fix: str
    ) -> DerivedNotPossible:
        written, where = node.alias_or_name or "(SELECT …)", self._text.location(place)
        return DerivedNotPossible(name=written, reason=reason, where=where, fix=fix)


def _united(node: exp.Expr) -> list[exp.Select]:
    """Give the SELECTs of a UNION ALL; none where it is something else, which is told later."""
    bare = node.unnest() if isinstance(node, exp.Subquery) else node
    if isinstance(bare, exp.Select):
        return [] if is_grouped(bare) else [bare]
    clauses = ("distinct", "limit", "offset", "by_name")
    if not isinstance(bare, exp.Union) or any(bare.args.get(one) for one in clauses):
        return []
    left, right = _united(bare.left), _united(bare.right)
    return [*left, *right] if left and right else []


def _is_star(node: exp.Expr) -> bool:
    return isinstance(node.unalias(), exp.Star) or isinstance(node.this, exp.Star)


def _named(part: exp.Select, names: Sequence[str], kinds: Sequence[Type | None]) -> exp.Select:
    copy = part.copy()
    columns = []
    for node, name, kind in zip(part.expressions, names, kinds, strict=True):
        inner = node.unalias().copy()
        if isinstance(inner, exp.Null) and kind is not None:
            inner = _typed_null(kind)
        columns.append(exp.alias_(inner, name, quoted=True))
    copy.set("expressions", columns)
    return copy


def _typed_null(kind: Type) -> exp.Expr:
    if isinstance(kind, Record | Array | Json | Bytes | Numeric):
        return exp.Null()
    return exp.cast(exp.Null(), cast_target(kind), dialect="postgres")


def _reading(
    select: exp.Select, node: exp.Expr, part: exp.Select, aliases: Sequence[str]
) -> exp.Select:
    """Give a SELECT that reads one of several in place of all."""
    copy = select.copy()
    name = exp.to_identifier(node.alias_or_name, quoted=True) if node.alias_or_name else None
    columns = [exp.to_identifier(one, quoted=True) for one in aliases]
    alias = exp.TableAlias(this=name, columns=columns) if name or columns else None
    copy.set("from_", exp.From(this=exp.Subquery(this=part.copy(), alias=alias)))
    return copy
