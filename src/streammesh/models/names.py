"""What a name in a model means where it stands: the tables of each SELECT, and their columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

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
from streammesh.models.positions import ModelText
from streammesh.models.problems import Consequence, Problems
from streammesh.models.refusals import no_table
from streammesh.models.scopes import (
    Derived,
    Meant,
    Named,
    Occurrence,
    Ref,
    Scope,
    Space,
    home_of,
    rejecting_null,
)
from streammesh.models.tables import Table

_ALIAS_LENGTH = 40
"""PostgreSQL cuts names after 63 bytes: the aliases that are printed stay apart."""

_MAX_LISTED = 12

_Named = TypeVar("_Named", Occurrence, Derived)


class Unions(Protocol):
    """What makes a table of a UNION ALL; it needs the expressions, which need the names."""

    def occurrence(
        self, scope: Scope, node: exp.Expr, written: str, selects: Sequence[exp.Select]
    ) -> Occurrence:
        """Give the union as a table."""


class Names:
    """The tables and scopes of one model, gathered while it is compiled."""

    def __init__(
        self,
        text: ModelText,
        source: Source,
        tables: Sequence[Table],
        problems: Problems | None = None,
    ) -> None:
        """Start with no scope.

        Args:
            text: the model.
            source: the source it reads.
            tables: the source's tables.
            problems: those of the other SELECTs of the model.
        """
        self.text = text
        self.source = source
        self.problems = Problems() if problems is None else problems
        self.scopes: list[Scope] = []
        self.read: set[Ref] = set()
        self._tables: Mapping[str, Table] = {str(table.name): table for table in tables}
        self._aliases: set[str] = set()
        self._bound: dict[int, tuple[exp.Column, Ref]] = {}
        self.reported: set[Occurrence] = set()
        self.around: dict[int, tuple[int, Scope | None]] = {}
        self.homes = 0
        self.unions: Unions | None = None
        self.inserted = 0

    def attempt(self, scope: Scope, part: Callable[[], None]) -> bool:
        """Do a part of opening a scope, which is doubtful when that fails; tell whether it went."""
        done = False
        with self.problems.catching():
            part()
            done = True
        scope.doubtful = scope.doubtful or not done
        return done

    def occurrence(self, scope: Scope, node: exp.Expr) -> Occurrence:
        """Give the table that stands in FROM or JOIN.

        Raises:
            ModelError: when it is none.
        """
        written = node.alias_or_name
        if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier | exp.Dot):
            raise no_table(self.text, node)
        self._check_table_node(node)
        table = find_table(self.text, node, self.source, self._tables)
        return self.named(scope, Occurrence(table, written, self.alias(written), node))

    def named(self, scope: Scope, found: _Named) -> _Named:
        """Put a table or derived table among the names of the SELECT in which it is written.

        Raises:
            AliasTwice: when another one is called like it.
        """
        space, written = scope.space(home_of(found.node)), found.written.lower()
        if any(one.written.lower() == written for one in space.named):
            node = found.node
            where, fix = self.text.location(node), f"give each its own name: {node.name} AS other"
            raise AliasTwice(alias=found.written, where=where, fix=fix)
        space.named.append(found)
        return found

    def _check_table_node(self, node: exp.Table) -> None:
        extras = {name for name, value in node.args.items() if value}
        extras -= {"this", "db", "catalog", "alias"}
        alias = node.args.get("alias")
        if extras or (alias is not None and alias.args.get("columns")):
            said = self.text.source(node)
            raise NotATable(said=said, where=self.text.location(node))

    def alias(self, written: str) -> str:
        """Give what the printed SQL calls a table: a name that no other one has."""
        short = written.encode()[:_ALIAS_LENGTH].decode(errors="ignore")
        alias, number = short, 1
        while alias.lower() in self._aliases:
            number += 1
            alias = f"{short}_{number}"
        self._aliases.add(alias.lower())
        return alias

    def exclude_nulls(self, scope: Scope) -> None:
        """Note which columns, and so which joined rows, the conditions keep from being NULL."""
        for condition in scope.conditions:
            if condition.owner is None:
                for column in rejecting_null(condition.node):
                    self.attempt(scope, lambda column=column: self._not_null(scope, column))  # type: ignore[misc]

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
        ref = self.meant(scope, node)
        if not isinstance(ref, Ref):
            raise Consequence  # it stands for an expression that has an error
        if ref.column.type is None:
            where, table = self.text.location(node), ref.occurrence.table.name
            said = ref.column.database_type
            raise UnreadableColumn(table=table, name=ref.name, said=said, where=where)
        self.read.add(ref)
        return ref

    def read_within(self, node: exp.Expr) -> Iterator[Ref]:
        """Give the columns that the conditions of the SELECTs within an expression read."""
        selects = {id(one) for one in node.find_all(exp.Select)}
        for scope in self.scopes if selects else ():
            if id(scope.select) in selects:
                for condition in scope.conditions:
                    for column in condition.node.find_all(exp.Column):
                        if column.find_ancestor(exp.Select) is scope.select:
                            yield self.resolve(scope, column)

    def meant(self, scope: Scope, node: exp.Column) -> Meant:
        """Give what a name means: a column, or the expression that a derived table gives it.

        Raises:
            ModelError: when there is none, or several.
            Consequence: when its table is not known.
        """
        bound = self._bound.get(id(node))
        if bound is not None and bound[0] is node:
            return bound[1]
        if node.args.get("db"):
            said = self.text.source(node)
            fix = f"write {node.table}.{node.name}"
            raise UnknownAlias(alias=said, where=self.text.location(node), fix=fix)
        return self._qualified(scope, node) if node.table else self._unqualified(scope, node)

    def _spaces(self, scope: Scope, node: exp.Expr) -> Iterator[Space]:
        """Give the spaces in which a name is looked for, from the inside."""
        home: int | None = home_of(node)
        start: Scope | None = scope
        while start is not None and home is not None:
            yield from (one.spaces[home] for one in start.chain() if home in one.spaces)
            home, start = self.around.get(home, (None, None))

    def _qualified(self, scope: Scope, node: exp.Column) -> Meant:
        wanted = node.table.lower()
        for space in self._spaces(scope, node):
            for one in space.named:
                if one.written.lower() == wanted:
                    meant = self.column_in(one, node.name)
                    if meant is None and wanted in space.unknown:
                        raise Consequence
                    if meant is None:
                        raise self._unknown(one, node)
                    return meant
            if wanted in space.unknown:
                raise Consequence
        raise self._unknown_alias(scope, node)

    def column_in(self, named: Named, name: str) -> Meant | None:
        """Give what a column of a table or derived table is; None when it has none of that name.

        Raises:
            Consequence: when an error is known about it.
        """
        if isinstance(named, Occurrence):
            column = column_named(named.table, name)
            return None if column is None else Ref(named, column)
        found = name_among(named.columns, name)
        if found is None:
            return None
        expression = named.columns[found]
        if expression is None:
            raise Consequence
        return expression

    def _unknown_alias(self, scope: Scope, node: exp.Column) -> UnknownAlias:
        here = [one for space in self._spaces(scope, node) for one in space.named]
        known = [one.written for one in here]
        fix = f"tables here: {', '.join(known)}"
        hidden = [one for one in here if _other_name(one) == node.table.lower()]
        near = hidden[0].written if len(hidden) == 1 else nearest(node.table, known)
        if near:
            fix = f"write {near}.{node.name}"
        elif _opened_elsewhere(self.scopes, node.table):
            fix = f"it is another SELECT's; {fix}"
        return UnknownAlias(alias=node.table, where=self.text.location(node), fix=fix)

    def _unqualified(self, scope: Scope, node: exp.Column) -> Meant:
        for space in self._spaces(scope, node):
            merged = space.merged.get(node.name.lower())
            named = space.named if merged is None else [merged]
            every = [(one, self.column_in(one, node.name)) for one in named]
            found = [(one, meant) for one, meant in every if meant is not None]
            if len(found) > 1:
                raise self._ambiguous([one for one, _ in found], node)
            if found:
                return found[0][1]
            if space.unknown:
                raise Consequence
        raise self._nowhere(scope, node)

    def _ambiguous(self, found: Sequence[Named], node: exp.Column) -> AmbiguousColumn:
        written = [one.written for one in found]
        fix = "write " + " or ".join(f"{alias}.{node.name}" for alias in written)
        where = self.text.location(node)
        return AmbiguousColumn(name=node.name, tables=", ".join(written), where=where, fix=fix)

    def _nowhere(self, scope: Scope, node: exp.Column) -> MeshError:
        every = [one for space in self._spaces(scope, node) for one in space.named]
        if not every:
            raise Consequence
        owners: dict[str, Named] = {}
        for one in every:
            for name in _columns_of(one):
                owners.setdefault(name, one)
        near = nearest(node.name, owners)
        return self._unknown(owners[near] if near else every[0], node)

    def _unknown(self, named: Named, node: exp.Column) -> ExcludedColumn | UnknownColumn:
        where = self.text.location(node)
        table = named.table.name if isinstance(named, Occurrence) else named.written
        if f"{table}.{node.name}" in self.source.exclude:
            fix = f"leave it out, or take it from `exclude` in {self.source.where.file}"
            return ExcludedColumn(table=table, name=node.name, where=where, fix=fix)
        columns = _columns_of(named)
        near = nearest(node.name, columns)
        more = ", …" if len(columns) > _MAX_LISTED else ""
        listed = ", ".join(columns[:_MAX_LISTED]) + more
        fix = f"write {near}" if near else f"its columns: {listed}"
        if node.args["this"].args.get("quoted") and not near and not node.table:
            fix = f"if it is a text, write it in single quotes: '{node.name}'; {fix}"
        return UnknownColumn(table=table, name=node.name, where=where, fix=fix)


def _columns_of(named: Named) -> list[str]:
    if isinstance(named, Occurrence):
        return [column.name for column in named.table.columns]
    return list(named.columns)


def _other_name(named: Named) -> str:
    """Give the name of a table that has an alias."""
    if isinstance(named, Occurrence):
        return named.table.name.name.lower()
    return str(named.node.name).lower()


def _opened_elsewhere(scopes: Sequence[Scope], written: str) -> bool:
    every = (one for scope in scopes for one in scope.occurrences)
    return any(one.written.lower() == written.lower() for one in every)


def column_named(table: Table, name: str) -> str | None:
    """Find a column by its name, else by its name in other letters' case."""
    return name_among([one.name for one in table.columns], name)


def name_among(names: Collection[str], name: str) -> str | None:
    """Find a name, else the one name that is it in other letters' case."""
    if name in names:
        return name
    found = [one for one in names if one.lower() == name.lower()]
    return found[0] if len(found) == 1 else None
