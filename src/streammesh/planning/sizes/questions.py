"""What to ask of a model: which lists its documents have, which rows many documents share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from streammesh.documents.values import TableName
from streammesh.models.compiled import CompiledModel, Path
from streammesh.models.tables import Table
from streammesh.planning.sizes.values import Kind, Question

Tables = Mapping[TableName, Table]


def questions(model: CompiledModel, tables: Tables) -> tuple[Question, ...]:
    """Give the questions of a model, from its paths; those whose answer is always one left out.

    Args:
        model: compiled.
        tables: of its source.
    """
    return tuple(dict.fromkeys(_all(model, tables)))


def _all(model: CompiledModel, tables: Tables) -> Iterator[Question]:
    for path in (path for one in model.branches for path in one.paths):
        known = {path.table, *(hop.table for hop in path.hops)} <= tables.keys()
        if not path.hops or not known:
            continue
        if not unique(tables[path.table], path.hops[0].from_columns):
            yield _question("list", path, model, tables)
        if not all(unique(tables[hop.table], hop.to_columns) for hop in path.hops):
            yield _question("fan-out", path, model, tables)


def _question(kind: Kind, path: Path, model: CompiledModel, tables: Tables) -> Question:
    root = path.hops[-1].table
    return Question(
        kind=kind,
        path=path,
        root=root,
        root_key=tables[root].primary_key,
        table_key=tables[path.table].primary_key,
        field=list_field(model, path.table) if kind == "list" else "",
        twice=_twice(path, tables),
    )


def _twice(path: Path, tables: Tables) -> bool:
    """Tell whether several rows on the way may lead from one row to the same root row."""
    starts = (path.table, *(hop.table for hop in path.hops[:-1]))
    return not all(
        unique(tables[start], hop.from_columns)
        for start, hop in list(zip(starts, path.hops, strict=True))[1:]
    )


def unique(table: Table, columns: tuple[str, ...]) -> bool:
    """Tell whether no two rows of a table have the same values in these columns."""
    keys = (table.primary_key, *table.unique)
    return any(key and set(key) <= set(columns) for key in keys)


def list_field(model: CompiledModel, table: TableName) -> str:
    """Name the list whose elements come from a table: `lines`, `lines[].parts`; empty for none."""
    lists = {
        one.field.rpartition("[]")[0]
        for one in model.lineage
        if "[]" in one.field and table in {name for name, _ in one.columns}
    }
    return max(lists, key=len, default="") if len(lists) < 2 else min(lists, key=len)
