"""The engine beside Apache Flink SQL: the same changes, the same model, the same machine.

    python -m bench flink      # BENCH_CHANGES=100000 BENCH_ORDERS=20000
    BENCH_FLINK="hashmap:2:legs" python -m bench flink     # these ways to run Flink only
    BENCH_FLINK_SET="table.exec.mini-batch.size=5000;table.exec.mini-batch.allow-latency=1 s" …

Both get a snapshot, and when all of it is published, the changes. The engine reads them from its
private log. Flink reads an upsert topic per table; a Kafka transaction holds the changes back
until the snapshot is done, so that nothing but Flink works while it is measured.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench import flink_cluster, flink_sql
from bench.debezium import TABLES, Log
from bench.engine import EngineRun, fill, run_engine
from bench.flink_cluster import Cluster
from bench.flink_documents import Difference, View, difference, of_engine, of_flink, view
from bench.flink_sql import QUERIES, Session, Variant
from bench.flink_topics import Held, Topics
from bench.results import Result, compared, plain
from bench.stack import admin, running
from bench.target import NAMES, Target, orders
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.kafka import TopicSpec
from streammesh.platform.settings import KafkaSettings
from streammesh.reconcile.proof import codec_of

CHANGES = int(os.environ.get("BENCH_CHANGES", "100000"))
ORDERS = int(os.environ.get("BENCH_ORDERS", "20000"))
VARIANTS = os.environ.get(
    "BENCH_FLINK",
    "hashmap:1:legs hashmap:1:joins hashmap:2:legs rocksdb:1:legs rocksdb:2:legs",
)
PARTITIONS = 4
PATIENCE_SECONDS = 3600.0
# longer than from one checkpoint to the next: what is there by then is committed, too
QUIET_SECONDS = flink_sql.CHECKPOINT_MS / 1000 + 1
QUIET_CORES = 0.25


@dataclass(frozen=True)
class EngineFigures:
    """What the engine did.

    Attributes:
        rows: of the snapshot.
        changes: after it.
        run: times, CPU and memory.
        view: its events.
    """

    rows: int
    changes: int
    run: EngineRun
    view: View

    @property
    def per_cpu(self) -> float:
        """Changes for each CPU second, the snapshot left out."""
        return self.changes / (self.run.done_cpu - self.run.live_cpu)

    @property
    def snapshot_per_cpu(self) -> float:
        """Rows of the snapshot for each CPU second, start included."""
        return self.rows / self.run.live_cpu

    @property
    def changed(self) -> int:
        """Count the documents that a change after the snapshot touched."""
        return sum(1 for key, count in self.view.events.items() if count > 1 or key > ORDERS)


@dataclass(frozen=True)
class FlinkFigures:
    """What Flink did in one way of running it; the snapshot's share is told apart.

    Attributes:
        variant: the way.
        rows: of the snapshot.
        changes: after it.
        seconds: wall time of the changes.
        cpu: the TaskManager's CPU seconds, for the changes.
        snapshot_cpu: the same, for start and snapshot.
        jobmanager_cpu: the JobManager's, for the changes.
        memory_mb: the TaskManager's peak.
        snapshot_events: that were published for the snapshot.
        view: its events.
        difference: from the engine's documents.
    """

    variant: Variant
    rows: int
    changes: int
    seconds: float
    cpu: float
    snapshot_cpu: float
    jobmanager_cpu: float
    memory_mb: float
    snapshot_events: int
    view: View
    difference: Difference

    @property
    def per_cpu(self) -> float:
        """Changes for each CPU second of the TaskManager."""
        return self.changes / self.cpu

    def line(self) -> str:
        """Say it in one line."""
        found = self.difference
        return (
            f"   {self.variant!s:<32} {self.per_cpu:>8,.0f} changes per CPU-second, "
            f"{self.changes / self.seconds:>7,.0f}/s, {self.memory_mb:,.0f} MB, "
            f"snapshot {self.rows / self.snapshot_cpu:,.0f} rows per CPU-second, "
            f"JobManager {self.jobmanager_cpu:.1f} CPU-s; {self.view.total:,} events, "
            f"{self.snapshot_events:,} of the snapshot, {self.view.gone:,} without a document; "
            f"of {found.keys:,} documents {found.wrong:,} differ, {found.unsorted:,} unsorted; "
            f"{found.never:,} events never true"
        )


def measure() -> list[Result]:
    """Measure the engine, then Flink in each of the ways to run it."""
    variants = _variants(VARIANTS)
    # so that what was started ends, and the file with the login goes, when this is ended
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    flink_cluster.jars()
    with running() as stack, tempfile.TemporaryDirectory() as folder:
        settings = admin(stack)
        engine = _engine(settings, orders(stack))
        with flink_cluster.running(Path(folder), settings) as cluster:
            found = [_flink(cluster, settings, one, engine) for one in variants]
    return _results(engine, max(found, key=lambda one: one.per_cpu))


def _variants(text: str) -> list[Variant]:
    """Read `backend:parallelism:query …`."""
    found = []
    for one in text.split():
        backend, parallelism, query = one.split(":")
        if query not in QUERIES or parallelism not in {"1", "2"}:
            raise SystemExit(f"BENCH_FLINK: {one} is no backend:1|2:{'|'.join(QUERIES)}")
        found.append(Variant(backend, int(parallelism), query))
    return found


@contextmanager
def _topics(settings: KafkaSettings, specs: Sequence[TopicSpec]) -> Iterator[None]:
    kafka = ConfluentKafkaAdmin(settings)
    _clear(kafka, specs)
    kafka.create_topics(specs)
    try:
        yield
    finally:
        _clear(kafka, specs)


def _clear(kafka: ConfluentKafkaAdmin, specs: Sequence[TopicSpec]) -> None:
    """Remove the topics, also those that a killed run left behind."""
    present = kafka.topics()
    kafka.delete_topics([one.name for one in specs if one.name in present])


def _streams(settings: KafkaSettings) -> ConfluentStreams:
    return ConfluentStreams(settings, "bench")


def _engine(settings: KafkaSettings, target: Target) -> EngineFigures:
    with _topics(settings, target.topics):
        log = Log(ORDERS)
        before = fill(settings, target.source.log, log.snapshot())
        after = fill(settings, target.source.log, log.transactions(CHANGES))
        print(f"   engine: {before:,} + {after:,} records", file=sys.stderr)
        run = run_engine(settings, target, before + after)
        events = of_engine(_streams(settings), target.product.topic, codec_of(target.product))
        figures = EngineFigures(_rows(), CHANGES, run, view(events))
    print(
        f"   engine {figures.per_cpu:,.0f} changes per CPU-second, "
        f"{CHANGES / (run.done - run.live):,.0f}/s, {run.memory_mb:,.0f} MB, "
        f"snapshot {figures.snapshot_per_cpu:,.0f} rows per CPU-second; "
        f"{figures.view.total:,} events",
        file=sys.stderr,
    )
    return figures


def _rows() -> int:
    return sum(1 for table in TABLES for _ in Log(ORDERS).rows(table))


def _flink(
    cluster: Cluster, settings: KafkaSettings, variant: Variant, engine: EngineFigures
) -> FlinkFigures:
    name = f"{NAMES.namespace}-flink-{variant.backend}-{variant.parallelism}-{variant.query}"
    topics = Topics(name, settings)
    with _topics(settings, topics.specs(PARTITIONS)):
        log = Log(ORDERS)
        rows = topics.fill(log.snapshot())
        held = topics.hold_back(log.transactions(CHANGES))
        with cluster.task_manager():
            figures = _Job(cluster, topics, variant).run(rows, held, engine)
    print(figures.line(), file=sys.stderr)
    if figures.difference.wrong:
        print(f"   engine and Flink differ:\n{figures.difference.example}", file=sys.stderr)
    return figures


class _Job:
    """The job, from its start to its end."""

    def __init__(self, cluster: Cluster, topics: Topics, variant: Variant) -> None:
        self._cluster, self._topics, self._variant = cluster, topics, variant
        self._id = ""

    def run(self, rows: int, held: Held, engine: EngineFigures) -> FlinkFigures:
        """Submit it, release the changes when it has nothing more to do, and wait for its end."""
        self._submit()
        self._wait_until_quiet()
        streams, topic = _streams(self._topics.kafka), self._topics.documents
        published = sum(len(chunk) for chunk in streams.read_all(topic))
        live, jobmanager = self._task_manager(), self._cluster.used("jobmanager").cpu
        start = time.monotonic()
        held.release()
        self._wait_for_end()
        seconds = time.monotonic() - start
        done = self._task_manager()
        jobmanager = self._cluster.used("jobmanager").cpu - jobmanager
        seen, differs = difference(engine.view, of_flink(streams, topic))
        return FlinkFigures(
            variant=self._variant,
            rows=rows,
            changes=held.count,
            seconds=seconds,
            cpu=done.cpu - live.cpu,
            snapshot_cpu=live.cpu,
            jobmanager_cpu=jobmanager,
            memory_mb=done.memory_mb,
            snapshot_events=published,
            view=seen,
            difference=differs,
        )

    def _submit(self) -> None:
        session = Session(self._cluster.gateway, self._variant.settings())
        kafka = self._topics.kafka
        for table in flink_sql.COLUMNS:
            session.run(flink_sql.source(table, self._topics.table(table), kafka))
        session.run(flink_sql.sink(self._topics.documents, kafka))
        self._id = session.run(QUERIES[self._variant.query])
        session.close()

    def _wait_until_quiet(self) -> None:
        """Wait until it has published the snapshot: each order, and then nothing more.

        CPU alone would not tell: on a busy machine it may get hardly any.
        """
        kafka = ConfluentKafkaAdmin(self._topics.kafka)
        deadline = time.monotonic() + PATIENCE_SECONDS
        moved, cpu = (0, 0), self._task_manager().cpu
        while time.monotonic() < deadline:
            time.sleep(QUIET_SECONDS)
            published = sum(kafka.end_offsets(self._topics.documents).values())
            used, found = self._task_manager().cpu, (published, self._moved())
            idle = used - cpu < QUIET_CORES * QUIET_SECONDS
            if idle and found == moved and published >= ORDERS:
                return
            moved, cpu = found, used
        raise SystemExit("Flink did not finish the snapshot")

    def _moved(self) -> int:
        """Count the records that went from one operator to another."""
        vertices = self._check()["vertices"]
        return sum(one["metrics"]["read-records"] for one in vertices)

    def _wait_for_end(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self._check()["state"] == "FINISHED":
                return
            self._task_manager()
            time.sleep(0.2)
        raise SystemExit("Flink did not finish the changes")

    def _task_manager(self) -> flink_cluster.Used:
        return self._cluster.used("taskmanager")

    def _check(self) -> dict[str, Any]:
        """Ask how the job is."""
        job: dict[str, Any] = httpx.get(f"{self._cluster.rest}/jobs/{self._id}", timeout=60).json()
        if job["state"] in {"FAILED", "FAILING", "CANCELED"}:
            log = self._cluster.log("taskmanager")
            raise SystemExit(f"Flink's job ended as {job['state']}:\n{log}")
        return job


def _results(engine: EngineFigures, flink: FlinkFigures) -> list[Result]:
    label = f"Flink SQL {flink_cluster.version()} ({flink.variant})"
    size = f"{engine.changes:,} changes after {engine.rows:,} rows"
    run, documents, differs = engine.run, len(engine.view.last), flink.difference
    changed = engine.changed
    return [
        compared(
            "beside Flink: changes per core",
            engine.per_cpu,
            "changes/CPU-s",
            size,
            (label, flink.per_cpu),
        ),
        compared(
            "beside Flink: throughput",
            engine.changes / (run.done - run.live),
            "changes/s",
            size,
            (label, flink.changes / flink.seconds),
        ),
        compared(
            "beside Flink: snapshot per core",
            engine.snapshot_per_cpu,
            "rows/CPU-s",
            f"{engine.rows:,} rows, start included",
            (label, flink.rows / flink.snapshot_cpu),
        ),
        compared("beside Flink: memory, peak", run.memory_mb, "MB", size, (label, flink.memory_mb)),
        compared(
            "beside Flink: events per document",
            engine.view.total / documents,
            "events",
            f"{documents:,} documents at the end",
            (label, flink.view.total / documents),
        ),
        compared(
            "beside Flink: events per changed",
            (engine.view.total - ORDERS) / changed,
            "events",
            f"{changed:,} documents changed after the snapshot",
            (label, (flink.view.total - flink.snapshot_events) / changed),
        ),
        plain("Flink: events never true", differs.never, "events", f"of {flink.view.total:,}"),
        plain("Flink: documents that differ", differs.wrong, "documents", f"of {differs.keys:,}"),
        plain("Flink: lists out of order", differs.unsorted, "documents", f"of {differs.keys:,}"),
        plain("Flink: JobManager", flink.jobmanager_cpu, "CPU-s", f"TaskManager {flink.cpu:.0f}"),
    ]
