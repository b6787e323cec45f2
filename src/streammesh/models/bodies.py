"""What stands in FROM and is no table: a SELECT in brackets, or one that WITH names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from streammesh.errors import Location
from streammesh.errors.models import DerivedNotPossible, ModelTooLarge, UnsupportedClause
from streammesh.models.meanings import AGGREGATES
from streammesh.models.names import Names
from streammesh.models.parsing import refused_clauses
from streammesh.models.refusals import no_table
from streammesh.models.scopes import Scope, home_of, settle
from streammesh.models.withs import with_of

_GATHERING = (*AGGREGATES, exp.ArrayAgg, exp.GroupConcat)
_LATEST = (
    "write it where it is used: (SELECT … FROM … WHERE … ORDER BY … LIMIT 1) among the fields, or"
    " list(… ORDER BY …)[1:n]"
)
_MOST = 200
"""SELECTs in FROM, each counted as often as it is read."""

_CHOOSING = {
    "limit": "LIMIT in FROM",
    "offset": "OFFSET in FROM",
    "qualify": "QUALIFY in FROM",
}


@dataclass(frozen=True)
class Body:
    """A SELECT that stands in FROM, ready to become a part of the one around it.

    Attributes:
        select: the SELECT, a copy of its own.
        home: the number of the space of its names.
        aliases: what its columns are called instead, from the first.
        grouped: whether it has a row for each group of rows.
        union: the SELECTs of a UNION ALL, of which `select` is the first; none otherwise.
    """

    select: exp.Select
    home: int
    aliases: tuple[str, ...]
    grouped: bool
    union: tuple[exp.Select, ...] = ()

    def renamed(self, columns: dict[str, exp.Expr | None]) -> dict[str, exp.Expr | None]:
        """Give the columns by the names that `x(a, b)` gives them."""
        names = [*self.aliases, *list(columns)[len(self.aliases) :]]
        return dict(zip(names, columns.values(), strict=False))


def body_of(names: Names, scope: Scope, node: exp.Expr) -> Body | None:
    """Give the SELECT that stands in FROM; None for a table.

    Raises:
        ModelError: when it is one that can't become a part of the SELECT around it.
    """
    text = names.text
    named = with_of(text, node)
    if named is None and not isinstance(node, exp.Subquery):
        return None
    given = named.this if named is not None else node.this
    select = given.unnest() if isinstance(given, exp.Subquery) else given
    aliases = aliases_of([one for one in (named, node) if one is not None])
    if isinstance(select, exp.SetOperation):
        selects = tuple(_settled(names, scope, node, one) for one in _union(names, select))
        return Body(selects[0], home_of(selects[0]), aliases, False, selects)
    extras = {name for name, value in node.args.items() if value} - {"this", "alias"}
    if not isinstance(select, exp.Select) or extras:
        raise no_table(text, node)
    copy = _settled(names, scope, node, select)
    return Body(copy, home_of(copy), aliases, is_grouped(copy))


def _settled(names: Names, scope: Scope, node: exp.Expr, select: exp.Select) -> exp.Select:
    """Give a copy of a SELECT, whose names are in a space of their own."""
    _check(names, select)
    copy = select.copy()
    names.homes += 1
    if names.homes > _MOST:
        problem = f"the SELECTs in its FROM stand for more than {_MOST}, one in another"
        raise ModelTooLarge(problem=problem, where=Location(names.text.file.path))
    settle(copy, names.homes)
    if isinstance(node, exp.Subquery):
        # only a SELECT in brackets sees the tables of the SELECTs around it
        names.around[names.homes] = (home_of(node), scope.parent)
    return copy


def _union(names: Names, node: exp.Expr) -> list[exp.Select]:
    """Give the SELECTs of a UNION ALL, in order."""
    text = names.text
    node = node.unnest() if isinstance(node, exp.Subquery) else node
    if isinstance(node, exp.Select):
        if is_grouped(node):
            where, fix = text.location(node), "gather what the UNION ALL has, where it is read"
            clause = "GROUP BY, DISTINCT or an aggregate in a UNION"
            raise UnsupportedClause(clause=clause, where=where, fix=fix)
        return [node]
    if not isinstance(node, exp.Union) or node.args.get("distinct"):
        where, fix = text.location(node), "write UNION ALL"
        clause = type(node).__name__.upper() + (
            " (which drops equal rows)" * isinstance(node, exp.Union)
        )
        raise UnsupportedClause(clause=clause, where=where, fix=fix)
    for clause in ("limit", "offset", "by_name"):
        if node.args.get(clause):
            where = text.location(node)
            said = f"{clause.replace('_', ' ').upper()} of a UNION"
            raise UnsupportedClause(clause=said, where=where, fix=_LATEST)
    return [*_union(names, node.left), *_union(names, node.right)]


def aliases_of(nodes: Iterable[exp.Expr]) -> tuple[str, ...]:
    """Give the names of columns that `x(a, b)` gives, of several such the last ones first."""
    found: list[str] = []
    for node in nodes:
        alias = node.args.get("alias")
        columns = [one.name for one in (alias.args.get("columns") if alias else None) or ()]
        found = [*columns, *found[len(columns) :]]
    return tuple(found)


def is_grouped(select: exp.Select) -> bool:
    """Tell whether a SELECT gathers rows."""
    clauses = ("group", "distinct", "having")
    return any(select.args.get(one) for one in clauses) or any(map(gathering, select.expressions))


def _check(names: Names, select: exp.Select) -> None:
    text = names.text
    for name, clause in _CHOOSING.items():
        part = select.args.get(name)
        if part:
            why = "Which rows it keeps depends on all rows of its tables."
            where = text.location(part)
            raise UnsupportedClause(clause=clause, where=where, why=why, fix=_LATEST)
    distinct = select.args.get("distinct")
    if distinct and distinct.args.get("on"):
        where, why = text.location(distinct), "Which of several rows it keeps is not certain."
        raise UnsupportedClause(clause="DISTINCT ON", where=where, why=why, fix=_LATEST)
    # an order in FROM orders nothing: lists have their own
    allowed = ("order", "group", "having", "distinct")
    for error in refused_clauses(text, select, allowed):
        raise error


def gathering(node: exp.Expr) -> bool:
    """Tell whether an expression holds an aggregate of its own SELECT."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, _GATHERING):
            return True
        waiting += [one for one in here.iter_expressions() if not isinstance(one, exp.Select)]
    return False


def is_gathering(node: exp.Expr) -> bool:
    """Tell whether a node is an aggregate itself."""
    return isinstance(node, _GATHERING)


def not_possible(
    names: Names, written: str, node: exp.Expr, reason: str, fix: str
) -> DerivedNotPossible:
    """Give the error for what stands in FROM and can't be read there."""
    where = names.text.location(node)
    return DerivedNotPossible(name=written, reason=reason, where=where, fix=fix)
