"""A contract that has every type of docs/types.md, and documents with the extremes of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from streammesh.contracts import avro, contract
from streammesh.contracts.codec import Codec
from streammesh.contracts.contract import Contract
from streammesh.contracts.raw import raw
from streammesh.contracts.types import Array, Boolean, Decimal, Float, Json, Map, Record, Type
from streammesh.documents.files import source_text
from streammesh.documents.port_files import PortName, read_contract

HEAD = """\
apiVersion: v3.1.0
kind: DataContract
id: sales.orders.v1
version: 1.0.0
status: active
schema:
  - name: everything
    description: Every type, and "quotes", \\backslashes\\ and ünicode 🐘 in its words.
    logicalType: object
    properties:
      - { name: id, logicalType: integer, primaryKey: true, required: true }
"""

PLAIN: dict[str, tuple[str, Sequence[Any]]] = {
    "boolean": ("logicalType: boolean", [True, False]),
    "smallint": ("logicalType: integer, physicalType: smallint", [-(2**15), 2**15 - 1, 0]),
    "integer": ("logicalType: integer, physicalType: integer", [-(2**31), 2**31 - 1, -1]),
    "bigint": ("logicalType: integer, physicalType: bigint", [-(2**63), 2**63 - 1, 0]),
    "money": (
        'logicalType: number, physicalType: "decimal(12,2)"',
        ["-9999999999.99", "9999999999.99", "0.00", "-0.01", "1.28"],
    ),
    "whole": ('logicalType: number, physicalType: "decimal(18)"', ["-999999999999999999", "0"]),
    "wide": (
        'logicalType: number, physicalType: "decimal(38,10)"',
        ["-9999999999999999999999999999.9999999999", "0.0000000001", "-0.0000000001"],
    ),
    "fraction": (
        'logicalType: number, physicalType: "decimal(38,38)"',
        ["-0." + "9" * 38, "0." + "0" * 37 + "1"],
    ),
    "real": (
        "logicalType: number, physicalType: real",
        [
            0.1,
            -3.4028235e38,
            1.1e-44,
            1.1754944e-38,
            0.0,
            16777216.0,
            "NaN",
            "Infinity",
            "-Infinity",
        ],
    ),
    "double": (
        "logicalType: number, physicalType: double precision",
        [0.1, -1.7976931348623157e308, 5e-324, 0.0, 1e23, "NaN", "Infinity", "-Infinity"],
    ),
    "text": (
        "logicalType: string",
        ["", " ", "\x00\x01\x7f", "äöü€", "🐘🇪🇺", "\U0010ffff\ufffe", '"\\\n', "x" * 70_000],
    ),
    "bounded": ("logicalType: string, physicalType: varchar(3)", ["", "🐘🐘🐘"]),
    "uuid": (
        "logicalType: string, physicalType: uuid",
        ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    ),
    "bytes": ("logicalType: string, physicalType: bytea", ["", "00", "ff00" * 40_000, "80"]),
    "json": (
        "logicalType: object, physicalType: jsonb",
        [{"ä": [1, None, {"b": "c"}]}, [], "text", 0, True, {}],
    ),
    "date": ("logicalType: date", ["0001-01-01", "9999-12-31", "1969-12-31", "2000-02-29"]),
    "time": ("logicalType: time", ["00:00:00.000000", "23:59:59.999999", "12:00:00.000001"]),
    "moment": (
        "logicalType: timestamp",
        ["0001-01-01T00:00:00.000000", "9999-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999"],
    ),
    "instant": (
        "logicalType: timestamp, physicalType: timestamptz",
        [
            "0001-01-01T00:00:00.000000Z",
            "9999-12-31T23:59:59.999999Z",
            "1582-10-15T00:00:00.000001Z",
        ],
    ),
    "choice": (
        "logicalType: string, enum: [{value: a_b}, {value: C}],"
        " customProperties: [{property: stream, value: {avro: enum, unknown: C}}]",
        ["a_b", "C"],
    ),
    "vector": ("logicalType: vector, logicalTypeOptions: {dimensions: 2}", [[0.5, -0.25]]),
    "prices": (
        "logicalType: map, map: {key: {logicalType: string},"
        ' value: {logicalType: number, physicalType: "decimal(5,2)", required: false}}',
        [{}, {"ä": "1.00", "": None, "a": "-999.99"}],
    ),
    "grid": (
        "logicalType: array, items: {logicalType: array, items: {logicalType: integer,"
        " required: false}}",
        [[], [[]], [[1, None], [], [-(2**63)]]],
    ),
    "lines": (
        "logicalType: array, items: {logicalType: object, properties: ["
        "{name: day, logicalType: date, required: true},"
        "{name: kind, logicalType: string, enum: [{value: x}],"
        " customProperties: [{property: stream, value: {avro: enum}}]},"
        "{name: by, logicalType: map, map: {key: {logicalType: string},"
        " value: {logicalType: object, properties: [{name: n, logicalType: integer}]}}}]}",
        [
            [],
            [
                {"day": "0001-01-01", "kind": None, "by": None},
                {"day": "9999-12-31", "kind": "x", "by": {"k": {"n": None}, "l": {"n": 7}}},
            ],
        ],
    ),
}
"""By name: how the contract says it, and canonical values."""


def every_type() -> Contract:
    """Give the contract: each type once required, once optional."""
    lines = [
        f"      - {{ name: {prefix}{name}, {said}, required: {required} }}\n"
        for prefix, required in (("", "true"), ("o_", "false"))
        for name, (said, _) in PLAIN.items()
    ]
    source = source_text("orders.v1.odcs.yaml", (HEAD + "".join(lines)).encode())
    return contract.read(read_contract(source, PortName("orders", 1), "sales.orders.v1"))


def documents() -> list[dict[str, Any]]:
    """Give canonical documents: the extremes of all types, and no optional value at all."""
    count = max(len(values) for _, values in PLAIN.values())
    rows = []
    for i in range(count):
        row: dict[str, Any] = {"id": i}
        row |= {name: values[i % len(values)] for name, (_, values) in PLAIN.items()}
        row |= {
            f"o_{name}": values[(i + 1) % len(values)] if i % 3 else None
            for name, (_, values) in PLAIN.items()
        }
        rows.append(row)
    return rows


def state_form(type_: Type, value: Any) -> Any:  # noqa: PLR0911 - one line per type
    """Give a canonical value as the engine's state keeps it."""
    match type_:
        case _ if value is None:
            return None
        case Record(fields):
            return {one.name: state_form(one.type, value[one.name]) for one in fields}
        case Array(items):
            return [state_form(items, one) for one in value]
        case Map(values):
            return {name: state_form(values, one) for name, one in value.items()}
        case Boolean():
            return int(value)
        case Float():
            return str(value)
        case Decimal(precision) if precision <= 18:
            return raw(type_, value)
        case _:
            return value


def seen(type_: Type, value: Any) -> Any:
    """Give a canonical value as somebody sees it who has the Avro schema only: JSON is text."""
    match type_:
        case _ if value is None:
            return None
        case Record(fields):
            return {one.name: seen(one.type, value[one.name]) for one in fields}
        case Array(items):
            return [seen(items, one) for one in value]
        case Map(values):
            return {name: seen(values, one) for name, one in value.items()}
        case Json():
            return msgspec.json.encode(value, order="deterministic").decode()
        case _:
            return value


def codec_of(whole: Contract, topic: str, schema_id: int) -> Codec:
    """Give the codec of a contract whose model has just its types."""
    key, value = avro.key_schema(whole, topic), avro.value_schema(whole, topic)
    return Codec(whole.fields, whole, ("id",), key, 1, value, schema_id, 10_000_000)


def encoded(codec: Codec, whole: Contract, rows: Sequence[dict[str, Any]]) -> list[bytes]:
    """Encode canonical documents by way of the state form."""
    texts = [msgspec.json.encode(state_form(whole.fields, row)).decode() for row in rows]
    results = codec.encode_values(texts)
    broken = [one for one in results if not isinstance(one, bytes)]
    assert not broken, broken
    return [one for one in results if isinstance(one, bytes)]
