"""Questions in SQL, as cheap as they can be asked: tables that give nothing are left out."""

from __future__ import annotations

from streammesh.documents.values import TableName
from streammesh.models.compiled import CompiledModel
from streammesh.models.queries import preview_key
from streammesh.models.storage import quote
from streammesh.planning.sizes.values import Question


def counting(question: Question) -> str:
    """Give the query that answers a question exactly: one row, `key` (text[]) and `count`."""
    hops = question.path.hops
    tables = (question.path.table, *(hop.table for hop in hops))
    first, last = _span(question)
    key = _key(question, first, last)
    joins = "".join(
        f"\n  JOIN {_table(tables[number])} AS t{number} ON "
        + " AND ".join(
            f"t{number}.{quote(there)} = t{number - 1}.{quote(here)}"
            for here, there in zip(
                hops[number - 1].from_columns, hops[number - 1].to_columns, strict=True
            )
        )
        for number in range(first + 1, last + 1)
    )
    present = " AND ".join(f"{one} IS NOT NULL" for one in key)
    return (
        f"SELECT ARRAY[{', '.join(f'{one}::text' for one in key)}] AS key,"
        f" {_counted(question, last)} AS count\n"
        f"  FROM {_table(tables[first])} AS t{first}{joins}\n"
        f" WHERE {present}\n"
        f" GROUP BY {', '.join(key)} ORDER BY 2 DESC, 1 LIMIT 1"
    )


def read_tables(question: Question) -> tuple[TableName, ...]:
    """Give the tables that counting reads, each as often as it does."""
    tables = (question.path.table, *(hop.table for hop in question.path.hops))
    first, last = _span(question)
    return tables[first : last + 1]


def sizing(model: CompiledModel) -> str:
    """Give the query for the size of one document as JSON, bytes; parameters as `preview_key`."""
    return f"SELECT octet_length(document::text) FROM (\n{preview_key(model)}\n) AS sized"


def _span(question: Question) -> tuple[int, int]:
    """Give the first and last table that must be read: keys stand at both sides of a join."""
    hops = question.path.hops
    by_row = question.kind == "fan-out"
    first = 1 if by_row and set(hops[0].from_columns) == set(question.table_key) else 0
    last = len(hops)
    if set(hops[-1].to_columns) == set(question.root_key):
        last -= 1
    return (first, last) if first <= last else (0, len(hops))


def _key(question: Question, first: int, last: int) -> list[str]:
    if question.kind == "list":
        return _root_key(question, last)
    if first == 0:
        return [f"t0.{quote(name)}" for name in question.table_key]
    hop = question.path.hops[0]
    other = dict(zip(hop.from_columns, hop.to_columns, strict=True))
    return [f"t1.{quote(other[name])}" for name in question.table_key]


def _root_key(question: Question, last: int) -> list[str]:
    hops = question.path.hops
    if last == len(hops):
        return [f"t{last}.{quote(name)}" for name in question.root_key]
    other = dict(zip(hops[-1].to_columns, hops[-1].from_columns, strict=True))
    return [f"t{last}.{quote(other[name])}" for name in question.root_key]


def _counted(question: Question, last: int) -> str:
    if question.kind == "list" or not question.twice:
        return "count(*)"
    return f"count(DISTINCT ({', '.join(_root_key(question, last))}))"


def _table(name: TableName) -> str:
    return f"{quote(name.schema)}.{quote(name.name)}"
