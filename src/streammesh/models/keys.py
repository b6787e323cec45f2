"""The document's key: the root's primary key, shown by fields, as the contract promises it."""

from __future__ import annotations

from streammesh.contracts.assign import assignable, lossless
from streammesh.contracts.contract import Contract
from streammesh.contracts.spelling import spell
from streammesh.errors.models import KeyDiffers, KeyNarrowed, KeyNotShown, NoRootKey
from streammesh.models.compiled import KeyColumn
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
