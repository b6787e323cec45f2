"""The document's key: the root's primary key, shown by fields, as the contract promises it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from streammesh.contracts.assign import assignable, lossless
from streammesh.contracts.contract import Contract
from streammesh.contracts.spelling import spell
from streammesh.errors.models import (
    KeyDiffers,
    KeyNarrowed,
    KeyNotOfRow,
    KeyNotShown,
    NoRootKey,
    UnionUnlike,
)
from streammesh.models.compiled import KeyColumn
from streammesh.models.edges import stored_alike
from streammesh.models.positions import ModelText
from streammesh.models.scopes import Occurrence
from streammesh.models.storage import quote
from streammesh.models.values import Value


def key_columns(
    text: ModelText, root: Occurrence, document: Value, contract: Contract
) -> tuple[KeyColumn, ...]:
    """Give the parts of the key in the order of the root's primary key.

    Raises:
        ModelError: when the root has none, the document doesn't show it, or the contract has
            another one, or one of a narrower type.
    """
    table = root.table
    if not table.primary_key:
        raise NoRootKey(table=table.name, where=text.location(root.node))
    promised = [field.name for field in contract.key]
    broken = any(value.broken for _, value in document.parts)
    key = tuple(
        part
        for column in table.primary_key
        if (part := _part(text, root, document, column, promised, broken=broken)) is not None
    )
    if len(key) < len(table.primary_key):
        return key
    given = [part.field for part in key]
    if given != promised:
        raise KeyDiffers(
            promised=", ".join(promised),
            given=", ".join(given),
            where=contract.places.get(promised[0]) if promised else None,
            why=f"{table.name}, the first table of {text.file.path}, decides the key.",
            fix=f"mark {', '.join(given)} with primaryKey (primaryKeyPosition 1, 2, … in that"
            " order), or begin FROM with the table that the documents are about",
        )
    _check_lossless(root, key, contract)
    return key


def united_key(
    text: ModelText, root: Occurrence, document: Value, contract: Contract
) -> tuple[KeyColumn, ...]:
    """Give the parts of the key of one of several SELECTs, in the order that the contract says.

    Each is a column of the root's primary key, all of which are in it, or a constant, which tells
    the SELECT's documents from others'.

    Raises:
        ModelError: when it is another.
    """
    table = root.table
    if not table.primary_key:
        raise NoRootKey(table=table.name, where=text.location(root.node))
    given = dict(document.parts)
    shown = {f"{quote(root.alias)}.{quote(name)}": name for name in table.primary_key}
    key = []
    for promised in contract.key:
        value = given.get(promised.name)
        if value is None or value.broken:
            continue  # told for every field
        column = shown.get(value.engine, "")
        if not column and not _is_constant(value):
            where = None if value.node is None else text.location(value.node)
            columns = ", ".join(f"{root.written}.{name}" for name in table.primary_key)
            raise KeyNotOfRow(
                field=promised.name,
                table=table.name,
                where=where,
                fix=f"give {columns} there, or a constant: 'a' AS {promised.name}",
            )
        key.append(KeyColumn(promised.name, column, "" if column else value.engine))
    for column in table.primary_key:
        if len(key) == len(contract.key) and column not in {part.column for part in key}:
            raise KeyNotShown(
                table=table.name,
                column=column,
                where=text.location(root.node),
                why="Each of its rows is a document of its own.",
                fix=f"give {root.written}.{column} in every SELECT, and mark it with primaryKey in"
                " the contract",
            )
    if len(key) == len(contract.key):
        _check_lossless(root, tuple(key), contract)
    return tuple(key)


def _is_constant(value: Value) -> bool:
    node = value.node
    written = node is not None and node.find(exp.Column, exp.Query) is None
    return written and not value.nulls and value.type is not None


def check_alike(text: ModelText, key: Sequence[KeyColumn], every: Sequence[Value]) -> None:
    """Refuse keys of several SELECTs whose values wouldn't be the same in the engine's state.

    Args:
        text: the model.
        key: of any of the SELECTs.
        every: their documents, each as it is by itself.

    Raises:
        UnionUnlike: when there is one.
    """
    for part in key:
        first, *others = (dict(one.parts)[part.field] for one in every)
        for other in others:
            kinds = (first.type, other.type)
            folding = any(ref.column.folds for value in (first, other) for ref in value.refs)
            if stored_alike(*kinds) and not folding:
                continue
            types = " and ".join(spell(kind) for kind in kinds if kind is not None)
            problem = f"the key's field `{part.field}` has the types {types}"
            if folding:
                problem = f"in the key's field `{part.field}` the database takes texts for the same"
            where = None if other.node is None else text.location(other.node)
            fix = "give the columns one type in the database, or make a product of each SELECT"
            raise UnionUnlike(problem=problem, where=where, fix=fix)


def _check_lossless(root: Occurrence, key: tuple[KeyColumn, ...], contract: Contract) -> None:
    for part, promised in zip(key, contract.key, strict=True):
        column = root.table.column(part.column)
        if column is None or column.type is None or assignable(column.type, promised.type):
            continue  # what can't be assigned at all is told for every field
        if (reason := lossless(column.type, promised.type)) is not None:
            raise KeyNarrowed(
                field=part.field,
                table=root.table.name,
                column=part.column,
                reason=reason,
                where=contract.places.get(part.field),
                fix=f"make it {spell(column.type)} in the contract",
            )


def _part(  # noqa: PLR0913
    text: ModelText,
    root: Occurrence,
    document: Value,
    column: str,
    promised: list[str],
    *,
    broken: bool,
) -> KeyColumn | None:
    wanted = f"{quote(root.alias)}.{quote(column)}"
    shown = [name for name, value in document.parts if value.engine == wanted]
    chosen = next((name for name in shown if name in promised), shown[0] if shown else None)
    if chosen is None and broken:
        return None
    if chosen is None:
        raise KeyNotShown(
            table=root.table.name,
            column=column,
            where=text.location(root.node),
            fix=f"add {root.written}.{column} AS {column}",
        )
    return KeyColumn(chosen, column)
