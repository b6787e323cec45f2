"""Documents a second through the codec, beside fastavro alone on values made ready for it."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import fastavro
import msgspec

from bench.clock import median_ms
from bench.results import Result, compared
from streammesh.contracts import avro
from streammesh.contracts import contract as contracts
from streammesh.contracts.codec import Codec
from streammesh.demo import example
from streammesh.documents import workspace

DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "10000"))
TOPIC = "sales.orders.v1"


def measure() -> list[Result]:
    """Encode and decode orders with three lines."""
    ports = workspace.load(example.original()).ports
    (port,) = [one for one in ports if one.label == "sales.orders"]
    contract = contracts.read(port.contract)
    key, value = avro.key_schema(contract, TOPIC), avro.value_schema(contract, TOPIC)
    codec = Codec(contract.fields, contract, ("order_id",), key, 1, value, 2, 900_000)
    schema = fastavro.parse_schema(json.loads(value))
    documents = [msgspec.json.encode(_state(i)).decode() for i in range(DOCUMENTS)]
    ready = [_native(i) for i in range(DOCUMENTS)]
    messages = [one for one in codec.encode_values(documents) if isinstance(one, bytes)]
    if len(messages) != DOCUMENTS or messages[7][5:] != _written(schema, ready[7]):
        raise SystemExit("codec and fastavro do not give the same bytes")
    own = _rate(lambda: codec.encode_values(documents))
    alone = _rate(lambda: [_written(schema, one) for one in ready])
    read = _rate(lambda: [codec.decode_value(one) for one in messages])
    read_alone = _rate(lambda: [_read(schema, one) for one in messages])
    size = f"{DOCUMENTS:,} orders, {sum(map(len, messages)) // DOCUMENTS} bytes each"
    unit = "documents/s"
    return [
        compared("codec, JSON → Avro", own, unit, size, ("fastavro write", alone)),
        compared("codec, Avro → canonical", read, unit, size, ("fastavro read", read_alone)),
    ]


def _rate(work: Any) -> float:
    return DOCUMENTS / median_ms(work, seconds=3) * 1000


def _written(schema: Any, value: Any) -> bytes:
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, schema, value)
    return buffer.getvalue()


def _read(schema: Any, message: bytes) -> Any:
    return fastavro.schemaless_reader(io.BytesIO(message[5:]), schema, None)


def _state(i: int) -> dict[str, Any]:
    """An order as the engine's state gives it."""
    return _order(i, "2026-01-31T10:00:00.123456Z", lambda cents: cents)


def _native(i: int) -> dict[str, Any]:
    """The same order as fastavro wants it."""
    placed = datetime(2026, 1, 31, 10, 0, 0, 123456, UTC)
    return _order(i, placed, lambda cents: Decimal(cents).scaleb(-2))


def _order(i: int, placed: Any, amount: Any) -> dict[str, Any]:
    return {
        "order_id": i,
        "placed_at": placed,
        "status": "paid",
        "customer": {"name": f"Customer {i}", "city": "North Haven", "country": "DE"},
        "lines": [
            {"product": f"Red mug {i % 1000}", "quantity": n, "amount": amount(n * 1295)}
            for n in (1, 2, 3)
        ],
    }
