"""`mesh demo`: it proves what it says, notices who tampers, and outlives who kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from streammesh.local.stack import Stack
from tests.acceptance.newcomer import MESH, wait_until

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(900)]

TOPIC = "sales.orders.v1"
SET = AlterConfigOpType.SET
Headers = list[tuple[str, Any]]


@dataclass(frozen=True)
class Event:
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: Headers


@dataclass(frozen=True)
class Demo:
    """A demo's workspace, and what `mesh demo --once` said in it at first."""

    root: Path
    first: subprocess.CompletedProcess[str]

    def prove(self) -> subprocess.CompletedProcess[str]:
        return demo(self.root, "--prove")

    @property
    def client(self) -> dict[str, Any]:
        info = Stack(self.root).info()
        return {
            "bootstrap.servers": info.bootstrap_servers,
            "security.protocol": info.security_protocol,
            "sasl.mechanism": info.sasl_mechanism,
            "sasl.username": info.admin_username,
            "sasl.password": info.admin_password,
        }

    def write(self, event: Event, value: bytes | None, headers: Headers | None) -> None:
        producer = Producer(self.client)
        producer.produce(TOPIC, value, event.key, headers=headers or [], partition=event.partition)
        assert producer.flush(20) == 0

    def delete_to(self, event: Event) -> None:
        """Delete a partition's events up to this one; Kafka wants to be asked twice for that."""
        admin = AdminClient(self.client)
        for policy in ("compact,delete", "compact"):
            entry = ConfigEntry("cleanup.policy", policy, incremental_operation=SET)
            topic = ConfigResource(ConfigResource.Type.TOPIC, TOPIC, incremental_configs=[entry])
            admin.incremental_alter_configs([topic])[topic].result(20)
            if policy != "compact":
                place = TopicPartition(TOPIC, event.partition, event.offset + 1)
                admin.delete_records([place])[place].result(20)

    def last_events(self) -> dict[bytes, Event]:
        """Give the last event of each key that has a document."""
        options = {"group.id": "test", "isolation.level": "read_committed"}
        consumer = Consumer(self.client | options | {"enable.partition.eof": True})
        partitions = consumer.list_topics(TOPIC).topics[TOPIC].partitions
        consumer.assign([TopicPartition(TOPIC, number, 0) for number in partitions])
        found: dict[bytes, Event] = {}
        left = set(partitions)
        while left:
            for message in consumer.consume(10_000, 0.1):
                number, key, value = message.partition(), message.key(), message.value()
                if message.error() is not None:
                    left.discard(number)
                elif value is None:
                    found.pop(key, None)
                else:
                    found[key] = Event(
                        number, message.offset(), key, value, message.headers() or []
                    )
        consumer.close()
        return found


def demo(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MESH, "demo", "--dir", str(root), *options],
        capture_output=True,
        text=True,
        timeout=600,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    root = tmp_path_factory.mktemp("demo") / "shop"
    try:
        first = demo(root, "--once", "--keep-up", "--json", "--transactions", "500")
        assert first.returncode == 0, first.stderr
        yield Demo(root, first)
    finally:
        Stack(root).down()


def test_a_bounded_run_proves_that_source_and_products_agree(ran: Demo) -> None:
    told = json.loads(ran.first.stdout)
    orders = told["products"]["sales.orders"]
    assert told["shop"]["commits"] == 500
    assert orders["source"] == orders["product"] > 50_000
    assert orders["differences"] == []
    assert orders["source_digest"] == orders["product_digest"]
    assert told["products"]["sales.customers"]["source"] == 10_000
    assert "first event" in told["timeline_seconds"]


def test_the_proof_can_be_repeated_for_people(ran: Demo) -> None:
    done = ran.prove()
    assert done.returncode == 0, done.stderr
    assert "differences 0" in done.stdout
    assert "sales.orders: source 50," in done.stdout


@pytest.mark.parametrize("how", ["changed", "tombstone"])
def test_who_tampers_with_a_document_is_noticed(ran: Demo, how: str) -> None:
    mine, other = list(ran.last_events().values())[:2]
    ran.write(mine, other.value if how == "changed" else None, mine.headers)
    done = ran.prove()
    ran.write(mine, mine.value, mine.headers)
    assert done.returncode == 3
    assert "do not agree: 1 document" in done.stderr
    assert f"sales.orders order_id {number(mine)}: " in done.stderr
    if how == "changed":
        assert "order_id" in done.stderr.partition("different (")[2]
    else:
        assert "missing" in done.stderr


def number(event: Event) -> int:
    """Read the key: five bytes of head, then Avro's zigzag of a long."""
    value = shift = 0
    for byte in event.key[5:]:
        value |= (byte & 0x7F) << shift
        shift += 7
    return (value >> 1) ^ -(value & 1)


def test_an_event_that_was_deleted_is_missed(ran: Demo) -> None:
    first = min(
        (one for one in ran.last_events().values() if one.partition == 0),
        key=lambda one: one.offset,
    )
    ran.delete_to(first)
    done = ran.prove()
    ran.write(first, first.value, first.headers)
    assert done.returncode == 3
    assert f"sales.orders order_id {number(first)}: missing" in done.stderr


def test_kills_change_nothing_and_ctrl_c_ends_it_all(ran: Demo) -> None:
    log = ran.root / "live.log"
    with log.open("w") as output:
        live = subprocess.Popen(
            [*MESH, "demo", "--dir", str(ran.root), "--rate", "100"],
            stdout=output,
            stderr=output,
        )
    try:
        wait_until(lambda: proofs(log) >= 2, 180)
        os.kill(engine_of(live.pid), signal.SIGKILL)
        wait_until(lambda: "the engine was killed (SIGKILL)" in log.read_text(), 30)
        Stack(ran.root).kill("connect")
        wait_until(lambda: "connect had died; started again" in log.read_text(), 120)
        before = proofs(log)
        wait_until(lambda: proofs(log) >= before + 2, 180)
        second = demo(ran.root, "--once")
        live.send_signal(signal.SIGINT)
        assert live.wait(120) == 0, log.read_text()
    finally:
        live.kill()
    assert second.returncode == 2
    assert f"already running in {ran.root} (process {live.pid})" in second.stderr
    assert "≠" not in log.read_text()
    assert not [one for one in Stack(ran.root).status() if one.pid is not None]


def test_an_event_without_headers_is_a_difference(ran: Demo) -> None:
    again = demo(ran.root, "--once", "--keep-up", "--transactions", "50")
    assert again.returncode == 0, again.stderr
    event = next(iter(ran.last_events().values()))
    ran.write(event, event.value, None)
    done = ran.prove()
    assert done.returncode == 3
    assert f"sales.orders order_id {number(event)}: forged" in done.stderr


def proofs(log: Path) -> int:
    """Count the different proofs that a live demo has shown; each has its own position."""
    lines = [line for line in log.read_text().splitlines() if line.startswith("  proof ")]
    return len({line.rpartition("LSN ")[2] for line in lines})


def engine_of(parent: int) -> int:
    """Find the engine among the demo's children."""
    found: list[int] = []

    def look() -> bool:
        found.extend(
            child.pid for child in psutil.Process(parent).children() if "run" in child.cmdline()
        )
        return bool(found)

    wait_until(look, 20)
    return found[0]
