"""Commit → consumer through the whole real stack, while the shop keeps it busy.

    python -m bench delay        # BENCH_RATE=1000 changes/s, BENCH_SECONDS=60

Two consumers look on: one of the product, one of the private log. The second one's figures are the
baseline: what is above them is the engine's part, and Kafka's second time.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable

from confluent_kafka import Consumer, TopicPartition
from rich.console import Console

from bench.clock import median_ms, quantile
from bench.collector import Collector
from bench.commands import mesh
from bench.results import Result, compared, plain
from bench.stack import running
from bench.steps import by_step, traced
from streammesh.cli.demo import deploy
from streammesh.demo.pace import Workload
from streammesh.demo.screen import Lines
from streammesh.demo.session import Session
from streammesh.demo.setup import Mesh, bring_up
from streammesh.demo.shop import Shop
from streammesh.demo.timeline import Timeline

RATE = float(os.environ.get("BENCH_RATE", "1000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
WARM_UP_SECONDS = 20.0
TRACES_SECONDS = 6.0
PRODUCT = "sales.orders.v1"


def measure() -> list[Result]:
    """Publish the example, run the shop, and look at every event."""
    with running() as stack:
        timeline = Timeline()
        screen = Lines(Console(file=sys.stderr), "delay", ())
        up = bring_up(stack.layout.home.parent, screen, timeline, deploy)
        with traced() as collector, Session.of(up, screen, timeline) as session:
            session.wait_until_live()
            results = _first_event(timeline) + _delays(session, collector)
        plan_ms = median_ms(lambda: mesh("-C", str(up.root), "plan"), seconds=5)
        help_ms = median_ms(lambda: mesh("--help"), seconds=5)
        size = "the example, nothing to do"
        results.append(compared("mesh plan", plan_ms, "ms", size, ("mesh --help", help_ms)))
        return results


def _first_event(timeline: Timeline) -> list[Result]:
    size = "211,100 rows; stack up before"
    applied = timeline.marks["applied"]
    return [
        plain(f"apply → {name}", timeline.marks[name] - applied, "s", size)
        for name in ("first event", "published")
        if name in timeline.marks
    ]


def _delays(session: Session, collector: Collector) -> list[Result]:
    log = LogReader(session.mesh, session.deployed.source.log)
    shop = Shop(session.mesh.database.url, Workload(8, RATE, "changes"))
    log.start()
    shop.start()
    time.sleep(WARM_UP_SECONDS)
    start, before = time.time(), shop.tally()
    time.sleep(SECONDS)
    end, after = time.time(), shop.tally()
    shop.stop()
    log.stop()
    # the last traces are sent within seconds
    time.sleep(TRACES_SECONDS)
    product = _between(session.reader.readings[PRODUCT].delays, start, end)
    captured = _between(log.delays, start, end)
    rate = (after.changes - before.changes) / (end - start)
    size = f"{rate:,.0f} changes/s, {len(product):,} events"
    steps = {
        "Debezium: read from the WAL and decoded": _between(log.decoded, start, end),
        "Connect: handed over and written to the log": _between(log.written, start, end),
    }
    overall: list[Result] = [
        compared(
            f"commit → consumer, {name}",
            quantile(product, part) * 1000,
            "ms",
            size,
            ("commit → private log", quantile(captured, part) * 1000),
        )
        for name, part in (("p50", 0.5), ("p99", 0.99))
    ]
    whole = _by_transaction(
        pair for reading in session.reader.readings.values() for pair in reading.delays
    )
    seen = _between(whole, start, end)
    size = f"{rate:,.0f} changes/s, {len(seen):,} transactions of two products"
    overall += [
        plain(f"commit → consumer, {name} of transactions", quantile(seen, part) * 1000, "ms", size)
        for name, part in (("p50", 0.5), ("p99", 0.99))
    ]
    return overall + by_step(steps, collector.spans, seen, (start, end))


def _by_transaction(delays: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Give the last event of each transaction alone: when it came, and how late.

    Transactions are told apart by the millisecond of their commit: some of them count as one.
    """
    last: dict[int, tuple[float, float]] = {}
    for came, delay in tuple(delays):
        committed = round((came - delay) * 1000)
        last[committed] = max(last.get(committed, (0.0, 0.0)), (came, delay))
    return list(last.values())


def _between(delays: Iterable[tuple[float, float]], start: float, end: float) -> list[float]:
    return [delay for came, delay in tuple(delays) if start <= came < end]


class LogReader:
    """Reads the private log's ENDs as they come."""

    def __init__(self, mesh: Mesh, topic: str) -> None:
        """Prepare to read from the topic's end."""
        options = {"group.id": "bench", "isolation.level": "read_committed"}
        self._consumer = Consumer(mesh.admin.librdkafka() | options)
        place = TopicPartition(topic, 0)
        place.offset = self._consumer.get_watermark_offsets(place, timeout=10)[1]
        self._consumer.assign([place])
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self.delays: list[tuple[float, float]] = []
        self.decoded: list[tuple[float, float]] = []
        """Until the connector handed a record to its producer, which puts the time on it."""
        self.written: list[tuple[float, float]] = []
        """From there until a reader had it."""

    def start(self) -> None:
        """Start reading."""
        self._thread.start()

    def stop(self) -> None:
        """Stop reading."""
        self._stopping.set()
        self._thread.join()
        self._consumer.close()

    def _read(self) -> None:
        while not self._stopping.is_set():
            first = self._consumer.poll(0.2)
            if first is None:
                continue
            now = time.time()
            for message in (first, *self._consumer.consume(10_000, 0)):
                value = message.value() or b""
                if value.startswith(b'{"status":"END"'):
                    committed = int(value.rpartition(b'"ts_ms":')[2].rstrip(b"}"))
                    made = message.timestamp()[1] / 1000
                    self.delays.append((now, now - committed / 1000))
                    self.decoded.append((now, made - committed / 1000))
                    self.written.append((now, now - made))
