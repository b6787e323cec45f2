"""Every type of docs/types.md: from another product's event to the row that a model reads."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from streammesh.contracts import avro
from streammesh.contracts.state_form import from_state
from streammesh.contracts.types import Json
from streammesh.deployments.deployment import InputProduct
from streammesh.documents.values import TableName
from streammesh.engine.gathering.rows import Rows
from streammesh.engine.log import Envelope
from streammesh.engine.rows import TableDecoder
from streammesh.models.product_tables import product_table
from streammesh.models.tables import Column
from streammesh.platform.streams import Record
from tests.integration.contracts.every_type import codec_of, documents, encoded, every_type, seen

TOPIC = "sales.everything.v1"


def test_every_value_arrives_as_it_was_published() -> None:
    contract, rows = every_type(), documents()
    codec = codec_of(contract, TOPIC, 7)
    table = product_table(TableName("sales", "everything"), contract.fields, ("id",))
    schemas = {1: avro.key_schema(contract, TOPIC), 7: avro.value_schema(contract, TOPIC)}
    maker = Rows(InputProduct(TOPIC, table.name), table, schemas)
    keys = codec.encode_keys([(row["id"],) for row in rows])
    values = encoded(codec, contract, rows)
    log = [
        maker.row(Record(0, at, key, value, {}))
        for at, (key, value) in enumerate(zip(keys, values, strict=True))
    ]
    events = [msgspec.json.decode(one, type=Envelope) for one in log]
    changes = TableDecoder("marketing.others", table).changes(
        events, [0] * len(events), lambda _: None
    )
    for expected, state in zip(rows, changes.rows, strict=True):
        assert state is not None
        for column, value in zip(table.columns, state, strict=True):
            wanted = seen(contract.fields, expected)[column.name]
            assert read(column, value) == as_json(column, wanted), column.name


def read(column: Column, value: Any) -> Any:
    if value is None or column.type is None:
        return value
    if isinstance(column.type, Json):
        return json.loads(value)
    return from_state(column.type, in_document=False)(value)


def as_json(column: Column, value: Any) -> Any:
    nested = isinstance(column.type, Json) and isinstance(value, str)
    return json.loads(value) if nested else value


def test_a_deletion_is_known_by_its_key() -> None:
    contract = every_type()
    codec = codec_of(contract, TOPIC, 7)
    table = product_table(TableName("sales", "everything"), contract.fields, ("id",))
    maker = Rows(InputProduct(TOPIC, table.name), table, {1: avro.key_schema(contract, TOPIC)})
    (key,) = codec.encode_keys([(4711,)])
    event = msgspec.json.decode(maker.row(Record(0, 0, key, None, {})), type=Envelope)
    changes = TableDecoder("marketing.others", table).changes([event], [0], lambda _: None)
    assert (changes.keys, changes.rows) == ([(4711,)], [None])
