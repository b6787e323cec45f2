"""The log of a captured database, followed by the engine's own decoder and state."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from streammesh.capture.introspect import introspect
from streammesh.contracts import avro
from streammesh.contracts.codec import Codec
from streammesh.contracts.contract import Contract
from streammesh.contracts.types import Array, Decimal, Field, Numeric, Record, Type
from streammesh.contracts.violations import Violated
from streammesh.deployments.deployment import FORMAT, SourceDeployment
from streammesh.documents.values import ContractFile, ModelFile, Port, StreamOptions
from streammesh.engine.counters import Counters
from streammesh.engine.log import LogDecoder, SnapshotEnded, SnapshotRows, SnapshotStarted
from streammesh.engine.shard import Shard
from streammesh.engine.state import State
from streammesh.models.compile import compile_model, fields_given
from streammesh.models.compiled import CompiledModel
from streammesh.models.queries import preview_all
from streammesh.models.storage import quote, table_name
from streammesh.models.tables import Table
from streammesh.models.uncomputable import Uncomputable
from streammesh.platform.streams import Chunk
from tests.integration.capture.captured import Captured

TOPIC = "sales.p.v1"
VIOLATION = "violates the contract"
Documents = dict[Any, Any]


class Followed:
    """What the engine makes of a captured database."""

    def __init__(self, captured: Captured, folder: Path) -> None:
        self.captured = captured
        self.tables = introspect(captured.session, captured.source)
        source = SourceDeployment(
            FORMAT, "m", "sales", "shop", "postgres", "", captured.log, "", "", "", self.tables, 0
        )
        self.state = State(folder / "state.sqlite", source)
        self.state.begin()
        self.shard = Shard(self.state, [], Counters())
        self._decoder = LogDecoder(captured.log)
        self._consumer = Consumer(captured.kafka.librdkafka() | {"group.id": captured.domain})
        self._consumer.assign([TopicPartition(captured.log, 0, 0)])
        self.complete = False

    def close(self) -> None:
        """Let go of log and state."""
        self._consumer.close()
        self.state.rollback()
        self.state.close()

    def run(self, *statements: str) -> None:
        """Run statements in one transaction, and follow the log to its end."""
        session = self.captured.session
        with session.transaction():
            for statement in statements:
                session.execute(statement)
            found = session.execute("SELECT pg_current_xact_id()::text").fetchone()
        assert found is not None
        self.follow(found[0])

    def follow(self, txid: str = "", seconds: float = 60) -> None:
        """Follow the log to a transaction's END; without one, until the snapshot is complete."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            messages = self._consumer.consume(1000, 0.2)
            assert all(one.error() is None for one in messages)
            chunk = Chunk(
                [one.offset() or 0 for one in messages],
                [one.key() for one in messages],
                [one.value() for one in messages],
            )
            # one after the other, so that each transaction is a run of its own
            if txid in [self._take(item) for item in self._decoder.feed(chunk)] or (
                not txid and self.complete
            ):
                return
        raise AssertionError(f"not within {seconds} s")

    def _take(self, item: Any) -> str | None:
        if isinstance(item, SnapshotStarted):
            self.shard.start_generation()
        elif isinstance(item, SnapshotRows):
            self.shard.load(item.events)
        elif isinstance(item, SnapshotEnded):
            self.shard.adopt_generation()
            self.complete = True
        else:
            self.shard.apply([item])
            return item.txid
        return None

    def documents(self, sql: str, key: str = "id") -> tuple[Documents, Documents]:
        """Give a model's documents as engine and database have them; VIOLATION where one violates.

        Args:
            sql: the model.
            key: fields that show the root's primary key, with spaces between.
        """
        model, contract = self.compiled(sql, key)
        codec = Codec(
            model.fields,
            contract,
            tuple(part.field for part in model.key),
            avro.key_schema(contract, TOPIC),
            1,
            avro.value_schema(contract, TOPIC),
            2,
            50_000_000,
        )
        return self._engine(model, codec), self._database(model, codec)

    def compiled(self, sql: str, key: str = "id") -> tuple[CompiledModel, Contract]:
        """Compile a model against a contract that promises what it gives."""
        file = ModelFile("m.sql", sql)
        tables = {"shop": {table.name: table for table in self.tables}}
        sources = [replace(self.captured.source, domain="sales")]
        given = fields_given(file, sources, tables)
        fields = Record(tuple(_promised(one) for one in given.fields))
        keys = tuple(found for one in key.split() if (found := fields.field(one)) is not None)
        contract = Contract(tuple(replace_required(one) for one in keys), fields, None, "", {})
        promised = ContractFile("c.yaml", {}, {}, StreamOptions())
        port = Port("sales", "p", "p", 1, "1.0.0", "active", promised, file)
        return compile_model(port, contract, sources, tables), contract

    def _engine(self, model: CompiledModel, codec: Codec) -> Documents:
        names = ", ".join(f"k{at}" for at, _ in enumerate(model.key))
        columns = ", ".join(quote(part.column) for part in model.key)
        self.state.execute("DROP TABLE IF EXISTS temp.wanted")
        self.state.execute(f"CREATE TEMP TABLE wanted ({names})")
        found = f"SELECT {columns} FROM {table_name(model.root)}"
        self.state.execute(f"INSERT INTO temp.wanted {found}")
        documents: Documents = {}
        for *key, text in self._evaluated(model):
            (value,) = codec.encode_values([text]) if text is not None else (None,)
            bad = not isinstance(value, bytes)
            shown = tuple(key) if bad else codec.canonical_key(tuple(key))
            documents[shown] = VIOLATION if bad else codec.decode_value(value)
        return documents

    def _evaluated(self, model: CompiledModel) -> list[tuple[Any, ...]]:
        """Give each key with its document; None where that one can't be computed."""
        try:
            return self.state.rows(model.evaluate)
        except Uncomputable:
            pass
        found = []
        marks = ", ".join("?" for _ in model.key)
        for key in self.state.rows("SELECT * FROM temp.wanted"):
            self.state.execute("DELETE FROM temp.wanted")
            self.state.execute(f"INSERT INTO temp.wanted VALUES ({marks})", key)
            try:
                found += self.state.rows(model.evaluate)
            except Uncomputable:
                found.append((*key, None))
        return found

    def _database(self, model: CompiledModel, codec: Codec) -> Documents:
        documents = {}
        for *key, document in self.captured.session.execute(preview_all(model)):
            try:
                documents[tuple(key)] = codec.from_database(document)
            except Violated:
                documents[tuple(key)] = VIOLATION
        return documents


@contextmanager
def following(captured: Captured, folder: Path) -> Iterator[Followed]:
    """Capture a database that is ready, and follow its log from the end of the snapshot on."""
    captured.start()
    with closing(Followed(captured, folder)) as found:
        found.follow()
        yield found


def replace_required(field: Field) -> Field:
    """Give a key's field: it is never NULL."""
    return Field(field.name, field.type, required=True)


def _promised(field: Field) -> Field:
    return Field(field.name, _type(field.type), required=field.required)


def _type(kind: Type) -> Type:
    match kind:
        case Numeric():
            return Decimal(38, 10)
        case Array(items):
            return Array(_type(items), required=False)
        case Record(fields):
            return Record(tuple(_promised(one) for one in fields))
        case _:
            return kind


def table_named(tables: tuple[Table, ...], name: str) -> Table:
    """Give the table of that name."""
    return next(one for one in tables if one.name.name == name)
