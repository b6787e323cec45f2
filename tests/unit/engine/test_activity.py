"""What an engine tells of itself, on sessions in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from streammesh.engine.activity import STEPS, STUCK, Activity
from streammesh.engine.counters import Counters
from streammesh.engine.log import Transaction
from streammesh.platform.streams import WriteFailed
from tests.unit.engine.harness import Bench
from tests.unit.engine.shop import CUSTOMERS, ORDERS, product
from tests.unit.engine.test_session import fill


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, product("orders"), product("customers"))
    fill(made.shop)
    made.streams.topics.clear()
    made.shop.history.clear()
    made.shop.snapshot()
    return made


def test_a_first_snapshot_is_no_delay(bench: Bench) -> None:
    counters = bench.run()
    assert counters.products[ORDERS].published == 5
    assert counters.products[ORDERS].delays.count == 0


def test_each_product_counts_its_own_events_and_delays(bench: Bench) -> None:
    bench.run()
    for status in ("paid", "sent"):
        with bench.shop.transaction():
            bench.shop.put("orders", id=1, status=status)
    counters = bench.run()
    orders, customers = counters.products[ORDERS], counters.products[CUSTOMERS]
    assert (orders.published, orders.delays.count) == (2, 2)
    assert (customers.published, customers.delays.count) == (0, 0)
    assert counters.published == 2
    assert not orders.waiting


def test_a_run_is_told_with_the_end_of_each_step_in_order(bench: Bench) -> None:
    told: list[tuple[Sequence[Transaction], dict[str, int]]] = []

    def published(run: Sequence[Transaction], steps: Mapping[str, int]) -> None:
        told.append((run, dict(steps)))

    bench.run()
    bench.published = published
    with bench.shop.transaction():
        bench.shop.put("orders", id=1, status="paid")
    bench.run()
    ((run, steps),) = told
    assert len(run) == 1
    ends = [steps[name] for name in STEPS]
    assert ends == sorted(ends)


def test_what_a_failed_commit_dropped_is_counted_once(bench: Bench) -> None:
    bench.run()
    with bench.shop.transaction():
        bench.shop.put("orders", id=1, status="paid")
    # the first commit of a session is that of its deployments
    bench.streams.fail_commits = ["", "failed"]
    with pytest.raises(WriteFailed):
        bench.run()
    assert bench.counters.of(ORDERS).delays.count == 0
    assert bench.counters.of(ORDERS).published == 1
    activity = Activity(counters=bench.counters)
    activity.dropped()
    assert bench.counters.as_dict() == Counters().as_dict()
    assert not bench.counters.of(ORDERS).waiting


def test_lag_is_nothing_when_the_log_is_read_to_its_end() -> None:
    activity = Activity(time_ms=1_000, log_offset=7, log_end=7)
    assert (activity.lag, activity.lag_seconds(61.0)) == (0, 0.0)
    activity.log_end = 9
    assert (activity.lag, activity.lag_seconds(61.0)) == (2, 60.0)


def test_a_transaction_that_capture_never_ends_is_told_until_one_ends(bench: Bench) -> None:
    bench.run()
    shop = bench.shop
    shop.txid += 1
    shop.lsn += 8
    for _ in range(STUCK):
        shop.mark("BEGIN")
        shop.notify("SKIPPED")
    bench.run()
    assert "again and again" in bench.trouble
    shop.mark("END")
    bench.run()
    assert not bench.trouble
