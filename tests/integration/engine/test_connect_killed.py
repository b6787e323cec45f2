"""Kafka Connect killed where it once cost data: the product is right afterwards all the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import msgspec
import pytest

from streammesh.documents.names import Names
from tests.integration.engine.world import World

ROWS = 150_000


class LogWatch:
    """Follows the private log while it is written."""

    def __init__(self, world: World) -> None:
        topic = Names().private_log(world.shop.domain, "shop")
        self._reader = world.streams.reader(topic)
        self._reader.seek(0)

    def records(self, seconds: float = 120) -> Iterator[dict[str, object]]:
        """Give its records as they come."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for value in self._reader.read(0.01).values:
                yield msgspec.json.decode(value or b"{}")
        raise AssertionError(f"not seen in the log within {seconds} s")

    def until(self, seen: Callable[[dict[str, object]], bool], count: int = 1) -> None:
        """Return when so many of the records looked for have come."""
        left = count
        for record in self.records():
            left -= seen(record)
            if left == 0:
                return


@pytest.fixture
def read_by_debezium(empty_world: World) -> World:
    """Give a shop whose tables the connector reads, as long as it lives."""
    for path in empty_world.folder.rglob("*.source.yaml"):
        path.write_text(path.read_text() + "capture: { snapshot: debezium }\n")
    return empty_world


def is_row(record: dict[str, object]) -> bool:
    return record.get("op") in {"c", "r", "u"}


def restart_connect(world: World) -> None:
    world.shop.stack.start_component("connect")


def test_within_a_transaction_of_300000_rows_over_two_tables(empty_world: World) -> None:
    world = empty_world
    world.shop.apply()
    world.start_engine()
    world.wait_live()
    watch = LogWatch(world)
    world.shop.run(
        f"""
        DO $$ BEGIN FOR i IN 1..{ROWS} LOOP
          INSERT INTO cities VALUES (100 + i, 'city ' || i, 'CH');
          INSERT INTO customers VALUES (100 + i, 'customer ' || i, 'x@x', 100 + i, 'x');
        END LOOP; END $$
        """
    )
    watch.until(is_row, 40_000)
    world.shop.stack.kill("connect")
    restart_connect(world)
    for topic, proof in world.prove(240).items():
        assert not proof.differences, (topic, proof.differences[:5])
        if "customers" in topic:
            assert proof.product_documents == ROWS + 5


def test_in_the_middle_of_the_snapshot_with_rows_deleted_before_it_comes_back(
    read_by_debezium: World,
) -> None:
    world = read_by_debezium
    world.shop.run(
        f"""
        INSERT INTO customers
        SELECT 100 + i, 'customer ' || i, 'x@x', 1, 'x' FROM generate_series(1, {ROWS}) i
        """
    )
    world.shop.apply()
    LogWatch(world).until(is_row, 20_000)
    world.shop.stack.kill("connect")
    world.shop.run("DELETE FROM customers WHERE id BETWEEN 101 AND 200")
    world.start_engine()
    restart_connect(world)
    world.wait_live()
    for topic, proof in world.prove(240).items():
        assert not proof.differences, (topic, proof.differences[:5])
        if "customers" in topic:
            assert proof.product_documents == ROWS + 5 - 100


def test_after_the_last_row_of_the_snapshot(read_by_debezium: World) -> None:
    """Killed as soon as the last row is seen: mostly before COMPLETED, now and then just after."""
    world = read_by_debezium
    world.shop.apply()
    last = {"last"}
    LogWatch(world).until(
        lambda record: (
            isinstance(source := record.get("source"), dict) and source.get("snapshot") in last
        )
    )
    world.shop.stack.kill("connect")
    gone = ("DELETE FROM order_lines WHERE order_id = 1", "DELETE FROM orders WHERE id = 1")
    with world.connect() as connection:  # after COMPLETED it is a transaction like any other
        world.transact(connection, *gone)
    world.start_engine()
    restart_connect(world)
    world.wait_live()
    world.work(5)
    world.check()
