"""Tables cut into ranges of pages, and put together to groups."""

import pytest

from streammesh.capture.copying.ranges import Heap, copy_statement, groups, ranges
from streammesh.documents.values import TableName
from streammesh.models.postgres_types import column_type
from streammesh.models.tables import Column, Table

ORDERS = TableName("public", "orders")


def table(name: str = "orders", columns: tuple[str, ...] = ("id",)) -> Table:
    kinds = tuple(Column(one, "integer", column_type("integer"), False) for one in columns)
    return Table(TableName("public", name), kinds, ("id",), (), "default", -1)


@pytest.mark.parametrize(("pages", "count"), [(0, 1), (1, 1), (10, 1), (11, 2), (20, 2), (95, 10)])
def test_ranges_cover_every_page_once_and_the_last_has_no_end(pages: int, count: int) -> None:
    found = list(ranges(table(), [Heap(ORDERS, pages)], 10))
    assert len(found) == count
    assert [one.first for one in found[1:]] == [one.end for one in found[:-1]]
    assert (found[0].first, found[-1].end) == (0, None)
    assert sum(one.pages for one in found) == pages


def test_what_can_t_be_cut_is_read_as_one() -> None:
    [one] = ranges(table(), [Heap(ORDERS, 1000, alone=False)], 10)
    assert (
        copy_statement(one).as_string(None) == 'COPY (SELECT "id" FROM "public"."orders") TO STDOUT'
    )


def test_every_partition_is_cut() -> None:
    heaps = [Heap(TableName("parts", "a"), 15), Heap(TableName("parts", "b"), 5)]
    found = list(ranges(table(), heaps, 10))
    assert [(one.heap.name.name, one.first) for one in found] == [("a", 0), ("a", 10), ("b", 0)]


def test_a_range_names_columns_and_pages() -> None:
    odd = table(columns=("id", 'odd "name'))
    first, second, last = ranges(odd, [Heap(ORDERS, 30)], 10)
    select = 'COPY (SELECT "id", "odd ""name" FROM ONLY "public"."orders"'
    assert (
        copy_statement(first).as_string(None) == f"{select} WHERE ctid < '(10,0)'::tid) TO STDOUT"
    )
    assert copy_statement(second).as_string(None) == (
        f"{select} WHERE ctid >= '(10,0)'::tid AND ctid < '(20,0)'::tid) TO STDOUT"
    )
    assert (
        copy_statement(last).as_string(None) == f"{select} WHERE ctid >= '(20,0)'::tid) TO STDOUT"
    )


def test_small_tables_share_a_position_and_large_ones_have_their_own() -> None:
    a, b, c, d = (table(name) for name in "abcd")
    found = groups([(a, 500), (b, 10), (c, 20), (d, 300)], most=100)
    assert [[one.name.name for one in group] for group in found] == [["b", "c"], ["d"], ["a"]]


def test_empty_tables_are_read_too() -> None:
    assert groups([(table("a"), 0)], most=100) == [[table("a")]]
