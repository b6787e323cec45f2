"""A product topic of a test's own, and what is written to it."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import fastavro
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from streammesh.local.stack import Stack
from streammesh.platform.confluent_registry import ConfluentRegistry
from streammesh.platform.settings import KafkaSettings, http_settings

KEY = {"type": "record", "name": "Key", "fields": [{"name": "id", "type": "long"}]}
AMOUNT = {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}
VALUE = {
    "type": "record",
    "name": "Value",
    "fields": [{"name": "id", "type": "long"}, {"name": "amount", "type": AMOUNT}],
}


class Product:
    """A topic with three partitions, and a transactional producer for it."""

    def __init__(self, stack: Stack) -> None:
        info = stack.info()
        self.domain = f"d{uuid.uuid4().hex[:8]}"
        self.label = f"{self.domain}.things"
        self.topic = f"{self.label}.v1"
        self.settings = KafkaSettings(
            info.bootstrap_servers,
            info.security_protocol,
            info.sasl_mechanism,
            info.admin_username,
            info.admin_password,
        )
        self.registry = ConfluentRegistry(http_settings("the registry", info.registry_url))
        self.admin = AdminClient(self.settings.librdkafka())
        self.create(self.topic)
        self._ids = {
            part: self.registry.register(f"{self.topic}-{part}", json.dumps(schema))
            for part, schema in (("key", KEY), ("value", VALUE))
        }
        self.producer = Producer(self.settings.librdkafka() | {"transactional.id": self.label})
        self.producer.init_transactions(30)

    def create(self, topic: str) -> None:
        for future in self.admin.create_topics([NewTopic(topic, 3, 1)]).values():
            future.result(30)

    def encoded(self, part: str, value: dict[str, Any]) -> bytes:
        buffer = io.BytesIO()
        fastavro.schemaless_writer(
            buffer, fastavro.parse_schema(KEY if part == "key" else VALUE), value
        )
        return b"\0" + self._ids[part].to_bytes(4) + buffer.getvalue()

    def put(self, ids: Sequence[int], *, partition: int = 0, deleted: bool = False) -> None:
        for id in ids:
            value = (
                None
                if deleted
                else self.encoded("value", {"id": id, "amount": Decimal(f"{id}.50")})
            )
            key = self.encoded("key", {"id": id})
            headers = [("mesh.tx", str(id).encode())]
            self.producer.produce(self.topic, value, key, partition, headers=headers)
        self.producer.flush(30)

    def commit(self, ids: Sequence[int], *, partition: int = 0, deleted: bool = False) -> None:
        self.producer.begin_transaction()
        self.put(ids, partition=partition, deleted=deleted)
        self.producer.commit_transaction(30)

    def remove(self) -> None:
        for future in self.admin.delete_topics([self.topic]).values():
            future.result(30)
        for part in ("key", "value"):
            self.registry.delete_subject(f"{self.topic}-{part}")


@pytest.fixture
def product(stack: Stack) -> Iterator[Product]:
    made = Product(stack)
    yield made
    made.remove()
