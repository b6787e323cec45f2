"""The example shop on the real stack, its engine as a process, and two ways to check on it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from streammesh.contracts.codec import Codec
from streammesh.deployments.deployment import ProductDeployment, SourceDeployment
from streammesh.deployments.progress import KEY, Progress, decode
from streammesh.documents.names import Names
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.settings import KafkaSettings
from streammesh.reconcile.proof import Proof, codec_of, known_digests
from streammesh.reconcile.prove import Prover, Systems
from streammesh.reconcile.topic import TopicReader
from tests.integration.planning.conftest import Shop

Documents = dict[str, dict[str, Any]]


class World:
    """An applied shop; engines come and go."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop = shop
        self.folder = folder
        info = shop.stack.info()
        self.admin = KafkaSettings(
            info.bootstrap_servers,
            info.security_protocol,
            info.sasl_mechanism,
            info.admin_username,
            info.admin_password,
        )
        self.streams = ConfluentStreams(self.admin, "admin.test")
        self.engines: list[subprocess.Popen[bytes]] = []
        self.history: dict[str, dict[str, Documents]] = {}
        """For each product's topic, the documents after each transaction, by its id."""
        self.order: list[str] = []
        self.in_doubt: tuple[str, dict[str, Documents]] | None = None
        """The transaction that was about to be committed, as long as nobody has answered."""
        self.random = random.Random(7)

    # --- the engine

    def start_engine(
        self,
        kill_at: str = "",
        state: str = "state",
        more: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> subprocess.Popen[bytes]:
        """Start an engine that knows no workspace, only its variables and options."""
        names = Names()
        principal = names.engine_principal(self.shop.domain, "shop")
        environ = {name: v for name, v in os.environ.items() if not name.startswith("MESH_")}
        environ |= {
            "MESH_KAFKA_BOOTSTRAP_SERVERS": self.admin.bootstrap_servers,
            "MESH_KAFKA_SECURITY_PROTOCOL": self.admin.security_protocol,
            "MESH_KAFKA_SASL_MECHANISM": self.admin.sasl_mechanism,
            "MESH_KAFKA_USERNAME": principal,
            "MESH_KAFKA_PASSWORD": self.shop.stack.secrets.password_for(principal),
            "MESH_STATE_DIR": str(self.folder / state),
            "MESH_ENGINE_KILL_AT": kill_at,
            **(more or {}),
        }
        with self.log.open("ab") as log:
            engine = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "streammesh.cli.main",
                    "run",
                    f"{self.shop.domain}.shop",
                    *options,
                ],
                cwd=self.folder,
                env=environ,
                stdout=log,
                stderr=log,
            )
        self.engines.append(engine)
        return engine

    def start_leading_engine(self, state: str = "state") -> subprocess.Popen[bytes]:
        """Start an engine, and wait until it has taken over: it has written progress."""
        reader = self.streams.reader(self.deployed_source.progress)
        before = reader.bounds()[1]
        engine = self.start_engine(state=state)
        self.wait(lambda: reader.bounds()[1] > before, 60)
        reader.close()
        self.wait_live()
        return engine

    @property
    def log(self) -> Path:
        return self.folder / "engine.log"

    def stop_engines(self) -> None:
        """Ask all engines to end, and wait."""
        for engine in self.engines:
            if engine.poll() is None:
                engine.send_signal(signal.SIGCONT)
                engine.send_signal(signal.SIGTERM)
        for engine in self.engines:
            engine.wait(60)
        self.engines.clear()

    def progress(self) -> Progress | None:
        """Give the newest committed progress."""
        newest = None
        for chunk in self.streams.read_all(self.deployed_source.progress):
            for key, value in zip(chunk.keys, chunk.values, strict=True):
                newest = value if key == KEY else newest
        return None if newest is None else decode(newest)

    def wait_live(self) -> None:
        """Wait until all products are published."""

        def live() -> bool:
            progress = self.progress()
            entries = [] if progress is None else list(progress.deployments.values())
            return bool(entries) and all(one.status == "live" for one in entries)

        self.wait(live, 120)

    def wait(self, true: Callable[[], bool], seconds: float) -> None:
        """Wait until something is true; show the engine's log if it never is."""
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                tail = self.log.read_text()[-3000:] if self.log.exists() else ""
                raise AssertionError(f"not within {seconds} s\n{tail}")
            time.sleep(0.1)

    # --- deployments

    @property
    def products(self) -> dict[str, ProductDeployment]:
        """The shop's products by topic."""
        found = self.shop.platform.deployments.read().values()
        return {
            one.topic: one
            for one in found
            if isinstance(one, ProductDeployment) and one.domain == self.shop.domain
        }

    @property
    def deployed_source(self) -> SourceDeployment:
        """The shop's source."""
        found = self.shop.platform.deployments.read()[f"source/{self.shop.domain}.shop"]
        assert isinstance(found, SourceDeployment)
        return found

    # --- the shop's work

    def connect(self) -> psycopg.Connection[Any]:
        """Connect to the shop's database."""
        return psycopg.connect(self.shop.url)

    def transact(self, connection: psycopg.Connection[Any], *statements: str) -> None:
        """Commit statements, noting what the database itself computes as of that transaction."""
        with connection.transaction():
            for statement in statements:
                connection.execute(statement)
            row = connection.execute("SELECT pg_current_xact_id()::text").fetchone()
            assert row is not None
            found = {t: self._documents(connection, one) for t, one in self.products_once.items()}
            self.in_doubt = (row[0], found)
        self.note(row[0], found)

    def note(self, full_txid: str, found: dict[str, Documents]) -> None:
        """Note what the database computed as of a transaction that is committed."""
        txid = str(int(full_txid) % 2**32)
        self.in_doubt = None
        self.history[txid] = found
        self.order.append(txid)

    @property
    def products_once(self) -> dict[str, ProductDeployment]:
        """The products, read from Kafka once."""
        if not hasattr(self, "_products"):
            self._products = self.products
        return self._products

    def know_products(self) -> None:
        """Read the products from Kafka again: they have been deployed anew."""
        self._products = self.products

    def _documents(
        self, connection: psycopg.Connection[Any], product: ProductDeployment
    ) -> Documents:
        codec = codec_of(product)
        connection.execute("SET LOCAL TimeZone = 'UTC'")
        rows = connection.execute(product.model.preview.replace("{where}", "")).fetchall()
        return {json.dumps(list(row[:-1])): codec.from_database(row[-1]) for row in rows}

    def work(self, count: int, pause: float = 0.0) -> None:
        """Commit some transactions of all kinds, one after another."""
        with self.connect() as connection:
            for _ in range(count):
                self.transact(connection, *self._deed())
                time.sleep(pause)

    def _deed(self) -> tuple[str, ...]:
        pick = self.random
        order, other = pick.randint(1, 40), pick.randint(1, 40)
        new = 1000 + len(self.order)
        deeds: tuple[tuple[str, ...], ...] = (
            (f"UPDATE orders SET status = 'paid' WHERE id IN ({order}, {other})",),
            (
                f"UPDATE order_lines SET order_id = {other} WHERE order_id = {order}"
                f" AND EXISTS (SELECT 1 FROM orders WHERE id = {other})",
            ),
            (f"UPDATE customers SET city_id = {pick.choice(('1', '2', 'NULL'))} WHERE id = 3",),
            (f"UPDATE cities SET name = 'Bern {pick.randint(1, 99)}' WHERE id = 1",),
            (
                f"INSERT INTO orders VALUES ({new}, {pick.randint(1, 5)}, 'new', now())",
                f"INSERT INTO order_lines VALUES ({new * 10}, {new}, 1, 2, 2.50)",
                f"INSERT INTO order_lines VALUES ({new * 10 + 1}, {new}, 2, 1, 10.00)",
                f"UPDATE orders SET status = 'sent' WHERE id = {order}",
            ),
            (
                f"DELETE FROM order_lines WHERE order_id = {order}",
                f"DELETE FROM orders WHERE id = {order}",
            ),
            (
                f"INSERT INTO orders VALUES ({new}, 1, 'new', now())",
                f"DELETE FROM orders WHERE id = {new}",
            ),
            (f"UPDATE customers SET email = 'e{new}@x' WHERE id = 2",),
        )
        return pick.choice(deeds)

    # --- checks

    def prove(self, seconds: float = 90.0) -> dict[str, Proof]:
        """Compare every document of every product with the database, at a fence."""
        resources = self.shop.platform.resources.read()
        proofs = {}
        for topic, product in self.products.items():
            systems = Systems(
                settings=self.admin,
                streams=self.streams,
                dsn=self.shop.url,
                progress_topic=self.deployed_source.progress,
                known=known_digests(resources, topic).__contains__,
                seconds=seconds,
            )
            prover = Prover(product, systems)
            proofs[topic] = prover.prove()
            prover.close()
        return proofs

    def check(self) -> None:
        """Prove all products, and that each committed transaction was seen, whole and alone."""
        for topic, proof in self.prove().items():
            assert not proof.differences, (topic, proof.differences[:5])
            assert proof.not_checked == 0
            assert proof.source_digest == proof.product_digest
        for topic, product in self.products.items():
            check_every_commit(self, topic, codec_of(product))


