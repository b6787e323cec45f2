"""SELECTs: FROM and WHERE for engine and database, sub-selects, lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from streammesh.contracts.types import Array, Json, Record, Text
from streammesh.errors.models import (
    JoinNotUnique,
    ListWithoutOrder,
    NoOrder,
    SubSelectColumns,
    WrongTypes,
)
from streammesh.models import printing
from streammesh.models.edges import undetermined
from streammesh.models.expressions import Context, Expressions, known
from streammesh.models.functions import WIDE_ORDER
from streammesh.models.meanings import AGGREGATES
from streammesh.models.names import Names
from streammesh.models.numbers import is_wide
from streammesh.models.scopes import Occurrence, Ref, Scope
from streammesh.models.storage import quote, table_name
from streammesh.models.values import Cause, Value

_GATHERING = (*AGGREGATES, exp.ArrayAgg)


@dataclass(frozen=True)
class Printed:
    """SQL for engine and database."""

    engine: str
    database: str

    @classmethod
    def of(cls, value: Value) -> Printed:
        """Give a value's SQL."""
        return cls(value.engine, value.database)


class Selects:
    """Compiles the SELECTs of one model."""

    def __init__(self, names: Names) -> None:
        """Compile with the names of a model."""
        self._names = names
        self._text = names.text
        self.expressions = Expressions(names, self.sub_select, self.list_of)

    def rows(self, scope: Scope) -> tuple[Printed, list[Printed], Printed | None]:
        """Give the first table, the joins after it, and the condition of a SELECT."""
        context = Context(scope, exact=True)
        first, *others = scope.occurrences
        joins = [
            self._join(join, occurrence, context)
            for join, occurrence in zip(scope.select.args.get("joins") or (), others, strict=True)
        ]
        where = scope.select.args.get("where")
        if where is None:
            return _table(first), joins, None
        return _table(first), joins, Printed.of(self.expressions.condition(where.this, context))

    def _join(self, join: exp.Join, occurrence: Occurrence, context: Context) -> Printed:
        kind = "LEFT JOIN" if join.args.get("side") else "JOIN"
        on = join.args.get("on")
        printed = Printed("TRUE", "TRUE")
        if on is not None:
            printed = Printed.of(self.expressions.condition(on, context))
        table = _table(occurrence)
        return Printed(
            f"{kind} {table.engine} ON {printed.engine}",
            f"{kind} {table.database} ON {printed.database}",
        )

    def sub_select(self, select: exp.Expr, context: Context) -> Value:
        """Compile a SELECT in brackets that gives one value.

        Raises:
            ModelError: when it may give several rows, or isn't one that models can have.
        """
        if not isinstance(select, exp.Select):
            raise SubSelectColumns(count=0, where=self._text.location(select))
        if len(select.expressions) != 1:
            where = self._text.location(select)
            raise SubSelectColumns(count=len(select.expressions), where=where)
        scope = self._names.open(select, context.scope)
        gathers = _gathers(select.expressions[0])
        if not gathers:
            self.check_unique(scope, ())
        inner = Context(scope, context.exact, gathers)
        value = self.expressions.field(select.expressions[0].unalias(), inner)
        return self._bracketed(scope, value, gathers)

    def _bracketed(self, scope: Scope, value: Value, gathers: bool) -> Value:
        first, joins, where = self.rows(scope)
        engine = _select(value.bare or value.engine, "engine", first, joins, where)
        database = _select(value.database, "database", first, joins, where)
        if isinstance(value.type, Record | Array):
            marked, bare = f"json({engine})", engine
        else:
            marked, bare = engine, None
        nulls = value.nulls
        if not gathers:
            nulls = (*nulls, Cause("the sub-select may find no row"))
        return replace(
            value, engine=marked, database=database, nulls=nulls, bare=bare, literal=None
        )

    def check_unique(self, scope: Scope, known_ones: Sequence[Occurrence]) -> None:
        """Refuse a SELECT that may give several rows for one row of the tables known.

        Raises:
            JoinNotUnique: naming the first table that may have several.
        """
        for occurrence in undetermined(self._names, scope, known_ones):
            table = occurrence.table
            keys = " or ".join(f"({', '.join(key)})" for key in (table.primary_key, *table.unique))
            fix = f"equate all of {table.name}'s key {keys}, or gather the rows: (SELECT list(…) …)"
            where = self._text.location(occurrence.node)
            raise JoinNotUnique(table=table.name, where=where, fix=fix)

    def list_of(self, node: exp.ArrayAgg, context: Context) -> Value:
        """Compile `list(element ORDER BY …)`.

        Raises:
            ModelError: when it has no order, or gathers nothing of its own.
        """
        inner = self.expressions.inside_aggregate("list", node, context)
        order = node.this
        if not isinstance(order, exp.Order):
            raise ListWithoutOrder(where=self._text.location(node))
        element = self.expressions.field(order.this, replace(inner, exact=False))
        terms = [self._term(one, replace(inner, exact=True)) for one in order.expressions]
        completion = self._completion(node, context.scope)
        refs = tuple(dict.fromkeys((*element.refs, *(ref for _, ref in completion))))
        self.expressions.check_own_rows("list", node, refs, context)
        terms += [printed for printed, _ in completion if printed not in terms]
        gathered = _gather(element, terms)
        return replace(gathered, refs=element.refs, element=element)

    def _term(self, node: exp.Expr, context: Context) -> Printed:
        expression = node.this if isinstance(node, exp.Ordered) else node
        value = self.expressions.value(expression, context)
        if value.type is None or isinstance(value.type, Record | Array | Json):
            where = self._text.location(node)
            raise WrongTypes(name="ORDER BY", types="a value without order", where=where)
        return _ordered(value, node)

    def _completion(self, node: exp.Expr, scope: Scope) -> list[tuple[Printed, Ref]]:
        """Give the keys that make every row's place in a list certain."""
        found = []
        for occurrence in undetermined(self._names, scope, ()):
            table = occurrence.table
            if not table.primary_key:
                raise NoOrder(table=table.name, where=self._text.location(node))
            for name in table.primary_key:
                column = exp.column(name, table=occurrence.written, quoted=True)
                value = self.expressions.value(column, Context(scope, exact=True))
                found.append((_ordered(value, column), value.refs[0]))
        return found


