"""A snapshot over a slot that is there already mixes transactions until the first heartbeat.

That is what Debezium does after a kill within the snapshot; here the slot is kept on purpose.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import psycopg
import pytest

from streammesh.local.stack import Stack
from tests.integration.capture.captured import Captured, Record, kinds

ROWS = 10_000
TRANSFER = (
    "UPDATE left_side SET amount = amount - 1 WHERE id = 1",
    "UPDATE right_side SET amount = amount + 1 WHERE id = 1",
)


@pytest.fixture
def accounts(stack: Stack) -> Iterator[Captured]:
    """Give two tables whose amounts always sum up to 0, captured once already."""
    captured = Captured(stack, ["public.left_side", "public.right_side"])
    try:
        for table in ("left_side", "right_side"):
            captured.run(
                f"CREATE TABLE {table} (id int PRIMARY KEY, amount int NOT NULL)",
                f"INSERT INTO {table} SELECT i, 0 FROM generate_series(1, {ROWS}) i",
            )
        captured.start()
        yield captured
    finally:
        captured.close()


def transfer_until(stop: threading.Event, captured: Captured) -> None:
    with psycopg.connect(
        **captured.session.info.get_parameters(), password=captured.password, autocommit=True
    ) as session:
        while not stop.is_set():
            with session.transaction():
                for statement in TRANSFER:
                    session.execute(statement)


def sums_from_the_first_heartbeat(records: Sequence[Record]) -> list[int]:
    """Give the sum of all amounts at every END from the first heartbeat's on."""
    state: dict[tuple[str, int], int] = {}
    total, found, settled = 0, [], False
    for one in records:
        if one.kind in {"r", "c", "u"}:
            key, amount = (one.table, one.key["id"]), one.value["after"]["amount"]
            total += amount - state.get(key, 0)
            state[key] = amount
        settled = settled or one.kind == "m"
        if one.kind == "END" and settled:
            found.append(total)
    return found


@pytest.mark.slow
def test_from_the_first_heartbeat_on_every_transaction_is_one_state(accounts: Captured) -> None:
    name = accounts.wants.connector
    accounts.connect.stop(name)
    accounts.connect.reset_offsets(name)  # but the slot stays
    start = accounts.end()
    stop = threading.Event()
    writer = threading.Thread(target=transfer_until, args=(stop, accounts))
    writer.start()
    try:
        accounts.connect.resume(name)
        accounts.wait(lambda found: "m" in kinds(found)[-2000:], start)
    finally:
        stop.set()
        writer.join()
    last = accounts.captured(*TRANSFER)[-1].offset
    records = accounts.wait(lambda found: bool(found) and found[-1].offset >= last, start)
    assert set(sums_from_the_first_heartbeat(records)) == {0}
