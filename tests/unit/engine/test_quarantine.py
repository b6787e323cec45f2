"""What can't be published: quarantine, block, warn, and what is asked of an engine about them."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streammesh.deployments.progress import Answer, ProductProgress
from streammesh.deployments.requests import Action, Request, new_id
from streammesh.engine.state import State
from streammesh.platform.streams import CommitUncertain, WriteFailed
from tests.unit.engine.harness import Bench, check_every_commit
from tests.unit.engine.shop import CUSTOMERS, ORDERS, product
from tests.unit.engine.test_recovery import fill

HELD = f"_quarantine.{ORDERS}"


def started(folder: Path, on_violation: str, *, most: int = 10_000) -> Bench:
    orders = product("orders", on_violation=on_violation)
    bench = Bench(folder, orders, product("customers"))
    bench.most = most
    fill(bench.shop)
    bench.shop.snapshot()
    bench.run()
    return bench


def status(bench: Bench, **orders: str) -> None:
    """Give orders another status, all in one transaction: `status(bench, o1="paid")`."""
    with bench.shop.transaction():
        for name, said in orders.items():
            bench.shop.put("orders", id=int(name[1:]), status=said)


def held(bench: Bench) -> dict[int, dict[str, Any]]:
    """The newest record of each key in quarantine, by key."""
    found: dict[bytes, bytes | None] = {}
    for event in bench.events(HELD):
        found[event.key or b""] = event.value
    records = [json.loads(value) for value in found.values() if value is not None]
    return {record["key"]["order_id"]: record for record in records}


def ask(bench: Bench, action: Action, *keys: int, topic: str = ORDERS) -> Request:
    listed = tuple((key,) for key in keys) or None
    request = Request(new_id(), topic, action, listed, "ann", "2026-01-31T10:00:00Z", "a test")
    bench.requests = (*bench.requests, request)
    return request


def entry(bench: Bench) -> ProductProgress:
    return bench.progress.deployments[ORDERS]


# --- quarantine


def test_record_has_key_reason_place_and_document(tmp_path: Path) -> None:
    bench = started(tmp_path, "quarantine")
    status(bench, o1="unheard of")
    bench.run()
    record = held(bench)[1]
    assert (record["field"], record["reason"]) == ("status", "is none of the valid values")
    assert record["document"]["status"] == "unheard of"
    assert record["document"]["lines"][0]["amount"].count(".") == 1
    assert record["transaction"] == str(bench.shop.txid)
    assert record["deployment"] == bench.products[ORDERS].digest
    assert record["time"].endswith("Z")


def test_a_document_that_is_too_large_is_left_out(tmp_path: Path) -> None:
    bench = started(tmp_path, "quarantine")
    bench.products[ORDERS] = product("orders", max_bytes=20)
    bench.run()
    assert held(bench)
    assert all("document" not in record for record in held(bench).values())


def test_another_wrong_document_of_the_same_key_is_told_again(tmp_path: Path) -> None:
    bench = started(tmp_path, "quarantine")
    for said in ("one", "one", "two"):
        status(bench, o1=said)
        bench.run()
    assert [json.loads(one.value or b"")["document"]["status"] for one in bench.events(HELD)] == [
        "one",
        "two",
    ]


@pytest.mark.parametrize("end", ["valid", "deleted", "as published"])
def test_newest_record_is_a_tombstone_when_it_ends(tmp_path: Path, end: str) -> None:
    bench = started(tmp_path, "quarantine")
    status(bench, o1="unheard of")
    bench.run()
    if end == "deleted":
        with bench.shop.transaction():
            bench.shop.delete("orders", 1)
    else:
        status(bench, o1="paid" if end == "valid" else "new")
    bench.run()
    assert held(bench) == {}
    assert bench.events(HELD)[-1].transaction == max(
        bench.events(HELD)[-1].transaction, *(one.transaction for one in bench.events(ORDERS))
    )
    bench.check()


def test_list_comes_back_from_the_topic_after_the_state_is_lost(tmp_path: Path) -> None:
    bench = started(tmp_path, "quarantine")
    status(bench, o1="unheard of", o2="nor this")
    bench.run()
    State.remove(bench.path)
    bench.run()
    assert len(bench.events(HELD)) == 2, "nothing is told again"
    status(bench, o1="paid")
    bench.run()
    assert list(held(bench)) == [2]


def test_row_deleted_while_the_state_was_lost_leaves_the_list(tmp_path: Path) -> None:
    bench = started(tmp_path, "quarantine")
    status(bench, o1="unheard of")
    bench.run()
    State.remove(bench.path)
    del bench.shop.rows["orders"][1]
    bench.shop.lsn += 1000
    bench.shop.snapshot()
    bench.run()
    assert held(bench) == {}
    bench.check()


# --- warn


def test_warn_publishes_what_breaks_a_rule_and_counts_it(tmp_path: Path) -> None:
    bench = started(tmp_path, "warn")
    status(bench, o1="unheard of", o2="paid")
    counters = bench.run()
    assert (counters.warned, counters.quarantined) == (1, 0)
    assert "against its contract" in counters.told
    assert bench.documents(ORDERS)[1]["status"] == "unheard of"
    bench.check()


def test_warn_quarantines_what_cant_be_encoded(tmp_path: Path) -> None:
    bench = started(tmp_path, "warn")
    with bench.shop.transaction():
        bench.shop.put("order_lines", id=10, qty=2_000_000_000, price="99999999.99")
    counters = bench.run()
    assert (counters.warned, counters.quarantined) == (0, 1)
    assert list(held(bench)) == [1]


# --- block


@pytest.mark.parametrize("most", [1, 10_000])
def test_block_keeps_the_product_back_from_that_transaction_on(tmp_path: Path, most: int) -> None:
    bench = started(tmp_path, "block", most=most)
    status(bench, o2="paid")
    before = dict(bench.shop.documents()[ORDERS])
    status(bench, o1="unheard of", o3="paid")
    bad = bench.shop.lsn
    status(bench, o2="sent")
    with bench.shop.transaction():
        bench.shop.put("customers", id=1, name="Another")
    bench.shop.heartbeat()
    counters = bench.run()
    assert bench.documents(ORDERS) == before
    assert bench.documents(CUSTOMERS) == bench.shop.documents()[CUSTOMERS]
    its = entry(bench)
    assert its.status == "blocked"
    assert its.block is not None
    assert (its.block.position.value, its.block.skipped) == (bad, 3)
    assert "status" in its.block.reason
    assert its.position.value < bad < bench.progress.inputs["sales.shop"].position.value
    assert counters.skipped >= 3
    assert list(held(bench)) == [1]


def test_two_violations_in_a_run_block_at_the_first(tmp_path: Path) -> None:
    bench = started(tmp_path, "block")
    status(bench, o1="paid")
    status(bench, o2="unheard of")
    bad = bench.shop.lsn
    status(bench, o1="nor this")
    bench.run()
    block = entry(bench).block
    assert block is not None
    assert (block.position.value, block.skipped) == (bad, 2)
    assert bench.documents(ORDERS)[1]["status"] == "paid"


def test_blocked_product_stays_blocked_through_everything_but_a_release(tmp_path: Path) -> None:
    bench = started(tmp_path, "block")
    status(bench, o1="unheard of")
    bench.run()
    published = len(bench.events(ORDERS))
    status(bench, o1="paid")
    bench.run()
    State.remove(bench.path)
    bench.run()
    bench.shop.lsn += 1000
    bench.shop.snapshot()
    bench.run()
    assert len(bench.events(ORDERS)) == published
    assert entry(bench).status == "blocked"


def test_replay_releases_and_publishes_what_differs(tmp_path: Path) -> None:
    bench = started(tmp_path, "block")
    status(bench, o1="unheard of")
    status(bench, o2="paid")
    bench.run()
    status(bench, o1="sent")
    bench.run()
    before = len(bench.events(ORDERS))
    request = ask(bench, "replay")
    bench.run()  # stops at the log's end, within the publishing
    bench.run()
    assert entry(bench).status == "live"
    assert bench.progress.answers[request.id].skipped == 3
    assert len(bench.events(ORDERS)) == before + 2
    assert all("mesh.parts" in dict(one.headers) for one in bench.events(ORDERS)[before:])
    assert held(bench) == {}
    bench.check()
    status(bench, o2="sent")
    bench.run()
    bench.check()


def test_replay_of_what_still_violates_blocks_again_and_publishes_nothing(tmp_path: Path) -> None:
    bench = started(tmp_path, "block")
    status(bench, o1="unheard of")
    status(bench, o2="paid")
    bench.run()
    before = len(bench.events(ORDERS))
    ask(bench, "replay")
    bench.run()
    assert entry(bench).status == "blocked"
    assert len(bench.events(ORDERS)) == before


def test_new_deployment_releases(tmp_path: Path) -> None:
    bench = started(tmp_path, "block")
    status(bench, o1="unheard of")
    bench.run()
    status(bench, o1="sent")
    bench.run()
    bench.products[ORDERS] = product("orders", "1.0.1", on_violation="block")
    counters = bench.run()
    assert "2 commits were skipped" in counters.of(ORDERS).told
    assert entry(bench).status == "live"
    bench.check()


def test_a_first_snapshot_that_violates_publishes_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, product("orders", on_violation="block"))
    fill(bench.shop)
    bench.shop.rows["orders"][3]["status"] = "unheard of"
    bench.shop.snapshot()
    bench.run()
    assert bench.events(ORDERS) == []
    assert entry(bench).status == "blocked"
    assert list(held(bench)) == [3]


@pytest.mark.parametrize("fault", ["lost", "landed", "failed"])
@pytest.mark.parametrize("after", range(4))
def test_block_and_release_through_uncertain_commits(
    tmp_path: Path, fault: str, after: int
) -> None:
    bench = started(tmp_path, "block")
    status(bench, o2="paid")
    status(bench, o1="unheard of")
    status(bench, o2="sent")
    bench.streams.fail_commits = [*[""] * after, fault]
    with contextlib.suppress(CommitUncertain, WriteFailed):
        bench.run()
    bench.streams.fail_commits = []
    bench.run()
    block = entry(bench).block
    assert block is not None
    assert block.skipped == 2
    assert bench.documents(ORDERS)[2]["status"] == "paid"
    status(bench, o1="sent")
    bench.run()
    request = ask(bench, "replay")
    bench.streams.fail_commits = [*[""] * after, fault]
    with contextlib.suppress(CommitUncertain, WriteFailed):
        bench.run()
    bench.streams.fail_commits = []
    bench.run()
    bench.run()
    assert entry(bench).status == "live"
    assert bench.progress.answers[request.id].skipped == 3
    assert held(bench) == {}
    bench.check()


# --- requests


def test_replay_publishes_what_a_lost_commit_had_left(tmp_path: Path) -> None:
    bench = started(tmp_path, "quarantine")
    status(bench, o1="unheard of", o2="nor this")
    bench.run()
    request = ask(bench, "replay", 1)
    bench.run()
    answer = bench.progress.answers[request.id]
    assert (answer.evaluated, answer.published, answer.quarantined) == (1, 0, 1)
    all_of_them = ask(bench, "replay")
    bench.run()
    assert bench.progress.answers[all_of_them.id].evaluated == 2


def test_request_is_done_once_and_forgotten_with_its_record(tmp_path: Path) -> None:
    bench = started(tmp_path, "quarantine")
    status(bench, o1="unheard of")
    bench.run()
    request = ask(bench, "discard", 1)
    bench.run()
    told = len(bench.events(HELD))
    bench.run()
    assert len(bench.events(HELD)) == told
    assert request.id in bench.progress.answers
    bench.requests = ()
    bench.most = 1
    for _ in range(2):
        bench.shop.heartbeat()
    bench.run()
    assert bench.progress.answers == {}


def test_discard_says_who_and_why_and_keeps_the_last_valid_event(tmp_path: Path) -> None:
    bench = started(tmp_path, "quarantine")
    status(bench, o1="unheard of", o2="nor this")
    bench.run()
    request = ask(bench, "discard", 1)
    bench.run()
    assert bench.progress.answers[request.id].discarded == 1
    by = {"by": "ann", "at": "2026-01-31T10:00:00Z", "why": "a test"}
    assert held(bench)[1]["discarded"] == by
    assert "discarded" not in held(bench)[2]
    assert bench.documents(ORDERS)[1]["status"] == "new"
    State.remove(bench.path)
    bench.run()
    assert held(bench)[1]["discarded"] == by, "it is not told again after a rebuild"
    status(bench, o1="unheard of again")
    bench.run()
    assert "discarded" not in held(bench)[1]


@pytest.mark.parametrize("fault", ["lost", "landed"])
def test_request_whose_commit_is_uncertain_is_done_once(tmp_path: Path, fault: str) -> None:
    bench = started(tmp_path, "quarantine")
    status(bench, o1="unheard of", o2="nor this")
    bench.run()
    request = ask(bench, "discard")
    bench.streams.fail_commits = ["", fault]
    with pytest.raises(CommitUncertain):
        bench.run()
    bench.streams.fail_commits = []
    bench.run()
    assert bench.progress.answers[request.id] == Answer(
        bench.progress.inputs["sales.shop"].position, discarded=2
    )
    assert len(bench.events(HELD)) == 4


def test_key_of_another_shape_is_refused(tmp_path: Path) -> None:
    bench = started(tmp_path, "quarantine")
    request = replace(ask(bench, "replay", 1), keys=((1, 2),))
    bench.requests = (request,)
    bench.run()
    assert "1 value" in bench.progress.answers[request.id].refused


def test_every_commit_is_whole_while_others_are_in_quarantine(tmp_path: Path) -> None:
    bench = started(tmp_path, "warn")
    for number in range(30):
        status(bench, **{f"o{number % 4 + 1}": f"s{number}", f"o{number % 3 + 1}": "paid"})
    bench.run()
    check_every_commit(bench, ORDERS)
