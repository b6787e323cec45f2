"""A small database of a test's own, captured on the real stack with least rights."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from confluent_kafka import Consumer, TopicPartition

from streammesh.capture.generation import await_capturing, begin_generation, remove_connector
from streammesh.capture.introspect import introspect
from streammesh.capture.publication import drop_publication, drop_slot, put_publication
from streammesh.capture.settings import CaptureSettings, DatabaseAddress
from streammesh.capture.wants import SourceWants, wants
from streammesh.documents.names import Names
from streammesh.documents.values import Secret, Source, TableName
from streammesh.errors import Location
from streammesh.local.layout import Layout
from streammesh.local.secrets import Secrets
from streammesh.local.stack import Stack
from streammesh.models.tables import Table
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.connect_rest import ConnectRest
from streammesh.platform.settings import HttpSettings, KafkaSettings

MESH = "test"
HEARTBEAT = "streammesh.heartbeat"


@dataclass(frozen=True)
class Record:
    """A record of the private log."""

    offset: int
    key: Any
    value: Any
    headers: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """What it is: an operation, BEGIN, END, a notification's type, or heartbeat."""
        value = self.value
        if "aggregate_type" in value:
            return str(value["type"])
        return str(value.get("op") or value.get("status") or "heartbeat")

    @property
    def table(self) -> str:
        """The row's table."""
        return str(self.value["source"]["table"])


