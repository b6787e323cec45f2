"""The engine on the real stack: what consumers see, and what faults leave behind."""

from __future__ import annotations

import re
import signal
import threading
import time

import pytest

from streammesh.errors import ExitCode
from tests.integration.engine.world import World

KILLED_AT = (
    "before-align",
    "after-apply",
    "after-evaluate",
    "during-produce",
    "before-commit-kafka",
    "after-commit-kafka",
    "after-commit-state",
)
"""Points of the commit path that are tried with a real database and Debezium; chaos/ has all."""


def test_consumers_see_each_commit_as_postgres_computed_it(world: World) -> None:
    world.start_engine()
    world.wait_live()
    world.work(60)
    world.check()
    world.stop_engines()


@pytest.mark.parametrize("point", KILLED_AT)
def test_engine_killed_at_a_point_of_the_commit_path(world: World, point: str) -> None:
    engine = world.start_engine(f"{point}:{3 + KILLED_AT.index(point) % 4}")
    deadline = time.monotonic() + 90
    while engine.poll() is None and time.monotonic() < deadline:
        world.work(5, 0.05)
    assert engine.wait(1) == -signal.SIGKILL
    world.start_engine()
    world.check()
    world.stop_engines()


def test_engine_killed_within_its_first_publication(empty_world: World) -> None:
    world = empty_world
    world.shop.apply()
    for point in ("after-load", "after-part", "after-commit-kafka:2"):
        engine = world.start_engine(point)
        assert engine.wait(120) == -signal.SIGKILL, point
    world.start_engine()
    world.wait_live()
    world.work(5)
    world.check()


def test_second_engine_takes_over_and_the_first_ends(world: World) -> None:
    first = world.start_leading_engine()
    world.work(5)
    second = world.start_leading_engine(state="state-2")
    world.work(10, 0.1)
    assert first.wait(60) == ExitCode.ENGINE_FENCED
    world.work(5)
    world.check()
    assert second.poll() is None
    world.stop_engines()


def test_zombie_that_wakes_up_is_fenced(world: World) -> None:
    zombie = world.start_leading_engine()
    zombie.send_signal(signal.SIGSTOP)
    world.start_leading_engine(state="state-3")
    world.work(10, 0.1)
    zombie.send_signal(signal.SIGCONT)
    assert zombie.wait(60) == ExitCode.ENGINE_FENCED
    world.work(5)
    world.check()
    world.stop_engines()


def test_lost_state_is_rebuilt(world: World) -> None:
    world.work(10)
    world.start_engine(state="state-of-another-machine")
    world.work(5)
    world.check()
    world.stop_engines()


def test_broker_killed_within_transactions(world: World) -> None:
    world.start_leading_engine()
    work = threading.Thread(target=world.work, args=(60, 0.1))
    work.start()
    for _ in range(2):
        threading.Event().wait(2)
        world.shop.stack.kill("kafka")
        world.shop.stack.start_component("kafka")
    work.join()
    world.check()
    world.stop_engines()


def test_stops_on_sigterm(world: World) -> None:
    engine = world.start_leading_engine()
    engine.send_signal(signal.SIGTERM)
    assert engine.wait(30) == 0
    last = [line for line in world.log.read_text().splitlines() if " documents=" in line][-1]
    counts = {name: int(count) for name, count in re.findall(r" (\w+)=(\d+)\b", last)}
    gone = ("events", "unchanged", "filtered", "quarantined", "skipped")
    assert counts["documents"] == sum(counts[name] for name in gone)
