"""What gathers rows in an order: `list(x ORDER BY y)` and `string_agg(x, ',' ORDER BY y)`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from streammesh.contracts.spelling import spell
from streammesh.contracts.types import Array, Json, Record, Text
from streammesh.errors.models import (
    FirstNotAlone,
    ListDistinct,
    NoOrder,
    UnsupportedClause,
    WrongTypes,
)
from streammesh.models import printing
from streammesh.models.edges import undetermined
from streammesh.models.expressions import Context, Expressions, known
from streammesh.models.functions import WIDE_ORDER
from streammesh.models.inexact import is_inexact
from streammesh.models.meanings.call import Call
from streammesh.models.meanings.texts import STRING_AGG
from streammesh.models.names import Names
from streammesh.models.numbers import is_wide
from streammesh.models.printed import Printed
from streammesh.models.problems import Consequence
from streammesh.models.scopes import Ref, Scope
from streammesh.models.values import Cause, Value

if TYPE_CHECKING:
    from streammesh.errors import Location

Term = tuple[tuple[str, str], tuple[str, str]]
"""For engine and database: an expression, and what follows it in ORDER BY."""


@dataclass(frozen=True)
class _Ordering:
    """An aggregate with its order, read."""

    argument: exp.Expr
    order: list[exp.Expr]
    distinct: bool


class Lists:
    """Compiles the ordered aggregates of one model."""

    expressions: Expressions
    """Set by its maker, which needs the lists itself."""

    def __init__(self, names: Names) -> None:
        """Compile with the names of a model."""
        self._names = names
        self._text = names.text

    def compile(self, node: exp.Expr, context: Context) -> Value:
        """Compile `list(…)` or `string_agg(…)`.

        Raises:
            ModelError: when it has no order, or gathers nothing of its own.
        """
        joins_texts = isinstance(node, exp.GroupConcat)
        name = "string_agg" if joins_texts else "list"
        inner = self.expressions.inside_aggregate(name, node, context)
        read = self._read(node)
        exact = replace(inner, exact=True)
        element = self.expressions.field(read.argument, exact if read.distinct else inner)
        if read.distinct:
            return self._distinct(node, read, element, context)
        terms = self._terms(read.order, exact)
        completion = self._completion(node, context.scope)
        if element.broken:
            raise Consequence
        refs = tuple(dict.fromkeys((*element.refs, *(ref for _, ref in completion))))
        self.expressions.check_own_rows(name, node, refs, context)
        terms += [term for term, _ in completion if term not in terms]
        if joins_texts:
            return self._joined(node, element, terms, context)
        gathered = replace(_gather(element, terms, context.among), refs=element.refs)
        first = node.args.get("first")
        if first is not None and (any(context.among) or not _alone(node)):
            raise FirstNotAlone(where=self._place(node))
        return replace(gathered, element=element, first=first, terms=tuple(terms))

    def _place(self, node: exp.Expr) -> Location:
        return self._text.location(node)

    def _read(self, node: exp.Expr) -> _Ordering:
        order = self.expressions.order_of(node.this)
        argument, distinct = order.this, isinstance(order.this, exp.Distinct)
        if distinct:
            argument = order.this.expressions[0]
        return _Ordering(argument, order.expressions, distinct)

    def _joined(
        self, node: exp.Expr, element: Value, terms: Sequence[Term], context: Context
    ) -> Value:
        written = node.args.get("separator")
        separator = Value(Text(), "','", "','", literal=",")
        if written is not None:
            separator = self.expressions.value(written, context)
        order = tuple(
            " ORDER BY " + ", ".join("".join(term[side]) for term in terms) for side in (0, 1)
        )
        call = Call(
            (element, separator), context.exact, among=context.among, order=(order[0], order[1])
        )
        return self.expressions.computed(STRING_AGG, node, call)

    def _distinct(self, node: exp.Expr, read: _Ordering, element: Value, context: Context) -> Value:
        """Give a list of each value once: it can be ordered by the value only."""
        if element.broken:
            raise Consequence
        same = len(read.order) == 1 and _bare(read.order[0]) == read.argument
        if not same or isinstance(node, exp.GroupConcat) or node.args.get("first"):
            raise ListDistinct(where=self._place(node))
        self.expressions.check_own_rows("list", node, element.refs, context)
        printed = self._terms(read.order, replace(context, gathering=False, exact=True))[0]
        suffix = printed[1][1]
        engine = f"json_group_array(DISTINCT {element.engine} ORDER BY {''.join(printed[0])})"
        shown = printing.canonical(replace(element, database="v"))
        values = f"unnest(array_agg(DISTINCT {element.database}){context.among[1]}) AS v"
        database = f"(SELECT json_agg({shown} ORDER BY v{suffix}) FROM {values})"
        bare = f"nullif({engine}{context.among[0]}, '[]')"
        return _list_of(element, bare, database, element)

    def terms(self, nodes: Sequence[exp.Expr], context: Context) -> list[Printed]:
        """Give the terms of an ORDER BY."""
        return [_printed(term) for term in self._terms(nodes, replace(context, exact=True))]

    def completion(self, node: exp.Expr, scope: Scope) -> list[tuple[Printed, Ref]]:
        """Give the keys that make every row's place certain.

        Raises:
            NoOrder: when a table has none.
        """
        return [(_printed(term), ref) for term, ref in self._completion(node, scope)]

    def _terms(self, nodes: Sequence[exp.Expr], context: Context) -> list[Term]:
        found = []
        for node in nodes:
            expression = node.this if isinstance(node, exp.Ordered) else node
            if not any(expression.find_all(exp.Column, exp.Select)):
                raise self._constant(node)
            value = self.expressions.value(expression, context)
            if value.broken:
                raise Consequence
            if value.type is None or isinstance(value.type, Record | Array | Json):
                said = "NULL" if value.type is None else spell(value.type)
                raise WrongTypes(name="ORDER BY", types=said, where=self._place(node))
            if value.printed:
                raise self._printed(value.printed, node)
            found.append(ordered(value, node))
        return found

    def _printed(self, kind: str, node: exp.Expr) -> WrongTypes:
        why = f"A model has {kind} as its text, which has another order."
        where, fix = self._place(node), "CAST(… AS VARCHAR) orders the texts"
        return WrongTypes(name="ORDER BY", types=kind, where=where, why=why, fix=fix)

    def _constant(self, node: exp.Expr) -> UnsupportedClause:
        why = "A number there would be the place of a column, other constants order nothing."
        where, fix = self._place(node), "write the column to order by"
        return UnsupportedClause(clause="ORDER BY a constant", where=where, why=why, fix=fix)

    def _completion(self, node: exp.Expr, scope: Scope) -> list[tuple[Term, Ref]]:
        if scope.doubtful:
            raise Consequence
        found = []
        for occurrence in undetermined(self._names, scope, ()):
            table = occurrence.table
            if not table.primary_key:
                raise NoOrder(table=table.name, where=self._place(node))
            for name in table.primary_key:
                ref = Ref(occurrence, name)
                column = exp.column(name, table=occurrence.written, quoted=True)
                self._names.bind(column, ref)
                value = self.expressions.value(column, Context(scope, exact=True))
                if value.broken:
                    raise Consequence
                found.append((ordered(value, column), ref))
        return found


def _alone(node: exp.Expr) -> bool:
    """Tell whether a list is the whole value of its SELECT."""
    around = node.parent.parent if isinstance(node.parent, exp.Alias) else node.parent
    return isinstance(around, exp.Select)


def _bare(term: exp.Expr) -> exp.Expr:
    return term.this if isinstance(term, exp.Ordered) else term


def _printed(term: Term) -> Printed:
    return Printed("".join(term[0]), "".join(term[1]))


def _gather(element: Value, terms: Sequence[Term], among: tuple[str, str]) -> Value:
    engine = ", ".join("".join(term[0]) for term in terms)
    database = ", ".join("".join(term[1]) for term in terms)
    document = printing.document(element)
    bare = f"nullif(json_group_array({document} ORDER BY {engine}){among[0]}, '[]')"
    shown = printing.canonical(element)
    return _list_of(element, bare, f"json_agg({shown} ORDER BY {database}){among[1]}", None)


def _list_of(element: Value, bare: str, database: str, inside: Value | None) -> Value:
    return Value(
        Array(known(element), required=not element.nulls),
        f"json({bare})",
        database,
        nulls=(Cause("a list of no rows is NULL", empty="FILTER (" not in bare),),
        refs=element.refs,
        bare=bare,
        element=inside,
    )


def ordered(value: Value, node: exp.Expr) -> Term:
    """Give a term of an ORDER BY: its expression and what follows, for each side."""
    suffix = " DESC" if node.args.get("desc") else ""
    suffix += " NULLS FIRST" if node.args.get("nulls_first") else " NULLS LAST"
    as_text = is_wide(value) or is_inexact(value.type)
    engine = f" COLLATE {WIDE_ORDER}" if as_text else ""
    database = ' COLLATE "C"' if isinstance(value.type, Text) else ""
    return (value.engine, engine + suffix), (value.database, database + suffix)
