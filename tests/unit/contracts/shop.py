"""The order document of the example, as model and contract, for tests of the codec."""

from streammesh.contracts import avro
from streammesh.contracts.codec import Codec
from streammesh.contracts.contract import Contract
from streammesh.contracts.types import (
    Array,
    Decimal,
    Field,
    Integer,
    Record,
    Rules,
    Text,
    Timestamp,
)


def order(amount: Decimal, quantity: int) -> Record:
    line = (
        Field("product", Text(20), required=True),
        Field("quantity", Integer(quantity), required=True),
        Field("amount", amount, required=True),
    )
    customer = (Field("name", Text(), required=True), Field("city", Text()))
    return Record(
        (
            Field("order_id", Integer(64), required=True),
            Field("placed_at", Timestamp(zone=True), required=True),
            Field("status", Text(), required=True, rules=Rules(valid=("new", "paid", "sent"))),
            Field("customer", Record(customer), required=True),
            Field("lines", Array(Record(line))),
        )
    )


MODEL = order(Decimal(18, 3), quantity=64)
CONTRACT = order(Decimal(12, 2), quantity=32)
DOCUMENT = (
    '{"order_id":9007199254740993,"placed_at":"2026-01-31T10:00:00.000001Z","status":"paid",'
    '"customer":{"name":"Jané","city":null},'
    '"lines":[{"product":"Filter","quantity":3,"amount":12345}]}'
)
CANONICAL = {
    "order_id": 9007199254740993,
    "placed_at": "2026-01-31T10:00:00.000001Z",
    "status": "paid",
    "customer": {"name": "Jané", "city": None},
    "lines": [{"product": "Filter", "quantity": 3, "amount": "12.35"}],
}


def codec(
    model: Record = MODEL,
    contract: Record = CONTRACT,
    key: tuple[str, ...] = ("order_id",),
    max_bytes: int = 900_000,
) -> Codec:
    fields = {field.name: field for field in contract.fields}
    whole = Contract(tuple(fields[name] for name in key), contract, None, "", {})
    return Codec(
        model=model,
        contract=whole,
        key=key,
        key_schema=avro.key_schema(whole, "t"),
        key_schema_id=1,
        value_schema=avro.value_schema(whole, "t"),
        value_schema_id=2,
        max_bytes=max_bytes,
    )
