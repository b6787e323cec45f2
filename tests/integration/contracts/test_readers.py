"""What is published is the same for all who read it: Python, Java, and Connect's converter."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import msgspec
import pytest

from streammesh.contracts import avro
from streammesh.contracts.raw import raw
from streammesh.contracts.spelling import spell
from streammesh.contracts.types import Array, Date, Map, Record, Time, Timestamp, Type
from streammesh.platform.decoding import Decoder
from tests.integration.contracts.conftest import Subjects
from tests.integration.contracts.every_type import (
    codec_of,
    documents,
    encoded,
    every_type,
    seen,
)
from tests.integration.contracts.java import Java, properties

WHOLE = every_type()
ROWS = documents()
SEEN = [seen(WHOLE.fields, row) for row in ROWS]


def differences(found: list[Any], wanted: list[Any]) -> list[tuple[str, Any, Any]]:
    """Give field, found and wanted value of all that differs."""
    return [
        (name, row[name], value)
        for row, expected in zip(found, wanted, strict=True)
        for name, value in expected.items()
        if row[name] != value or len(row) != len(expected)
    ]


def messages(topic: str, schema_id: int = 7) -> list[bytes]:
    return encoded(codec_of(WHOLE, topic, schema_id), WHOLE, ROWS)


def test_python_reads_what_was_written() -> None:
    codec = codec_of(WHOLE, "t", 7)
    decoded = [codec.decode_value(one) for one in messages("t")]
    assert differences(decoded, ROWS) == []


def test_fastavro_reads_what_was_written() -> None:
    schema = fastavro.parse_schema(json.loads(avro.value_schema(WHOLE, "t")))
    for row, message in zip(ROWS, messages("t"), strict=True):
        native: Any = fastavro.schemaless_reader(io.BytesIO(message[5:]), schema, None)
        assert native["wide"] == Decimal(row["wide"])
        assert native["prices"] == {
            name: None if value is None else Decimal(value) for name, value in row["prices"].items()
        }
        assert native["choice"] == row["choice"]


def test_consume_shows_the_same() -> None:
    decoder = Decoder(lambda _: avro.value_schema(WHOLE, "t"))
    lines = [msgspec.json.encode(decoder.decode(one)) for one in messages("t")]
    assert differences([json.loads(line) for line in lines], SEEN) == []


@pytest.mark.real
def test_java_reads_what_was_written(java: Java, tmp_path: Path) -> None:
    topic = "sales.every-thing.v1"
    schema = avro.value_schema(WHOLE, topic)
    lines = "".join(f"{schema}\t{one[5:].hex()}\n" for one in messages(topic))
    (tmp_path / "in").write_text(lines, encoding="utf-8")
    java.run("Consumer", tmp_path / "in", tmp_path / "out")
    found = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert differences(found, SEEN) == []


@pytest.mark.real
def test_connect_s_converter_reads_and_writes_the_same(
    java: Java, subjects: Subjects, tmp_path: Path
) -> None:
    topic = f"{subjects.prefix}.every-type.v1"
    id_ = subjects.register(topic, avro.value_schema(WHOLE, topic))
    lines = "".join(f"{topic}\t{one.hex()}\n" for one in messages(topic, id_))
    (tmp_path / "in").write_text(lines)
    (tmp_path / "settings").write_text(properties(_settings(subjects)))
    java.run("Sink", tmp_path / "in", tmp_path / "out", tmp_path / "settings")
    rows = [line.split("\t") for line in (tmp_path / "out").read_text().splitlines()]
    in_sink = [in_connect(WHOLE.fields, row) for row in SEEN]
    assert differences([json.loads(one) for _, one, _ in rows], in_sink) == []
    decoder = Decoder(subjects.schema)
    back = [decoder.decode(bytes.fromhex(one)) for _, _, one in rows]
    assert differences(json.loads(msgspec.json.encode(back)), _back()) == []
    assert in_document() == {
        spell(one.type): _spelled(_fields(rows[0][0])[one.name])
        for one in WHOLE.fields.fields
        if spell(one.type) in in_document()
    }


def in_document() -> dict[str, str]:
    """Give the table of docs/types.md."""
    page = (Path(__file__).parents[3] / "docs" / "types.md").read_text(encoding="utf-8")
    lines = page.split("| type | Connect |\n|---|---|\n")[1].split("\n\n")[0].splitlines()
    pairs = [line.strip("|").split(" | ") for line in lines]
    return {name.strip(): connect.strip() for name, connect in pairs}


def in_connect(type_: Type, value: Any) -> Any:  # noqa: PLR0911 - one line per type
    """Give a value as a sink sees it: times are numbers, days are midnights in milliseconds."""
    match type_:
        case _ if value is None:
            return None
        case Record(fields):
            return {one.name: in_connect(one.type, value[one.name]) for one in fields}
        case Array(items):
            return [in_connect(items, one) for one in value]
        case Map(values):
            return {name: in_connect(values, one) for name, one in value.items()}
        case Date():
            return raw(type_, value) * 86_400_000
        case Time() | Timestamp():
            return raw(type_, value)
        case _:
            return value


def _back() -> list[Any]:
    """Give the documents as Connect writes them again: microseconds are plain numbers then."""
    return [_numbers(WHOLE.fields, row) for row in SEEN]


def _numbers(type_: Type, value: Any) -> Any:
    match type_:
        case Record(fields):
            return {one.name: _numbers(one.type, value[one.name]) for one in fields}
        case Time() | Timestamp() if value is not None:
            return raw(type_, value)
        case _:
            return value


def _fields(schema: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(schema)["fields"]
    assert all(one.get("optional", False) is name.startswith("o_") for name, one in fields.items())
    return fields


def _spelled(schema: Any) -> str:
    if schema["type"] in ("array", "map"):
        return f"{schema['type']} of {_spelled(schema['values'])}"
    logical = str(schema.get("name", ""))
    if logical.startswith("org.apache.kafka.connect.data."):
        return f"{schema['type']}, {logical.rpartition('.')[2]}"
    return str(schema["type"])


def _settings(subjects: Subjects) -> dict[str, str]:
    return {
        "apicurio.registry.url": subjects.url.replace("/apis/ccompat/v7", "/apis/registry/v2"),
        "apicurio.registry.as-confluent": "true",
        "apicurio.registry.use-id": "contentId",
        "apicurio.registry.headers.enabled": "false",
        "apicurio.registry.auto-register": "true",
        "apicurio.registry.if-exists": "RETURN_OR_UPDATE",
    }
