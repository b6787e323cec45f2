"""What a name in a model means where it stands: the tables of each SELECT, and their columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from sqlglot import exp

from streammesh.documents.values import Source
from streammesh.errors import MeshError
from streammesh.errors.models import (
    AliasTwice,
    AmbiguousColumn,
    ExcludedColumn,
    NotATable,
    UnknownAlias,
    UnknownColumn,
    UnreadableColumn,
)
from streammesh.models.catalog import find_table, nearest
from streammesh.models.joins import check_join, is_left, using
from streammesh.models.parsing import refused_clauses
from streammesh.models.positions import ModelText
from streammesh.models.problems import Consequence, Problems
from streammesh.models.refusals import no_table
from streammesh.models.scopes import (
    Condition,
    Occurrence,
    Ref,
    Scope,
    conjuncts,
    rejecting_null,
)
from streammesh.models.tables import Table

_ALIAS_LENGTH = 40
"""PostgreSQL cuts names after 63 bytes: the aliases that are printed stay apart."""

_MAX_LISTED = 12


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
        self.problems = Problems()
        self.scopes: list[Scope] = []
        self.read: set[Ref] = set()
        self._tables: Mapping[str, Table] = {str(table.name): table for table in tables}
        self._aliases: set[str] = set()
        self._bound: dict[int, tuple[exp.Column, Ref]] = {}
        self.reported: set[Occurrence] = set()

    def open(
        self, select: exp.Select, parent: Scope | None, allowed: Collection[str] = ()
    ) -> Scope:
        """Give the scope of a SELECT: its tables and its conditions.

        What is wrong with them is noted in `problems`; the scope is then doubtful.

        Args:
            select: the SELECT.
            parent: the scope around it; None for the model itself.
            allowed: clauses that it may have beside FROM, JOIN and WHERE.
        """
        scope = Scope(select, parent, doubtful=parent is not None and parent.doubtful)
        self.scopes.append(scope)
        for error in refused_clauses(self.text, select, allowed):
            self.problems.note(error)
            scope.doubtful = True
        self._try(scope, lambda: self._from(scope))
        for join in select.args.get("joins") or ():
            self._try(scope, lambda join=join: self._join(scope, join))  # type: ignore[misc]
        where = select.args.get("where")
        self._conditions(scope, where.this if where else None, None)
        self.exclude_nulls(scope)
        return scope

    def _try(self, scope: Scope, part: Callable[[], None]) -> None:
        done = False
        with self.problems.catching():
            part()
            done = True
        scope.doubtful = scope.doubtful or not done

    def _from(self, scope: Scope) -> None:
        origin = scope.select.args.get("from_")
        if origin is None:
            where = self.text.location(scope.select)
            raise NotATable(said="nothing", where=where, fix="write FROM <source>.<table>")
        self._occurrence(scope, origin.this)

    def _occurrence(self, scope: Scope, node: exp.Expr) -> Occurrence:
        written = node.alias_or_name
        try:
            return self._known_occurrence(scope, node, written)
        except MeshError:
            scope.unknown.add(written.lower())
            raise

    def _known_occurrence(self, scope: Scope, node: exp.Expr, written: str) -> Occurrence:
        if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
            raise no_table(self.text, node)
        self._check_table_node(node)
        table = find_table(self.text, node, self.source, self._tables)
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
        short = written.encode()[:_ALIAS_LENGTH].decode(errors="ignore")
        alias, number = short, 1
        while alias.lower() in self._aliases:
            number += 1
            alias = f"{short}_{number}"
        self._aliases.add(alias.lower())
        return alias

    def _join(self, scope: Scope, join: exp.Join) -> None:
        try:
            check_join(self.text, join)
        except MeshError:
            scope.unknown.add(join.this.alias_or_name.lower())
            raise
        before = tuple(scope.occurrences)
        occurrence = self._occurrence(scope, join.this)
        occurrence.optional = is_left(join)
        if join.args.get("using"):
            join.set("on", using(self, scope, join, before, occurrence))
        owner = occurrence if occurrence.optional else None
        self._conditions(scope, join.args.get("on"), owner)

    def _conditions(self, scope: Scope, node: exp.Expr | None, owner: Occurrence | None) -> None:
        scope.conditions += [Condition(one, owner) for one in conjuncts(node)]

    def exclude_nulls(self, scope: Scope) -> None:
        """Note which columns, and so which joined rows, the conditions keep from being NULL."""
        for condition in scope.conditions:
            if condition.owner is None:
                for column in rejecting_null(condition.node):
                    self._try(scope, lambda column=column: self._not_null(scope, column))  # type: ignore[misc]

    def _not_null(self, scope: Scope, column: exp.Column) -> None:
        ref = self.resolve(scope, column)
        scope.not_null.add(ref)
        if ref.occurrence in scope.occurrences:
            ref.occurrence.optional = False

    def bind(self, node: exp.Column, ref: Ref) -> None:
        """Fix what a column means, wherever its node is put."""
        self._bound[id(node)] = (node, ref)

    def resolve(self, scope: Scope, node: exp.Column) -> Ref:
        """Give the column that a name means, looked for from the inside to the outside.

        Raises:
            ModelError: when there is none, several, or one that models can't read.
            Consequence: when its table is not known.
        """
        bound = self._bound.get(id(node))
        if bound is not None and bound[0] is node:
            self.read.add(bound[1])
            return bound[1]
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
        wanted = node.table.lower()
        for one in scope.chain():
            for occurrence in one.occurrences:
                if occurrence.written.lower() == wanted:
                    name = column_named(occurrence.table, node.name)
                    if name is None and wanted in one.unknown:
                        raise Consequence
                    if name is None:
                        raise self._unknown(occurrence.table, node)
                    return Ref(occurrence, name)
            if wanted in one.unknown:
                raise Consequence
        raise self._unknown_alias(scope, node)

    def _unknown_alias(self, scope: Scope, node: exp.Column) -> UnknownAlias:
        here = [occurrence for one in scope.chain() for occurrence in one.occurrences]
        known = [occurrence.written for occurrence in here]
        fix = f"tables here: {', '.join(known)}"
        hidden = [one for one in here if one.table.name.name.lower() == node.table.lower()]
        near = hidden[0].written if len(hidden) == 1 else nearest(node.table, known)
        if near:
            fix = f"write {near}.{node.name}"
        elif _opened_elsewhere(self.scopes, node.table):
            fix = f"it is another SELECT's; {fix}"
        return UnknownAlias(alias=node.table, where=self.text.location(node), fix=fix)

    def _unqualified(self, scope: Scope, node: exp.Column) -> Ref:
        for one in scope.chain():
            merged = one.merged.get(node.name.lower())
            found = [merged] if merged else list(_holding(one, node.name))
            if len(found) > 1:
                raise self._ambiguous(found, node)
            if found:
                return found[0]
            if one.unknown:
                raise Consequence
        raise self._nowhere(scope, node)

    def _ambiguous(self, found: Sequence[Ref], node: exp.Column) -> AmbiguousColumn:
        written = [ref.occurrence.written for ref in found]
        fix = "write " + " or ".join(f"{alias}.{node.name}" for alias in written)
        where = self.text.location(node)
        return AmbiguousColumn(name=node.name, tables=", ".join(written), where=where, fix=fix)

    def _nowhere(self, scope: Scope, node: exp.Column) -> MeshError:
        occurrences = [each for one in scope.chain() for each in one.occurrences]
        if not occurrences:
            raise Consequence
        owners: dict[str, Occurrence] = {}
        for occurrence in occurrences:
            for column in occurrence.table.columns:
                owners.setdefault(column.name, occurrence)
        near = nearest(node.name, owners)
        return self._unknown(owners[near].table if near else occurrences[0].table, node)

    def _unknown(self, table: Table, node: exp.Column) -> ExcludedColumn | UnknownColumn:
        where = self.text.location(node)
        if f"{table.name}.{node.name}" in self.source.exclude:
            fix = f"leave it out, or take it from `exclude` in {self.source.where.file}"
            return ExcludedColumn(table=table.name, name=node.name, where=where, fix=fix)
        columns = [column.name for column in table.columns]
        near = nearest(node.name, columns)
        more = ", …" if len(columns) > _MAX_LISTED else ""
        listed = ", ".join(columns[:_MAX_LISTED]) + more
        fix = f"write {near}" if near else f"its columns: {listed}"
        if node.args["this"].args.get("quoted") and not near and not node.table:
            fix = f"if it is a text, write it in single quotes: '{node.name}'; {fix}"
        return UnknownColumn(table=table.name, name=node.name, where=where, fix=fix)


def _holding(scope: Scope, name: str) -> Iterator[Ref]:
    for occurrence in scope.occurrences:
        if (found := column_named(occurrence.table, name)) is not None:
            yield Ref(occurrence, found)


def _opened_elsewhere(scopes: Sequence[Scope], written: str) -> bool:
    every = (one for scope in scopes for one in scope.occurrences)
    return any(one.written.lower() == written.lower() for one in every)


def column_named(table: Table, name: str) -> str | None:
    """Find a column by its name, else by its name in other letters' case."""
    if table.column(name) is not None:
        return name
    found = [one.name for one in table.columns if one.name.lower() == name.lower()]
    return found[0] if len(found) == 1 else None
