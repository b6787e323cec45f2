"""SELECTs: FROM and WHERE for engine and database, and what a sub-select gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from streammesh.contracts.types import Boolean
from streammesh.errors import Location
from streammesh.errors.models import (
    AggregateOutside,
    JoinNotUnique,
    NoMeaning,
    SubSelectColumns,
    UnsupportedClause,
)
from streammesh.models import printing
from streammesh.models.bodies import gathering
from streammesh.models.edges import undetermined
from streammesh.models.expressions import Context, Expressions, is_nested
from streammesh.models.groups import NEVER_EMPTY
from streammesh.models.lists import Lists
from streammesh.models.names import Names
from streammesh.models.opening import open_scope
from streammesh.models.printed import Printed, Rows, first_rows, select_text
from streammesh.models.problems import Consequence
from streammesh.models.scopes import Condition, Occurrence, Scope
from streammesh.models.storage import quote, table_name
from streammesh.models.unions import Unions
from streammesh.models.values import Cause, Value


class Selects:
    """Compiles the SELECTs of one model."""

    def __init__(self, names: Names) -> None:
        """Compile with the names of a model."""
        self._names = names
        self._text = names.text
        self._lists = Lists(names)
        handlers: dict[type[exp.Expr], Callable[[Any, Context], Value]] = {
            exp.Subquery: lambda node, context: self.sub_select(node.this, context),
            exp.Exists: self.exists,
            exp.In: self.is_in,
        }
        self.expressions = Expressions(names, handlers, self._lists.compile)
        self._lists.expressions = self.expressions
        self._unions = Unions(names, self.expressions, self.rows)
        names.unions = self._unions

    def rows(self, scope: Scope) -> Rows:
        """Give the first table, the joins after it, and the condition of a SELECT.

        A doubtful scope gives nothing that could be run; what is wrong in it is noted.
        """
        context = Context(scope, exact=True)
        nodes = list(scope.select.args.get("joins") or ())
        joins = [self._join(node, scope, context) for node in nodes]
        conditions = [*scope.asserted]
        if (where := scope.select.args.get("where")) is not None:
            conditions.insert(0, where.this)
        values = [self.expressions.condition(one, context) for one in conditions]
        if any(value.broken for value in values) or not scope.occurrences:
            scope.doubtful = True
            return Printed("", ""), [], None
        printed = Printed.all_of([Printed.of(value) for value in values])
        return (
            self._table(scope, scope.occurrences[0]),
            [one for one in joins if one is not None],
            printed,
        )

    def _join(self, join: exp.Join, scope: Scope, context: Context) -> Printed | None:
        on = join.args.get("on")
        printed = Printed("TRUE", "TRUE")
        if on is not None:
            value = self.expressions.condition(on, context)
            scope.doubtful = scope.doubtful or value.broken
            printed = Printed.of(value)
        occurrence = next((one for one in scope.occurrences if one.node is join.this), None)
        if occurrence is None:
            return None
        kind = "LEFT JOIN" if join.args.get("side") else "JOIN"
        table = self._table(scope, occurrence)
        return Printed(
            f"{kind} {table.engine} ON {printed.engine}",
            f"{kind} {table.database} ON {printed.database}",
        )

    def _table(self, scope: Scope, occurrence: Occurrence) -> Printed:
        if occurrence.branches:
            return self._unions.printed(scope, occurrence)
        name, alias = occurrence.table.name, quote(occurrence.alias)
        return Printed(
            f"{table_name(name)} AS {alias}", f"{printing.database_table(name)} AS {alias}"
        )

    def sub_select(self, select: exp.Expr, context: Context) -> Value:
        """Compile a SELECT in brackets that gives one value.

        Raises:
            ModelError: when it may give several rows, or isn't one that models can have.
        """
        if not isinstance(select, exp.Select):
            fix = "write each SELECT in brackets of its own: coalesce((SELECT …), (SELECT …))"
            raise SubSelectColumns(count="several SELECTs", where=self._place(select), fix=fix)
        if len(select.expressions) != 1:
            count, fix = f"{len(select.expressions)} columns", SubSelectColumns.fix
            if _one_row(select):
                fix = "give an object: (SELECT {a: …, b: …} FROM … ORDER BY … LIMIT 1)"
            raise SubSelectColumns(count=count, where=self._place(select), fix=fix)
        gathers = gathering(select.expressions[0])
        latest = not gathers and _one_row(select)
        scope = open_scope(self._names, select, context.scope, ("order", "limit") if latest else ())
        inner = Context(scope, context.exact, gathers)
        value = self.expressions.field(select.expressions[0].unalias(), inner)
        rows = self.rows(scope)
        if scope.doubtful or value.broken:
            raise Consequence
        tail = Printed("", "")
        if latest:
            tail = self._latest(scope, inner)
        elif not gathers:
            self.check_unique(scope, ())
        if select.meta.get(NEVER_EMPTY):
            value = replace(value, nulls=tuple(one for one in value.nulls if not one.empty))
        return self._bracketed(rows, value, tail, gathers=gathers)

    def _place(self, node: exp.Expr) -> Location:
        return self._text.location(node)

    def _latest(self, scope: Scope, context: Context) -> Printed:
        """Give ORDER BY and LIMIT 1, the order completed so that one row is certain."""
        order = scope.select.args["order"]
        terms = self._lists.terms(order.expressions, context)
        terms += [
            printed for printed, _ in self._lists.completion(order, scope) if printed not in terms
        ]
        engine, database = (
            ", ".join(side) for side in zip(*map(Printed.sides, terms), strict=True)
        )
        return Printed(f" ORDER BY {engine} LIMIT 1", f" ORDER BY {database} LIMIT 1")

    def _bracketed(self, rows: Rows, value: Value, tail: Printed, *, gathers: bool) -> Value:
        if value.first is not None:
            return self._first(rows, value)
        engine = select_text(value.bare or value.engine, "engine", rows, tail)
        database = select_text(value.database, "database", rows, tail)
        marked, bare = (f"json({engine})", engine) if is_nested(value) else (engine, None)
        nulls = value.nulls
        if not gathers:
            nulls = (*nulls, Cause("the sub-select may find no row"))
        return replace(
            value,
            engine=marked,
            database=database,
            nulls=nulls,
            bare=bare,
            literal=None,
            constant=None,
        )

    def _first(self, rows: Rows, value: Value) -> Value:
        """Give a list of the first rows only."""
        engine, database = first_rows(value, rows)
        return replace(value, engine=f"json({engine})", database=database, bare=engine, first=None)

    def exists(self, node: exp.Exists, context: Context) -> Value:
        """Compile EXISTS (SELECT …).

        Raises:
            ModelError: when it isn't a SELECT that models can have.
        """
        select = node.this.this if isinstance(node.this, exp.Subquery) else node.this
        if not isinstance(select, exp.Select):
            raise SubSelectColumns(count="several SELECTs", where=self._place(node))
        if any(gathering(one) for one in select.expressions):
            where, fix = self._place(node), "write (SELECT count(*) FROM … WHERE …) > 0"
            name = "EXISTS (SELECT aggregate …)"
            raise AggregateOutside(name=name, where=where, fix=fix)
        self._check_limit(select)
        scope = open_scope(self._names, select, context.scope, ("limit",))
        return self._existing(scope)

    def _check_limit(self, select: exp.Select) -> None:
        """Refuse a LIMIT that could leave no row: of any other, EXISTS looks at the first row."""
        limit = select.args.get("limit")
        count = None
        if limit is not None:
            count = limit.args.get("expression") or limit.args.get("count")
        number = count.name if isinstance(count, exp.Literal) and not count.is_string else ""
        if limit is not None and (not number.isdigit() or int(number) == 0):
            why = "EXISTS asks for one row: LIMIT 1 changes nothing, LIMIT 0 makes it FALSE."
            fix = "leave it away, or write FALSE"
            where = self._text.location(limit)
            raise UnsupportedClause(clause="LIMIT", where=where, why=why, fix=fix)

    def _existing(self, scope: Scope) -> Value:
        rows = self.rows(scope)
        if scope.doubtful:
            raise Consequence
        engine = select_text("1", "engine", rows, Printed("", ""))
        database = select_text("1", "database", rows, Printed("", ""))
        refs = {
            self._names.resolve(scope, column): None
            for condition in scope.conditions
            for column in condition.node.find_all(exp.Column)
            if column.find_ancestor(exp.Select) in (scope.select, None)
        }
        return Value(Boolean(), f"EXISTS {engine}", f"EXISTS {database}", refs=tuple(refs))

    def is_in(self, node: exp.In, context: Context) -> Value:
        """Compile `a IN (SELECT b …)` as EXISTS (SELECT … WHERE b = a).

        Raises:
            ModelError: when the two could differ (NULL), or it isn't a SELECT that models have.
        """
        select = node.args["query"].this
        where = self._text.location(node)
        lefts = node.this.expressions if isinstance(node.this, exp.Tuple) else [node.this]
        fix = "write EXISTS (SELECT 1 FROM … WHERE b = a)"
        plain = all(isinstance(one.unnest(), exp.Column) for one in lefts)
        if not isinstance(select, exp.Select) or not plain:
            raise NoMeaning(name="a IN (SELECT …)", where=where, why="", fix=fix)
        if len(select.expressions) != len(lefts) or any(map(gathering, select.expressions)):
            fix = f"{fix}, or a = (SELECT max(b) …) for an aggregate"
            raise SubSelectColumns(
                count=f"{len(select.expressions)} columns, not {len(lefts)}", where=where, fix=fix
            )
        scope = open_scope(self._names, select, context.scope)
        nullable = False
        for left, right in zip(lefts, select.expressions, strict=True):
            nullable = self._match(scope, context, left.unnest(), right.unalias()) or nullable
        if nullable and not context.asserted:
            why = "With a NULL on either side, IN gives NULL where EXISTS gives FALSE."
            raise NoMeaning(name="a IN (SELECT …)", where=where, why=why, fix=fix)
        self._names.exclude_nulls(scope)
        return self._existing(scope)

    def _match(self, scope: Scope, context: Context, left: exp.Expr, right: exp.Expr) -> bool:
        """Make an equality a condition of a SELECT; tell whether a side may be NULL."""
        outer = self.expressions.value(left, context)
        inner = self.expressions.value(right, Context(scope))
        if outer.broken or inner.broken or not isinstance(left, exp.Column):
            raise Consequence
        # copies: a node that is put elsewhere is no longer part of its own SELECT
        equal = exp.EQ(this=self._copied(right, scope), expression=left.copy())
        self._names.bind(equal.expression, outer.refs[0])
        scope.asserted.append(equal)
        scope.conditions.append(Condition(equal, None))
        return bool(outer.nulls or inner.nulls)

    def _copied(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        """Copy an expression of a SELECT; its columns mean what they mean where it is written."""
        copy = node.copy()
        pairs = zip(node.find_all(exp.Column), copy.find_all(exp.Column), strict=True)
        for written, copied in pairs:
            if written.find_ancestor(exp.Select) is scope.select:
                self._names.bind(copied, self._names.resolve(scope, written))
        return copy

    def check_unique(self, scope: Scope, known_ones: Sequence[Occurrence]) -> None:
        """Refuse a SELECT that may give several rows for one row of the tables known.

        Each table that may have several is noted.
        """
        for occurrence in undetermined(self._names, scope, known_ones):
            table = occurrence.table
            every = [key for key in (table.primary_key, *table.unique) if key]
            keys = " or ".join(f"({', '.join(key)})" for key in every)
            gather = "gather the rows: (SELECT list(… ORDER BY …) FROM … WHERE …)"
            fix = f"equate all of {table.name}'s key {keys}, or {gather}" if keys else gather
            if scope.parent is not None:
                fix += ", or take one: ORDER BY … LIMIT 1"
            where = self._text.location(occurrence.node)
            self._names.reported.add(occurrence)
            self._names.problems.note(JoinNotUnique(table=table.name, where=where, fix=fix))


def _one_row(select: exp.Select) -> bool:
    """Tell whether it says ORDER BY … LIMIT 1."""
    limit = select.args.get("limit")
    count = limit.expression if isinstance(limit, exp.Limit) else None
    if isinstance(limit, exp.Fetch):
        count = limit.args.get("count")
    one = isinstance(count, exp.Literal) and count.name == "1"
    return one and select.args.get("order") is not None