def check_every_commit(world: World, topic: str, codec: Codec) -> None:
    """Check that a consumer has after each transaction what PostgreSQL computed at it."""
    reader = TopicReader(world.admin, topic, "admin.test")
    seen: Documents = {}
    by_tx: dict[str, list[tuple[str, Any]]] = {}
    announced: dict[str, set[int]] = {}
    positions: dict[tuple[str, int], int] = {}
    for key_bytes, headers, value, partition in reader.new_records():
        key = json.dumps(list(codec.decode_key(key_bytes).values()))
        document = None if value is None else codec.decode_value(value)
        position = int(headers["mesh.position"], 16)
        assert positions.get(("", partition), 0) <= position
        positions["", partition] = position
        if "mesh.tx" not in headers:
            _apply(seen, key, document)
            continue
        txid = headers["mesh.tx"].decode()
        by_tx.setdefault(txid, []).append((key, document))
        announced.setdefault(txid, set()).add(int(headers["mesh.tx_events"]))
    reader.close()
    for txid in world.order:
        events = by_tx.pop(txid, [])
        if events:
            assert announced[txid] == {len(events)}, f"transaction {txid} is torn or doubled"
        for key, document in events:
            _apply(seen, key, document)
        assert seen == world.history[txid][topic], f"after transaction {txid}"


def _apply(seen: Documents, key: str, document: Mapping[str, Any] | None) -> None:
    if document is None:
        del seen[key]
    else:
        assert seen.get(key) != document, f"spurious event for {key}"
        seen[key] = dict(document)
