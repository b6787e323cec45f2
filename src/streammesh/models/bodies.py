"""What stands in FROM and is no table: a SELECT in brackets, or one that WITH names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from streammesh.errors.models import DerivedNotPossible, UnsupportedClause
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
    """

    select: exp.Select
    home: int
    aliases: tuple[str, ...]
    grouped: bool

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
    extras = {name for name, value in node.args.items() if value} - {"this", "alias"}
    if not isinstance(select, exp.Select) or extras:
        raise no_table(text, node)
    _check(names, select)
    select = select.copy()
    names.homes += 1
    home = names.homes
    settle(select, home)
    if named is None:
        # only a SELECT in brackets sees the tables of the SELECTs around it
        names.around[home] = (home_of(node), scope.parent)
    every = [one for one in (named, node) if one is not None]
    return Body(select, home, _aliases(every), _is_grouped(select))


def _aliases(nodes: Iterable[exp.Expr]) -> tuple[str, ...]:
    found: list[str] = []
    for node in nodes:
        alias = node.args.get("alias")
        columns = [one.name for one in (alias.args.get("columns") if alias else None) or ()]
        found = [*columns, *found[len(columns) :]]
    return tuple(found)


def _is_grouped(select: exp.Select) -> bool:
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
