"""What a crash, a zombie, an uncertain commit, a lost or damaged state leave behind: nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from streammesh.engine.state import State
from streammesh.errors.engine import (
    DatabaseReplaced,
    PositionLost,
    RecordNotUnderstood,
    TransactionTorn,
)
from streammesh.platform.streams import CommitUncertain, WriteFailed, WriterFenced
from tests.unit.engine.harness import Bench, check_every_commit
from tests.unit.engine.shop import CUSTOMERS, LOG, ORDERS, PRINCIPAL, product
from tests.unit.engine.test_session import WHEN, fill


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, product("orders"), product("customers"))
    fill(made.shop)
    made.streams.topics.clear()
    made.shop.history.clear()
    made.shop.snapshot()
    made.run()
    return made


def work(bench: Bench, first: int = 10, count: int = 6) -> None:
    for number in range(first, first + count):
        with bench.shop.transaction():
            bench.shop.put("orders", id=number, customer_id=1, status="new", placed_at=WHEN)
            bench.shop.put(
                "order_lines", id=number * 10, order_id=number, product_id=1, qty=1, price="2.50"
            )
        with bench.shop.transaction():
            bench.shop.put("orders", id=1 + number % 5, status="paid" if number % 2 else "sent")


def all_right(bench: Bench) -> None:
    bench.check()
    check_every_commit(bench, ORDERS)
    check_every_commit(bench, CUSTOMERS)


@pytest.mark.parametrize("fault", ["lost", "landed"])
def test_uncertain_commit_is_neither_lost_nor_doubled(bench: Bench, fault: str) -> None:
    work(bench)
    bench.streams.fail_commits = ["", fault]
    with pytest.raises(CommitUncertain):
        bench.run()
    counters = bench.run()
    assert (counters.replayed > 0) == (fault == "landed")
    all_right(bench)


def test_failed_commit_is_done_again(bench: Bench) -> None:
    work(bench)
    bench.streams.fail_commits = ["", "failed"]
    with pytest.raises(WriteFailed):
        bench.run()
    bench.run()
    all_right(bench)


def test_uncertain_commit_of_a_snapshot_part(tmp_path: Path) -> None:
    for count in range(3):  # the deployments' commit, and the parts of two products
        made = Bench(tmp_path / str(count), product("orders"), product("customers"))
        fill(made.shop)
        made.streams.topics.clear()
        made.shop.history.clear()
        made.shop.snapshot()
        made.streams.fail_commits = [""] * count + ["landed"]
        try:
            made.run()
        except CommitUncertain:
            made.run()
        work(made)
        made.run()
        all_right(made)


def test_lost_state_is_rebuilt_from_the_log(bench: Bench) -> None:
    work(bench)
    bench.run()
    State.remove(bench.path)
    counters = bench.run()
    assert counters.published == 0
    assert counters.unchanged > 0
    work(bench, 20)
    bench.run()
    all_right(bench)


@pytest.mark.parametrize("damage", ["truncated", "rubbish", "flipped"])
def test_damaged_state_is_rebuilt(bench: Bench, damage: str) -> None:
    work(bench)
    bench.run()
    content = bench.path.read_bytes()
    State.remove(bench.path)
    if damage == "truncated":
        content = content[: len(content) // 2]
    elif damage == "rubbish":
        content = b"\x01" * 8192
    else:
        content = content[:100] + bytes(b ^ 0xFF for b in content[100:300]) + content[300:]
    bench.path.write_bytes(content)
    work(bench, 20)
    bench.run()
    all_right(bench)


def test_older_state_is_replayed_without_publishing(bench: Bench) -> None:
    backup = bench.path.read_bytes()
    work(bench)
    bench.run()
    State.remove(bench.path)
    bench.path.write_bytes(backup)
    before = len(bench.events(ORDERS))
    counters = bench.run()
    assert counters.replayed == 12
    assert len(bench.events(ORDERS)) == before
    work(bench, 20)
    bench.run()
    all_right(bench)


def test_lost_state_and_log_without_the_snapshot_waits_for_a_new_one(bench: Bench) -> None:
    work(bench)
    bench.run()
    State.remove(bench.path)
    bench.streams.drop_before(LOG, 5)
    work(bench, 20)
    bench.run()
    before = len(bench.events(ORDERS))
    bench.shop.snapshot()
    bench.run()
    assert len(bench.events(ORDERS)) > before
    bench.check()


def test_position_that_the_log_no_longer_holds_stops(bench: Bench) -> None:
    work(bench)
    end = bench.streams.reader(LOG).bounds()[1]
    bench.streams.drop_before(LOG, end)
    with pytest.raises(PositionLost):
        bench.run()


def test_newer_engine_fences_the_older(bench: Bench) -> None:
    writer = bench.streams.writer(PRINCIPAL, LOG, 60_000)
    writer.start()
    newer = bench.streams.writer(PRINCIPAL, LOG, 60_000)
    newer.start()
    with pytest.raises(WriterFenced):
        writer.begin()


def test_stretch_repeated_by_connect_is_harmless(bench: Bench) -> None:
    shop = bench.shop
    work(bench)
    partition = bench.streams.log(LOG)[0]
    start = next(i for i, one in enumerate(partition) if b'"BEGIN"' in (one.value or b""))
    repeated = partition[start:]
    partition.extend(repeated)
    with shop.transaction():
        shop.put("orders", id=1, status="new")
    counters = bench.run()
    assert counters.repeated == 13
    all_right(bench)


def test_transaction_resumed_within_keeps_the_first_stretch(bench: Bench) -> None:
    shop = bench.shop
    with shop.transaction():
        shop.put("orders", id=1, status="paid")
        shop.mark("BEGIN")
        shop.put("orders", id=2, status="paid")
    bench.run()
    all_right(bench)


def test_transaction_that_never_came_back_stops(bench: Bench) -> None:
    shop = bench.shop
    shop.txid += 1
    shop.mark("BEGIN")
    shop.put("orders", id=1, status="paid")
    with shop.transaction():
        shop.put("orders", id=2, status="paid")
    with pytest.raises(TransactionTorn):
        bench.run()


def test_snapshot_started_anew_replaces_rows_deleted_meanwhile(tmp_path: Path) -> None:
    bench = Bench(tmp_path, product("orders"), product("customers"))
    shop = bench.shop
    fill(shop)
    bench.streams.topics.clear()
    shop.history.clear()
    shop.notify("STARTED")
    for table in ("cities", "customers", "orders"):
        for row in shop.rows[table].values():
            shop.row("r", table, None, row)
    del shop.rows["orders"][2]
    del shop.rows["order_lines"][20]
    shop.snapshot()
    bench.run()
    all_right(bench)


def test_nothing_is_published_before_the_snapshot_has_settled(tmp_path: Path) -> None:
    bench = Bench(tmp_path, product("orders"))
    fill(bench.shop)
    bench.streams.topics.clear()
    bench.shop.history.clear()
    bench.shop.snapshot(settle=False)
    with bench.shop.transaction():
        bench.shop.put("orders", id=1, status="paid")
    bench.run()
    assert bench.events(ORDERS) == []
    bench.shop.heartbeat()
    bench.run()
    bench.check()


def test_second_generation_publishes_only_what_differs(bench: Bench) -> None:
    del bench.shop.rows["orders"][4]
    del bench.shop.rows["order_lines"][40]
    bench.shop.rows["orders"][5]["status"] = "sent"
    before = len(bench.events(ORDERS))
    bench.shop.lsn += 1000
    bench.shop.snapshot()
    bench.run()
    bench.check()
    assert len(bench.events(ORDERS)) == before + 2


def test_new_product_starts_from_the_state(tmp_path: Path) -> None:
    bench = Bench(tmp_path, product("orders"))
    fill(bench.shop)
    bench.shop.snapshot()
    bench.run()
    work(bench)
    bench.run()
    customers = product("customers")
    bench.products[CUSTOMERS] = customers
    counters = bench.run()
    assert counters.published == 2
    bench.check()


def test_changed_deployment_publishes_what_differs(bench: Bench) -> None:
    bench.products[ORDERS] = product("orders", "1.0.1")
    counters = bench.run()
    assert (counters.published, counters.unchanged) == (0, 5)
    assert bench.progress.deployments[ORDERS].digest == bench.products[ORDERS].digest


def test_violation_goes_to_quarantine_and_leaves_its_transaction(bench: Bench) -> None:
    with bench.shop.transaction():
        bench.shop.put("orders", id=1, status="unheard of")
        bench.shop.put("orders", id=2, status="paid")
    counters = bench.run()
    assert counters.quarantined == 1
    held = bench.events(f"_quarantine.{ORDERS}")
    assert len(held) == 1
    assert b"status" in (held[0].value or b"")
    last = dict(bench.events(ORDERS)[-1].headers)
    assert last["mesh.tx_events"] == b"1"
    assert bench.documents(ORDERS)[1]["status"] == "new"
    with bench.shop.transaction():
        bench.shop.put("orders", id=1, status="sent")
    bench.run()
    bench.check()


def test_column_that_is_gone_stops_the_products_that_read_the_table(bench: Bench) -> None:
    with bench.shop.transaction():
        row = dict(bench.shop.rows["orders"][1])
        del row["status"]
        bench.shop.row("u", "orders", None, row)
    bench.run()
    assert {one.status for one in bench.progress.deployments.values()} == {"waiting"}
    assert bench.progress.inputs["sales.shop"].tables["public.orders"] == ""
    assert any("public.orders" in one and "status" in one for one in bench.told)


def test_other_database_stops(bench: Bench) -> None:
    bench.shop.heartbeat("7312 00000001")
    bench.run()
    assert bench.progress.inputs["sales.shop"].system_identifier == "7312"
    bench.shop.heartbeat("7312 00000002")
    with pytest.raises(DatabaseReplaced):
        bench.run()


@pytest.mark.parametrize(
    "rubbish", [b"", b"{", b"[1]", b'{"status":"END","id":"x"}', b"{}", b"\xff"]
)
def test_rubbish_in_the_log_stops_and_names_the_offset(bench: Bench, rubbish: bytes) -> None:
    offset = bench.streams.append(LOG, rubbish)
    with pytest.raises(RecordNotUnderstood, match=str(offset)):
        bench.run()


def test_newer_snapshot_heals_what_stopped_the_engine(bench: Bench) -> None:
    bench.shop.heartbeat("7312 00000001")
    bench.run()
    bench.shop.heartbeat("7312 00000002")
    with pytest.raises(DatabaseReplaced):
        bench.run()
    bench.shop.rows["orders"][3]["status"] = "sent"
    bench.shop.lsn -= 500_000  # positions of another database may go back
    bench.shop.snapshot(settle=False)
    bench.shop.heartbeat("7312 00000002")
    before = len(bench.events(ORDERS))
    bench.run()
    bench.check()
    assert len(bench.events(ORDERS)) == before + 1
    assert bench.progress.inputs["sales.shop"].timeline == "00000002"
    with bench.shop.transaction():
        bench.shop.put("orders", id=3, status="paid")
    bench.run()
    bench.check()


@pytest.mark.parametrize("fault", [[], ["", "lost"], ["", "", "landed"], ["", "", "", "lost"]])
def test_transaction_over_the_limit_goes_in_parts(tmp_path: Path, fault: list[str]) -> None:
    bench = Bench(tmp_path, product("orders", max_transaction_events=2))
    fill(bench.shop)
    bench.streams.topics.clear()
    bench.shop.snapshot()
    bench.run()
    with bench.shop.transaction():
        bench.shop.put("orders", id=1, status="sent")
    with bench.shop.transaction():
        for order in range(1, 6):
            bench.shop.put("orders", id=order, status="paid")
    with bench.shop.transaction():
        bench.shop.put("orders", id=2, status="sent")
    bench.streams.fail_commits = list(fault)
    try:
        bench.run()
    except CommitUncertain:
        bench.run()
    bench.check()
    parts = [
        (headers["mesh.part"], headers["mesh.parts"])
        for event in bench.events(ORDERS)[5:]
        if "mesh.part" in (headers := dict(event.headers))
    ]
    assert sorted(parts) == [(b"1", b"3")] * 2 + [(b"2", b"3")] * 2 + [(b"3", b"3")]
    assert len(bench.events(ORDERS)) == 5 + 1 + 5 + 1
    assert bench.progress.inputs["sales.shop"].parts is None
