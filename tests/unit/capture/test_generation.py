"""A new generation may be interrupted anywhere, and another attempt completes it."""

from __future__ import annotations

from typing import Any

import pytest

from streammesh.capture.connector import connector_config
from streammesh.capture.generation import begin_generation, remove_connector
from streammesh.platform.connect import SourceOffset
from streammesh.platform.memory.connect import MemoryConnect
from tests.unit.capture.values import SOURCE, TABLES, settings

NAME = "sales.shop"
CONFIG = connector_config(SOURCE, TABLES, settings())
CAME_FAR = (SourceOffset({"server": NAME}, {"lsn": 5}),)


class Interrupted(Exception):
    """What a test throws in the middle."""


class Interruptible(MemoryConnect):
    """A Connect whose n-th change is never made."""

    def __init__(self, allowed: int) -> None:
        super().__init__()
        self.allowed = allowed
        self.slot = True

    def change(self) -> None:
        if self.allowed == 0:
            self.allowed = -1
            raise Interrupted
        self.allowed -= 1

    def put(self, *args: Any) -> None:
        self.change()
        super().put(*args)

    def stop(self, name: str) -> None:
        self.change()
        super().stop(name)

    def reset_offsets(self, name: str) -> None:
        self.change()
        super().reset_offsets(name)

    def resume(self, name: str) -> None:
        self.change()
        assert not self.slot or self.offsets(name), "it would go on from a slot that is not its own"
        super().resume(name)

    def drop_slot(self) -> None:
        self.change()
        assert NAME not in self.connectors() or self.connectors()[NAME].state == "STOPPED"
        self.slot = False


def captured(allowed: int = -1) -> Interruptible:
    connect = Interruptible(-1)
    connect.put(NAME, CONFIG)
    connect.advance(NAME, CAME_FAR)
    connect.allowed = allowed
    return connect


def begun(connect: Interruptible) -> bool:
    running = connect.connectors()[NAME].state == "RUNNING"
    return running and not connect.slot and not connect.offsets(NAME)


def test_begun_anew() -> None:
    connect = captured()
    begin_generation(connect, NAME, CONFIG, connect.drop_slot)
    assert begun(connect)


@pytest.mark.parametrize("after", range(5))
def test_interrupted_and_done_again(after: int) -> None:
    connect = captured(allowed=after)
    with pytest.raises(Interrupted):
        begin_generation(connect, NAME, CONFIG, connect.drop_slot)
    assert connect.connectors()[NAME].state == ("RUNNING" if after == 0 else "STOPPED")
    begin_generation(connect, NAME, CONFIG, connect.drop_slot)
    assert begun(connect)


def test_a_deleted_connectors_offsets_are_forgotten() -> None:
    connect = captured()
    connect.delete(NAME)
    begin_generation(connect, NAME, CONFIG, connect.drop_slot)
    assert begun(connect)


def test_the_first_generation_starts_once() -> None:
    connect = Interruptible(allowed=2)  # no more than dropping a slot and one configuration
    begin_generation(connect, NAME, CONFIG, connect.drop_slot)
    assert begun(connect)


def test_the_new_configuration_is_taken() -> None:
    connect = captured()
    begin_generation(connect, NAME, {**CONFIG, "poll.interval.ms": "7"}, connect.drop_slot)
    assert connect.connectors()[NAME].config["poll.interval.ms"] == "7"


def test_removal_forgets_offsets_and_may_be_repeated() -> None:
    connect = captured()
    remove_connector(connect, NAME)
    remove_connector(connect, NAME)
    assert NAME not in connect.connectors()
    connect.put(NAME, CONFIG)
    assert connect.offsets(NAME) == ()
