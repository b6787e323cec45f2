"""The two queries of a model: over the engine's state, and over the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streammesh.models import printing
from streammesh.models.compiled import CompiledModel, KeyColumn
from streammesh.models.printed import Rows
from streammesh.models.scopes import Occurrence
from streammesh.models.storage import quote
from streammesh.models.values import Value

_WANTED = quote("wanted keys")


@dataclass(frozen=True)
class Part:
    """One SELECT of a model, compiled.

    Attributes:
        root: its first table.
        key: the parts of its key.
        document: its document.
        rows: its FROM and WHERE.
    """

    root: Occurrence
    key: Sequence[KeyColumn]
    document: Value
    rows: Rows


def evaluate_query(parts: Sequence[Part]) -> str:
    """Give the engine's query: documents of the keys in `temp.wanted`."""
    return "\nUNION ALL\n".join(map(_evaluate, parts))


def _evaluate(part: Part) -> str:
    """Give the query of one SELECT.

    The keys come first (CROSS JOIN keeps SQLite from changing that), so that every table is
    looked up by a key.
    """
    root, key, document = part.root, part.key, part.document
    first, joins, where = part.rows
    alias = quote(root.alias)
    keys = ", ".join(f"{_WANTED}.k{index}" for index, _ in enumerate(key))
    matches = " AND ".join(
        f"{one.constant or f'{alias}.{quote(one.column)}'} = {_WANTED}.k{index}"
        for index, one in enumerate(key)
    )
    lines = [
        f"SELECT {keys}, {document.engine} AS document",
        f"FROM temp.wanted AS {_WANTED} CROSS JOIN {first.engine} ON {matches}",
        *(join.engine for join in joins),
    ]
    if where is not None:
        lines.append(f"WHERE {where.engine}")
    return "\n".join(lines)


def preview_query(parts: Sequence[Part]) -> str:
    """Give the database's query, with `{where}` where a condition on `p0, p1, …` may stand.

    `p0, p1, …` are the document's key as the database holds it, `k0, k1, …` the same in
    canonical form.
    """
    width = range(len(parts[0].key))
    cast = [len({_database_type(part, index) for part in parts}) > 1 for index in width]
    return "\n".join(
        [
            f"SELECT {', '.join(f'k{index}' for index in width)}, document FROM (",
            "\nUNION ALL\n".join(_preview_part(part, cast) for part in parts),
            ") AS documents {where}",
        ]
    )


def _database_type(part: Part, index: int) -> str:
    column = part.root.table.column(part.key[index].column)
    return "" if column is None else column.database_type


def _preview_part(part: Part, cast: Sequence[bool]) -> str:
    """Give the query of one SELECT; `cast` says which parts of the key have other types elsewhere.

    The database finds no common type of, say, an enum and a text.
    """
    first, joins, where = part.rows
    plain, canonical = [], []
    for index, value in enumerate(_key_values(part)):
        key = part.key[index]
        name = f"{quote(part.root.alias)}.{quote(key.column)}" if key.column else value.database
        if cast[index] and value.type is not None:
            name = f"({value.database})::{printing.cast_target(value.type)}"
        plain.append(f"{name} AS p{index}")
        canonical.append(f"{printing.canonical(value)} AS k{index}")
    lines = [
        f"SELECT {', '.join((*plain, *canonical))}, {part.document.database} AS document",
        f"FROM {first.database}",
        *(join.database for join in joins),
    ]
    if where is not None:
        lines.append(f"WHERE {where.database}")
    return "\n".join(lines)


def _key_values(part: Part) -> Iterator[Value]:
    fields = dict(part.document.parts)
    for key in part.key:
        column = part.root.table.column(key.column)
        if column is None:
            yield fields[key.field]
            continue
        name = f"{quote(part.root.alias)}.{quote(key.column)}"
        yield Value(column.type, "", printing.database_column(name, column))


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
