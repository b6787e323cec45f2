"""What the log leaves out of a row: a value that an update didn't touch, never one of a new row."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest

from streammesh.documents.values import TableName
from streammesh.engine.log import Envelope
from streammesh.engine.rows import Row, TableDecoder
from streammesh.models.postgres_types import column_type
from streammesh.models.tables import Column, Table

COLUMNS = {"k": "integer", "a": "numeric[]", "s": "text"}
TABLE = Table(
    TableName("one", "t"),
    tuple(Column(name, kind, column_type(kind), name != "k") for name, kind in COLUMNS.items()),
    ("k",),
)
LARGE = {(1,): (1, "[" + ",".join(["1.5"] * 200) + "]", "x")}


def event(op: str, before: Any, after: Any) -> Envelope:
    origin = {"schema": "one", "table": "t", "lsn": 1, "txId": 1}
    said = {"op": op, "before": before, "after": after, "source": origin}
    return msgspec.json.decode(msgspec.json.encode(said), type=Envelope)


def rows(txs: list[int], *events: Envelope) -> list[Row | None]:
    return TableDecoder("shop", TABLE).changes(list(events), txs, LARGE.get).rows


GONE = event("d", {"k": 1, "a": None, "s": None}, None)


def test_a_new_row_in_the_next_transaction_is_whole() -> None:
    new = event("c", None, {"k": 2, "a": None, "s": "new"})
    assert rows([0, 1], GONE, new) == [None, (2, None, "new")]


def test_a_row_deleted_and_written_anew_is_whole() -> None:
    again = event("c", None, {"k": 1, "a": None, "s": "new"})
    assert rows([0, 0], GONE, again) == [None, (1, None, "new")]


def test_a_row_whose_key_changed_may_lack_a_list() -> None:
    moved = event("c", None, {"k": 2, "a": None, "s": "new"})
    ((_, unsure, _),) = [row for row in rows([0, 0], GONE, moved) if row is not None]
    assert unsure not in (None, LARGE[(1,)][1])


def test_in_a_row_that_is_not_all_in_the_state_a_mark_is_a_mark() -> None:
    mark = "__debezium_unavailable_value"
    update = event("u", None, {"k": 1, "a": ["1"], "s": mark})
    small = {(1,): (1, "[]", "large outside of the state")}
    for whole, expected in ((False, small[(1,)]), (True, (1, "[]", mark))):
        table = dataclasses.replace(TABLE, whole=whole)
        (row,) = TableDecoder("shop", table).changes([update], [0], small.get).rows
        assert row is not None
        assert row[2] == expected[2]


def test_of_a_key_stored_out_of_line_the_row_before_is_not_told() -> None:
    mark = "__debezium_unavailable_value"
    update = event("u", {"k": 1, "a": None, "s": None}, {"k": 1, "a": ["2"], "s": mark})
    old = {(1,): (1, "[]", "y" * 3000)}
    (row,) = TableDecoder("shop", TABLE).changes([update], [0], old.get).rows
    assert row is not None
    assert row[2] == old[1,][2]


@pytest.mark.parametrize("before", [None, "y" * 3000])
def test_behind_a_whole_row_a_mark_is_a_value(before: str | None) -> None:
    mark = "__debezium_unavailable_value"
    rest = {"k": 1, "a": ["1"] * 200}
    update = event("u", rest | {"s": before}, rest | {"s": mark})
    old = {(1,): (1, "[" + ",".join(["1"] * 200) + "]", before)}
    (row,) = TableDecoder("shop", TABLE).changes([update], [0], old.get).rows
    assert row is not None
    assert row[2] == mark
