"""What a crash between two commits, a damaged file or a log made anew must not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from streammesh.engine import beginning
from streammesh.engine.state import State, StateDamaged
from streammesh.errors.engine import LogReplaced, StreamsFailed, TransactionTorn
from streammesh.platform.streams import CommitUncertain
from tests.unit.engine.harness import Bench, check_every_commit
from tests.unit.engine.shop import LOG, ORDERS, product
from tests.unit.engine.test_recovery import WHEN, fill, work


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, product("orders"))
    fill(made.shop)
    made.streams.topics.clear()
    made.shop.history.clear()
    made.shop.snapshot()
    made.run()
    return made


def test_topic_that_can_not_be_read_leaves_no_empty_mirror(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new snapshot comes, and reading what was published fails the first time."""
    del bench.shop.rows["orders"][4]
    del bench.shop.rows["order_lines"][40]
    bench.shop.snapshot()
    State.remove(bench.path)
    before = len(bench.events(ORDERS))

    def fails(*_: object) -> int:
        raise StreamsFailed(topic=ORDERS)

    with monkeypatch.context() as patch:
        patch.setattr(beginning, "mirror_from_topic", fails)
        with pytest.raises(StreamsFailed):
            bench.run()
    bench.run()
    bench.check()
    assert len(bench.events(ORDERS)) == before + 1  # order 4 is gone, nothing else


def test_state_lost_between_two_parts(tmp_path: Path) -> None:
    bench = Bench(tmp_path, product("orders", max_transaction_events=2))
    fill(bench.shop)
    bench.streams.topics.clear()
    bench.shop.snapshot()
    bench.run()
    with bench.shop.transaction():
        for order in range(1, 6):
            bench.shop.put("orders", id=order, status="paid")
    bench.streams.fail_commits = ["", "landed"]
    with pytest.raises(CommitUncertain):
        bench.run()
    State.remove(bench.path)
    bench.run()
    bench.check()


def test_end_without_its_begin_stops(bench: Bench) -> None:
    bench.shop.txid += 1
    bench.shop.lsn += 100
    bench.shop.mark("END")
    with pytest.raises(TransactionTorn):
        bench.run()


def test_snapshot_of_a_restored_database_settles_though_its_positions_are_lower(
    bench: Bench,
) -> None:
    bench.shop.lsn = 500
    bench.shop.rows["orders"][2]["status"] = "sent"
    bench.shop.snapshot()
    bench.run()
    bench.check()
    with bench.shop.transaction():
        bench.shop.put("orders", id=2, status="paid")
    bench.run()
    bench.check()


def test_log_made_anew_is_read_from_its_snapshot(bench: Bench) -> None:
    work(bench)
    bench.run()
    bench.streams.topics[LOG] = [[]]
    with pytest.raises(LogReplaced):
        bench.run()
    bench.shop.snapshot()
    work(bench, 30, 40)  # it is longer than the old one by now
    bench.run()
    bench.check()


def test_hot_row_costs_no_more_than_its_transactions(bench: Bench) -> None:
    for number in range(1500):
        with bench.shop.transaction():
            bench.shop.put("customers", id=1, email=f"{number}@x")
    bench.run()
    bench.check()


def test_value_of_another_kind_stops_what_reads_the_table(bench: Bench) -> None:
    with bench.shop.transaction():
        row = dict(bench.shop.rows["products"][1]) | {"price": 2.5}
        bench.shop.row("u", "products", None, row)
    before = len(bench.events(ORDERS))
    bench.run()
    assert bench.progress.deployments[ORDERS].status == "waiting"
    assert len(bench.events(ORDERS)) == before


def test_repeated_stretch_with_unchanged_large_values(bench: Bench) -> None:
    shop = bench.shop
    name = "n" * 3000
    with shop.transaction():
        shop.put("customers", **shop.rows["customers"][1] | {"name": name})
    moved = dict(shop.rows["customers"][1]) | {"id": 9}
    order = dict(shop.rows["orders"][2]) | {"customer_id": 9}
    left_out = {"name": "__debezium_unavailable_value"}
    with shop.transaction():
        for _ in range(2):
            shop.row("u", "customers", None, shop.rows["customers"][1] | left_out)
            shop.row("d", "customers", {"id": 1, "name": ""}, None)
            shop.row("c", "customers", None, moved | left_out)
            shop.mark("BEGIN")
        shop.rows["customers"][9] = moved | {"name": name}
        shop.put("orders", **order)
    bench.run()
    assert bench.documents(ORDERS)[2]["customer"]["name"] == name


def test_in_a_small_row_the_mark_is_a_value(bench: Bench) -> None:
    name = "__debezium_unavailable_value"
    with bench.shop.transaction():
        bench.shop.put("customers", **bench.shop.rows["customers"][1] | {"name": name})
    bench.run()
    assert name in {one["customer"]["name"] for one in bench.documents(ORDERS).values()}


def test_state_damaged_while_it_is_used_is_told(bench: Bench) -> None:
    work(bench)
    size = bench.path.stat().st_size
    with bench.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    try:
        bench.run()
    except StateDamaged:
        State.remove(bench.path)
        bench.run()
    bench.check()
    with bench.shop.transaction():
        bench.shop.put("orders", id=77, customer_id=1, status="new", placed_at=WHEN)
    bench.run()
    check_every_commit(bench, ORDERS)


def test_run_that_touches_too_much_is_halved(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streammesh.engine.shard.MOST_HITS", 6)
    for number in range(8):
        with bench.shop.transaction():
            bench.shop.put("cities", id=1, name=f"Bern {number}")
    counters = bench.run()
    assert counters.transactions == 8
    assert counters.commits >= 5
    check_every_commit(bench, ORDERS)
