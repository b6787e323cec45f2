"""Heartbeats of an idle source don't cost a Kafka transaction each, and nothing waits for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from streammesh.deployments.progress import Generation, Input, Lsn, Parts, Progress
from streammesh.engine.activity import Activity
from streammesh.engine.beats import HELD_SECONDS, Beats
from streammesh.engine.ledger import Ledger
from streammesh.engine.log import Envelope, Message, Origin, Transaction
from streammesh.errors.engine import DatabaseReplaced
from streammesh.platform.memory.streams import MemoryStreams
from streammesh.platform.streams import CommitUncertain
from tests.unit.engine.harness import Bench
from tests.unit.engine.shop import ORDERS, SOURCE, product
from tests.unit.engine.test_session import fill

NAME = "sales.shop"
GENERATION = Generation(0, 10, Lsn(10))


class Idle:
    """A ledger at position 100, and heartbeats after it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.activity = Activity()
        self.writer = MemoryStreams().writer("x", "y", 1)
        self.writer.start()
        self.ledger = Ledger(SOURCE, self.writer, self.activity)
        self.at(100)
        self.beats = Beats(self.ledger, self.activity, NAME, lambda: self.now)

    def at(self, position: int, parts: Parts | None = None, known: str | None = "7") -> None:
        source = Input(
            Lsn(position), position, 1, GENERATION, system_identifier=known, timeline=known,
            parts=parts,
        )  # fmt: skip
        self.ledger.commit_part([], Progress({NAME: source}))


def beat(position: int, says: str = "7 7") -> Transaction:
    event = Envelope(op="m", message=Message("streammesh.heartbeat.x", says.encode().hex()))
    return Transaction(str(position), Lsn(position), position, [event], position + 1)


def row(position: int) -> Transaction:
    event = Envelope(op="c", source=Origin("public", "orders"))
    return Transaction(str(position), Lsn(position), position, [event], position + 1)


@pytest.fixture
def idle() -> Idle:
    return Idle()


def test_heartbeats_are_committed_now_and_then(idle: Idle) -> None:
    committed = 0
    for number in range(60):
        idle.now += 2
        committed += not idle.beats.hold([beat(101 + number)])
        assert idle.activity.position == str(Lsn(101 + number)) or committed
    assert 9 <= committed <= 12


def test_when_no_more_come_the_last_one_is_committed(idle: Idle) -> None:
    assert idle.beats.hold([beat(101)])
    assert idle.beats.due() == []
    idle.now += HELD_SECONDS
    run = idle.beats.due()
    assert [one.txid for one in run] == ["101"]
    assert not idle.beats.hold(run)
    assert idle.beats.due() == []


def test_whoever_waits_for_the_position_gets_it_at_once(idle: Idle) -> None:
    assert idle.beats.hold([beat(101)])
    assert [one.txid for one in idle.beats.due(now=True)] == ["101"]


Change = Callable[[Idle], None]


@pytest.mark.parametrize(
    "change",
    [lambda idle: idle.at(101), lambda idle: idle.at(300)],
    ids=["committed with what came after it", "long passed"],
)
def test_what_has_been_passed_is_never_committed_again(idle: Idle, change: Change) -> None:
    assert idle.beats.hold([beat(101)])
    change(idle)
    idle.now += HELD_SECONDS
    assert idle.beats.due() == []


@pytest.mark.parametrize(
    "run",
    [[row(101)], [beat(101), row(102)], [Transaction("101", Lsn(101), 1, [], 102)]],
    ids=["rows", "rows behind a heartbeat", "a proof's message"],
)
def test_all_else_is_committed_at_once(idle: Idle, run: list[Transaction]) -> None:
    assert not idle.beats.hold(run)


def test_what_a_heartbeat_tells_for_the_first_time_is_committed_at_once(idle: Idle) -> None:
    idle.at(100, known=None)
    assert not idle.beats.hold([beat(101)])


def test_a_transaction_in_parts_is_not_left_waiting(idle: Idle) -> None:
    idle.at(100, parts=Parts(Lsn(200), 1, 2))
    assert not idle.beats.hold([beat(101)])


def test_what_waits_for_the_next_commit_is_taken_with_the_first_heartbeat(idle: Idle) -> None:
    idle.ledger.progress = Progress(idle.ledger.truth.inputs, {})
    assert not idle.beats.hold([beat(101)])


def test_another_database_is_told_by_its_first_heartbeat(idle: Idle) -> None:
    with pytest.raises(DatabaseReplaced):
        idle.beats.hold([beat(101, "8 8")])


def test_a_restart_reads_held_heartbeats_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    fill(bench.shop)
    bench.streams.topics.clear()
    bench.shop.history.clear()
    bench.shop.snapshot()
    bench.shop.heartbeat("7 7")
    bench.run()
    for _ in range(5):
        bench.shop.heartbeat("7 7")
    before = bench.progress.inputs[NAME].position
    bench.run()
    assert bench.progress.inputs[NAME].position == before
    with bench.shop.transaction():
        bench.shop.put("orders", id=1, status="paid")
    counters = bench.run()
    assert bench.progress.inputs[NAME].position > before
    assert counters.published == 1
    bench.check()


@pytest.mark.parametrize("then", [1, 10_000])
def test_parts_that_are_published_are_not_forgotten_for_a_held_heartbeat(
    tmp_path: Path, then: int
) -> None:
    bench = Bench(tmp_path, product("orders", max_transaction_events=1))
    bench.most = 1
    fill(bench.shop)
    bench.streams.topics.clear()
    bench.shop.history.clear()
    bench.shop.snapshot()
    bench.shop.heartbeat("7 7")
    bench.run()
    published = len(bench.events(ORDERS))
    bench.shop.heartbeat("7 7")
    with bench.shop.transaction():
        bench.shop.put("customers", id=1, name="Ann Other")
    bench.streams.fail_commits = ["", "landed"]
    with pytest.raises(CommitUncertain):
        bench.run()
    bench.most = then
    bench.run()
    bench.check()
    (said,) = {dict(one.headers)["mesh.tx_events"] for one in bench.events(ORDERS)[published:]}
    assert len(bench.events(ORDERS)) - published == int(said)
