"""What a name in a model means where it stands: the tables of each SELECT, and their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from streammesh.documents.values import Source
from streammesh.errors.models import (
    AliasTwice,
    AmbiguousColumn,
    ExcludedColumn,
    NotATable,
    UnknownAlias,
    UnknownColumn,
    UnreadableColumn,
    UnsupportedJoin,
)
from streammesh.models.catalog import find_table, nearest
from streammesh.models.parsing import refuse_clauses
from streammesh.models.positions import ModelText
from streammesh.models.scopes import (
    Condition,
    Occurrence,
    Ref,
    Scope,
    conjuncts,
    rejecting_null,
)
from streammesh.models.tables import Table


class Names:
    """The tables and scopes of one model, gathered while it is compiled."""

    def __init__(self, text: ModelText, source: Source, tables: Sequence[Table]) -> None:
        """Start with no scope.

        Args:
            text: the model.
            source: the source it reads.
            tables: the source's tables.
        """
        self.text = text
        self.source = source
        self.scopes: list[Scope] = []
        self.read: set[Ref] = set()
        self._tables: Mapping[str, Table] = {str(table.name): table for table in tables}
        self._aliases: set[str] = set()

    def open(self, select: exp.Select, parent: Scope | None) -> Scope:
        """Give the scope of a SELECT: its tables and its conditions.

        Raises:
            ModelError: when a table or join of it can't be.
        """
        refuse_clauses(self.text, select)
        scope = Scope(select, parent)
        self.scopes.append(scope)
        origin = select.args.get("from_")
        if origin is None:
            raise NotATable(said="nothing", where=self.text.location(select))
        self._occurrence(scope, origin.this)
        for join in select.args.get("joins") or ():
            self._join(scope, join)
        where = select.args.get("where")
        self._conditions(scope, where.this if where else None, None)
        self._exclude_nulls(scope)
        return scope

    def _occurrence(self, scope: Scope, node: exp.Expr) -> Occurrence:
        if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
            fix = "join tables; what gathers rows stands in a sub-select among the fields"
            raise NotATable(said=self.text.source(node), where=self.text.location(node), fix=fix)
        self._check_table_node(node)
        table = find_table(self.text, node, self.source, self._tables)
        written = node.alias or node.name
        if any(one.written.lower() == written.lower() for one in scope.occurrences):
            where, fix = self.text.location(node), f"give each its own name: {node.name} AS other"
            raise AliasTwice(alias=written, where=where, fix=fix)
        found = Occurrence(table, written, self._alias(written), node)
        scope.occurrences.append(found)
        return found

    def _check_table_node(self, node: exp.Table) -> None:
        extras = {name for name, value in node.args.items() if value}
        extras -= {"this", "db", "catalog", "alias"}
        alias = node.args.get("alias")
        if extras or (alias is not None and alias.args.get("columns")):
            said = self.text.source(node)
            raise NotATable(said=said, where=self.text.location(node))

    def _alias(self, written: str) -> str:
        alias, number = written, 1
        while alias.lower() in self._aliases:
            number += 1
            alias = f"{written}_{number}"
        self._aliases.add(alias.lower())
        return alias

    def _join(self, scope: Scope, join: exp.Join) -> None:
        kind = " ".join(
            str(join.args.get(part) or "") for part in ("method", "side", "kind")
        ).split()
        on = join.args.get("on")
        left = kind[:1] == ["LEFT"]
        if kind not in ([], ["INNER"], ["CROSS"], ["LEFT"], ["LEFT", "OUTER"]):
            raise UnsupportedJoin(said=" ".join(kind), where=self.text.location(join))
        if join.args.get("using") or (left and on is None):
            said = "JOIN … USING" if join.args.get("using") else "LEFT JOIN without ON"
            raise UnsupportedJoin(said=said, where=self.text.location(join))
        occurrence = self._occurrence(scope, join.this)
        occurrence.optional = left
        self._conditions(scope, on, occurrence if left else None)

    def _conditions(self, scope: Scope, node: exp.Expr | None, owner: Occurrence | None) -> None:
        scope.conditions += [Condition(one, owner) for one in conjuncts(node)]

    def _exclude_nulls(self, scope: Scope) -> None:
        """Note which columns, and so which joined rows, the conditions keep from being NULL."""
        for condition in scope.conditions:
            if condition.owner is None:
                for column in rejecting_null(condition.node):
                    ref = self.resolve(scope, column)
                    scope.not_null.add(ref)
                    if ref.occurrence in scope.occurrences:
                        ref.occurrence.optional = False

    def resolve(self, scope: Scope, node: exp.Column) -> Ref:
        """Give the column that a name means, looked for from the inside to the outside.

        Raises:
            ModelError: when there is none, several, or one that models can't read.
        """
        alias, name = node.table, node.name
        if node.args.get("db"):
            said = self.text.source(node)
            fix = f"write {alias}.{name}"
            raise UnknownAlias(alias=said, where=self.text.location(node), fix=fix)
        ref = self._qualified(scope, node) if alias else self._unqualified(scope, node)
        if ref.column.type is None:
            where, table = self.text.location(node), ref.occurrence.table.name
            said = ref.column.database_type
            raise UnreadableColumn(table=table, name=ref.name, said=said, where=where)
        self.read.add(ref)
        return ref

    def _qualified(self, scope: Scope, node: exp.Column) -> Ref:
        for one in scope.chain():
            for occurrence in one.occurrences:
                if occurrence.written.lower() == node.table.lower():
                    name = _column(occurrence.table, node.name)
                    if name is None:
                        raise self._unknown(occurrence.table, node)
                    return Ref(occurrence, name)
        known = [occurrence.written for one in scope.chain() for occurrence in one.occurrences]
        near = nearest(node.table, known)
        fix = f"write {near}.{node.name}" if near else f"tables here: {', '.join(known)}"
        raise UnknownAlias(alias=node.table, where=self.text.location(node), fix=fix)

    def _unqualified(self, scope: Scope, node: exp.Column) -> Ref:
        for one in scope.chain():
            found = [
                Ref(occurrence, name)
                for occurrence in one.occurrences
                if (name := _column(occurrence.table, node.name)) is not None
            ]
            if len(found) > 1:
                written = [ref.occurrence.written for ref in found]
                fix = "write " + " or ".join(f"{alias}.{node.name}" for alias in written)
                where = self.text.location(node)
                tables = ", ".join(written)
                raise AmbiguousColumn(name=node.name, tables=tables, where=where, fix=fix)
            if found:
                return found[0]
        raise self._unknown(scope.occurrences[0].table, node)

    def _unknown(self, table: Table, node: exp.Column) -> ExcludedColumn | UnknownColumn:
        where = self.text.location(node)
        if f"{table.name}.{node.name}" in self.source.exclude:
            fix = f"leave it out, or take it from `exclude` in {self.source.where.file}"
            return ExcludedColumn(table=table.name, name=node.name, where=where, fix=fix)
        columns = [column.name for column in table.columns]
        near = nearest(node.name, columns)
        fix = f"write {near}" if near else f"its columns: {', '.join(columns)}"
        return UnknownColumn(table=table.name, name=node.name, where=where, fix=fix)


def _column(table: Table, name: str) -> str | None:
    """Find a column by its name, else by its name in other letters' case."""
    if table.column(name) is not None:
        return name
    found = [one.name for one in table.columns if one.name.lower() == name.lower()]
    return found[0] if len(found) == 1 else None
