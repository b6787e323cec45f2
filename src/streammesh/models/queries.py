"""The two queries of a model: over the engine's state, and over the database."""

from __future__ import annotations

from collections.abc import Sequence

from streammesh.models import printing
from streammesh.models.compiled import CompiledModel, KeyColumn
from streammesh.models.printed import Rows
from streammesh.models.scopes import Occurrence
from streammesh.models.storage import quote
from streammesh.models.values import Value

_WANTED = quote("wanted keys")


def evaluate_query(root: Occurrence, key: Sequence[KeyColumn], document: Value, rows: Rows) -> str:
    """Give the engine's query: documents of the keys in `temp.wanted`.

    The keys come first (CROSS JOIN keeps SQLite from changing that), so that every table is
    looked up by a key.
    """
    first, joins, where = rows
    alias = quote(root.alias)
    keys = ", ".join(f"{_WANTED}.k{index}" for index, _ in enumerate(key))
    matches = " AND ".join(
        f"{alias}.{quote(part.column)} = {_WANTED}.k{index}" for index, part in enumerate(key)
    )
    lines = [
        f"SELECT {keys}, {document.engine} AS document",
        f"FROM temp.wanted AS {_WANTED} CROSS JOIN {first.engine} ON {matches}",
        *(join.engine for join in joins),
    ]
    if where is not None:
        lines.append(f"WHERE {where.engine}")
    return "\n".join(lines)


def preview_query(root: Occurrence, key: Sequence[KeyColumn], document: Value, rows: Rows) -> str:
    """Give the database's query, with `{where}` where a condition on `p0, p1, …` may stand.

    `p0, p1, …` are the root's primary key as the database holds it, `k0, k1, …` the same in
    canonical form.
    """
    first, joins, where = rows
    alias = quote(root.alias)
    plain, canonical = [], []
    for index, part in enumerate(key):
        column = root.table.column(part.column)
        name = shown = f"{alias}.{quote(part.column)}"
        kind = None
        if column is not None:
            kind, shown = column.type, printing.database_column(name, column)
        plain.append(f"{name} AS p{index}")
        canonical.append(f"{printing.canonical(Value(kind, '', shown))} AS k{index}")
    lines = [
        f"SELECT {', '.join(f'k{index}' for index, _ in enumerate(key))}, document FROM (",
        f"SELECT {', '.join((*plain, *canonical))}, {document.database} AS document",
        f"FROM {first.database}",
        *(join.database for join in joins),
    ]
    if where is not None:
        lines.append(f"WHERE {where.database}")
    return "\n".join([*lines, ") AS documents {where}"])


def preview_all(model: CompiledModel) -> str:
    """Give the database's query for all documents; it has no parameters."""
    return _preview(model, "")


def preview_key(model: CompiledModel) -> str:
    """Give the database's query for one document, for psycopg.

    Its parameters are `%(k0)s, %(k1)s, …`, the key's values in the database's own types.
    """
    condition = " AND ".join(f"p{index} = %(k{index})s" for index, _ in enumerate(model.key))
    return _preview(model, "").replace("%", "%%") + f"WHERE {condition}"


def preview_ordered(model: CompiledModel, limit: int | None = None) -> str:
    """Give the database's query for documents in the order of their keys.

    Args:
        model: the model.
        limit: how many at most; None for all.
    """
    order = ", ".join(f"p{index}" for index, _ in enumerate(model.key))
    first = "" if limit is None else f" LIMIT {int(limit)}"
    return _preview(model, f"ORDER BY {order}{first}")


def _preview(model: CompiledModel, tail: str) -> str:
    # a column may be called like the mark, which is the last one
    return model.preview.rpartition("{where}")[0] + tail
