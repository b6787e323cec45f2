"""The compiler: from a port's SQL model, its contract and the source's tables to a plan.

    text ─ parsing ─► tree ─ flattening, names ─► scopes ─ selects ─► values ─► CompiledModel
                                                    └─ edges ─► uniqueness, paths to the root

It reads no file and asks no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from streammesh.contracts.contract import Contract
from streammesh.contracts.types import Record
from streammesh.documents.values import ModelFile, Port, Source, TableName
from streammesh.errors import Location, MeshError
from streammesh.errors.models import (
    EdgeNotComparable,
    ModelTooLarge,
    TableNotReachable,
    UnnamedField,
)
from streammesh.models import united
from streammesh.models.agreement import check
from streammesh.models.catalog import source_of
from streammesh.models.compiled import Branch, CompiledModel, KeyColumn, Path
from streammesh.models.edges import Link, Mismatch, TooManyWorlds, links, never_joined, path, worlds
from streammesh.models.expressions import Context
from streammesh.models.keys import check_alike, key_columns, united_key
from streammesh.models.lineage import columns_read, lineage
from streammesh.models.names import Names
from streammesh.models.opening import open_scope
from streammesh.models.parsing import check_count, parse_model, selects_of
from streammesh.models.prepared import unprepared
from streammesh.models.printed import Rows
from streammesh.models.problems import Problems
from streammesh.models.queries import Part, evaluate_query, preview_query
from streammesh.models.refusals import refusal
from streammesh.models.scopes import Occurrence, Ref, Scope
from streammesh.models.selects import Selects
from streammesh.models.spreading import Spreading
from streammesh.models.tables import Table
from streammesh.models.values import Value

Tables = Mapping[str, Mapping[TableName, Table]]
"""The captured tables of sources, by the source's name and their own."""


def source_read(model: ModelFile, sources: Sequence[Source]) -> Source:
    """Give the source that a model reads, so that its tables can be looked up.

    Args:
        model: the model as written.
        sources: the domain's sources.

    Raises:
        ModelError: when the model is no SQL, or names an unknown source, or two.
    """
    text, tree = parse_model(model)
    return source_of(text, tree, sources)


@dataclass(frozen=True)
class _Understood:
    """A SELECT that makes sense by itself.

    Attributes:
        names: its names.
        scope: the SELECT.
        document: what it gives.
        rows: its FROM and WHERE.
        alone: its fields before they became those of all SELECTs; none where there is one only.
    """

    names: Names
    scope: Scope
    document: Value
    rows: Rows
    alone: tuple[Value, ...] = ()

    @property
    def root(self) -> Occurrence:
        return self.scope.occurrences[0]

    @property
    def doubtful(self) -> bool:
        return any(scope.doubtful for scope in self.names.scopes)

    @property
    def keyed(self) -> Value:
        """The document with its fields as keys have them: columns unchanged."""
        pairs = zip(self.document.parts, self.alone, strict=True)
        parts = [(name, own if own.refs else value) for (name, value), own in pairs]
        return replace(self.document, parts=tuple(parts))


def compile_model(
    port: Port,
    contract: Contract,
    sources: Sequence[Source],
    tables: Tables,
) -> CompiledModel:
    """Compile a port's model.

    Args:
        port: the port.
        contract: its contract, read.
        sources: the domain's sources.
        tables: for each source's name, its captured tables by their names (of the model's source
            at least).

    Returns:
        The compiled model, which gives what the contract promises.

    Raises:
        ModelError: when one thing is wrong.
        MeshErrors: with all that is wrong, in the order of the text.
    """
    every = _understand(port.model, sources, tables)
    names, problems = every[0].names, every[0].names.problems
    branches = [_branch(one, port, contract, every) for one in every]
    if len(every) > 1 and not problems:
        with problems.catching():
            check_alike(names.text, branches[0].key, [one.keyed for one in every])
    problems.finish()
    parts = [
        Part(one.root, branch.key, one.document, one.rows)
        for one, branch in zip(every, branches, strict=True)
    ]
    evaluate = evaluate_query(parts)
    _check_prepared([one.names for one in every], evaluate, len(branches[0].key))
    return CompiledModel(
        domain=port.domain,
        source=names.source.name,
        root=branches[0].root,
        key=branches[0].key,
        columns=columns_read(*(one.names for one in every)),
        paths=branches[0].paths,
        evaluate=evaluate,
        preview=preview_query(parts),
        fields=united.fields([one.document for one in every]),
        lineage=united.lineages([lineage(one.document) for one in every]),
        others=tuple(branches[1:]),
    )


