"""From an expression of a model to a value: type, SQL for engine and database, origin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from streammesh.contracts.spelling import spell
from streammesh.contracts.types import (
    Boolean,
    Field,
    Json,
    Record,
    Text,
    Type,
)
from streammesh.errors.models import (
    AggregateOfOuter,
    AggregateOutside,
    BadLiteral,
    FieldGivenTwice,
    NotACondition,
    TooManyFields,
    UnnamedField,
    UntypedNull,
    WrongTypes,
)
from streammesh.models import literals, printing
from streammesh.models.meanings import (
    AGGREGATES,
    DECIDING,
    OPERATORS,
    Call,
    Meaning,
    Unfit,
    cast,
)
from streammesh.models.names import Names
from streammesh.models.postgres_types import column_type
from streammesh.models.refusals import refusal
from streammesh.models.scopes import Ref, Scope
from streammesh.models.storage import quote
from streammesh.models.values import Cause, Value, type_bound

_PLAIN_TEXTS = ("text", "character varying", "varchar")


@dataclass(frozen=True)
class Context:
    """Where an expression stands.

    Attributes:
        scope: the SELECT.
        exact: whether its value decides something, and so must be exact beyond 64 bits.
        gathering: whether it is the value of a sub-select that gathers rows, outside its
            aggregates.
    """

    scope: Scope
    exact: bool = False
    gathering: bool = False


SubSelect = Callable[[exp.Select, Context], Value]
ListOf = Callable[[exp.ArrayAgg, Context], Value]


class Expressions:
    """Compiles the expressions of one model."""

    def __init__(self, names: Names, sub_select: SubSelect, list_of: ListOf) -> None:
        """Compile with the names of a model.

        Args:
            names: what its names mean.
            sub_select: compiles a SELECT in brackets.
            list_of: compiles `list(…)`.
        """
        self._names = names
        self._text = names.text
        self._list_of = list_of
        self._handlers: Mapping[type[exp.Expr], Callable[..., Value]] = {
            exp.Column: self._column,
            exp.Literal: self._literal,
            exp.Boolean: lambda node, _: literals.boolean(bool(node.this)),
            exp.Null: lambda _, __: literals.null(),
            exp.Paren: lambda node, context: self.value(node.this, context),
            exp.Struct: self._struct,
            exp.Array: self._array,
            exp.Subquery: lambda node, context: sub_select(node.this, context),
            exp.Cast: self._cast,
            exp.ArrayAgg: self._list,
        }

    def value(self, node: exp.Expr, context: Context) -> Value:
        """Compile an expression.

        Raises:
            ModelError: when it has no meaning, with its place.
        """
        if (handler := self._handlers.get(type(node))) is not None:
            return handler(node, context)
        if (meaning := AGGREGATES.get(type(node))) is not None:
            return self._aggregate(meaning, node, context)
        meaning = OPERATORS.get(type(node))
        arguments = _arguments(node) if meaning is not None else None
        if meaning is None or arguments is None:
            raise refusal(self._text, node)
        inner = replace(context, exact=context.exact or type(node) in DECIDING)
        values = [self.value(argument, inner) for argument in arguments]
        return self._computed(meaning, node, values, context)

    def condition(self, node: exp.Expr, context: Context) -> Value:
        """Compile a condition.

        Raises:
            ModelError: when it is none, or has no meaning.
        """
        value = self.value(node, replace(context, exact=True))
        if not isinstance(value.type, Boolean):
            said = spell(value.type) if value.type else "NULL"
            raise NotACondition(said=said, where=self._text.location(node))
        return value

    def _computed(
        self, meaning: Meaning, node: exp.Expr, values: Sequence[Value], context: Context
    ) -> Value:
        try:
            return meaning.compute(Call(tuple(values), context.exact))
        except Unfit as unfit:
            types = " and ".join(spell(one.type) if one.type else "NULL" for one in values)
            where, fix = self._text.location(node), str(unfit) or None
            raise WrongTypes(name=meaning.written, types=types, where=where, fix=fix) from unfit

    def _column(self, node: exp.Column, context: Context) -> Value:
        if isinstance(node.this, exp.Star):
            raise refusal(self._text, node.this)
        ref = self._names.resolve(context.scope, node)
        if context.gathering and ref.occurrence in context.scope.occurrences:
            fix = f"gather it too: max({self._text.source(node)}), or take it from the root"
            raise AggregateOutside(
                name=self._text.source(node), where=self._text.location(node), fix=fix
            )
        column = ref.column
        name = f"{quote(ref.occurrence.alias)}.{quote(ref.name)}"
        plain = column.database_type.partition("(")[0] in _PLAIN_TEXTS
        cast_needed = isinstance(column.type, Text) and not plain
        nulls = () if context.scope.never_null(ref) else (self._may_be_null(ref, node),)
        bound = type_bound(column.type)
        database = f"{name}::text" if cast_needed else name
        return Value(column.type, name, database, nulls, (ref,), bound)

    def _may_be_null(self, ref: Ref, node: exp.Column) -> Cause:
        table = f"{self._names.source.name}.{ref.occurrence.table.name}"
        if ref.column.nullable:
            return Cause(f"{table}.{ref.name} may be NULL", node)
        return Cause(f"the LEFT JOIN may find no row of {table}", node)

    def _literal(self, node: exp.Literal, _: Context) -> Value:
        if node.is_string:
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
        """Compile an object.

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
                raise FieldGivenTwice(name=name, where=self._text.location(expression))
            parts[name] = self.field(expression, context)
        engine, database = printing.record(tuple(parts.items()))
        fields = tuple(
            Field(name, known(value), required=not value.nulls) for name, value in parts.items()
        )
        refs = tuple(dict.fromkeys(ref for value in parts.values() for ref in value.refs))
        place = node if isinstance(node, exp.Select) else None
        all_parts = tuple(parts.items())
        return Value(Record(fields), engine, database, refs=refs, parts=all_parts, node=place)

    def field(self, node: exp.Expr, context: Context) -> Value:
        """Compile an expression that goes into a document: it has a type, and knows its place."""
        value = self.value(node, context)
        if value.type is None:
            raise UntypedNull(where=self._text.location(node))
        return replace(value, node=node)

    def _array(self, node: exp.Array, _: Context) -> Value:
        if node.expressions:
            raise refusal(self._text, node)
        return Value(None, "json_array()", "'[]'::json", empty=True)

    def _cast(self, node: exp.Cast, context: Context) -> Value:
        target = self._target(node)
        exact = context.exact or isinstance(target, Text)
        value = self.value(node.this, replace(context, exact=exact))
        constant = value.literal is not None and not isinstance(target, Text)
        if constant and literals.coerced(value, target) is None:
            where, said = self._text.location(node), f"'{value.literal}'"
            raise BadLiteral(said=said, type=spell(target), where=where)
        try:
            return cast(Call((value,), context.exact), target)
        except Unfit as unfit:
            types = spell(value.type) if value.type else "NULL"
            name, where = f"CAST(… AS {spell(target)})", self._text.location(node)
            raise WrongTypes(name=name, types=types, where=where, fix=str(unfit)) from unfit

    def _target(self, node: exp.Cast) -> Type:
        written = node.to.sql("postgres").lower()
        target = column_type(written)
        if target is None or isinstance(target, Json):
            raise refusal(self._text, node)
        return Text() if isinstance(target, Text) else target

    def _aggregate(self, meaning: Meaning, node: exp.Expr, context: Context) -> Value:
        inner = self.inside_aggregate(meaning.written.partition("(")[0], node, context)
        argument = node.this
        values = []
        if argument is not None and not isinstance(argument, exp.Star):
            values.append(self.value(argument, inner))
        elif not isinstance(node, exp.Count):
            raise refusal(self._text, node)
        value = self._computed(meaning, node, values, context)
        self.check_own_rows(meaning.written.partition("(")[0], node, value.refs, context)
        return value

    def inside_aggregate(self, name: str, node: exp.Expr, context: Context) -> Context:
        """Give the context of an aggregate's arguments.

        Raises:
            AggregateOutside: when no aggregate can stand there.
        """
        if not context.gathering:
            where = self._text.location(node)
            fix = f"write (SELECT {name}(…) FROM … WHERE child.key = root.key)"
            raise AggregateOutside(name=name, where=where, fix=fix)
        return replace(context, gathering=False)

    def check_own_rows(
        self, name: str, node: exp.Expr, refs: Sequence[Ref], context: Context
    ) -> None:
        """Refuse an aggregate over columns of an outer SELECT alone.

        Raises:
            AggregateOfOuter: when it is one.
        """
        own = context.scope.occurrences
        if refs and not any(ref.occurrence in own for ref in refs):
            raise AggregateOfOuter(name=name, where=self._text.location(node))

    def _list(self, node: exp.ArrayAgg, context: Context) -> Value:
        return self._list_of(node, context)


def known(value: Value) -> Type:
    """Give the type of a value that has one."""
    if value.type is None:
        raise TypeError("a value without type in a document")
    return value.type


def _arguments(node: exp.Expr) -> list[exp.Expr] | None:
    """Give an operator's arguments in order; None when it is written in a form not known."""
    known_form, arguments = True, [node.this]
    match node:
        case exp.Case():
            arguments = _case_arguments(node)
        case exp.In():
            known_form, arguments = not node.args.get("query"), [node.this, *node.expressions]
        case exp.Between():
            arguments = [node.this, node.args["low"], node.args["high"]]
        case exp.Coalesce():
            arguments = [node.this, *node.expressions]
        case exp.Is():
            known_form = isinstance(node.expression, exp.Null)
        case exp.Nullif() | exp.Binary():
            arguments = [node.this, node.expression]
    return arguments if known_form else None


def _case_arguments(node: exp.Case) -> list[exp.Expr]:
    arguments: list[exp.Expr] = []
    for branch in node.args["ifs"]:
        condition = branch.this
        if node.this is not None:
            condition = exp.EQ(this=node.this.copy(), expression=condition.copy())
        arguments += [condition, branch.args["true"]]
    return [*arguments, node.args.get("default") or exp.Null()]
