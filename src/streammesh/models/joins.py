"""JOIN in its written forms: what is refused, and USING as the equalities that it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from streammesh.errors.models import AmbiguousColumn, UnknownColumn, UnsupportedJoin
from streammesh.models.positions import ModelText
from streammesh.models.problems import Consequence
from streammesh.models.scopes import Occurrence, Ref, Scope

if TYPE_CHECKING:
    from streammesh.models.tables import Table

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


class Binding(Protocol):
    """What `using` needs of `names.Names`."""

    text: ModelText

    def bind(self, node: exp.Column, ref: Ref) -> None:
        """Fix what a column means."""


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
    names: Binding,
    scope: Scope,
    join: exp.Join,
    before: Sequence[Occurrence],
    joined: Occurrence,
) -> exp.Expr:
    """Give the condition that USING means, and note that its columns are one in the SELECT.

    Raises:
        ModelError: when one of the tables has no such column, or several before it have.
    """
    conditions = []
    for identifier in join.args["using"]:
        place = identifier if isinstance(identifier, exp.Expr) else join.this
        name = place.name
        left = scope.merged.get(name.lower()) or _left(names, place, before)
        right = _column(names, place, joined.table, joined)
        scope.merged[name.lower()] = left
        conditions.append(
            exp.EQ(this=_bound(names, place, left), expression=_bound(names, place, right))
        )
    return exp.and_(*conditions, copy=False)


def _left(names: Binding, place: exp.Expr, before: Sequence[Occurrence]) -> Ref:
    found = [
        Ref(one, name) for one in before if (name := _named(one.table, place.name)) is not None
    ]
    if len(found) > 1:
        tables = ", ".join(ref.occurrence.written for ref in found)
        where, fix = names.text.location(place), "write ON with the table that is meant"
        raise AmbiguousColumn(name=place.name, tables=tables, where=where, fix=fix)
    if not before:
        raise Consequence
    if not found:
        return _column(names, place, before[0].table, before[0])
    return found[0]


def _column(names: Binding, place: exp.Expr, table: Table, occurrence: Occurrence) -> Ref:
    name = _named(table, place.name)
    if name is None:
        fix = "write JOIN … ON a.column = b.column"
        where = names.text.location(place)
        raise UnknownColumn(table=table.name, name=place.name, where=where, fix=fix)
    return Ref(occurrence, name)


def _named(table: Table, name: str) -> str | None:
    if table.column(name) is not None:
        return name
    found = [one.name for one in table.columns if one.name.lower() == name.lower()]
    return found[0] if len(found) == 1 else None


def _bound(names: Binding, place: exp.Expr, ref: Ref) -> exp.Column:
    column = exp.column(ref.name, table=ref.occurrence.written, quoted=True)
    column.meta.update({key: place.meta[key] for key in ("start", "end") if key in place.meta})
    names.bind(column, ref)
    return column
