"""SELECTs in FROM become a part of the SELECT around them, so that there are only tables.

A change is followed from table to table. What WITH names, and what stands in brackets in FROM, is
therefore no step of its own: its tables, joins and conditions are written where it is read. One
with GROUP BY gathers rows: it becomes sub-selects (`groups`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from streammesh.errors import MeshError
from streammesh.errors.models import DerivedNotPossible, NotATable, TooComplicated
from streammesh.models.bodies import Body, body_of
from streammesh.models.groups import Group, group_of, join_group
from streammesh.models.joins import check_join, is_left, using
from streammesh.models.names import Names
from streammesh.models.problems import Consequence
from streammesh.models.scopes import (
    Derived,
    Named,
    Occurrence,
    Ref,
    Scope,
    conjuncts,
    forget,
    home_of,
    settle,
)

_UNNAMED = "(SELECT …)"
_DEPTH = 40
"""Derived tables in one another."""


@dataclass
class Item:
    """A table with the conditions of its join.

    Attributes:
        occurrence: the table.
        left: whether it is LEFT JOINed.
        on: the conditions.
    """

    occurrence: Occurrence
    left: bool = False
    on: list[exp.Expr] = field(default_factory=list)


@dataclass
class Flat:
    """What FROM, JOIN and WHERE of a SELECT come to.

    Attributes:
        named: what it is called where it stands.
        items: its tables.
        where: conditions for its rows.
        group: its groups, when it has a row for each of them.
    """

    named: Named
    items: list[Item] = field(default_factory=list)
    where: list[exp.Expr] = field(default_factory=list)
    group: Group | None = None


class Flattening:
    """Brings the FROM of one SELECT to tables alone."""

    def __init__(self, names: Names, scope: Scope) -> None:
        """Work on a scope that has no tables yet."""
        self._names = names
        self._text = names.text
        self._scope = scope
        self._depth = 0
        self._failed: list[exp.Join] = []

    def flatten(self) -> None:
        """Give the scope its tables; its SELECT reads them alone afterwards."""
        select, scope = self._scope.select, self._scope
        items, where = self._rows(select)
        scope.occurrences = [one.occurrence for one in items]
        if items:
            select.set("from_", exp.From(this=items[0].occurrence.node))
        where = [*(one for item in items[:1] for one in item.on), *where]
        # joins with an error stay: there may be others in their conditions
        select.set("joins", [*(_join(one) for one in items[1:]), *self._failed])
        select.set("where", exp.Where(this=exp.and_(*where, copy=False)) if where else None)

    def _rows(self, select: exp.Select) -> tuple[list[Item], list[exp.Expr]]:
        """Give the tables of a SELECT and the conditions of its WHERE."""
        items: list[Item] = []
        where: list[exp.Expr] = []
        before: list[Named] = []
        names, scope = self._names, self._scope
        names.attempt(scope, lambda: self._first(select, items, where, before))
        for join in select.args.get("joins") or ():
            done = names.attempt(
                scope,
                lambda join=join: self._next(join, items, where, before),  # type: ignore[misc]
            )
            if not done and select is scope.select:
                self._failed.append(join)
        written = select.args.get("where")
        return items, [*where, *([written.this] if written else [])]

    def _first(
        self, select: exp.Select, items: list[Item], where: list[exp.Expr], before: list[Named]
    ) -> None:
        origin = select.args.get("from_")
        if origin is None:
            place = self._text.location(select)
            raise NotATable(said="nothing", where=place, fix="write FROM <source>.<table>")
        flat = self._known(origin.this)
        before.append(flat.named)
        if flat.group is not None:
            forget(flat.group.derived)
            raise DerivedNotPossible(
                name=flat.named.written,
                reason="it has a row for each group, and stands first",
                where=self._text.location(origin.this),
                fix="begin FROM with the table whose key it groups by, and JOIN it: ON"
                " groups.key = table.key; in a sub-select, gather from its tables: (SELECT sum(…)"
                " FROM … WHERE …)",
            )
        items += flat.items
        where += flat.where

    def _next(
        self, join: exp.Join, items: list[Item], where: list[exp.Expr], before: list[Named]
    ) -> None:
        space = self._scope.space(home_of(join.this))
        try:
            check_join(self._text, join)
        except MeshError:
            space.unknown.add(join.this.alias_or_name.lower())
            raise
        earlier = tuple(before)
        flat = self._known(join.this)
        before.append(flat.named)
        on = join.args.get("on")
        if join.args.get("using"):
            on = using(self._names, space, join, earlier, flat.named)
        conditions = [] if on is None else [on]
        if flat.group is not None:
            where += join_group(
                self._names, self._scope, flat.group, conditions, left=is_left(join)
            )
        elif is_left(join) and any(one.occurrence.branches for one in flat.items):
            raise DerivedNotPossible(
                name=flat.named.written,
                reason="a LEFT JOIN with a UNION ALL",
                where=self._text.location(join.this),
                fix="LEFT JOIN each of its tables, or gather it in a sub-select",
            )
        elif is_left(join):
            items += self._left(flat, conditions)
        else:
            # what finds its first table stays with that one: the whole may be LEFT JOINed
            later = {one.occurrence for one in flat.items[1:]}
            for one in (*conditions, *flat.where):
                for part in conjuncts(one):
                    (where if self._touched(part) & later else flat.items[0].on).append(part)
            items += flat.items

    # --- what stands in FROM

    def _known(self, node: exp.Expr) -> Flat:
        try:
            return self._source(node)
        except (MeshError, Consequence):
            self._scope.space(home_of(node)).unknown.add(node.alias_or_name.lower())
            raise

    def _source(self, node: exp.Expr) -> Flat:
        body = body_of(self._names, self._scope, node)
        if body is None:
            occurrence = self._names.occurrence(self._scope, node)
            return Flat(occurrence, [Item(occurrence)])
        if body.union:
            return self._union(node, body)
        derived = self._names.named(self._scope, Derived(node.alias_or_name or _UNNAMED, node))
        if body.grouped:
            group = group_of(self._names, derived, body)
            return Flat(derived, group=group)
        if self._depth > _DEPTH:
            raise TooComplicated(where=self._text.location(node))
        self._depth += 1
        items, where = self._rows(body.select)
        self._depth -= 1
        if not items:
            raise Consequence
        derived.columns = self._columns(body)
        return Flat(derived, items, where)

    def _union(self, node: exp.Expr, body: Body) -> Flat:
        """Give a UNION ALL as a table."""
        written = node.alias_or_name or _UNNAMED
        if self._scope.parent is None or self._names.unions is None:
            raise DerivedNotPossible(
                name=written,
                reason="it is a UNION ALL of rows that are not gathered",
                where=self._text.location(node),
                fix="gather it in a sub-select: (SELECT list(… ORDER BY …) FROM (… UNION ALL …) u"
                " WHERE …); of documents, write UNION ALL between the model's SELECTs",
            )
        first = body.union[0]
        for at, alias in enumerate(body.aliases[: len(first.expressions)]):
            inner = first.expressions[at].unalias()
            first.expressions[at].replace(exp.alias_(inner.copy(), alias, quoted=True))
        occurrence = self._names.unions.occurrence(self._scope, node, written, body.union)
        self._names.named(self._scope, occurrence)
        return Flat(occurrence, [Item(occurrence)])

    def _columns(self, body: Body) -> dict[str, exp.Expr | None]:
        found: dict[str, exp.Expr | None] = {}
        for node in body.select.expressions:
            column = node if isinstance(node, exp.Column) else None
            if isinstance(node, exp.Star) or (column and isinstance(column.this, exp.Star)):
                found |= self._all_columns(body, column)
            elif node.alias_or_name:
                inner = node.unalias()
                found[node.alias_or_name] = inner
                self._check_column(inner)
        return body.renamed(found)

    def _check_column(self, node: exp.Expr) -> None:
        """Look up a column at the place where it is written, whether it is read or not."""
        if isinstance(node, exp.Column):
            self._names.attempt(self._scope, lambda: self._look_up(node))

    def _look_up(self, node: exp.Column) -> None:
        meant = self._names.meant(self._scope, node)
        if isinstance(meant, Ref) and meant.column.type is None:
            self._names.resolve(self._scope, node)

    def _all_columns(self, body: Body, star: exp.Column | None) -> dict[str, exp.Expr | None]:
        """Give what `*` or `table.*` stands for; of several columns of one name, none."""
        found: dict[str, exp.Expr | None] = {}
        space = self._scope.space(body.home)
        for named in space.named:
            if star is not None and named.written.lower() != star.table.lower():
                continue
            for name in _column_names(named):
                if name.lower() in {one.lower() for one in found}:
                    continue
                column = exp.column(name, table=named.written, quoted=True)
                settle(column, body.home)
                found[name] = column
        return found

    # --- LEFT JOIN

    def _left(self, flat: Flat, on: Sequence[exp.Expr]) -> list[Item]:
        """Give the tables of what is LEFT JOINed: the first one has a row where the whole has."""
        first, *others = flat.items
        conditions = [part for one in (*on, *flat.where) for part in conjuncts(one)]
        if isinstance(flat.named, Derived):
            self._guard(flat.named, first.occurrence)
        first.left = True
        later = {one.occurrence for one in others}
        mine = [one for one in conditions if not self._touched(one) & later]
        rest = [one for one in conditions if self._touched(one) & later]
        inner = [one for one in others if not one.left]
        needed = [*rest, *(one for item in inner for one in item.on)]
        optional = {one.occurrence for one in others if one.left}
        if (rest and not inner) or any(self._touched(one) & optional for one in needed):
            if isinstance(flat.named, Derived):
                forget(flat.named)
            raise DerivedNotPossible(
                name=flat.named.written,
                reason="its condition looks at what it LEFT JOINs itself",
                where=self._text.location(flat.named.node),
                fix="write its tables as joins of the model, or begin it with the table that the"
                " condition is about",
            )
        first.on = [*first.on, *mine]
        if inner:
            first.on.append(_exists(inner, rest, home_of(first.occurrence.node)))
            for one in inner:
                one.left = True
        return [first, *others]

    def _touched(self, node: exp.Expr) -> set[Occurrence]:
        """Give the tables whose columns an expression reads."""
        found: set[Occurrence] = set()
        for column in node.find_all(exp.Column):
            if isinstance(column.this, exp.Star):
                continue
            with self._names.problems.quietly():
                meant = self._names.meant(self._scope, column)
                found |= {meant.occurrence} if isinstance(meant, Ref) else self._touched(meant)
        return found

    def _guard(self, derived: Derived, first: Occurrence) -> None:
        """Let what is computed be NULL where the LEFT JOIN finds no row."""
        witness = _never_null(first)
        for name, node in derived.columns.items():
            if node is None or isinstance(node.unnest(), exp.Column):
                continue
            if witness is None:
                derived.columns[name] = None
                self._names.problems.note(
                    DerivedNotPossible(
                        name=derived.written,
                        reason=f"nothing in {first.table.name} tells whether there is a row",
                        where=self._text.location(derived.node),
                        fix="give that table a primary key",
                    )
                )
                continue
            missing = exp.Null()
            missing.meta["said"] = f"the LEFT JOIN may find no row of {derived.written}"
            found = exp.Not(this=exp.Is(this=witness.copy(), expression=exp.Null()))
            branch = exp.If(this=found, true=node)
            derived.columns[name] = exp.Case(ifs=[branch], default=missing)


def _join(item: Item) -> exp.Join:
    on = exp.and_(*item.on, copy=False) if item.on else None
    side = {"side": "LEFT"} if item.left else {}
    item.occurrence.optional = item.left
    if item.left and on is None:
        on = exp.true()
    return exp.Join(this=item.occurrence.node, on=on, **side)


def _exists(inner: Sequence[Item], rest: Iterable[exp.Expr], home: int) -> exp.Exists:
    """Ask whether there is a row of tables that are joined."""
    conditions = [*(one for item in inner for one in item.on), *rest]
    select = exp.Select(
        expressions=[exp.Literal.number(1)],
        from_=exp.From(this=inner[0].occurrence.node.copy()),
        joins=[exp.Join(this=one.occurrence.node.copy()) for one in inner[1:]],
    )
    if conditions:
        select.set("where", exp.Where(this=exp.and_(*conditions)))
    select.meta["home"] = home
    return exp.Exists(this=select)


def _never_null(occurrence: Occurrence) -> exp.Column | None:
    """Give a column that is NULL only where a LEFT JOIN has found no row."""
    table = occurrence.table
    certain = [one.name for one in table.columns if not one.nullable and one.type is not None]
    names = [*table.primary_key, *certain]
    if not names:
        return None
    column = exp.column(names[0], table=occurrence.written, quoted=True)
    settle(column, home_of(occurrence.node))
    return column


def _column_names(named: Named) -> list[str]:
    if isinstance(named, Occurrence):
        return [one.name for one in named.table.columns]
    return list(named.columns)
