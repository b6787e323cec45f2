"""From an expression of a model to a value: type, SQL for engine and database, origin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from streammesh.contracts.spelling import spell
from streammesh.contracts.types import Array, Boolean, Field, Record, Text, Type
from streammesh.errors.models import (
    AggregateOfOuter,
    AggregateOutside,
    BadLiteral,
    FieldGivenTwice,
    ListWithoutOrder,
    NotACondition,
    TooComplex,
    TooManyFields,
    UnnamedField,
    UnsupportedClause,
    UntypedNull,
    WrongTypes,
)
from streammesh.models import literals, printing
from streammesh.models.arguments import arguments, options
from streammesh.models.catalog import MESH
from streammesh.models.columns import column_value
from streammesh.models.meanings import (
    AGGREGATES,
    DECIDING,
    OPERATORS,
    Call,
    Meaning,
    Unfit,
    cast,
    try_cast,
)
from streammesh.models.names import Names
from streammesh.models.problems import Consequence
from streammesh.models.refusals import refusal, unfit_cast
from streammesh.models.scopes import Ref, Scope
from streammesh.models.targets import cast_target
from streammesh.models.uncast import cast_of_cast, operand_casts
from streammesh.models.values import BROKEN, Value

MAX_PRINTED = 200_000
"""Characters of SQL that one expression may become."""


@dataclass(frozen=True)
class Context:
    """Where an expression stands.

    Attributes:
        scope: the SELECT.
        exact: whether its value decides something, and so must be exact beyond 64 bits.
        gathering: whether it is the value of a sub-select that gathers rows, outside its
            aggregates.
        asserted: whether only its truth matters: a NULL is as good as FALSE.
        among: FILTER of the aggregate, for engine and database.
    """

    scope: Scope
    exact: bool = False
    gathering: bool = False
    asserted: bool = False
    among: tuple[str, str] = ("", "")


Compiler = Callable[[Any, Context], Value]

_TRANSPARENT = (exp.And, exp.Or, exp.Paren, exp.In, exp.Exists)
"""Through these, it stays true that only the truth matters."""


class Expressions:
    """Compiles the expressions of one model; what is wrong with them is noted, not raised."""

    def __init__(
        self, names: Names, sub_selects: Mapping[type[exp.Expr], Compiler], ordered: Compiler
    ) -> None:
        """Compile with the names of a model.

        Args:
            names: what its names mean.
            sub_selects: compile what holds a SELECT.
            ordered: compiles an aggregate with an order (`list`, `string_agg`).
        """
        self._names = names
        self._text = names.text
        self._handlers: Mapping[type[exp.Expr], Callable[..., Value]] = {
            exp.Column: self._column,
            exp.Literal: self._literal,
            exp.RawString: lambda node, _: literals.string(node.name),
            exp.Boolean: lambda node, _: literals.boolean(bool(node.this)),
            exp.Null: lambda node, _: literals.null(said=node.meta.get("said")),
            exp.Paren: lambda node, context: self.value(node.this, context),
            exp.Struct: self._struct,
            exp.Array: self._array,
            exp.Cast: self._cast,
            exp.TryCast: self._cast,
            exp.Collate: self._collate,
            exp.Filter: self._filter,
            exp.ArrayAgg: ordered,
            exp.GroupConcat: ordered,
            **sub_selects,
        }

    def value(self, node: exp.Expr, context: Context) -> Value:
        """Compile an expression; a broken value when something is wrong with it, which is noted."""
        if context.asserted and not isinstance(node, _TRANSPARENT):
            context = replace(context, asserted=False)
        with self._names.problems.catching():
            return self._value(node, context)
        return BROKEN

    def _value(self, node: exp.Expr, context: Context) -> Value:
        if (handler := self._handlers.get(type(node))) is not None and not _in_query(node):
            return handler(node, context)
        if (meaning := AGGREGATES.get(type(node))) is not None:
            return self._aggregate(meaning, node, context)
        meaning = OPERATORS.get(type(node))
        found = arguments(node) if meaning is not None else None
        if meaning is None or found is None:
            self._look_up(node, context)
            raise refusal(self._text, node)
        inner = replace(context, exact=context.exact or type(node) in DECIDING)
        values = [self.value(argument, inner) for argument in found]
        return self.computed(meaning, node, Call(tuple(values), context.exact, options(node)))

    def _look_up(self, node: exp.Expr, context: Context) -> None:
        """Look up the columns in what has no meaning: they may be wrong as well."""
        for column in node.find_all(exp.Column):
            inside = column.find_ancestor(exp.Select) is context.scope.select
            if inside and not isinstance(column.this, exp.Star):
                with self._names.problems.catching():
                    self._names.resolve(context.scope, column)

    def condition(self, node: exp.Expr, context: Context) -> Value:
        """Compile a condition: a boolean, or a broken value."""
        value = self.value(node, replace(context, exact=True, asserted=True))
        if value.broken or isinstance(value.type, Boolean):
            return value
        said = spell(value.type) if value.type else "NULL"
        self._names.problems.note(NotACondition(said=said, where=self._text.location(node)))
        return BROKEN

    def computed(self, meaning: Meaning, node: exp.Expr, call: Call) -> Value:
        """Give what an operator or function gives.

        Raises:
            WrongTypes: when it takes no such arguments.
            Consequence: when an argument is broken.
        """
        if any(value.broken for value in call.values):
            raise Consequence
        try:
            return self._bounded(node, meaning.compute(call))
        except Unfit as unfit:
            types = " and ".join(spell(one.type) if one.type else "NULL" for one in call.values)
            where = self._text.location(node)
            fix = operand_casts(self._text, node, call, meaning.compute) or str(unfit) or None
            raise WrongTypes(name=meaning.written, types=types, where=where, fix=fix) from unfit

    def _bounded(self, node: exp.Expr, value: Value) -> Value:
        """Refuse what would become endless SQL: some meanings print an argument twice."""
        if len(value.engine) + len(value.database) > MAX_PRINTED:
            raise TooComplex(where=self._text.location(node))
        return value

    def _column(self, node: exp.Column, context: Context) -> Value:
        if isinstance(node.this, exp.Star):
            raise refusal(self._text, node.this)
        ref = self._names.resolve(context.scope, node)
        if context.gathering and ref.occurrence in context.scope.occurrences:
            written = self._text.source(node)
            fix = f"gather it too: max({written}), or take it from the root"
            raise AggregateOutside(name=written, where=self._text.location(node), fix=fix)
        source = self._names.source
        return column_value(MESH if source.products else source.name, context.scope, ref, node)

    def _literal(self, node: exp.Literal, _: Context) -> Value:
        if node.is_string:
            if "\0" in node.name:
                where = self._text.location(node)
                raise BadLiteral(said="a text with a zero byte", type="text", where=where)
            return literals.string(node.name)
        value = literals.number(node.name)
        if value is None:
            where = self._text.location(node)
            fix = "write digits, at most 38 of them: 12.50"
            raise BadLiteral(said=node.name, type="exact number", where=where, fix=fix)
        return value

    def _struct(self, node: exp.Struct, context: Context) -> Value:
        named = []
        for part in node.expressions:
            if not isinstance(part, exp.PropertyEQ):
                fix = "write {name: expression, …}"
                raise UnnamedField(where=self._text.location(part), fix=fix)
            named.append((part.this.name, part.expression))
        return self.record(node, named, context)

    def record(
        self, node: exp.Expr, named: Sequence[tuple[str, exp.Expr]], context: Context
    ) -> Value:
        """Compile an object; its broken parts stay in it.

        Args:
            node: for the place of errors.
            named: its fields.
            context: where it stands.
        """
        if len(named) > printing.MAX_FIELDS:
            where, limit = self._text.location(node), printing.MAX_FIELDS
            raise TooManyFields(count=len(named), limit=limit, where=where)
        parts: dict[str, Value] = {}
        for name, expression in named:
            if name in parts:
                where = self._text.location(expression)
                self._names.problems.note(FieldGivenTwice(name=name, where=where))
                continue
            parts[name] = self.field(expression, context)
        return assembled(node, parts)

    def field(self, node: exp.Expr, context: Context) -> Value:
        """Compile an expression that goes into a document: it has a type, and knows its place."""
        value = self.value(node, context)
        if value.type is None and not value.broken:
            self._names.problems.note(UntypedNull(where=self._text.location(node)))
            value = BROKEN
        return replace(value, node=node)

    def _array(self, node: exp.Array, _: Context) -> Value:
        if node.expressions:
            raise refusal(self._text, node)
        return Value(None, "json_array()", "'[]'::json", empty=True)

    def _cast(self, node: exp.Cast, context: Context) -> Value:
        target = cast_target(self._text, node)
        exact = context.exact or isinstance(target, Text)
        value = self.value(node.this, replace(context, exact=exact))
        if value.broken:
            raise Consequence
        trying = isinstance(node, exp.TryCast)
        constant = value.literal is not None and not isinstance(target, Text)
        if constant and not trying and literals.coerced(value, target) is None:
            where, said = self._text.location(node), f"'{value.literal}'"
            raise BadLiteral(said=said, type=spell(target), where=where)
        try:
            return (try_cast if trying else cast)(Call((value,), context.exact), target)
        except Unfit as unfit:
            fix = cast_of_cast(self._text, node, value, target) or str(unfit)
            raise unfit_cast(self._text, node, value.type, target, fix) from unfit

    def _collate(self, node: exp.Collate, context: Context) -> Value:
        """Text is compared by code points in any case, which is what COLLATE "C" says."""
        value = self.value(node.this, context)
        if value.broken:
            raise Consequence
        if node.expression.name.upper() not in ("C", "POSIX") or not isinstance(value.type, Text):
            raise refusal(self._text, node)
        return value

    def _aggregate(self, meaning: Meaning, node: exp.Expr, context: Context) -> Value:
        name = meaning.written.partition("(")[0]
        inner = self.inside_aggregate(name, node, context)
        distinct, argument = isinstance(node.this, exp.Distinct), node.this
        if distinct:
            argument = node.this.expressions[0] if len(node.this.expressions) == 1 else None
        if node.expressions or (argument is None and (distinct or not isinstance(node, exp.Count))):
            raise refusal(self._text, node)
        values: tuple[Value, ...] = ()
        if argument is not None and not isinstance(argument, exp.Star):
            # which values are the same is decided by all their digits
            values = (self.value(argument, replace(inner, exact=inner.exact or distinct)),)
        elif not isinstance(node, exp.Count):
            raise refusal(self._text, node)
        call = Call(values, context.exact, among=context.among, distinct=distinct)
        value = self.computed(meaning, node, call)
        self.check_own_rows(name, node, value.refs, context)
        return value

    def _filter(self, node: exp.Filter, context: Context) -> Value:
        inner = self.inside_aggregate("FILTER", node, context)
        if type(node.this) not in {*AGGREGATES, exp.ArrayAgg, exp.GroupConcat}:
            raise refusal(self._text, node)
        condition = self.condition(node.expression.this, inner)
        if condition.broken:
            raise Consequence
        sides = (condition.engine, condition.database)
        among = (f" FILTER (WHERE {sides[0]})", f" FILTER (WHERE {sides[1]})")
        return self.value(node.this, replace(context, among=among))

    def inside_aggregate(self, name: str, node: exp.Expr, context: Context) -> Context:
        """Give the context of an aggregate's arguments.

        Raises:
            AggregateOutside: when no aggregate can stand there.
        """
        if not context.gathering:
            where = self._text.location(node)
            fix = f"write (SELECT {name}(…) FROM … WHERE child.key = root.key)"
            raise AggregateOutside(name=name, where=where, fix=fix)
        return replace(context, gathering=False, among=("", ""))

    def check_own_rows(
        self, name: str, node: exp.Expr, refs: Sequence[Ref], context: Context
    ) -> None:
        """Refuse an aggregate over columns of an outer SELECT alone.

        Raises:
            AggregateOfOuter: when it is one.
        """
        own = context.scope.occurrences
        every = (*refs, *self._names.read_within(node))
        if refs and not any(ref.occurrence in own for ref in every):
            raise AggregateOfOuter(name=name, where=self._text.location(node))

    def order_of(self, node: exp.Expr) -> exp.Order:
        """Give the order of a list.

        Raises:
            ListWithoutOrder: when it has none.
            UnsupportedClause: when it has a LIMIT.
        """
        if isinstance(node, exp.Order):
            return node
        if isinstance(node, exp.Limit):
            where, fix = self._text.location(node.parent or node), "write list(… ORDER BY …)[1:n]"
            raise UnsupportedClause(clause="LIMIT inside of a list", where=where, fix=fix)
        raise ListWithoutOrder(where=self._text.location(node.parent or node))


def _in_query(node: exp.Expr) -> bool:
    """Tell whether it is `a IN (b, …)`, which is no sub-select."""
    return isinstance(node, exp.In) and not node.args.get("query")


def assembled(node: exp.Expr, parts: Mapping[str, Value]) -> Value:
    """Give the object that has these fields; `node` is its place."""
    named = tuple(parts.items())
    engine, database = printing.record(named)
    fields = tuple(Field(name, known(value), required=not value.nulls) for name, value in named)
    refs = tuple(dict.fromkeys(ref for value in parts.values() for ref in value.refs))
    place = node if isinstance(node, exp.Select) else None
    return Value(Record(fields), engine, database, refs=refs, parts=named, node=place)


def known(value: Value) -> Type:
    """Give the type of a value that has one; any type for a broken one."""
    if value.broken:
        return Text()
    if value.type is None:
        raise TypeError("a value without type in a document")
    return value.type


def is_nested(value: Value) -> bool:
    """Tell whether a value is an object or a list."""
    return isinstance(value.type, Record | Array)
