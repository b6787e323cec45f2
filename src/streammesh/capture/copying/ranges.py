"""A table cut into ranges of pages, each read by a COPY of its own.

PostgreSQL finds a range of ctid without an index and reads just its pages (from version 14 on), so
any heap table can be read by several sessions, whatever its key. The last range has no end: what
was appended since the size was asked for lies there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from psycopg import Connection, sql

from streammesh.documents.values import TableName
from streammesh.models.tables import Table

RANGE_BYTES = 64 * 1024 * 1024
"""Of the table's file: a second's work or less, so that sessions end at about the same time."""

GROUP_BYTES = 256 * 1024 * 1024
"""Tables that together are smaller share one position."""

PAGE_BYTES = 8192


@dataclass(frozen=True)
class Heap:
    """What holds rows of a table: the table itself, or one of its partitions.

    Attributes:
        name: in the catalog.
        pages: how many it has.
        alone: whether it holds its own rows only, in pages that a range of ctid can name.
    """

    name: TableName
    pages: int
    alone: bool = True


@dataclass(frozen=True)
class Range:
    """Pages of a heap.

    Attributes:
        table: whose rows they are.
        heap: where they are.
        first: the first page.
        end: the page behind the last; None for all that follow.
        pages: how many there are, for progress.
    """

    table: Table
    heap: Heap
    first: int
    end: int | None
    pages: int


def ranges(table: Table, heaps: Iterable[Heap], pages_each: int) -> Iterator[Range]:
    """Cut a table into ranges of at most `pages_each` pages; an empty heap is one range."""
    for heap in heaps:
        if not heap.alone or heap.pages <= pages_each:
            yield Range(table, heap, 0, None, heap.pages)
            continue
        starts = range(0, heap.pages, pages_each)
        for first in starts:
            last = first + pages_each >= heap.pages
            pages = heap.pages - first if last else pages_each
            yield Range(table, heap, first, None if last else first + pages_each, pages)


def copy_statement(one: Range) -> sql.Composed:
    """Give the COPY that reads a range, the columns in the table's order."""
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in one.table.columns)
    heap = sql.Identifier(one.heap.name.schema, one.heap.name.name)
    only = sql.SQL("ONLY ") if one.heap.alone else sql.SQL("")
    bounds = [sql.SQL("ctid >= {}::tid").format(f"({one.first},0)")] if one.first else []
    if one.end is not None:
        bounds.append(sql.SQL("ctid < {}::tid").format(f"({one.end},0)"))
    where = sql.SQL(" WHERE ") + sql.SQL(" AND ").join(bounds) if bounds else sql.SQL("")
    copy = sql.SQL("COPY (SELECT {} FROM {}{}{}) TO STDOUT")
    return copy.format(columns, only, heap, where)


def read_heaps(connection: Connection, name: TableName) -> tuple[Heap, ...]:
    """Give what holds a table's rows.

    A partitioned table is read partition by partition where our role may read each; its right to
    read the table gives it none to a partition. Else it is read as one.
    """
    rows = connection.execute(_HEAPS, {"schema": name.schema, "name": name.name}).fetchall()
    heaps = tuple(Heap(TableName(schema, heap), pages) for schema, heap, pages, _ in rows)
    if heaps and all(readable for *_, readable in rows):
        return heaps
    return (Heap(name, sum(one.pages for one in heaps), alone=False),)


def groups(sizes: Sequence[tuple[Table, int]], most: int = GROUP_BYTES) -> list[list[Table]]:
    """Put tables together that are read at one position: small ones first, large ones alone.

    Args:
        sizes: tables with the bytes of their heaps.
        most: bytes of a group of several.
    """
    found: list[list[Table]] = []
    room = 0
    for table, size in sorted(sizes, key=lambda one: one[1]):
        if size > room or not found:
            found.append([])
            room = most
        found[-1].append(table)
        room -= size
    return found


# also sub-partitions: only leaves hold rows. Foreign tables can't be in a publication.
_HEAPS = """
    SELECT n.nspname::text, c.relname::text,
           (pg_relation_size(c.oid) / current_setting('block_size')::int)::bigint,
           c.oid = top.oid
               OR has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')
    FROM pg_class top
    JOIN pg_namespace tn ON tn.oid = top.relnamespace
    CROSS JOIN LATERAL (SELECT relid FROM pg_partition_tree(top.oid) WHERE isleaf
                  UNION SELECT top.oid WHERE top.relkind = 'r') leaf
    JOIN pg_class c ON c.oid = leaf.relid AND c.relkind = 'r'
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE tn.nspname = %(schema)s AND top.relname = %(name)s
    ORDER BY 1, 2
"""
