"""The changes of a private log as one upsert topic per table: after images, and tombstones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec
from confluent_kafka import KafkaException, Producer

from bench.debezium import TABLES, Record
from bench.engine import PRODUCER
from streammesh.platform.kafka import TopicSpec
from streammesh.platform.settings import KafkaSettings

PARTITIONS = 2
# no longer than brokers allow when nobody has raised their limit
TIMEOUT_MS = 900_000


class _Source(msgspec.Struct):
    table: str = ""


class _Envelope(msgspec.Struct):
    after: msgspec.Raw = msgspec.Raw(b"null")
    source: _Source = msgspec.field(default_factory=_Source)


_decode = msgspec.json.Decoder(_Envelope).decode


def rows(records: Iterable[Record]) -> Iterator[tuple[str, bytes, bytes | None]]:
    """Give table, key and row (None when it was deleted) of those records that are changes."""
    for key, value in records:
        envelope = _decode(value)
        if envelope.source.table:
            after = bytes(envelope.after)
            yield envelope.source.table, key, None if after == b"null" else after


@dataclass(frozen=True)
class Topics:
    """A set of topics: one per table, and one for the documents.

    Attributes:
        prefix: what their names begin with.
        kafka: the cluster.
    """

    prefix: str
    kafka: KafkaSettings

    def table(self, name: str) -> str:
        """Name a table's topic."""
        return f"{self.prefix}.{name}"

    @property
    def documents(self) -> str:
        """Name the topic of documents."""
        return f"{self.prefix}.documents"

    def specs(self, partitions: int) -> list[TopicSpec]:
        """Give what has to be created; the documents' topic has so many partitions."""
        tables = [TopicSpec(self.table(one), PARTITIONS, 1, {}) for one in TABLES]
        return [*tables, TopicSpec(self.documents, partitions, 1, {})]

    def fill(self, records: Iterable[Record]) -> int:
        """Write a snapshot; give the number of rows."""
        producer = self._producer({})
        count = self._write(producer, records)
        producer.flush(120)
        return count

    def hold_back(self, records: Iterable[Record]) -> Held:
        """Write changes that nobody sees until they are released, then all at once."""
        timeout: dict[str, str | int] = {
            "transactional.id": f"{self.prefix}.changes",
            "transaction.timeout.ms": TIMEOUT_MS,
        }
        producer = self._producer(timeout)
        producer.init_transactions(60)
        producer.begin_transaction()
        count = self._write(producer, records)
        producer.flush(120)
        return Held(producer, count)

    def _producer(self, more: dict[str, str | int]) -> Producer:
        both = self.kafka.librdkafka() | PRODUCER | {"partitioner": "murmur2_random"}
        return Producer(both | more)

    def _write(self, producer: Producer, records: Iterable[Record]) -> int:
        count = 0
        for table, key, row in rows(records):
            while True:
                try:
                    producer.produce(self.table(table), row, key)
                    break
                except BufferError:
                    producer.poll(0.1)
            count += 1
        return count


@dataclass(frozen=True)
class Held:
    """Changes in a Kafka transaction that is still open.

    Attributes:
        count: how many.
    """

    _producer: Producer
    count: int

    def release(self) -> None:
        """Let them be seen.

        Raises:
            SystemExit: they were held for too long.
        """
        try:
            self._producer.commit_transaction(60)
        except KafkaException as error:
            message = f"the changes were held for over {TIMEOUT_MS / 1000:.0f} s: {error}"
            raise SystemExit(message) from error