def _branch(
    one: _Understood, port: Port, contract: Contract, every: Sequence[_Understood]
) -> Branch:
    """Hold a SELECT against the contract, and follow changes to its root; note what is wrong."""
    names, problems = one.names, one.names.problems
    key: tuple[KeyColumn, ...] = ()
    paths: tuple[Path, ...] = ()
    with problems.catching():
        if len(every) > 1:
            key = united_key(names.text, one.root, one.keyed, contract)
        else:
            key = key_columns(names.text, one.root, one.document, contract)
    with problems.catching():
        # all have the fields of the first, but what may be NULL is a matter of each
        check(names.text, port, contract, one.document, nulls_only=one is not every[0])
    if not one.doubtful:
        _note_key(names, one.scope, key)
        paths = _paths(names, one.scope)
    return Branch(one.root.table.name, key, paths)


def fields_given(model: ModelFile, sources: Sequence[Source], tables: Tables) -> Record:
    """Give the document that a model gives, before there is a contract.

    Args:
        model: the model as written.
        sources: the domain's sources.
        tables: for each source's name, its captured tables.

    Raises:
        ModelError: when one thing is wrong.
        MeshErrors: with all that is wrong, in the order of the text.
    """
    every = _understand(model, sources, tables)
    for one in every:
        if not one.doubtful:
            _paths(one.names, one.scope)
    every[0].names.problems.finish()
    return united.fields([one.document for one in every])


def _understand(
    model: ModelFile, sources: Sequence[Source], tables: Tables
) -> tuple[_Understood, ...]:
    """Compile each SELECT of a model."""
    text, tree = parse_model(model)
    source = source_of(text, tree, sources)
    found = tuple(tables.get(source.name, {}).values())
    spreading = Spreading(text, lambda select: _columns(Names(text, source, found), select))
    selects = [each for one in selects_of(tree) for each in spreading.spread(one)]
    check_count(text, len(selects))
    if len(selects) == 1:
        return (_one(_opened(Names(text, source, found), selects[0])),)
    problems = Problems()
    opened = [_opened(Names(text, source, found, problems), one) for one in selects]
    return _united(opened, problems)


def _columns(names: Names, select: exp.Select) -> list[Value]:
    """Give the values of a SELECT in FROM, before it becomes a part of another; none if wrong."""
    scope = open_scope(names, select.copy(), None, ("order",))
    compute, context = Selects(names).expressions.value, Context(scope)
    if scope.doubtful:
        return []
    return [compute(one.unalias(), context) for one in scope.select.expressions]


@dataclass(frozen=True)
class _Opened:
    """A SELECT whose FROM and WHERE are compiled, and what compiles its fields."""

    names: Names
    scope: Scope
    rows: Rows
    selects: Selects


def _opened(names: Names, select: exp.Select) -> _Opened:
    scope = open_scope(names, select, None)
    if not scope.occurrences:
        names.problems.finish()
    selects = Selects(names)
    rows = selects.rows(scope)
    if not scope.doubtful:
        selects.check_unique(scope, scope.occurrences[:1])
    return _Opened(names, scope, rows, selects)


def _one(one: _Opened) -> _Understood:
    select = one.scope.select
    named = _named(one.names, select)
    document = one.selects.expressions.record(select, named, Context(one.scope))
    return _Understood(one.names, one.scope, document, one.rows)


def _united(every: Sequence[_Opened], problems: Problems) -> tuple[_Understood, ...]:
    """Compile the fields of several SELECTs, which are those of the first.

    Raises:
        ModelError: when they have not as many each.
    """
    text = every[0].names.text
    named = [_named(every[0].names, every[0].scope.select)]
    named += [_by_place(one.names, one.scope.select) for one in every[1:]]
    whole = len(named[0]) == len(every[0].scope.select.expressions)
    if not whole or not united.same_width(text, problems, named):
        problems.finish()
    alone = []
    for one, fields in zip(every, named, strict=True):
        compute, context = one.selects.expressions.value, Context(one.scope)
        alone.append(tuple(replace(compute(node, context), node=node) for _, node in fields))
    names = [name for name, _ in named[0]]
    documents = united.documents(text, problems, [one.scope.select for one in every], names, alone)
    return tuple(
        _Understood(one.names, one.scope, document, one.rows, its)
        for one, document, its in zip(every, documents, alone, strict=True)
    )


