"""The engine on a log that is there already: rows and changes a second, and memory.

    python -m bench engine        # BENCH_CHANGES=1000000, BENCH_ORDERS=50000

The baseline reads the same records and writes as many bytes to another topic, with nothing between.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import psutil  # type: ignore[import-untyped,unused-ignore]
from confluent_kafka import Consumer, Producer, TopicPartition

from bench.debezium import Log, Record
from bench.results import Result, compared, plain
from bench.stack import admin, running
from bench.target import NAMES, Target, orders
from streammesh.deployments import deployment
from streammesh.deployments.progress import Progress, decode
from streammesh.local.stack import Stack
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.kafka import TopicSpec
from streammesh.platform.settings import KafkaSettings

CHANGES = int(os.environ.get("BENCH_CHANGES", "1000000"))
ORDERS = int(os.environ.get("BENCH_ORDERS", "50000"))
COPY = "bench-plain-copy"
PATIENCE_SECONDS = 3600.0
PRODUCER: dict[str, str | int | float | bool] = {
    "compression.type": "lz4",
    "linger.ms": 5,
    "batch.size": 1_000_000,
    "batch.num.messages": 50_000,
    "queue.buffering.max.messages": 1_000_000,
    "enable.idempotence": True,
}


def measure() -> list[Result]:
    """Fill a log, run the engine over it, and the plain copy."""
    with running() as stack:
        target = orders(stack)
        kafka = ConfluentKafkaAdmin(admin(stack))
        topics = [*target.topics, TopicSpec(COPY, 4, 1, {})]
        _clear(kafka, topics)
        kafka.create_topics(topics)
        try:
            return _measure(stack, target)
        finally:
            _clear(kafka, topics)


def _measure(stack: Stack, target: Target) -> list[Result]:
    settings = admin(stack)
    log = Log(ORDERS)
    rows = fill(settings, target.source.log, log.snapshot())
    records = fill(settings, target.source.log, log.transactions(CHANGES))
    print(f"the log holds {rows:,} + {records:,} records", file=sys.stderr)
    copied = plain_copy(settings, target.source.log, rows + records)
    run = run_engine(settings, target, rows + records)
    ends = ConfluentKafkaAdmin(settings).end_offsets(target.product.topic)
    events = sum(ends.values()) - ORDERS
    changes = CHANGES / (run.done - run.live)
    baseline = CHANGES / (copied * records / (rows + records))
    size = f"{CHANGES:,} changes, {records - CHANGES:,} marks"
    return [
        compared("engine throughput", changes, "changes/s", size, ("plain copy", baseline)),
        plain("engine events", events / (run.done - run.live), "events/s", f"{events:,} events"),
        plain("engine snapshot", rows / (run.live - run.first), "rows/s", f"{rows:,} rows"),
        plain("engine memory, peak", run.memory_mb, "MB", f"{ORDERS:,} orders, {size}"),
    ]


def _clear(kafka: ConfluentKafkaAdmin, topics: Iterable[TopicSpec]) -> None:
    present = kafka.topics()
    kafka.delete_topics([one.name for one in topics if one.name in present])


def fill(settings: KafkaSettings, topic: str, records: Iterable[Record]) -> int:
    """Write records to the topic's only partition, in order, and count them."""
    producer = Producer(settings.librdkafka() | PRODUCER)
    count = 0
    for key, value in records:
        while True:
            try:
                producer.produce(topic, value, key, partition=0)
                break
            except BufferError:
                producer.poll(0.1)
        count += 1
    producer.flush(120)
    return count


def plain_copy(settings: KafkaSettings, topic: str, count: int) -> float:
    """Read so many records and write them to another topic; give the seconds it took."""
    consumer = Consumer(
        settings.librdkafka()
        | {"group.id": "bench", "isolation.level": "read_committed", "enable.auto.commit": False}
        | {"queued.min.messages": 200_000, "fetch.queue.backoff.ms": 5}
    )
    producer = Producer(settings.librdkafka() | PRODUCER)
    consumer.assign([TopicPartition(topic, 0, 0)])
    start, seen = time.monotonic(), 0
    while seen < count:
        messages = [one for one in consumer.consume(10_000, 0.05) if one.error() is None]
        for message in messages:
            while True:
                try:
                    producer.produce(COPY, message.value(), message.key())
                    break
                except BufferError:
                    producer.poll(0.1)
        producer.poll(0)
        seen += len(messages)
    producer.flush(120)
    consumer.close()
    return time.monotonic() - start


@dataclass(frozen=True)
class EngineRun:
    """When an engine was how far; seconds of the monotonic clock.

    Attributes:
        first: it was started.
        live: everything of the snapshot was published.
        done: the end of the log was published.
        memory_mb: peak resident memory.
        live_cpu: CPU seconds, user and system, that it had used when it was live.
        done_cpu: the same when it was done.
    """

    first: float
    live: float
    done: float
    memory_mb: float
    live_cpu: float
    done_cpu: float


def run_engine(settings: KafkaSettings, target: Target, end: int) -> EngineRun:
    """Run an engine from nothing until it has published everything before offset `end`."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.engine_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(_order(settings, target, Path(folder) / "state.sqlite"))
        process.stdin.close()
        process.stdin = None
        first = time.monotonic()
        try:
            live, done = _follow(settings, target, end, process)
        finally:
            process.terminate()
            output, _ = process.communicate(timeout=60)
    memory_mb = float(output.split()[-1])
    return EngineRun(first, live.at, done.at, memory_mb, live.cpu, done.cpu)


@dataclass(frozen=True)
class _Moment:
    """A time of the monotonic clock, and the CPU seconds that a process had used then."""

    at: float
    cpu: float


def _now(process: subprocess.Popen[bytes]) -> _Moment:
    times = psutil.Process(process.pid).cpu_times()
    return _Moment(time.monotonic(), times.user + times.system)


def _order(settings: KafkaSettings, target: Target, state: Path) -> bytes:
    both = (target.source, target.product)
    return msgspec.json.encode(
        {
            "domain": target.source.domain,
            "source": target.source.source,
            "deployments": {one.key: deployment.encode(one).decode() for one in both},
            "deployments_topic": NAMES.deployments,
            "state": str(state),
            "kafka": asdict(settings),
        }
    )


def _follow(
    settings: KafkaSettings, target: Target, end: int, process: subprocess.Popen[bytes]
) -> tuple[_Moment, _Moment]:
    reader = ConfluentStreams(settings, "bench").reader(target.source.progress)
    reader.seek(0)
    name = f"{target.source.domain}.{target.source.source}"
    live: _Moment | None = None
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for value in reader.read(0.2).values:
            progress: Progress = decode(value or b"")
            product = progress.deployments.get(target.product.topic)
            if live is None and product is not None and product.status == "live":
                live = _now(process)
            if live is not None and progress.inputs[name].log_offset >= end:
                reader.close()
                return live, _now(process)
    raise SystemExit(f"the engine did not get to the end of its log (exit status {process.poll()})")
