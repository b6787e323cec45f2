"""The compiler: from a port's SQL model, its contract and the source's tables to a plan.

    text ─ parsing ─► tree ─ names ─► scopes ─ expressions, selects ─► values ─► CompiledModel
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
from streammesh.models.queries import Rows, evaluate_query, preview_query
from streammesh.models.refusals import refusal
from streammesh.models.scopes import Occurrence, Scope
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
        ModelError: at the first thing that makes the model impossible.
        MeshErrors: with every field that doesn't agree with the contract.
    """
    model = _understand(port.model, sources, tables)
    names, root, document = model.names, model.root, model.document
    key = key_columns(names.text, root, document, contract)
    check(names.text, port, contract, document)
    _note_key(names, model.scope, key)
    return CompiledModel(
        domain=port.domain,
        source=names.source.name,
        root=root.table.name,
        key=key,
        columns=columns_read(names),
        paths=_paths(names, model.scope),
        evaluate=evaluate_query(root, key, document, model.rows),
        preview=preview_query(root, key, document, model.rows),
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
        ModelError: at the first thing that makes the model impossible.
    """
    return _understand(model, sources, tables).fields


def _understand(model: ModelFile, sources: Sequence[Source], tables: Tables) -> _Understood:
    text, tree = parse(model)
    source = source_of(text, tree, sources)
    names = Names(text, source, tuple(tables.get(source.name, {}).values()))
    scope = names.open(tree, None)
    selects = Selects(names)
    selects.check_unique(scope, scope.occurrences[:1])
    document = selects.expressions.record(tree, _named(text, tree), Context(scope))
    return _Understood(names, scope, document, selects.rows(scope))


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
