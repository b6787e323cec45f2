"""What `bench flink` gives to Flink, and how it judges what comes back."""

import json
from typing import Any

from bench.debezium import TABLES, Log
from bench.flink_documents import difference, view
from bench.flink_topics import rows

ORDERS = 10


def document(status: str, *products: str) -> dict[str, Any]:
    return {"status": status, "lines": [{"product": one} for one in products]}


def test_a_snapshots_rows_go_to_their_tables_and_nothing_else_does() -> None:
    found = list(rows(Log(ORDERS).snapshot()))
    expected = [
        (table, b'{"id":%d}' % key, row.encode())
        for table in TABLES
        for key, row in Log(ORDERS).rows(table)
    ]
    assert found == expected


def test_each_change_is_an_after_image_and_a_delete_is_a_tombstone() -> None:
    log = Log(ORDERS)
    list(log.snapshot())
    records = list(log.transactions(2_000))
    changes = [value for _, value in records if b'"after"' in value]
    found = list(rows(records))
    assert len(found) == len(changes) >= 2_000
    deleted = [row is None for _, _, row in found]
    assert deleted == [b'"op":"d"' in value for value in changes]
    assert any(deleted)


def test_an_order_always_has_a_customer_that_exists() -> None:
    log = Log(ORDERS)
    customers = {
        json.loads(row)["id"]
        for table, _, row in rows(log.snapshot())
        if table == "customers" and row
    }
    wanted = {
        json.loads(row)["customer_id"]
        for table, _, row in rows(log.transactions(3_000))
        if table == "orders" and row
    }
    assert wanted == customers


def test_equal_documents_differ_in_nothing() -> None:
    events = [(1, document("new", "a", "b")), (1, document("paid", "a", "b"))]
    seen, found = difference(view(events), events[1:])
    assert (found.keys, found.wrong, found.unsorted, found.never) == (1, 0, 0, 0)
    assert seen.total == 1


def test_lists_in_another_order_are_told_apart_from_other_content() -> None:
    engine = view([(1, document("new", "a", "b")), (2, document("new", "a")), (3, None)])
    flink = [(1, document("new", "b", "a")), (2, document("new", "c")), (3, document("new"))]
    _, found = difference(engine, flink)
    assert (found.keys, found.wrong, found.unsorted) == (2, 2, 1)
    assert found.example


def test_an_event_that_mixes_two_commits_was_never_true() -> None:
    engine = view([(1, document("new", "a")), (1, document("paid", "a", "b"))])
    flink = [(1, document("new", "a", "b")), (1, document("paid", "b", "a")), (1, None)]
    _, found = difference(engine, flink)
    assert found.never == 2
