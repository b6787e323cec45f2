"""A database from nothing to published documents: read by COPY, and by Debezium, in the same run.

    python -m bench snapshot        # BENCH_ROWS=500000 rows in five tables; 10000000 takes a while

Both ways go through plan and apply, and an engine takes the rows in meanwhile. Debezium is tuned as
streammesh would run it (`capture/connector.py`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from confluent_kafka import Consumer, TopicPartition

from bench.results import Result, compared, plain
from bench.stack import admin, running
from streammesh.cli.platform import platform_of
from streammesh.demo import example
from streammesh.deployments import deployment
from streammesh.deployments.progress import KEY, decode
from streammesh.documents import workspace as documents
from streammesh.documents.names import Names
from streammesh.local.stack import Stack
from streammesh.planning import service
from streammesh.planning.apply import Progress
from streammesh.planning.steps.read_tables import ReadTables
from streammesh.planning.systems import Platform
from streammesh.platform.confluent_streams import ConfluentStreams

ROWS = int(os.environ.get("BENCH_ROWS", "500000"))
DOMAIN = "benchsnapshot"
SOURCE = f"{DOMAIN}.shop"
PATIENCE_SECONDS = 7200.0

FILL = """
    INSERT INTO cities (id, name, country)
        SELECT i, 'City number ' || i, 'DE' FROM generate_series(1, 100) i;
    INSERT INTO products (id, name, price)
        SELECT i, 'Product number ' || i, i + 0.50 FROM generate_series(1, 1000) i;
    INSERT INTO customers (id, name, email, city_id, password_hash)
        SELECT i, 'Customer number ' || i, 'customer' || i || '@example.com',
               nullif(i %% 101, 0), 'secret'
        FROM generate_series(1, {orders} / 5) i;
    INSERT INTO orders (id, customer_id, status, placed_at)
        SELECT i, i::bigint * 7919 %% ({orders} / 5) + 1, 'paid', now()
        FROM generate_series(1, {orders}) i;
    INSERT INTO order_lines (id, order_id, product_id, qty, price)
        SELECT i, (i + 2) / 3, i * 13 %% 1000 + 1, i %% 4 + 1, i %% 200 + 0.95
        FROM generate_series(1, {orders} * 3) i;
"""


@dataclass(frozen=True)
class Times:
    """Seconds from the snapshot's begin until all rows were in Kafka, and all documents."""

    rows: float
    documents: float


def measure() -> list[Result]:
    """Take the same snapshot both ways."""
    with running() as stack, _shop(stack) as shop:
        found = {way: shop.snapshot(way) for way in ("debezium", "copy")}
    rows = shop.rows
    size = f"{rows:,} rows in 5 tables"
    copied, debezium = found["copy"], found["debezium"]
    return [
        compared(
            "snapshot by COPY into Kafka",
            rows / copied.rows,
            "rows/s",
            size,
            ("Debezium's snapshot", rows / debezium.rows),
        ),
        compared(
            "snapshot by COPY to documents",
            rows / copied.documents,
            "rows/s",
            size,
            ("by Debezium's snapshot", rows / debezium.documents),
        ),
        plain("snapshot by COPY, whole job", copied.documents, "s", size),
    ]


@contextmanager
def _shop(stack: Stack) -> Iterator[Shop]:
    folder = Path(tempfile.mkdtemp(prefix="streammesh-bench-"))
    shop = Shop(stack, folder / "shop")
    try:
        yield shop
    finally:
        shop.run("postgres", f'DROP DATABASE IF EXISTS "{DOMAIN}" WITH (FORCE)')
        shutil.rmtree(folder, ignore_errors=True)


