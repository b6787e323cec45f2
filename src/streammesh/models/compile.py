"""The compiler: from a port's SQL model, its contract and the source's tables to a plan.

    text ─ parsing ─► tree ─ flattening, names ─► scopes ─ selects ─► values ─► CompiledModel
                                                    └─ edges ─► uniqueness, paths to the root

It reads no file and asks no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from streammesh.models.agreement import check
from streammesh.models.catalog import source_of
from streammesh.models.compiled import CompiledModel, KeyColumn, Path
from streammesh.models.edges import Link, Mismatch, TooManyWorlds, links, never_joined, path, worlds
from streammesh.models.expressions import Context
from streammesh.models.keys import key_columns
from streammesh.models.lineage import columns_read, lineage
from streammesh.models.names import Names
from streammesh.models.opening import open_scope
from streammesh.models.parsing import parse
from streammesh.models.prepared import unprepared
from streammesh.models.printed import Rows
from streammesh.models.queries import evaluate_query, preview_query
from streammesh.models.refusals import refusal
from streammesh.models.scopes import Occurrence, Ref, Scope
from streammesh.models.selects import Selects
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
    text, tree = parse(model)
    return source_of(text, tree, sources)


@dataclass(frozen=True)
class _Understood:
    """A model that makes sense by itself."""

    names: Names
    scope: Scope
    document: Value
    rows: Rows

    @property
    def root(self) -> Occurrence:
        return self.scope.occurrences[0]

    @property
    def fields(self) -> Record:
        if not isinstance(self.document.type, Record):
            raise TypeError("a document is an object")
        return self.document.type


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
    model = _understand(port.model, sources, tables)
    names, document, problems = model.names, model.document, model.names.problems
    key: tuple[KeyColumn, ...] = ()
    paths: tuple[Path, ...] = ()
    with problems.catching():
        key = key_columns(names.text, model.root, document, contract)
    with problems.catching():
        check(names.text, port, contract, document)
    if not any(scope.doubtful for scope in names.scopes):
        _note_key(names, model.scope, key)
        paths = _paths(names, model.scope)
    problems.finish()
    root, rows = model.root, model.rows
    evaluate = evaluate_query(root, key, document, rows)
    _check_prepared(names, evaluate, len(key))
    return CompiledModel(
        domain=port.domain,
        source=names.source.name,
        root=root.table.name,
        key=key,
        columns=columns_read(names),
        paths=paths,
        evaluate=evaluate,
        preview=preview_query(root, key, document, rows),
        fields=model.fields,
        lineage=lineage(document),
    )


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
    understood = _understand(model, sources, tables)
    if not any(scope.doubtful for scope in understood.names.scopes):
        _paths(understood.names, understood.scope)
    understood.names.problems.finish()
    return understood.fields


def _understand(model: ModelFile, sources: Sequence[Source], tables: Tables) -> _Understood:
    text, tree = parse(model)
    source = source_of(text, tree, sources)
    names = Names(text, source, tuple(tables.get(source.name, {}).values()))
    scope = open_scope(names, tree, None)
    if not scope.occurrences:
        names.problems.finish()
    selects = Selects(names)
    rows = selects.rows(scope)
    if not scope.doubtful:
        selects.check_unique(scope, scope.occurrences[:1])
    named = _named(names, tree)
    document = selects.expressions.record(tree, named, Context(scope))
    return _Understood(names, scope, document, rows)


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


def _check_prepared(names: Names, evaluate: str, key_width: int) -> None:
    every = (one.table for scope in names.scopes for one in scope.occurrences if not one.branches)
    tables = {table.name: table for table in every}
    problem = unprepared(evaluate, tables.values(), key_width)
    if problem is not None:
        raise ModelTooLarge(problem=problem, where=Location(names.text.file.path))


def _note_key(names: Names, scope: Scope, key: Sequence[KeyColumn]) -> None:
    root = scope.occurrences[0]
    for part in key:
        names.read.add(Ref(root, part.column))


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
