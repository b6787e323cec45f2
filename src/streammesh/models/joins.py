"""JOIN in its written forms: what is refused, and USING as the equalities that it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlglot import exp

from streammesh.errors.models import AmbiguousColumn, UnknownColumn, UnsupportedJoin
from streammesh.models.positions import ModelText
from streammesh.models.problems import Consequence
from streammesh.models.scopes import Meant, Named, Occurrence, Space, home_of, settle

_KINDS: tuple[list[str], ...] = ([], ["INNER"], ["CROSS"], ["LEFT"], ["LEFT", "OUTER"])
_FIXES = {
    "RIGHT": "begin with the other table: FROM that LEFT JOIN this ON …",
    "FULL": "begin with one of the tables, as the root, and LEFT JOIN the other",
    "NATURAL": "write JOIN … ON a.column = b.column: a column that is added later would change it",
    "SEMI": "write WHERE EXISTS (SELECT 1 FROM … WHERE …)",
    "ANTI": "write WHERE NOT EXISTS (SELECT 1 FROM … WHERE …)",
    "ASOF": "write (SELECT … FROM … WHERE … ORDER BY … DESC LIMIT 1)",
    "POSITIONAL": "write JOIN … ON …",
}
_WHY = {
    "RIGHT": "A document is of the root's row: there must be one.",
    "FULL": "A document is of the root's row: there must be one.",
}


class Finding(Protocol):
    """What `using` needs of `names.Names`."""

    text: ModelText

    def column_in(self, named: Named, name: str) -> Meant | None:
        """Give what a column of a table is; None when it has none of that name."""


def is_left(join: exp.Join) -> bool:
    """Tell whether it is a LEFT JOIN."""
    return str(join.args.get("side") or "") == "LEFT"


def check_join(text: ModelText, join: exp.Join) -> None:
    """Refuse a join that models don't have.

    Raises:
        UnsupportedJoin: naming it.
    """
    parts = (str(join.args.get(part) or "") for part in ("method", "side", "kind"))
    kind = " ".join(parts).split()
    where = text.location(join.this)
    if kind not in _KINDS:
        known = next((word for word in kind if word in _FIXES), "")
        said = " ".join((*kind, "JOIN"))
        raise UnsupportedJoin(said=said, where=where, why=_WHY.get(known), fix=_FIXES.get(known))
    if is_left(join) and join.args.get("on") is None and not join.args.get("using"):
        raise UnsupportedJoin(said="LEFT JOIN without ON", where=where)


def using(
    names: Finding, space: Space, join: exp.Join, before: Sequence[Named], joined: Named
) -> exp.Expr:
    """Give the condition that USING means, and note that its columns are one in the SELECT.

    Raises:
        ModelError: when one of the tables has no such column, or several before it have.
    """
    conditions = []
    for identifier in join.args["using"]:
        place = identifier if isinstance(identifier, exp.Expr) else join.this
        name = place.name.lower()
        left = space.merged.get(name) or _left(names, place, before)
        _check_column(names, place, joined)
        space.merged[name] = left
        sides = (_written(names, place, one) for one in (left, joined))
        conditions.append(exp.EQ(this=next(sides), expression=next(sides)))
    return exp.and_(*conditions, copy=False)


def _left(names: Finding, place: exp.Expr, before: Sequence[Named]) -> Named:
    found = [one for one in before if names.column_in(one, place.name) is not None]
    if len(found) > 1:
        tables = ", ".join(one.written for one in found)
        where, fix = names.text.location(place), "write ON with the table that is meant"
        raise AmbiguousColumn(name=place.name, tables=tables, where=where, fix=fix)
    if not before:
        raise Consequence
    if not found:
        _check_column(names, place, before[0])
    return found[0]


def _check_column(names: Finding, place: exp.Expr, named: Named) -> None:
    if names.column_in(named, place.name) is None:
        fix = "write JOIN … ON a.column = b.column"
        where = names.text.location(place)
        table = named.table.name if isinstance(named, Occurrence) else named.written
        raise UnknownColumn(table=table, name=place.name, where=where, fix=fix)


def _written(names: Finding, place: exp.Expr, named: Named) -> exp.Column:
    """Give the column of a table, as if it had been written there with the table's name."""
    start, end = names.text.span(place)
    column = exp.column(place.name, table=named.written, quoted=True)
    column.meta.update({"start": start, "end": end - 1})
    settle(column, home_of(named.node))
    return column
