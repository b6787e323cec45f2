"""What engines use while nothing happens: 50 products without a change.

    python -m bench idle        # BENCH_PRODUCTS=50, BENCH_SECONDS=60

Once with all products in one source, once in ten. Each log has what Debezium writes to it on an
idle database: a heartbeat every two seconds. The engines run as `mesh run` does, with their lines
and their file for `mesh status`. The baseline is the time that Kafka's broker takes meanwhile.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import msgspec
import psutil

from bench.debezium import Log
from bench.engine import fill
from bench.results import Result, plain
from bench.stack import admin, running
from bench.target import Target, orders
from streammesh.capture.connector import HEARTBEAT_MS
from streammesh.deployments import deployment
from streammesh.deployments.deployment import ProductDeployment, SourceDeployment, digested
from streammesh.documents.names import Names
from streammesh.local.stack import Stack
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.kafka import TopicSpec
from streammesh.platform.settings import KafkaSettings

PRODUCTS = int(os.environ.get("BENCH_PRODUCTS", "50"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
SOURCES = (1, 10)
ORDERS = 100
TRANSACTION_EVENTS = 10_000
NAMES = Names(f"idle{os.getpid()}")
PATIENCE_SECONDS = 120.0
WARM_UP_SECONDS = 10.0


class Shard:
    """A source of its own with its share of the products."""

    def __init__(self, target: Target, number: int, products: int) -> None:
        """Name the source after its number."""
        source = f"shop{number}"
        self.source: SourceDeployment = digested(
            replace(
                target.source,
                source=source,
                topic_prefix=NAMES.topic_prefix("sales", source),
                log=NAMES.private_log("sales", source),
                progress=NAMES.progress("sales", source),
                principal=NAMES.engine_principal("sales", source),
            )
        )
        topics = [
            NAMES.product_topic("sales", f"orders{number}-{i}", f"orders{number}-{i}", 1)
            for i in range(products)
        ]
        # with the default limit the timeout of fifty products' transactions is over the broker's
        stream = replace(target.product.stream, max_transaction_events=TRANSACTION_EVENTS)
        product = replace(target.product, source=source, stream=stream)
        self.products: list[ProductDeployment] = [
            digested(replace(product, topic=one, quarantine=NAMES.quarantine(one)))
            for one in topics
        ]

    @property
    def topics(self) -> list[TopicSpec]:
        """The topics that its engine needs."""
        compacted = {"cleanup.policy": "compact"}
        return [
            TopicSpec(self.source.log, 1, 1, {}),
            TopicSpec(self.source.progress, 1, 1, compacted),
            *(TopicSpec(one.topic, 1, 1, compacted) for one in self.products),
            *(TopicSpec(one.quarantine, 1, 1, {}) for one in self.products),
        ]

    def order(self, settings: KafkaSettings, folder: Path) -> bytes:
        """Say to a process what it has to run."""
        both: Sequence[SourceDeployment | ProductDeployment] = (self.source, *self.products)
        return msgspec.json.encode(
            {
                "domain": self.source.domain,
                "source": self.source.source,
                "deployments": {one.key: deployment.encode(one).decode() for one in both},
                "deployments_topic": NAMES.deployments,
                "state": str(folder / f"{self.source.source}.sqlite"),
                "kafka": asdict(settings),
                "shown": True,
            }
        )


def measure() -> list[Result]:
    """Measure one source with all products, and ten with a tenth of them each."""
    results = []
    with running() as stack:
        target = orders(stack)
        for count in SOURCES:
            shards = [Shard(target, n, PRODUCTS // count) for n in range(count)]
            results += _measure(stack, shards)
    return results


def _measure(stack: Stack, shards: Sequence[Shard]) -> list[Result]:
    settings, kafka = admin(stack), ConfluentKafkaAdmin(admin(stack))
    topics = [spec for one in shards for spec in one.topics]
    topics.append(TopicSpec(NAMES.deployments, 1, 1, {}))
    kafka.create_topics(topics)
    broker = psutil.Process(next(c.pid for c in stack.status() if c.name == "kafka"))
    try:
        logs = [Log(ORDERS) for _ in shards]
        for one, log in zip(shards, logs, strict=True):
            fill(settings, one.source.log, log.snapshot())
        with _beating(settings, shards, logs), tempfile.TemporaryDirectory() as folder:
            alone = _used([broker])
            with _engines(settings, shards, Path(folder)) as engines:
                _wait_until_live(settings, shards)
                time.sleep(WARM_UP_SECONDS)
                used, with_engines = _both(engines, broker)
    finally:
        kafka.delete_topics([one.name for one in topics])
    size = f"{PRODUCTS} products, {len(shards)} source{'s' if len(shards) > 1 else ''}"
    return [
        plain(f"idle engines, {size}", 100 * used, "% of a core", f"{SECONDS:.0f} s"),
        plain(f"Kafka's broker for them, {size}", 100 * (with_engines - alone), "% of a core", ""),
    ]


def _used(processes: Sequence[psutil.Process]) -> float:
    """Give the part of a core that processes use during the measurement."""
    before, start = _seconds(processes), time.monotonic()
    time.sleep(SECONDS)
    return (_seconds(processes) - before) / (time.monotonic() - start)


def _both(engines: Sequence[psutil.Process], broker: psutil.Process) -> tuple[float, float]:
    mine, its, start = _seconds(engines), _seconds([broker]), time.monotonic()
    time.sleep(SECONDS)
    taken = time.monotonic() - start
    return (_seconds(engines) - mine) / taken, (_seconds([broker]) - its) / taken


def _seconds(processes: Sequence[psutil.Process]) -> float:
    times = [one.cpu_times() for one in processes]
    return sum(one.user + one.system for one in times)


@contextmanager
def _beating(
    settings: KafkaSettings, shards: Sequence[Shard], logs: Sequence[Log]
) -> Iterator[None]:
    """Write the heartbeats of an idle database."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_MS / 1000):
            for one, log in zip(shards, logs, strict=True):
                fill(settings, one.source.log, log.heartbeat())

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _engines(
    settings: KafkaSettings, shards: Sequence[Shard], folder: Path
) -> Iterator[list[psutil.Process]]:
    command = [sys.executable, "-m", "bench.engine_process"]
    started = []
    try:
        for one in shards:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
            started.append(process)
            assert process.stdin is not None
            process.stdin.write(one.order(settings, folder))
            process.stdin.close()
        yield [psutil.Process(one.pid) for one in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(60)


def _wait_until_live(settings: KafkaSettings, shards: Sequence[Shard]) -> None:
    streams = ConfluentStreams(settings, "bench")
    deadline = time.monotonic() + PATIENCE_SECONDS
    for one in shards:
        reader = streams.reader(one.source.progress)
        reader.seek(0)
        live = False
        while not live:
            if time.monotonic() > deadline:
                raise SystemExit(f"{one.source.source} was not published in time")
            for value in reader.read(0.5).values:
                progress = msgspec.json.decode(value or b"{}")
                found = [one["status"] for one in progress.get("deployments", {}).values()]
                live = len(found) == len(one.products) and set(found) == {"live"}
        reader.close()