def _gathers(node: exp.Expr) -> bool:
    """Tell whether an expression holds an aggregate of its own SELECT."""
    if isinstance(node, _GATHERING):
        return True
    return any(
        _gathers(child) for child in node.iter_expressions() if not isinstance(child, exp.Select)
    )


def _gather(element: Value, terms: Sequence[Printed]) -> Value:
    engine = ", ".join(term.engine for term in terms)
    database = ", ".join(term.database for term in terms)
    bare = f"nullif(json_group_array({printing.document(element)} ORDER BY {engine}), '[]')"
    return Value(
        Array(known(element), required=not element.nulls),
        f"json({bare})",
        f"json_agg({printing.canonical(element)} ORDER BY {database})",
        nulls=(Cause("a list of no rows is NULL"),),
        bare=bare,
    )


def _ordered(value: Value, node: exp.Expr) -> Printed:
    engine = f"{value.engine} COLLATE {WIDE_ORDER}" if is_wide(value) else value.engine
    text = isinstance(value.type, Text)
    database = f'{value.database} COLLATE "C"' if text else value.database
    suffix = " DESC" if node.args.get("desc") else ""
    if value.nulls:
        suffix += " NULLS FIRST" if node.args.get("nulls_first") else " NULLS LAST"
    return Printed(engine + suffix, database + suffix)


def _table(occurrence: Occurrence) -> Printed:
    name, alias = occurrence.table.name, quote(occurrence.alias)
    return Printed(f"{table_name(name)} AS {alias}", f"{printing.database_table(name)} AS {alias}")


def _select(
    value: str, side: str, first: Printed, joins: Sequence[Printed], where: Printed | None
) -> str:
    parts = [f"SELECT {value} FROM {getattr(first, side)}"]
    parts += [getattr(join, side) for join in joins]
    if where is not None:
        parts.append(f"WHERE {getattr(where, side)}")
    return f"({' '.join(parts)})"
