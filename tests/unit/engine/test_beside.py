"""All documents of a new product, or of one with another model, come beside what is committed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from streammesh.engine import faults, shard
from streammesh.engine.publishing import Publisher
from streammesh.platform.streams import CommitUncertain, WriteFailed
from streammesh.reconcile.proof import codec_of
from tests.unit.engine.harness import Bench, check_every_commit
from tests.unit.engine.shop import CUSTOMERS, ORDERS, product
from tests.unit.engine.test_random import Writer

SEEDS = 30


class Stopped(Exception):
    """The engine died at a point that a test chose."""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a part have three documents."""
    monkeypatch.setattr(shard, "PART_DOCUMENTS", 3)


def started(folder: Path, pick: random.Random) -> tuple[Bench, Writer]:
    """Give a shop with some orders whose customers are published."""
    bench = Bench(folder, product("customers"))
    writer = Writer(bench.shop, pick)
    writer.fill()
    with bench.shop.transaction():
        for _ in range(15):
            writer.order()
    for _ in range(10):
        writer.transaction()
    bench.streams.topics.clear()
    bench.shop.history.clear()
    bench.shop.snapshot()
    bench.run()
    return bench, writer


def with_orders(bench: Bench, version: str = "1.0.0") -> None:
    """Deploy the orders, or deploy them anew."""
    bench.products = {CUSTOMERS: bench.products[CUSTOMERS], ORDERS: product("orders", version)}


def check_events(bench: Bench) -> None:
    """Check that each event is what its key had at its position, and the last ones what is now."""
    codec = codec_of(bench.products[ORDERS])
    for event in bench.events(ORDERS):
        key = next(iter(codec.decode_key(event.key or b"").values()))
        value = None if event.value is None else codec.decode_value(event.value)
        position = int(dict(event.headers)["mesh.position"], 16)
        at = max((p for p in bench.shop.history if p <= position), default=None)
        if at is not None:
            assert bench.shop.history[at][ORDERS].get(key) == value, (key, position)
    for partition in bench.streams.log(ORDERS):
        positions = [dict(event.headers)["mesh.position"] for event in partition]
        assert positions == sorted(positions)
    bench.check()
    check_every_commit(bench, CUSTOMERS)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("seed", range(SEEDS))
def test_each_event_is_of_one_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    pick = random.Random(seed)
    bench, writer = started(tmp_path, pick)
    bench.most = pick.choice([1, 4, 9, 30])
    for version in ("1.0.0", "1.1.0"):
        with_orders(bench, version)
        for _ in range(pick.randint(0, 20)):
            writer.transaction()
        crashes = [pick.randint(1, 12) for _ in range(pick.randint(0, 3))]
        faults_of = [pick.choice(["", "", "lost", "landed", "failed"]) for _ in range(4)]
        bench.streams.fail_commits = faults_of
        run(bench, monkeypatch, crashes)
    check_events(bench)


def run(bench: Bench, monkeypatch: pytest.MonkeyPatch, crashes: list[int]) -> None:
    """Run sessions until one comes to the end; some die behind a part."""
    left = [crashes.pop()] if crashes else []

    def reached(point: str) -> None:
        if point == "after-part" and left:
            left[0] -= 1
            if not left[0]:
                left[:] = [crashes.pop()] if crashes else []
                raise Stopped

    monkeypatch.setattr(faults, "reached", reached)
    for _ in range(30):
        try:
            bench.run()
        except (CommitUncertain, WriteFailed, Stopped):
            continue
        return
    raise AssertionError("it never came to the end")


@pytest.mark.usefixtures("few")
def test_others_do_not_wait(tmp_path: Path) -> None:
    pick = random.Random(1)
    bench, writer = started(tmp_path, pick)
    for _ in range(12):
        writer.transaction()
    with_orders(bench)
    bench.most = 8
    bench.run()
    orders, customers = bench.events(ORDERS), bench.events(CUSTOMERS)
    parts = [one.transaction for one in orders if "mesh.part" in dict(one.headers)]
    assert [one for one in customers if min(parts) < one.transaction < max(parts)]
    check_events(bench)


@pytest.mark.usefixtures("few")
def test_what_a_transaction_finds_unchanged_is_not_ended_by_the_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row may move from where the pass has not been to where it has: it never comes to it."""
    bench, _ = started(tmp_path, random.Random(2))
    with_orders(bench)
    bench.run()
    before = len(bench.events(ORDERS))
    moved = max(bench.shop.rows["orders"])
    found = shard.Shard.keys

    def without(self: shard.Shard, deployment: object, number: int) -> object:
        keys, last = found(self, deployment, number)
        return [key for key in keys if key != (moved,)], last

    monkeypatch.setattr(shard.Shard, "keys", without)
    with bench.shop.transaction():
        bench.shop.put("orders", id=moved)
    with_orders(bench, "1.1.0")
    bench.run()
    assert len(bench.events(ORDERS)) == before


def test_what_blocks_goes_in_one_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard, "PART_DOCUMENTS", 3)
    bench, writer = started(tmp_path, random.Random(3))
    blocking = product("orders", on_violation="block")
    bench.products = {CUSTOMERS: bench.products[CUSTOMERS], ORDERS: blocking}
    for _ in range(5):
        writer.transaction()
    called: list[bool] = []
    monkeypatch.setattr(Publisher, "publish_some", lambda self: called.append(self.publishing))
    bench.run()
    assert not any(called)
    bench.check()