def _by_place(names: Names, select: exp.Select) -> list[tuple[str, exp.Expr]]:
    """Give the fields of a SELECT whose names don't matter; `*` is noted."""
    for node in select.expressions:
        with names.problems.catching():
            if isinstance(node, exp.Star):
                raise refusal(names.text, node)
            if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
                raise refusal(names.text, exp.Star())
    return [("", node.unalias()) for node in select.expressions]


def _named(names: Names, tree: exp.Select) -> list[tuple[str, exp.Expr]]:
    """Give the fields by their names; what has none is noted."""
    text, named = names.text, []
    for node in tree.expressions:
        with names.problems.catching():
            if isinstance(node, exp.Star) or isinstance(node.this, exp.Star):
                raise refusal(text, exp.Star() if isinstance(node, exp.Column) else node)
            if not node.alias_or_name:
                raise UnnamedField(where=text.location(node))
            named.append((node.alias_or_name, node.unalias()))
    return named


def _check_prepared(names: Sequence[Names], evaluate: str, key_width: int) -> None:
    scopes = [scope for one in names for scope in one.scopes]
    every = (one.table for scope in scopes for one in scope.occurrences if not one.branches)
    tables = {table.name: table for table in every}
    problem = unprepared(evaluate, tables.values(), key_width)
    if problem is not None:
        raise ModelTooLarge(problem=problem, where=Location(names[0].text.file.path))


def _note_key(names: Names, scope: Scope, key: Sequence[KeyColumn]) -> None:
    root = scope.occurrences[0]
    names.read |= {Ref(root, part.column) for part in key if part.column}


def _paths(names: Names, scope: Scope) -> tuple[Path, ...]:
    """Give the path of every table in the model, each once, the root's own first.

    A table whose changes can't be followed to the root is noted.
    """
    steps, mismatches = links(names)
    root = scope.occurrences[0]
    every = [each for one in names.scopes for each in one.occurrences if not each.branches]
    found = [Path(root.table.name, ())]
    lost: dict[Occurrence, None] = {}
    apart = never_joined(names)
    for left_out in _worlds(names, root):
        known = [one for one in steps if not {one.start.occurrence, one.end.occurrence} & left_out]
        for one in every:
            if one is root or one in names.reported or one in left_out:
                continue
            way = path(one, root, known)
            if way is not None:
                found.append(way)
            elif not _is_apart(one, apart, left_out, known):
                lost[one] = None
    for one in lost:
        names.problems.note(_unreachable(names, root, one, mismatches))
    return tuple(dict.fromkeys(found))


def _is_apart(
    one: Occurrence,
    apart: Mapping[Occurrence, Sequence[frozenset[Occurrence]]],
    left_out: frozenset[Occurrence],
    steps: Sequence[Link],
) -> bool:
    """Tell whether a table is joined with no row of the SELECTs of unions that are looked at."""
    return any(
        any(not part & left_out for part in parts)
        and (one is there or path(one, there, steps) is not None)
        for there, parts in apart.items()
    )


def _worlds(names: Names, root: Occurrence) -> list[frozenset[Occurrence]]:
    try:
        return worlds(names)
    except TooManyWorlds:
        where, problem = names.text.location(root.node), "it combines too many UNION ALLs"
        names.problems.note(ModelTooLarge(problem=problem, where=where))
        return []


def _unalike(bad: Mismatch) -> tuple[str, str]:
    for column in (bad.left.column, bad.right.column):
        if column.folds:
            reason = (
                f"in {column.name} the database takes different texts for the same"
                f" ({column.database_type}, or its collation)"
            )
            return reason, "join by another key, such as a number"
    types = (bad.left.column.database_type, bad.right.column.database_type)
    return f"their types are {types[0]} and {types[1]}", "give both columns one type"


def _unreachable(
    names: Names, root: Occurrence, one: Occurrence, mismatches: Sequence[Mismatch]
) -> MeshError:
    for bad in mismatches:
        if one in (bad.left.occurrence, bad.right.occurrence):
            reason, fix = _unalike(bad)
            return EdgeNotComparable(
                left=f"{bad.left.occurrence.written}.{bad.left.name}",
                right=f"{bad.right.occurrence.written}.{bad.right.name}",
                reason=reason,
                where=names.text.location(bad.node),
                fix=fix,
            )
    fix = f"join it by columns: {one.written}.… = {root.written}.…"
    where = names.text.location(one.node)
    return TableNotReachable(table=one.table.name, where=where, fix=fix)
