"""WITH: which SELECT a name in FROM stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from streammesh.errors.models import AliasTwice, UnsupportedClause
from streammesh.models.positions import ModelText

_NUMBER = "with"
"""In a table node's meta: which of the model's named SELECTs it stands for, from 0."""


def separated(text: ModelText, tree: exp.Expr) -> ModelText:
    """Take every WITH out of a model.

    Args:
        text: the model.
        tree: its tree; its WITHs are gone afterwards, and what reads them is marked.

    Returns:
        The model's text, which holds the SELECTs that they named.

    Raises:
        ModelError: when one is recursive, or a name is given twice.
    """
    withs = [select for select in tree.find_all(exp.Query) if select.args.get("with_")]
    known = [cte for select in withs for cte in select.args["with_"].expressions]
    for select in withs:
        _check(text, select.args["with_"])
    for node in tree.find_all(exp.Table):
        cte = _meant(node)
        if cte is not None:
            node.meta[_NUMBER] = next(at for at, one in enumerate(known) if one is cte)
    for select in withs:
        select.set("with_", None)
    return replace(text, withs=tuple(known))


def _check(text: ModelText, clause: exp.With) -> None:
    names: set[str] = set()
    for cte in clause.expressions:
        name = cte.alias.lower()
        where = text.location(cte.args["alias"])
        if name in names:
            fix = "give each SELECT of WITH its own name"
            raise AliasTwice(alias=cte.alias, where=where, fix=fix)
        names.add(name)
        reads_itself = any(
            one.name.lower() == name and len(one.parts) == 1 for one in cte.this.find_all(exp.Table)
        )
        if clause.args.get("recursive") and reads_itself:
            raise UnsupportedClause(
                clause="WITH RECURSIVE",
                where=where,
                why="How many rows lead from a row to its document would be unknown.",
                fix="write as many LEFT JOINs as there are levels at most",
            )


def _meant(node: exp.Table) -> exp.CTE | None:
    """Give the named SELECT that a table node stands for: of the nearest WITH around it."""
    if len(node.parts) != 1:
        return None
    inside: exp.Expr | None = node
    while inside is not None:
        around = inside.parent
        clause = around.args.get("with_") if around is not None else None
        if isinstance(clause, exp.With) and inside is not clause:
            found = _named(clause.expressions, node.name)
            if found is not None:
                return found
        if isinstance(around, exp.With):
            # one of several named SELECTs reads those before it
            before = around.expressions[: _index(around, inside)]
            found = _named(before, node.name)
            if found is not None:
                return found
        inside = around
    return None


def _index(clause: exp.With, cte: exp.Expr) -> int:
    return next(at for at, one in enumerate(clause.expressions) if one is cte)


def _named(ctes: list[exp.CTE], name: str) -> exp.CTE | None:
    return next((one for one in ctes if one.alias.lower() == name.lower()), None)


def with_of(text: ModelText, node: exp.Expr) -> exp.CTE | None:
    """Give the named SELECT that a table node stands for; None for a table."""
    number = node.meta.get(_NUMBER)
    return None if number is None else text.withs[number]


def tables_written(text: ModelText, tree: exp.Expr) -> Iterator[exp.Table]:
    """Give every name of a table in a model, in its named SELECTs too."""
    for part in (*text.withs, tree):
        for node in part.find_all(exp.Table):
            if with_of(text, node) is None:
                yield node
