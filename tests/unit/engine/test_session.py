"""The engine over memory streams: what comes out is what the shop says, after every commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.engine.harness import Bench, check_every_commit
from tests.unit.engine.shop import CUSTOMERS, ORDERS, Shop, product

WHEN = "2026-01-31T10:00:00.000000Z"


def fill(shop: Shop) -> None:
    with shop.transaction():
        shop.put("cities", id=1, name="Bern", country="CH")
        shop.put("cities", id=2, name="Lyon", country="FR")
        shop.put("customers", id=1, name="Ann", email="a@x", city_id=1)
        shop.put("customers", id=2, name="Bob", email="b@x", city_id=None)
        shop.put("products", id=1, name="pen", price="2.50")
        shop.put("products", id=2, name="ink", price="10.00")
        for order in range(1, 6):
            shop.put("orders", id=order, customer_id=1 + order % 2, status="new", placed_at=WHEN)
            shop.put(
                "order_lines", id=order * 10, order_id=order, product_id=1, qty=2, price="2.50"
            )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, product("orders"), product("customers"))
    fill(made.shop)
    made.streams.topics.clear()  # what was before the snapshot is not in the log
    made.shop.history.clear()
    made.shop.snapshot()
    return made


def test_snapshot_gives_each_key_once(bench: Bench) -> None:
    counters = bench.run()
    bench.check()
    assert len(bench.events(ORDERS)) == 5
    assert len(bench.events(CUSTOMERS)) == 2
    assert counters.published == 7
    headers = dict(bench.events(ORDERS)[0].headers)
    assert (headers["mesh.part"], headers["mesh.parts"]) == (b"1", b"1")
    assert "mesh.tx" not in headers


def test_every_commit_is_seen_as_it_was(bench: Bench) -> None:
    shop = bench.shop
    with shop.transaction():
        shop.put("orders", id=1, status="paid")
        shop.put("order_lines", id=11, order_id=1, product_id=2, qty=1, price="10.00")
    with shop.transaction():
        shop.put("order_lines", id=11, order_id=2)  # moved
    with shop.transaction():
        shop.put("customers", id=1, city_id=2)
    with shop.transaction():
        shop.put("cities", id=2, name="Lyons")
    with shop.transaction():
        shop.put("customers", id=3, name="Eve", email="e@x", city_id=2)
        shop.put("orders", id=9, customer_id=3, status="new", placed_at=WHEN)
        shop.put("order_lines", id=90, order_id=9, product_id=1, qty=3, price="2.50")
    with shop.transaction():
        shop.delete("order_lines", 10)
        shop.delete("order_lines", 11)
        shop.delete("orders", 1)
    with shop.transaction():
        shop.put("products", id=1, price="3.00")  # no document shows it
    bench.run()
    bench.check()
    check_every_commit(bench, ORDERS)
    check_every_commit(bench, CUSTOMERS)


def test_hot_key_has_one_event_for_each_commit(bench: Bench) -> None:
    bench.run()
    for status in ("paid", "sent", "paid", "sent"):
        with bench.shop.transaction():
            bench.shop.put("orders", id=1, status=status)
    counters = bench.run()
    assert counters.rounds == 4
    assert counters.commits == 2  # the deployments' and the run's
    check_every_commit(bench, ORDERS)


def test_line_that_visits_an_order_within_one_batch(bench: Bench) -> None:
    bench.run()
    for order in (2, 3, 1):
        with bench.shop.transaction():
            bench.shop.put("order_lines", id=10, order_id=order)
    bench.run()
    check_every_commit(bench, ORDERS)


def test_unchanged_documents_are_not_published(bench: Bench) -> None:
    bench.run()
    with bench.shop.transaction():
        bench.shop.put("customers", id=1, email="new@x")  # customers shows it, orders does not
    counters = bench.run()
    assert counters.unchanged == 2  # the orders of that customer
    assert len(bench.events(ORDERS)) == 5
    assert len(bench.events(CUSTOMERS)) == 3


def test_truncate_ends_every_document(bench: Bench) -> None:
    bench.run()
    with bench.shop.transaction():
        bench.shop.truncate("order_lines", "orders")
        bench.shop.put("orders", id=7, customer_id=1, status="new", placed_at=WHEN)
    bench.run()
    bench.check()
    check_every_commit(bench, ORDERS)


def test_row_that_comes_and_goes_within_a_transaction(bench: Bench) -> None:
    bench.run()
    with bench.shop.transaction():
        bench.shop.put("orders", id=7, customer_id=1, status="new", placed_at=WHEN)
        bench.shop.delete("orders", 7)
    with bench.shop.transaction():
        bench.shop.delete("orders", 2)
        bench.shop.put("orders", id=2, customer_id=1, status="new", placed_at=WHEN)
    bench.run()
    check_every_commit(bench, ORDERS)


def test_key_update_moves_the_document(bench: Bench) -> None:
    bench.run()
    with bench.shop.transaction():
        row = dict(bench.shop.rows["orders"][3])
        bench.shop.delete("orders", 3)
        bench.shop.put("orders", **(row | {"id": 33}))
        bench.shop.put("order_lines", id=30, order_id=33)
    bench.run()
    bench.check()
    check_every_commit(bench, ORDERS)


def test_chunks_of_any_size_give_the_same(bench: Bench) -> None:
    for order in range(1, 6):
        with bench.shop.transaction():
            bench.shop.put("orders", id=order, status="paid")
            bench.shop.put("customers", id=1, city_id=order % 2 + 1)
    bench.most = 3
    bench.run()
    check_every_commit(bench, ORDERS)


def test_second_run_has_nothing_to_publish(bench: Bench) -> None:
    bench.run()
    counters = bench.run()
    assert (counters.published, counters.documents) == (0, 0)
