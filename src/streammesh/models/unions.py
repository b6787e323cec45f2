"""UNION ALL in FROM of a sub-select: rows of several SELECTs of one shape, as if of one table.

Where such rows are gathered, conditions about them alone are asked in each SELECT as well, so that
each looks up its own rows by a key, and a change of each is followed by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from streammesh.contracts.spelling import spell
from streammesh.contracts.types import Array, Integer, Record
from streammesh.documents.values import TableName
from streammesh.errors.models import DerivedNotPossible, UnnamedField
from streammesh.models.edges import undetermined
from streammesh.models.expressions import Context, Expressions
from streammesh.models.literals import null
from streammesh.models.meanings.call import Unfit
from streammesh.models.meanings.choice import common
from streammesh.models.names import Names
from streammesh.models.numbers import is_column
from streammesh.models.opening import open_scope
from streammesh.models.printed import Printed, Rows, select_text
from streammesh.models.printing import cast_target
from streammesh.models.problems import Consequence
from streammesh.models.scopes import Branch, Condition, Occurrence, Ref, Scope
from streammesh.models.storage import quote
from streammesh.models.tables import Column, Table
from streammesh.models.values import Value

_HIDDEN = "mesh"
"""Begins the names of the columns that make the rows of a union certain."""


@dataclass
class _Read:
    """A SELECT of a union, compiled."""

    branch: Branch
    values: list[Value]
    keys: list[Value]
    keyed: bool


class Unions:
    """Compiles the unions of one model."""

    def __init__(
        self,
        names: Names,
        expressions: Expressions,
        rows: Callable[[Scope], Rows],
    ) -> None:
        """Compile with the names of a model; `rows` gives FROM and WHERE of a scope."""
        self._names = names
        self._expressions = expressions
        self._rows = rows
        self._values: dict[Occurrence, list[list[Value]]] = {}

    def occurrence(
        self, scope: Scope, node: exp.Expr, written: str, selects: Sequence[exp.Select]
    ) -> Occurrence:
        """Give the union as a table.

        Args:
            scope: the SELECT that reads it.
            node: its place.
            written: what it is called there.
            selects: what it is made of, each with as many columns as the first one.

        Raises:
            DerivedNotPossible: when they have no one shape.
        """
        names = self._column_names(selects[0])
        every = [self._read(scope, select, written) for select in selects]
        if any(len(one.values) != len(names) for one in every):
            reason = "its SELECTs have different numbers of columns"
            raise self._not_possible(written, node, reason, "give each the same columns, in order")
        columns: list[list[Value]] = []
        for at, name in enumerate(names):
            columns.append(self._unified(written, name, selects, [one.values[at] for one in every]))
        listed = [_column(name, values) for name, values in zip(names, columns, strict=True)]
        hidden = _keys(every) if all(one.keyed for one in every) else []
        listed += [_column(name, values) for name, values in hidden]
        for one in every:
            self._note_columns(one, names)
        key = tuple(name for name, _ in hidden)
        table = Table(TableName("UNION ALL", written), tuple(listed), key)
        found = Occurrence(
            table,
            written,
            self._names.alias(written),
            node,
            branches=tuple(one.branch for one in every),
        )
        self._values[found] = [*columns, *(values for _, values in hidden)]
        return found

    def _column_names(self, select: exp.Select) -> list[str]:
        names = []
        for node in select.expressions:
            if not node.alias_or_name or isinstance(node.unalias(), exp.Star):
                raise UnnamedField(where=self._names.text.location(node))
            names.append(node.alias_or_name)
        return names

    def _read(self, around: Scope, select: exp.Select, written: str) -> _Read:
        scope = open_scope(self._names, select, around.parent, ("order",))
        if scope.doubtful:
            raise Consequence
        context = Context(scope, exact=True)
        values = [self._expressions.value(one.unalias(), context) for one in select.expressions]
        if any(value.broken for value in values):
            raise Consequence
        for value, node in zip(values, select.expressions, strict=True):
            if isinstance(value.type, Record | Array) or value.printed:
                reason = f"it has a {spell(value.type)}" if value.type else "it has a list"
                fix = "make lists and objects of its columns where they are read"
                raise self._not_possible(written, node, reason, fix)
        keys: list[Value] = []
        keyed = True
        for occurrence in undetermined(self._names, scope, ()):
            keyed = keyed and bool(occurrence.table.primary_key)
            for name in occurrence.table.primary_key:
                column = exp.column(name, table=occurrence.written, quoted=True)
                self._names.bind(column, Ref(occurrence, name))
                keys.append(self._expressions.value(column, context))
        return _Read(Branch(scope), values, keys, keyed)

    def _note_columns(self, one: _Read, names: Sequence[str]) -> None:
        nodes = one.branch.scope.select.expressions
        for name, node, value in zip(names, nodes, one.values, strict=True):
            one.branch.nodes[name] = node.unalias()
            one.branch.refs[name] = value.refs
            if is_column(value):
                one.branch.plain[name] = value.refs[0]

    def _unified(
        self, written: str, name: str, selects: Sequence[exp.Select], values: Sequence[Value]
    ) -> list[Value]:
        try:
            return list(common(values, exact=True))
        except Unfit as unfit:
            types = " and ".join(spell(one.type) if one.type else "NULL" for one in values)
            where = selects[-1]
            reason, fix = f"its column `{name}` has the types {types}", "cast them to one type"
            raise self._not_possible(written, where, reason, fix) from unfit

    def _not_possible(
        self, written: str, node: exp.Expr, reason: str, fix: str
    ) -> DerivedNotPossible:
        where = self._names.text.location(node)
        return DerivedNotPossible(name=written, reason=reason, where=where, fix=fix)

    # --- where it is read

    def printed(self, scope: Scope, occurrence: Occurrence) -> Printed:
        """Give the SQL of a union in FROM, once the conditions of its SELECT are known."""
        self._push(scope, occurrence)
        columns = occurrence.table.columns
        engine, database = [], []
        for at, branch in enumerate(occurrence.branches):
            rows = self._rows(branch.scope)
            values = [one[at] for one in self._values[occurrence]]
            pairs = list(zip(columns, values, strict=True))
            engine.append(_select([(c.name, v.engine) for c, v in pairs], "engine", rows))
            database.append(_select([(c.name, v.database) for c, v in pairs], "database", rows))
        alias = quote(occurrence.alias)
        sides = (f"({' UNION ALL '.join(one)}) AS {alias}" for one in (engine, database))
        return Printed(next(sides), next(sides))

    def _push(self, scope: Scope, occurrence: Occurrence) -> None:
        """Ask conditions about a union's rows alone in each of its SELECTs too."""
        for condition in scope.conditions:
            if condition.owner is None and self._is_about(scope, condition.node, occurrence):
                for branch in occurrence.branches:
                    node = self._within(scope, condition.node, occurrence, branch)
                    branch.scope.asserted.append(node)
                    branch.scope.conditions.append(Condition(node, None))
        for branch in occurrence.branches:
            self._names.exclude_nulls(branch.scope)

    def _is_about(self, scope: Scope, node: exp.Expr, occurrence: Occurrence) -> bool:
        if node.find(exp.Select) is not None:
            return False
        others = {one for one in scope.occurrences if one is not occurrence}
        own = False
        for column in node.find_all(exp.Column):
            table = self._names.resolve(scope, column).occurrence
            if table in others:
                return False
            own = own or table is occurrence
        return own

    def _within(
        self, scope: Scope, node: exp.Expr, occurrence: Occurrence, branch: Branch
    ) -> exp.Expr:
        """Give a condition in terms of one SELECT of a union."""
        holder = exp.Paren(this=node.copy())
        pairs = list(zip(node.find_all(exp.Column), holder.find_all(exp.Column), strict=True))
        for written, copied in pairs:
            ref = self._names.resolve(scope, written)
            if ref.occurrence is not occurrence:
                self._names.bind(copied, ref)
                continue
            copied.replace(exp.Paren(this=branch.nodes[ref.name].copy()))
        found: exp.Expr = holder.this.pop()
        return found