@dataclass
class Captured:
    """A database, the role that captures it, and what the log has of it."""

    stack: Stack
    tables: Sequence[str]
    exclude: Sequence[str] = ()
    domain: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:8]}")
    password: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        info = self.stack.info()
        self.kafka = KafkaSettings(
            info.bootstrap_servers,
            info.security_protocol,
            info.sasl_mechanism,
            info.admin_username,
            info.admin_password,
        )
        self.admin = ConfluentKafkaAdmin(self.kafka)
        self.connect = ConnectRest(HttpSettings(info.connect_url))
        self.database = f"shop_{self.domain}"
        with self.superuser("postgres") as session:
            session.execute(
                f"CREATE ROLE {self.domain} LOGIN REPLICATION PASSWORD '{self.password}'"
            )
            session.execute(f"CREATE DATABASE {self.database} OWNER {self.domain}")
        self.session = psycopg.connect(
            host=info.postgres_host,
            port=info.postgres_port,
            dbname=self.database,
            user=self.domain,
            password=self.password,
            autocommit=True,
        )
        # as streammesh's own sessions are (platform/database.py)
        self.session.execute("SET TimeZone = 'UTC'; SET IntervalStyle = iso_8601")

    @contextmanager
    def superuser(self, database: str = "") -> Iterator[psycopg.Connection]:
        """Give a session as the superuser."""
        url = self.stack.info().postgres_url(database or self.database)
        with psycopg.connect(url, autocommit=True) as session:
            yield session

    @property
    def source(self) -> Source:
        """The source's file."""
        tables = tuple(TableName.parse(one) for one in self.tables)
        where = Location("domains/t/sources/shop.source.yaml", 1)
        return Source(
            self.domain,
            "shop",
            "postgres",
            Secret(""),
            tables,
            tuple(self.exclude),
            86_400_000,
            where,
            snapshot="debezium",
        )

    @property
    def wants(self) -> SourceWants:
        """What the source wants, as introspected now."""
        info = self.stack.info()
        layout = Layout(Path(info.connect_secrets_path).parent.parent)
        reference = Secrets(layout).put_connect(f"{self.domain}-password", self.password)
        address = DatabaseAddress(
            info.postgres_host, info.postgres_port, self.database, self.domain
        )
        settings = CaptureSettings(MESH, Names(), address, reference, 18)
        return wants(self.source, introspect(self.session, self.source), settings)

    def tables_now(self) -> tuple[Table, ...]:
        """Give the source's tables as introspected now."""
        return introspect(self.session, self.source)

    @property
    def log(self) -> str:
        """The private log's topic."""
        return Names().private_log(self.domain, "shop")

    def start(self) -> None:
        """Do what apply does, and wait until the snapshot is in the log."""
        wanted = self.wants
        self.admin.create_topics(wanted.topics)
        deadline = time.monotonic() + 30  # a busy broker knows a new topic late
        while not self.admin.topics([self.log]) and time.monotonic() < deadline:
            time.sleep(0.2)
        self.admin.create_acls(one for one in wanted.acls if one.principal == "mesh.connect")
        self.begin(wanted)

    def begin(self, wanted: SourceWants) -> None:
        """Begin a generation, and wait until its snapshot is in the log."""
        before = self.end()
        put_publication(self.session, wanted.publication)
        begin_generation(
            self.connect,
            wanted.connector,
            wanted.connector_config,
            lambda: drop_slot(self.session, wanted.slot),
        )
        self.await_capturing()
        self.wait(lambda records: "COMPLETED" in kinds(records), before)

    def end(self) -> int:
        """Give the log's end offset."""
        return self.admin.end_offsets(self.log)[0]

    def change_settings(self, changes: Mapping[str, str]) -> None:
        """Give the connector other settings, and wait until it captures with them."""
        wanted = self.wants
        self.connect.put(wanted.connector, {**wanted.connector_config, **changes})
        self.await_capturing()

    def await_capturing(self, seconds: float = 60) -> None:
        """Wait until the connector reads its slot."""
        name, slot = f"{self.domain}.shop", Names().slot(MESH, self.domain, "shop")
        await_capturing(self.connect, self.session, name, slot, seconds=seconds)

    def run(self, *statements: str) -> None:
        """Run statements in one transaction."""
        with self.session.transaction():
            for statement in statements:
                self.session.execute(statement)

    def captured(self, *statements: str) -> list[Record]:
        """Run statements in one transaction, and give its records from BEGIN to END."""
        start = self.end()
        with self.session.transaction():
            for statement in statements:
                self.session.execute(statement)
            found = self.session.execute("SELECT pg_current_xact_id()::text").fetchone()
        assert found is not None
        txid = found[0]

        def complete(records: Sequence[Record]) -> bool:
            return any(one.kind == "END" and txid_of(one) == txid for one in records)

        records = self.wait(complete, start)
        first = next(i for i, one in enumerate(records) if txid_of(one) == txid)
        last = next(
            i for i, one in enumerate(records) if one.kind == "END" and txid_of(one) == txid
        )
        return records[first : last + 1]

    def wait(
        self, until: Callable[[Sequence[Record]], bool], start: int = 0, seconds: float = 60
    ) -> list[Record]:
        """Read the log from an offset until it holds what is waited for."""
        consumer = Consumer(self.kafka.librdkafka() | {"group.id": self.domain})
        consumer.assign([TopicPartition(self.log, 0, start)])
        records: list[Record] = []
        deadline = time.monotonic() + seconds
        try:
            while not until(records):
                assert time.monotonic() < deadline, [one.kind for one in records[-40:]]
                for message in consumer.consume(1000, 0.2):
                    assert message.error() is None, message.error()
                    records.append(_record(message))
        finally:
            consumer.close()
        return records

    def close(self) -> None:
        """Remove everything again."""
        names = Names()
        name, slot = names.connector(self.domain, "shop"), names.slot(MESH, self.domain, "shop")
        with suppress(Exception):
            remove_connector(self.connect, name)
        with suppress(psycopg.Error):
            drop_slot(self.session, slot)
            drop_publication(self.session, slot)
        self.session.close()
        mine = [one for one in self.admin.acls() if self.domain in one.name]
        self.admin.delete_acls(mine)
        self.admin.delete_topics([self.log, names.progress(self.domain, "shop")])
        with self.superuser("postgres") as session:
            session.execute(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
            session.execute(f"DROP ROLE IF EXISTS {self.domain}")


def kinds(records: Sequence[Record]) -> list[str]:
    """Give the kinds of records, in order."""
    return [one.kind for one in records]


def txid_of(record: Record) -> str | None:
    """Give the transaction that a BEGIN or END is of."""
    return record.value["id"].partition(":")[0] if record.kind in {"BEGIN", "END"} else None


def _record(message: Any) -> Record:
    headers = {name: value and json.loads(value) for name, value in message.headers() or ()}
    key = message.key() and json.loads(message.key())
    return Record(message.offset(), key, json.loads(message.value()), headers)
