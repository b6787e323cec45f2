"""Runs a session over memory streams, and checks the engine's guarantees on what came out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from streammesh.deployments.deployment import ProductDeployment, SourceDeployment
from streammesh.deployments.progress import KEY, Progress, decode
from streammesh.deployments.requests import Request
from streammesh.engine.activity import Activity, Published
from streammesh.engine.counters import Counters
from streammesh.engine.deployed import Deployed
from streammesh.engine.session import Session
from streammesh.platform.memory.streams import MemoryReader, MemoryStreams, Stored
from streammesh.platform.streams import Chunk
from streammesh.reconcile.proof import codec_of
from tests.unit.engine.shop import ORDERS, PROGRESS, SOURCE, Shop, product


class _StopsAtEnd(MemoryReader):
    """Asks the session to stop when the log has been read to its end."""

    stop: threading.Event
    busy: Callable[[], bool]
    most = 10_000

    def read(self, timeout: float) -> Chunk:
        first, end = self.bounds()
        if self._at >= end:
            if not self.busy():
                self.stop.set()
            return Chunk((), (), ())
        chunk = super().read(timeout)
        kept = Chunk(chunk.offsets[: self.most], chunk.keys[: self.most], chunk.values[: self.most])
        self._at = kept.offsets[-1] + 1
        assert first <= kept.offsets[0]
        return kept


class Bench:
    """A shop, a cluster and an engine, in memory."""

    def __init__(self, folder: Path, *products: ProductDeployment) -> None:
        self.streams = MemoryStreams(partitions={ORDERS: 4})
        self.shop = Shop(self.streams)
        self.path = folder / "state" / "sales.shop.sqlite"
        self.products = {one.topic: one for one in products or (product("orders"),)}
        self.source: SourceDeployment = SOURCE
        self.counters = Counters()
        self.trouble = ""
        self.most = 10_000
        self.requests: tuple[Request, ...] = ()
        self.told: list[str] = []
        self.compare: tuple[str, ...] = ()
        self.published: Published | None = None

    def run(self) -> Counters:
        """Run one session until the log's end; give its counters."""
        activity = Activity(published=self.published)
        stop = threading.Event()
        streams = self.streams

        def reader(topic: str) -> MemoryReader:
            opened = _StopsAtEnd(streams, topic)
            opened.stop, opened.most = stop, self.most
            opened.busy = lambda: session.publishing
            return opened

        streams.reader = reader  # type: ignore[method-assign]
        deployed = Deployed(self.source, self.products, self.requests)
        told, compare = self.told.append, self.compare
        session = Session(deployed, streams, self.path, activity, stop, told=told, compare=compare)
        try:
            session.run()
        finally:
            self.counters, self.trouble = activity.counters, activity.trouble
        assert activity.counters.balanced, activity.counters
        return activity.counters

    @property
    def progress(self) -> Progress:
        """The newest progress record."""
        records = [r.value for r in self.streams.log(PROGRESS)[0] if r.key == KEY]
        return decode(records[-1] or b"")

    def events(self, topic: str) -> list[Stored]:
        """All events of a topic, in the order in which they became visible."""
        every = [record for partition in self.streams.log(topic) for record in partition]
        return sorted(every, key=lambda record: record.transaction)

    def documents(self, topic: str) -> dict[int, dict[str, Any]]:
        """What a consumer who read everything has."""
        return documents(self.products[topic], self.events(topic))

    def check(self) -> None:
        """Compare what the topics say with what the shop says."""
        for topic in self.products:
            assert self.documents(topic) == self.shop.documents()[topic]


def documents(deployment: ProductDeployment, events: Sequence[Stored]) -> dict[int, dict[str, Any]]:
    """Apply events in order; give the documents by key."""
    codec = codec_of(deployment)
    found: dict[int, dict[str, Any]] = {}
    for event in events:
        key = next(iter(codec.decode_key(event.key or b"").values()))
        if event.value is None:
            del found[key]  # a tombstone of a key that is not there would be spurious
        else:
            document = codec.decode_value(event.value)
            assert found.get(key) != document, f"spurious event for {key}"
            found[key] = document
    return found


def check_every_commit(bench: Bench, topic: str) -> None:
    """Check that after each transaction's events a consumer has what the shop had after it.

    And that no Kafka transaction held a part of a source transaction, nor any event a position
    that is not one of the shop's.
    """
    deployment = bench.products[topic]
    codec = codec_of(deployment)
    found: dict[int, dict[str, Any]] = {}
    by_tx: dict[int, list[Stored]] = {}
    kafka: dict[int, int] = {}
    for event in bench.events(topic):
        headers = dict(event.headers)
        position = int(headers["mesh.position"], 16)
        if "mesh.tx" in headers:
            by_tx.setdefault(position, []).append(event)
            assert kafka.setdefault(position, event.transaction) == event.transaction
            assert headers["mesh.deployment"].decode() == deployment.digest
        else:
            _apply(codec, found, event)
            by_tx.setdefault(position, [])
    for partition in bench.streams.log(topic):
        positions = [dict(event.headers)["mesh.position"] for event in partition]
        assert positions == sorted(positions)
    settled = bench.progress.inputs["sales.shop"].generation.position.value
    before: Mapping[int, Any] = {}
    for position in sorted(bench.shop.history):
        after = bench.shop.history[position][topic]
        events = by_tx.get(position, [])
        for event in events:
            assert int(dict(event.headers)["mesh.tx_events"]) == len(events)
            _apply(codec, found, event)
        if position >= settled:
            assert found == after, f"after {position}"
            if position > settled:
                changed = {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
                assert len(events) == len(changed)
        before = after


def _apply(codec: Any, found: dict[int, dict[str, Any]], event: Stored) -> None:
    key = next(iter(codec.decode_key(event.key or b"").values()))
    if event.value is None:
        del found[key]
    else:
        found[key] = codec.decode_value(event.value)