def _select(columns: Sequence[tuple[str, str]], side: str, rows: Rows) -> str:
    listed = ", ".join(f"{sql} AS {quote(name)}" for name, sql in columns)
    return select_text(listed, side, rows, Printed("", ""))[1:-1]


def _keys(every: Sequence[_Read]) -> list[tuple[str, list[Value]]]:
    """Give hidden columns: the number of the SELECT, and the keys of each, NULL in the others."""
    numbers = [Value(Integer(16), str(at), f"{at}::smallint") for at, _ in enumerate(every)]
    found = [(f"{_HIDDEN} select", numbers)]
    for at, one in enumerate(every):
        for place, key in enumerate(one.keys):
            values = [key if other == at else null(key.type) for other, _ in enumerate(every)]
            found.append((f"{_HIDDEN} key {at} {place}", values))
    return found


def _column(name: str, values: Sequence[Value]) -> Column:
    kind = values[0].type
    said = "text" if kind is None else cast_target(kind)
    return Column(name, said, kind, nullable=any(value.nulls for value in values))


def branch_refs(ref: Ref) -> Iterator[Ref]:
    """Give the columns of tables that a column is, or is made of where it is one of a union."""
    if not ref.occurrence.branches:
        yield ref
    for branch in ref.occurrence.branches:
        for inner in branch.refs.get(ref.name, ()):
            yield from branch_refs(inner)
