"""Engines that are killed, frozen or replaced while the shop works on."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import Any

from chaos.server import Running, wait_until
from chaos.world import World
from streammesh.errors import ExitCode

PART: dict[str, Any] = {"part_documents": 4, "checkpoint_pages": 2}
"""So that a small shop has many parts, and the write-ahead log goes into the file now and then."""

FROZEN_AT = (
    *("before-produce", "during-produce", "after-produce", "before-commit-kafka"),
    *("after-commit-kafka", "before-commit-state", "after-read", "after-apply"),
)


def killed_at(point: str) -> Callable[[World, int], int]:
    """Kill engines at a point of the commit path."""

    def fault(world: World, count: int) -> int:
        world.begin()
        for _ in range(count):
            at = f"{point}:{world.dice.randint(1, 5)}"
            engine = world.start(environ={"MESH_ENGINE_KILL_AT": at}, **PART)
            world.work_until(engine)
            _expect(engine.status, -signal.SIGKILL, engine.tail())
        return count

    return fault


def killed_in_a_snapshot(world: World, count: int) -> int:
    """Kill engines that take in a snapshot."""
    for number in range(count):
        world.snapshot() if number == 0 else world.new_snapshot()
        world.work(5)
        engine = world.start(environ={"MESH_ENGINE_KILL_AT": f"after-load:{number % 6 + 1}"})
        world.work_until(engine)
        _expect(engine.status, -signal.SIGKILL, engine.tail())
        world.settle()
    return count


def killed_in_a_publication(world: World, count: int) -> int:
    """Kill engines while they publish all documents in parts."""
    world.snapshot()
    for number in range(count):
        if number:
            world.state().unlink()
        at = f"after-part:{world.dice.randint(1, 8)}"
        engine = world.start(environ={"MESH_ENGINE_KILL_AT": at}, **PART)
        world.work_until(engine)
        _expect(engine.status, -signal.SIGKILL, engine.tail())
        if number % 3 == 2:
            world.settle(**PART)
    return count


def killed_in_a_recovery(world: World, count: int) -> int:
    """Kill engines that rebuild their state, or bring an older one up to date."""
    world.begin()
    backup = world.state().read_bytes()
    for number in range(count):
        world.work(20)
        world.settle()
        world.remove_state()
        if number % 2:
            world.state().write_bytes(backup)
        engine = world.start(environ={"MESH_ENGINE_KILL_AT": "during-recovery"})
        world.work_until(engine)
        _expect(engine.status, -signal.SIGKILL, engine.tail())
    return count


def killed_at_random(world: World, count: int) -> int:
    """Kill engines at any time, from their first moment on."""
    world.snapshot()
    for _ in range(count):
        engine = world.start(**PART)
        until = time.monotonic() + world.dice.uniform(0.05, 1.2)
        while time.monotonic() < until and engine.status is None:
            world.work(world.dice.randint(1, 6))
            time.sleep(world.dice.uniform(0, 0.03))
        _expect(engine.kill(), -signal.SIGKILL, engine.tail())
    return count


def zombies(world: World, count: int) -> int:
    """Freeze engines at a point, let another take over and publish, and wake them up."""
    world.begin()
    for number in range(count):
        point = FROZEN_AT[number % len(FROZEN_AT)]
        zombie = world.start(state=f"state-{number}", environ={"MESH_ENGINE_STOP_AT": point})
        _freeze(world, zombie)
        world.work(10)
        newer = world.catch_up(state=f"state-{number + 1}-newer")
        zombie.send(signal.SIGCONT)
        world.work(3)
        _expect(zombie.wait(), ExitCode.ENGINE_FENCED, zombie.tail())
        world.catch_up(newer)
        world.end(newer)
    return count


def two_at_once(world: World, count: int) -> int:
    """Start an engine beside one that runs: one of them takes over, the other ends."""
    world.begin()
    one = world.start(state="state-0")
    for number in range(count):
        world.work(5)
        other = world.start(state=f"state-{number + 1}")
        # the one that comes to Kafka last takes over: mostly the newer
        world.work_until(one, 90, other)
        first, left = (one, other) if one.status is not None else (other, one)
        _expect(first.status, ExitCode.ENGINE_FENCED, first.tail())
        one = left
    world.end(world.catch_up(one))
    return count


def _freeze(world: World, engine: Running) -> None:
    def frozen() -> bool:
        world.work(1)
        return engine.frozen

    wait_until(frozen, 40, "an engine is frozen")


def _expect(status: int | None, wanted: int, tail: str) -> None:
    if status != wanted:
        raise AssertionError(f"an engine ended with {status}, not with {wanted}\n{tail}")
