"""Opening a SELECT: its tables, with those of the SELECTs in its FROM, and its conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlglot import exp

from streammesh.errors import Location
from streammesh.errors.models import ModelTooLarge
from streammesh.models.flattening import Flattening
from streammesh.models.names import Names
from streammesh.models.parsing import refused_clauses
from streammesh.models.positions import inserted
from streammesh.models.scopes import Condition, Occurrence, Scope, conjuncts

_MOST = 5_000
"""Names of derived tables that are written out in one model."""


def open_scope(
    names: Names, select: exp.Select, parent: Scope | None, allowed: Collection[str] = ()
) -> Scope:
    """Give the scope of a SELECT: its tables and its conditions.

    What is wrong with them is noted in `names.problems`; the scope is then doubtful.

    Args:
        names: of the model.
        select: the SELECT; SELECTs in its FROM become a part of it.
        parent: the scope around it; None for the model itself.
        allowed: clauses that it may have beside FROM, JOIN and WHERE.
    """
    scope = Scope(select, parent, doubtful=parent is not None and parent.doubtful)
    names.scopes.append(scope)
    for error in refused_clauses(names.text, select, allowed):
        names.problems.note(error)
        scope.doubtful = True
    Flattening(names, scope).flatten()
    if names.homes:
        _write_out(names, scope)
    for occurrence in scope.occurrences:
        join = occurrence.node.parent
        if isinstance(join, exp.Join):
            owner = occurrence if occurrence.optional else None
            _conditions(scope, join.args.get("on"), owner)
    where = select.args.get("where")
    _conditions(scope, where.this if where else None, None)
    names.exclude_nulls(scope)
    return scope


def _conditions(scope: Scope, node: exp.Expr | None, owner: Occurrence | None) -> None:
    scope.conditions += [Condition(one, owner) for one in conjuncts(node)]


def _write_out(names: Names, scope: Scope) -> None:
    """Put what they stand for in the place of the names of derived tables' columns."""
    waiting = list(own_columns(scope.select))
    while waiting:
        node = waiting.pop()
        if isinstance(node.this, exp.Star):
            continue
        meant = None
        with names.problems.quietly():
            meant = names.meant(scope, node)
        if isinstance(meant, exp.Expr):
            _count(names)
            waiting += own_columns(_put(names, node, meant))


def _count(names: Names) -> None:
    names.inserted += 1
    if names.inserted > _MOST:
        problem = f"its derived tables stand for more than {_MOST} expressions"
        raise ModelTooLarge(problem=problem, where=Location(names.text.file.path))


def _put(names: Names, node: exp.Column, meant: exp.Expr) -> exp.Expr:
    new = inserted(meant.copy(), *names.text.span(node))
    if isinstance(node.parent, exp.Select) and node.arg_key == "expressions":
        node.replace(exp.Alias(this=new, alias=exp.to_identifier(node.name, quoted=True)))
    else:
        node.replace(new)
    return new


def own_columns(tree: exp.Expr) -> Iterator[exp.Column]:
    """Give the names of columns in a SELECT or expression, without those of SELECTs in it."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.Column):
            yield node
        waiting += [one for one in node.iter_expressions() if not isinstance(one, exp.Select)]
