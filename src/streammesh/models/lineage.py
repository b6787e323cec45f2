"""Where each field of a document comes from, and which columns a model reads."""

from __future__ import annotations

from collections.abc import Iterator

from streammesh.documents.values import TableName
from streammesh.models.compiled import Lineage
from streammesh.models.names import Names
from streammesh.models.unions import branch_refs
from streammesh.models.values import Value


def lineage(document: Value) -> tuple[Lineage, ...]:
    """Give, for every field that is no object or list of objects, the columns it is made of."""
    return tuple(_fields("", document))


def _fields(path: str, value: Value) -> Iterator[Lineage]:
    if value.parts:
        for name, part in value.parts:
            yield from _fields(f"{path}.{name}" if path else name, part)
    elif value.element is not None:
        yield from _fields(f"{path}[]", value.element)
    else:
        every = (inner for ref in value.refs for inner in branch_refs(ref))
        columns = ((ref.occurrence.table.name, ref.name) for ref in every)
        yield Lineage(path, tuple(dict.fromkeys(columns)))


def columns_read(*every: Names) -> tuple[tuple[TableName, tuple[str, ...]], ...]:
    """Give the columns read of each table, conditions and orders included, sorted.

    Args:
        every: the names of each SELECT of a model.
    """
    read: dict[TableName, set[str]] = {
        one.table.name: set()
        for names in every
        for scope in names.scopes
        for one in scope.occurrences
        if not one.branches
    }
    for ref in (one for names in every for one in names.read):
        if not ref.occurrence.branches:
            read[ref.occurrence.table.name].add(ref.name)
    ordered = sorted(read.items(), key=lambda item: str(item[0]))
    return tuple((table, tuple(sorted(columns))) for table, columns in ordered)
