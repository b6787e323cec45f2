"""The compiler: from a port's SQL model, its contract and the source's tables to a plan.

    text ─ parsing ─► tree ─ names ─► scopes ─ expressions, selects ─► values ─► CompiledModel
                                        └─ edges ─► uniqueness, paths to the root

It reads no file and asks no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from streammesh.contracts.contract import Contract
from streammesh.contracts.types import Record
from streammesh.documents.values import ModelFile, Port, Source, TableName
from streammesh.errors.models import (
    EdgeNotComparable,
    TableNotReachable,
    UnnamedField,
)
from streammesh.models.agreement import check
from streammesh.models.catalog import source_of
from streammesh.models.compiled import CompiledModel, KeyColumn, Path
from streammesh.models.edges import links, path
from streammesh.models.expressions import Context
from streammesh.models.keys import key_columns
from streammesh.models.lineage import columns_read, lineage
from streammesh.models.names import Names
from streammesh.models.parsing import parse
from streammesh.models.positions import ModelText
from streammesh.models.queries import evaluate_query, preview_query
from streammesh.models.refusals import refusal
from streammesh.models.scopes import Scope
from streammesh.models.selects import Selects
from streammesh.models.tables import Table
from streammesh.models.values import Value


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


def compile_model(
    port: Port,
    contract: Contract,
    sources: Sequence[Source],
    tables: Mapping[str, Mapping[TableName, Table]],
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
        ModelError: at the first thing that makes the model impossible.
        MeshErrors: with every field that doesn't agree with the contract.
    """
    text, tree = parse(port.model)
    source = source_of(text, tree, sources)
    names = Names(text, source, tuple(tables.get(source.name, {}).values()))
    scope = names.open(tree, None)
    selects = Selects(names)
    root = scope.occurrences[0]
    selects.check_unique(scope, (root,))
    document = selects.expressions.record(tree, _named(text, tree), Context(scope))
    rows = selects.rows(scope)
    key = key_columns(text, root, document, contract)
    check(text, port, contract, document)
    _note_key(names, scope, key)
    return CompiledModel(
        domain=port.domain,
        source=source.name,
        root=root.table.name,
        key=key,
        columns=columns_read(names),
        paths=_paths(names, scope),
        evaluate=evaluate_query(root, key, document, rows),
        preview=preview_query(root, key, document, rows),
        fields=_fields(document),
        lineage=lineage(document),
    )


def _named(text: ModelText, tree: exp.Select) -> list[tuple[str, exp.Expr]]:
    named = []
    for node in tree.expressions:
        if isinstance(node, exp.Star) or isinstance(node.this, exp.Star):
            raise refusal(text, exp.Star() if isinstance(node, exp.Column) else node)
        if not node.alias_or_name:
            raise UnnamedField(where=text.location(node))
        named.append((node.alias_or_name, node.unalias()))
    return named


def _note_key(names: Names, scope: Scope, key: Sequence[KeyColumn]) -> None:
    root = scope.occurrences[0]
    for part in key:
        names.resolve(scope, exp.column(part.column, table=root.written, quoted=True))


def _paths(names: Names, scope: Scope) -> tuple[Path, ...]:
    """Give the path of every table in the model, the root's own first.

    Raises:
        TableNotReachable: when a change of one can't be followed to the root.
        EdgeNotComparable: when it could, if two columns had one type.
    """
    steps, mismatches = links(names)
    root = scope.occurrences[0]
    found = [Path(root.table.name, ())]
    for one in (each for every in names.scopes for each in every.occurrences):
        if one is root:
            continue
        way = path(one, root, steps)
        if way is not None:
            found.append(way)
            continue
        for bad in mismatches:
            if one in (bad.left.occurrence, bad.right.occurrence):
                types = (bad.left.column.database_type, bad.right.column.database_type)
                raise EdgeNotComparable(
                    left=bad.left.name,
                    right=bad.right.name,
                    reason=f"their types are {types[0]} and {types[1]}",
                    where=names.text.location(bad.node),
                    fix="give both columns one type",
                )
        fix = f"join it by columns: ON {one.written}.… = {root.written}.…"
        where = names.text.location(one.node)
        raise TableNotReachable(table=one.table.name, where=where, fix=fix)
    return tuple(found)


def _fields(document: Value) -> Record:
    if not isinstance(document.type, Record):
        raise TypeError("a document is an object")
    return document.type
