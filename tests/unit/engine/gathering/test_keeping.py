"""An engine that gathers beside following, as `mesh run` has it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streammesh.engine.gathering import keeping
from streammesh.engine.run import Engine
from streammesh.engine.state import State
from streammesh.errors.engine import EngineFenced
from streammesh.platform.memory.streams import MemoryReader
from streammesh.platform.streams import Chunk
from tests.unit.engine.gathering.world import CUSTOMERS, LOG, ORDERS, World, customer, order

DEPLOYMENTS = "_mesh.deployments"


class Waiting(MemoryReader):
    """Waits a moment when there is nothing, as a real reader does."""

    def read(self, timeout: float) -> Chunk:
        chunk = super().read(timeout)
        if timeout and not len(chunk):
            time.sleep(0.02)
        return chunk


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.streams.reader = lambda topic: Waiting(made.streams, topic)  # type: ignore[method-assign]
    made.publish(CUSTOMERS, k1=customer("Ann", "Bern"))
    made.publish(ORDERS, k10=order(1))
    return made


def engine(world: World) -> Engine:
    return Engine(
        "marketing",
        "others",
        streams=world.streams,
        load=lambda: world.deployments,
        deployments_topic=DEPLOYMENTS,
        state_path=world.path,
        trouble=world.told.append,
    )


@contextmanager
def running(world: World) -> Iterator[Engine]:
    one, ended = engine(world), []

    def run() -> None:
        try:
            one.run()
        except BaseException as error:
            ended.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield one
    one.stop()
    thread.join(30)
    assert not thread.is_alive()
    for error in ended:
        raise error


def wait(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_is_published_comes_through(world: World) -> None:
    with running(world) as one:
        wait(lambda: world.documents() == world.now_expected())
        world.publish(ORDERS, k11=order(1, 300))
        wait(lambda: world.documents() == world.now_expected())
    assert one.activity.marks == 1, "the mark of the log's last transaction is no lag"
    assert world.told == []


def test_a_commit_in_doubt_is_told_and_done_again(world: World) -> None:
    with running(world):
        wait(lambda: world.documents() == world.now_expected())
        world.publish(ORDERS, k11=order(1, 300))
        world.streams.fail_commits = ["lost", "landed"]
        wait(lambda: world.documents() == world.now_expected())
    assert any("trying again" in one for one in world.told)


def test_a_snapshot_that_is_lacking_is_taken_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(world):
        wait(lambda: world.documents() == world.now_expected())
    State.remove(world.path)
    world.streams.drop_before(LOG, len(world.streams.log(LOG)[0]) - 3)
    monkeypatch.setattr(keeping, "LACKING_SECONDS", 0.5)
    with running(world):
        world.publish(ORDERS, k11=order(1, 300))
        wait(lambda: world.documents() == world.now_expected())


def test_a_new_engine_ends_the_old_one(world: World) -> None:
    with pytest.raises(EngineFenced):
        two_engines(world)


def two_engines(world: World) -> None:
    other = World.__new__(World)
    other.__dict__ = {**world.__dict__, "path": world.path.with_name("other.sqlite")}
    with running(world):
        wait(lambda: world.documents() == world.now_expected())
        with running(other):
            for key in ("k11", "k12"):
                world.publish(ORDERS, **{key: order(1, 300)})
                wait(lambda: world.documents() == world.now_expected())
                time.sleep(0.5)


def test_what_nobody_thought_of_ends_the_engine(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(keeping.Gatherer, "step", broken)
    with pytest.raises(ZeroDivisionError), running(world):
        time.sleep(2)


def test_a_log_that_is_made_anew_while_all_runs_is_filled_again(world: World) -> None:
    with running(world):
        wait(lambda: world.documents() == world.now_expected())
        world.streams.topics[LOG][0].clear()
        world.publish(ORDERS, k11=order(1, 300))
        wait(lambda: world.documents() == world.now_expected())
        world.publish(ORDERS, k12=order(1, 300))
        wait(lambda: world.documents() == world.now_expected())


def test_a_product_that_lost_events_while_all_runs_is_read_anew(world: World) -> None:
    with running(world):
        wait(lambda: world.documents() == world.now_expected())
        for partition in world.streams.log(ORDERS):
            partition.clear()
        world.rows[ORDERS].clear()
        world.publish(CUSTOMERS, k1=customer("Bo", "Bern"))
        wait(lambda: world.documents() == world.now_expected())
