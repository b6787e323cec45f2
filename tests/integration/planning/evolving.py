"""A shop at work whose files change, and a consumer that keeps the schema it began with."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import fastavro
from confluent_kafka import Consumer, TopicPartition

from streammesh.contracts.codec import HEAD_SIZE
from streammesh.deployments.deployment import ProductDeployment
from streammesh.platform.confluent_reading import ends_of
from streammesh.reconcile.proof import codec_of
from tests.integration.engine.world import World

MESH = [sys.executable, "-m", "streammesh.cli.main"]
DOCUMENTS = 40
PAUSE = 0.02
"""Seconds between two transactions: less than any reader waits for a further record."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    status: int
    out: str
    err: str


def mesh(world: World, *arguments: str) -> Done:
    """Run a command in the shop's workspace, as its people do."""
    done = subprocess.run(
        [*MESH, *arguments],
        cwd=world.shop.root,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def settle_in(world: World) -> None:
    """Let commands find the stack, with a catalog of the test's own."""
    root = world.shop.root
    (root / ".mesh").symlink_to(world.shop.stack.layout.home)
    file = root / "mesh.toml"
    catalog = f'catalog = {{ url = "sqlite:///{world.folder}/catalog.db" }}\n'
    file.write_text(file.read_text().rstrip("\n") + f"\n{catalog}")


@dataclass(frozen=True)
class Seen:
    """An event as the consumer got it.

    Attributes:
        key: as JSON.
        document: by the schema that the consumer has.
        written: as it was written.
        schema_id: of the schema that it was written with.
        position: of the source, from the header.
        tx: the transaction, None for a part of all documents.
        tx_events: how many events that transaction has.
    """

    key: str
    document: Document
    written: Document
    schema_id: int
    position: int
    tx: str | None
    tx_events: int


class OldReader:
    """Reads a product from its beginning with the schema of one deployment, in its own thread."""

    def __init__(self, world: World, deployment: ProductDeployment) -> None:
        self.events: list[Seen] = []
        self.failure: Exception | None = None
        self._world, self._deployment = world, deployment
        self._codec = codec_of(deployment)
        self._schema = fastavro.parse_schema(json.loads(deployment.value_schema))
        self._writers: dict[int, Any] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="consumer")

    def __enter__(self) -> OldReader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        properties = {
            "group.id": "admin.evolution",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
        consumer = Consumer(self._world.admin.librdkafka() | properties)
        topic = self._deployment.topic
        try:
            ends = ends_of(self._world.admin, topic)
            consumer.assign([TopicPartition(topic, one, 0) for one in ends])
            while not self._stop.is_set():
                for message in consumer.consume(1000, 0.1):
                    assert message.error() is None, message.error()
                    self.events.append(self._seen(message))
        except Exception as error:
            self.failure = error
        finally:
            consumer.close()

    def _seen(self, message: Any) -> Seen:
        value, headers = message.value(), dict(message.headers())
        schema_id = int.from_bytes(value[1:HEAD_SIZE], "big")
        writer = self._writer(schema_id)
        document = _read(value, writer, self._schema)
        tx = headers.get("mesh.tx")
        return Seen(
            key=json.dumps(list(self._codec.decode_key(message.key()).values())),
            document=self._canonical(document),
            written=_read(value, writer, writer),
            schema_id=schema_id,
            position=int(headers["mesh.position"], 16),
            tx=None if tx is None else tx.decode(),
            tx_events=int(headers.get("mesh.tx_events", b"0")),
        )

    def _canonical(self, document: Document) -> Document:
        """Give a document in the form in which the database's answer is compared."""
        out = io.BytesIO()
        fastavro.schemaless_writer(out, self._schema, document)
        head = b"\0" + self._deployment.value_schema_id.to_bytes(4, "big")
        return self._codec.decode_value(head + out.getvalue())

    def _writer(self, schema_id: int) -> Any:
        """Ask the registry for a schema, as consumers do when they meet a new one."""
        if schema_id not in self._writers:
            registry = self._world.shop.stack.info().registry_url
            with urllib.request.urlopen(f"{registry}/schemas/ids/{schema_id}") as answer:
                schema = json.loads(json.load(answer)["schema"])
            self._writers[schema_id] = fastavro.parse_schema(schema)
        return self._writers[schema_id]

    def told(self) -> set[str]:
        """Give the transactions of which it was told."""
        return {one.tx for one in self.events if one.tx is not None}

    def last(self) -> dict[str, Seen]:
        """Give the last event of each key."""
        return {one.key: one for one in self.events}


def _read(value: bytes, writer: Any, reader: Any) -> Document:
    document = fastavro.schemaless_reader(io.BytesIO(value[HEAD_SIZE:]), writer, reader)
    assert isinstance(document, dict)
    return document


@dataclass
class Work:
    """Orders that are paid, one transaction after another, until told to end.

    Attributes:
        statuses: what an order's status becomes, in turn; more may be added at any time.
    """

    world: World
    statuses: list[str] = field(default_factory=lambda: ["paid", "sent"])
    failure: Exception | None = None

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Do it beside what the test does."""
        stop = threading.Event()
        thread = threading.Thread(target=self._run, args=(stop,), name="work")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        assert self.failure is None, self.failure

    def _run(self, stop: threading.Event) -> None:
        try:
            with self.world.connect() as connection:
                number = 0
                while not stop.wait(PAUSE):
                    number += 1
                    order = number % DOCUMENTS + 1
                    status = self.statuses[number // DOCUMENTS % len(self.statuses)]
                    self.world.transact(
                        connection, f"UPDATE orders SET status = '{status}' WHERE id = {order}"
                    )
        except Exception as error:
            self.failure = error


def await_all(world: World, reader: OldReader, topic: str) -> None:
    """Wait until the consumer has every event that stands on the topic."""
    count = sum(len(chunk) for chunk in world.streams.read_all(topic))
    world.wait(lambda: reader.failure is not None or len(reader.events) >= count, 30)
    assert reader.failure is None, reader.failure
    assert len(reader.events) == count


def without(document: Document, path: str) -> Document:
    """Give a document without one of its fields."""
    head, _, rest = path.partition(".")
    kept = {name: value for name, value in document.items() if name != head or rest}
    return kept | {head: without(kept[head], rest)} if rest else kept


def check_against_database(world: World, reader: OldReader, topic: str, gone: str) -> int:
    """Check each event against what the database answered at its transaction.

    A transaction is told whole, once and exactly, or it fell in the one stretch in which the
    product waited for a table; then the documents that differ were published in parts behind it.

    Args:
        world: with what the database answered.
        reader: who read it.
        topic: the product's.
        gone: a field that is not published any more, of which nothing is said; empty for none.

    Returns:
        How many transactions are told by their own events.
    """
    by_tx: dict[str, list[Seen]] = {}
    for one in reader.events:
        if one.tx is not None:
            by_tx.setdefault(one.tx, []).append(one)
    before: Mapping[str, Document] = {}
    told: list[bool] = []
    for tx in world.order:
        now = world.history[tx][topic]
        changed = {key for key, document in now.items() if before and before.get(key) != document}
        events = by_tx.pop(tx, [])
        if events:
            assert Counter(one.key for one in events) == Counter({one.key for one in events})
            assert {one.tx_events for one in events} == {len(events)}, f"{tx} is torn or doubled"
            assert changed <= {one.key for one in events}, f"{tx} is not told whole"
            seen = {one.key: without(one.document, gone) for one in events}
            assert seen == {key: without(now[key], gone) for key in seen}, f"{tx} is told wrong"
        if changed:
            told.append(bool(events))
        before = now
    assert not by_tx, "the topic has transactions that the database has not"
    stretches = sum(1 for a, b in zip([True, *told], told, strict=False) if a and not b)
    assert stretches <= 1, "transactions are missing at more than one place"
    last = {key: without(one.document, gone) for key, one in reader.last().items()}
    answer = world.history[world.order[-1]][topic]
    assert last == {key: without(document, gone) for key, document in answer.items()}
    return sum(told)


def check_no_event_says_nothing_new(reader: OldReader) -> None:
    """Check that each event differs from the one before it of the same key."""
    seen: dict[str, tuple[int, Document]] = {}
    for one in reader.events:
        state = (one.schema_id, one.written)
        assert seen.get(one.key) != state, f"published twice: {one}"
        seen[one.key] = state


def documents(world: World, product: ProductDeployment) -> dict[str, Document]:
    """Ask the database for all documents of a product as its deployment has them."""
    with world.connect() as connection:
        return world._documents(connection, product)
