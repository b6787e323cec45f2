"""Two databases, a product of each, and a product made of both, on the real stack."""

from __future__ import annotations

import json
import os
import random
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from streammesh.cli.preview_products import lines
from streammesh.deployments.deployment import ProductDeployment
from streammesh.documents.names import Names
from streammesh.documents.workspace import load
from streammesh.local.stack import Stack
from streammesh.planning import service
from streammesh.planning.plan import Plan
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.settings import KafkaSettings
from streammesh.reconcile.proof import codec_of
from streammesh.reconcile.topic import TopicReader
from tests.integration.planning.conftest import systems_of
from tests.products_mesh import SCHEMA, ProductsMesh

WHEN = "2026-01-31T10:00:00.000000Z"

Rows = dict[int, dict[str, Any]]


class Three(ProductsMesh):
    """The mesh of three domains, applied; engines come and go."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        super().__init__(folder / "three", secrets.token_hex(3))
        self.stack, self.folder = stack, folder
        self.environment = load(self.root).environments["local"]
        self.platform = systems_of(stack, self.root, self.environment)
        info = stack.info()
        self.admin = KafkaSettings(
            info.bootstrap_servers,
            info.security_protocol,
            info.sasl_mechanism,
            info.admin_username,
            info.admin_password,
        )
        self.streams = ConfluentStreams(self.admin, "admin.test")
        self.engines: dict[str, subprocess.Popen[bytes]] = {}
        self.urls = {one: info.postgres_url(one) for one in (self.crm, self.sales)}
        self.rows: dict[str, Rows] = {self.crm: {}, self.sales: {}}
        self.after: dict[str, dict[str, Rows]] = {self.crm: {}, self.sales: {}}

    def plan(self, *, delete_data: bool = False) -> Plan:
        workspace = load(self.root)
        return service.plan(workspace, self.environment, self.platform, delete_data=delete_data)

    def apply(self, *, delete_data: bool = False) -> None:
        service.apply(self.plan(delete_data=delete_data), self.platform)

    # --- engines

    def start(self, source: str, kill_at: str = "") -> subprocess.Popen[bytes]:
        domain, name = source.split(".")
        principal = Names().engine_principal(domain, name)
        environ = {name: v for name, v in os.environ.items() if not name.startswith("MESH_")}
        environ |= {
            "MESH_KAFKA_BOOTSTRAP_SERVERS": self.admin.bootstrap_servers,
            "MESH_KAFKA_SECURITY_PROTOCOL": self.admin.security_protocol,
            "MESH_KAFKA_SASL_MECHANISM": self.admin.sasl_mechanism,
            "MESH_KAFKA_USERNAME": principal,
            "MESH_KAFKA_PASSWORD": self.stack.secrets.password_for(principal),
            "MESH_STATE_DIR": str(self.folder / "state"),
            "MESH_ENGINE_KILL_AT": kill_at,
        }
        command = [sys.executable, "-m", "streammesh.cli.main", "run", source]
        with (self.folder / f"{source}.log").open("ab") as log:
            self.engines[source] = subprocess.Popen(
                command, cwd=self.folder, env=environ, stdout=log, stderr=log
            )
        return self.engines[source]

    def stop(self) -> None:
        for one in self.engines.values():
            if one.poll() is None:
                one.terminate()
        for one in self.engines.values():
            one.wait(60)

    def wait(self, true: Callable[[], bool], seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                logs = [one.read_text()[-2000:] for one in sorted(self.folder.glob("*.log"))]
                raise AssertionError(f"not within {seconds} s\n" + "\n---\n".join(logs))
            time.sleep(0.3)

    # --- work

    def commit(self, domain: str, *deeds: tuple[str, tuple[Any, ...], int, Any]) -> None:
        """Commit statements; note the rows after them, by the transaction's id."""
        with psycopg.connect(self.urls[domain]) as connection:
            for statement, values, key, row in deeds:
                connection.execute(statement, values)  # type: ignore[arg-type]
                if row is None:
                    self.rows[domain].pop(key, None)
                else:
                    self.rows[domain][key] = row
            found = connection.execute("SELECT pg_current_xact_id()::text").fetchone()
            assert found is not None
            self.after[domain][str(int(found[0]) % 2**32)] = dict(self.rows[domain])

    def customer(self, key: int, name: str, city: str | None) -> Any:
        put = (
            "INSERT INTO customers VALUES (%s, %s, %s) ON CONFLICT (id)"
            " DO UPDATE SET name = excluded.name, city = excluded.city"
        )
        return put, (key, name, city), key, {"customer_id": key, "name": name, "city": city}

    def order(self, key: int, customer: int, status: str, amount: str | None) -> Any:
        put = (
            "INSERT INTO orders VALUES (%s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET"
            " customer_id = excluded.customer_id, status = excluded.status,"
            " amount = excluded.amount"
        )
        row = {"order_id": key, "customer_id": customer, "status": status, "amount": amount}
        return put, (key, customer, status, amount, WHEN), key, row

    def work(self, count: int, pick: random.Random) -> None:
        for _ in range(count):
            if pick.random() < 0.4:
                keys = pick.sample(range(1, 9), pick.randint(1, 3))
                name = f"n{pick.randint(1, 10**9)}"
                self.commit(
                    self.crm, *(self.customer(k, name, pick.choice([None, "Bern"])) for k in keys)
                )
            else:
                keys = pick.sample(range(1, 30), pick.randint(1, 4))
                status, amount = f"s{pick.randint(1, 10**9)}", f"{pick.randint(1, 9999)}.50"
                self.commit(
                    self.sales, *(self.order(k, pick.randint(1, 8), status, amount) for k in keys)
                )
            if pick.random() < 0.15 and self.rows[self.sales]:
                key = pick.choice(sorted(self.rows[self.sales]))
                self.commit(self.sales, ("DELETE FROM orders WHERE id = %s", (key,), key, None))

    # --- what came of it

    def expected(self, customers: Rows, orders: Rows) -> Rows:
        return {key: self._portrait(row, orders) for key, row in customers.items()}

    def _portrait(self, row: Mapping[str, Any], orders: Rows) -> dict[str, Any]:
        mine = [
            one for _, one in sorted(orders.items()) if one["customer_id"] == row["customer_id"]
        ]
        cents = [int(one["amount"].replace(".", "")) for one in mine if one["amount"]]
        listed = [
            {"order_id": one["order_id"], "status": one["status"], "placed_at": WHEN}
            for one in mine
        ]
        spent = f"{sum(cents) // 100}.{sum(cents) % 100:02}" if cents else None
        return {**row, "spent": spent, "orders": listed or None}

    @property
    def portraits(self) -> ProductDeployment:
        found = self.platform.deployments.read()[f"product/{self.marketing}.portraits.v1"]
        assert isinstance(found, ProductDeployment)
        return found

    def events(self) -> list[tuple[Mapping[str, bytes], int, Any]]:
        """Give headers, key and document of each event."""
        codec = codec_of(self.portraits)
        reader = TopicReader(self.admin, self.portraits.topic, "admin.test")
        found = [
            (
                headers,
                int(next(iter(codec.decode_key(key).values()))),
                None if value is None else codec.decode_value(value),
            )
            for key, headers, value, _ in reader.new_records()
        ]
        reader.close()
        return found

    def documents(self) -> Rows:
        found: Rows = {}
        for _, key, value in self.events():
            _apply(found, key, value, strict=False)
        return found

    def preview(self) -> Rows:
        """Give what `mesh preview` prints."""
        workspace = load(self.root)
        (port,) = [one for one in workspace.ports if one.product == "portraits"]
        (source,) = workspace.domains[self.marketing].sources
        root = replace(workspace, root=str(self.stack.layout.home.parent))
        printed = map(json.loads, lines(root, self.environment, port, source, ()))
        return {one["key"]["customer_id"]: one["value"] for one in printed}

    def order_in_log(self) -> list[str]:
        """Give the transactions behind the log's snapshot, in its order."""
        found = []
        for chunk in self.streams.read_all(f"_cdc.{self.marketing}.others"):
            for value in chunk.values:
                record = json.loads(value or b"")
                if record.get("type") == "STARTED":
                    found = []
                if record.get("status") == "END" and "/" in record["id"]:
                    found.append(record["id"].partition(":")[0])
        return [one for one in found if not one.startswith("snapshot/")]

    def check_every_commit(self) -> int:
        """Check after each transaction of either product what a consumer has seen."""
        by_tx: dict[str, list[tuple[int, Any]]] = {}
        announced: dict[str, set[int]] = {}
        seen: Rows = {}
        for headers, key, value in self.events():
            tx = headers.get("mesh.tx", b"").decode()
            if not tx:
                _apply(seen, key, value)
                continue
            by_tx.setdefault(tx, []).append((key, value))
            announced.setdefault(tx, set()).add(int(headers["mesh.tx_events"]))
        order = self.order_in_log()
        at: dict[str, Rows] = {}
        start: dict[str, Rows] = {}
        topics = {f"{self.crm}.customers.v1": self.crm, f"{self.sales}.orders.v1": self.sales}
        for topic, domain in topics.items():
            logged = [one.rpartition("/")[2] for one in order if one.startswith(topic)]
            # a product's own first snapshot comes as a part, and holds what was there before it
            parts = [one for one in logged if "." in one]
            logged = logged[len(parts) :]
            mine = [tx for tx in self.after[domain] if tx in set(logged)]
            assert logged == mine, "once each, in the order of commits"
            before = [tx for tx in self.after[domain] if tx not in set(logged)]
            start[domain] = self.after[domain][before[-1]] if before else {}
            at[domain] = {} if parts else start[domain]
        for one in order:
            topic, _, tx = one.rpartition("/")
            domain = topics[topic]
            at[domain] = start[domain] if "." in tx else self.after[domain][tx]
            events = by_tx.pop(one, [])
            if events:
                assert announced[one] == {len(events)}, f"{one} is torn or doubled"
            for key, value in events:
                _apply(seen, key, value)
            assert seen == self.expected(at[self.crm], at[self.sales]), f"after {one}"
        assert not by_tx
        return len(order)