class Shop:
    """The example under another name, over a database that holds many rows."""

    def __init__(self, stack: Stack, root: Path) -> None:
        """Place the example, and fill the database."""
        self._stack = stack
        self._root = root
        os.environ["SHOP_DATABASE_URL"] = stack.info().postgres_url(DOMAIN)
        _place(root)
        self.run("postgres", f'DROP DATABASE IF EXISTS "{DOMAIN}" WITH (FORCE)')
        self.run("postgres", f'CREATE DATABASE "{DOMAIN}"')
        self.run(DOMAIN, (root / "database" / "schema.sql").read_text())
        print("filling the database …", file=sys.stderr)
        orders = max(5, int(ROWS / 4.2))
        self.run(DOMAIN, FILL.format(orders=orders).replace("%%", "%"))
        self.run(DOMAIN, "ANALYZE")
        self.run(DOMAIN, "CHECKPOINT")
        self.rows = 1_100 + orders // 5 + 4 * orders

    def run(self, database: str, statement: str) -> None:
        """Run a statement."""
        url = self._stack.info().postgres_url(database)
        with psycopg.connect(url, autocommit=True) as session:
            session.execute(statement.encode())

    def snapshot(self, way: str) -> Times:
        """Apply with a snapshot taken one way, wait for the documents, and remove all again."""
        print(f"a snapshot by {way} …", file=sys.stderr)
        file = next(self._root.rglob("shop.source.yaml"))
        text = file.read_text()
        file.write_text(f"{text}\ncapture: {{ snapshot: {way} }}\n")
        try:
            return self._times()
        finally:
            kept = self._root.with_suffix(".kept")
            shutil.copytree(self._root / "domains", kept)
            shutil.rmtree(next(self._root.rglob("products")))
            file.unlink()
            self._apply(delete_data=True)
            shutil.rmtree(self._root / "domains")
            shutil.move(kept, self._root / "domains")
            file.write_text(text)

    def _times(self) -> Times:
        engine = _Engine(self._stack, self._root.parent / "state")
        try:
            self._apply(lambda told: engine.start(self._platform) if _reads(told) else None)
            engine.start(self._platform)
            live = engine.live()
        finally:
            engine.stop()
        begun, ended = _marks(self._stack)
        return Times(ended - begun, live - begun)

    @property
    def _platform(self) -> Platform:
        workspace = documents.load(self._root)
        home = self._stack.layout.home.parent
        return platform_of(home, workspace.environments["local"])

    def _apply(self, told: Any = lambda _: None, *, delete_data: bool = False) -> None:
        workspace, platform = documents.load(self._root), self._platform
        environment = workspace.environments["local"]
        planned = service.plan(workspace, environment, platform, delete_data=delete_data)
        service.apply(planned, platform, told)


def _reads(told: Progress) -> bool:
    return isinstance(told.step, ReadTables)


def _place(root: Path) -> None:
    shutil.copytree(example.original(), root, ignore=shutil.ignore_patterns(".mesh"))
    (root / "domains" / "sales").rename(root / "domains" / DOMAIN)
    for path in (root / "domains").rglob("*.*"):
        if path.is_file():
            text = path.read_text().replace("sales.", f"{DOMAIN}.")
            path.write_text(text.replace(": sales\n", f": {DOMAIN}\n"))


class _Engine:
    """The engine, in a process of its own."""

    def __init__(self, stack: Stack, state: Path) -> None:
        self._settings = admin(stack)
        self._state = state
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, platform: Platform) -> None:
        """Start it, once."""
        if self._process is not None:
            return
        shutil.rmtree(self._state, ignore_errors=True)
        self._state.mkdir()
        deployed = {k: one for k, one in platform.deployments.read().items() if DOMAIN in k}
        order = {
            "domain": DOMAIN,
            "source": "shop",
            "deployments": {k: deployment.encode(one).decode() for k, one in deployed.items()},
            "deployments_topic": Names().deployments,
            "state": str(self._state / "state.sqlite"),
            "kafka": asdict(self._settings),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.engine_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(order))
        self._process.stdin.close()

    def live(self) -> float:
        """Wait until every product is published, and give the time of that."""
        reader = ConfluentStreams(self._settings, "bench").reader(Names().progress(DOMAIN, "shop"))
        reader.seek(0)
        deadline = time.monotonic() + PATIENCE_SECONDS
        try:
            while time.monotonic() < deadline:
                chunk = reader.read(0.2)
                for key, value in zip(chunk.keys, chunk.values, strict=True):
                    entries = decode(value or b"").deployments if key == KEY else {}
                    if entries and all(one.status == "live" for one in entries.values()):
                        return time.time()
                if self._process is not None and self._process.poll() is not None:
                    raise SystemExit(f"the engine ended with status {self._process.poll()}")
        finally:
            reader.close()
        raise SystemExit("the documents were not published in time")

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)


def _marks(stack: Stack) -> tuple[float, float]:
    """Give when the snapshot began and when its last row was there, by the log's own times."""
    log = Names().private_log(DOMAIN, "shop")
    consumer = Consumer(admin(stack).librdkafka() | {"group.id": "bench"})
    low, high = consumer.get_watermark_offsets(TopicPartition(log, 0), timeout=20)
    consumer.assign([TopicPartition(log, 0, low)])
    begun = ended = 0.0
    at = low
    while at < high:
        for message in consumer.consume(10_000, 0.5):
            at, value = (message.offset() or 0) + 1, message.value() or b""
            if b'"Initial Snapshot"' in value or b'"streammesh"' in value:
                mark = json.loads(value)
                phase = str(mark.get("phase") or mark.get("type")).lower()
                seconds = message.timestamp()[1] / 1000
                begun = seconds if phase == "started" else begun
                ended = seconds if phase == "completed" else ended
    consumer.close()
    return begun, ended