def _apply(found: Rows, key: int, value: Any, *, strict: bool = True) -> None:
    if value is None:
        assert key in found or not strict
        found.pop(key, None)
    else:
        assert found.get(key) != value or not strict, f"spurious event for {key}"
        found[key] = value


@pytest.fixture
def three(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Three]:
    one = Three(stack, tmp_path)
    for domain, name in ((one.crm, "CRM"), (one.sales, "SALES")):
        monkeypatch.setenv(f"{name}_DATABASE_URL", one.urls[domain])
        with psycopg.connect(stack.info().postgres_url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{domain}"')  # type: ignore[arg-type]
        with psycopg.connect(one.urls[domain]) as connection:
            connection.execute(SCHEMA[name.lower()])  # type: ignore[arg-type]
    try:
        yield one
    finally:
        one.stop()
        for folder in (one.root / "domains").iterdir():
            shutil.rmtree(folder / "products", ignore_errors=True)
            shutil.rmtree(folder / "sources", ignore_errors=True)
        one.apply(delete_data=True)
        with psycopg.connect(stack.info().postgres_url("postgres"), autocommit=True) as connection:
            for domain in (one.crm, one.sales):
                connection.execute(f'DROP DATABASE "{domain}" WITH (FORCE)')  # type: ignore[arg-type]


KILLS = ("before-commit-gathered:2", "after-commit-gathered:3", "after-commit-kafka:2")


def test_a_product_of_two_databases_is_right_at_every_commit(three: Three) -> None:
    pick = random.Random(5)
    three.work(10, pick)
    three.apply()
    assert three.plan().steps == ()
    mine = f"{three.marketing}.others"
    for source in (f"{three.crm}.people", f"{three.sales}.shop", mine):
        three.start(source)
    three.wait(lambda: three.documents() == three.expected(*three.rows.values()))
    for kill_at in KILLS:
        three.engines[mine].kill()
        three.engines[mine].wait()
        engine = three.start(mine, kill_at)
        deadline = time.monotonic() + 90
        while engine.poll() is None and time.monotonic() < deadline:
            three.work(2, pick)
            time.sleep(0.5)
        assert engine.poll() is not None, f"{kill_at} was never reached"
        three.start(mine)
        three.work(5, pick)
        three.wait(lambda: three.documents() == three.expected(*three.rows.values()))
    assert three.check_every_commit() > 20
    assert three.preview() == three.documents()
