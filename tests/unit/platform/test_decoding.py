"""Any Avro schema's values come out in canonical form."""

import io
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import fastavro
import pytest

from streammesh.platform.decoding import Decoder, Undecodable


def written(schema: Any, value: Any, id: int = 7) -> bytes:
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(json.loads(json.dumps(schema))), value)
    return b"\0" + id.to_bytes(4) + buffer.getvalue()


def read(schema: Any, value: Any) -> Any:
    return Decoder(lambda _: json.dumps(schema)).decode(written(schema, value))


def logical(kind: str, name: str, **more: int) -> dict[str, Any]:
    return {"type": kind, "logicalType": name, **more}


TWO = {"precision": 12, "scale": 2}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (logical("bytes", "decimal", **TWO), Decimal("12.50"), "12.50"),
        (logical("bytes", "decimal", **TWO), Decimal("-0.05"), "-0.05"),
        (logical("bytes", "decimal", **TWO), Decimal(0), "0.00"),
        (logical("bytes", "decimal", **TWO), Decimal("-9999999999.99"), "-9999999999.99"),
        (logical("bytes", "decimal", precision=3), Decimal(3), "3"),
        (logical("int", "date"), date(2026, 1, 31), "2026-01-31"),
        (logical("int", "date"), date(1969, 12, 31), "1969-12-31"),
        (logical("long", "time-micros"), time(10), "10:00:00.000000"),
        (logical("int", "time-millis"), time(10, 0, 0, 5000), "10:00:00.005000"),
        (
            logical("long", "timestamp-micros"),
            datetime(2026, 1, 31, 10, 0, 0, 1, tzinfo=UTC),
            "2026-01-31T10:00:00.000001Z",
        ),
        (
            logical("long", "timestamp-millis"),
            datetime(1960, 1, 31, tzinfo=UTC),
            "1960-01-31T00:00:00.000000Z",
        ),
        (
            logical("long", "local-timestamp-micros"),
            datetime(2026, 1, 31, 10),
            "2026-01-31T10:00:00.000000",
        ),
        (
            logical("string", "uuid"),
            UUID("ABCDEF00-0000-4000-8000-000000000000"),
            "abcdef00-0000-4000-8000-000000000000",
        ),
        ("bytes", b"\x00\xff", "00ff"),
        ({"type": "fixed", "name": "F", "size": 2}, b"\x00\xff", "00ff"),
        (["null", "bytes"], b"\x01", "01"),
        (["null", logical("int", "date")], None, None),
        ("long", 2**62 + 1, 2**62 + 1),
        ("string", "Köln", "Köln"),
        (logical("string", "no-such-thing"), "as it is", "as it is"),
    ],
)
def test_values_are_canonical(schema: Any, value: Any, expected: Any) -> None:
    assert read(schema, value) == expected


def test_nested_records_lists_and_maps() -> None:
    day = logical("int", "date")
    line = {"type": "record", "name": "Line", "fields": [{"name": "day", "type": ["null", day]}]}
    schema = {
        "type": "record",
        "name": "Value",
        "fields": [
            {"name": "lines", "type": {"type": "array", "items": line}},
            {"name": "last", "type": ["null", "Line"], "default": None},
            {"name": "more", "type": {"type": "map", "values": "bytes"}},
        ],
    }
    value = {"lines": [{"day": date(2026, 1, 1)}], "last": {"day": None}, "more": {"a": b"\n"}}
    expected = {"lines": [{"day": "2026-01-01"}], "last": {"day": None}, "more": {"a": "0a"}}
    assert read(schema, value) == expected


def test_other_users_of_the_avro_library_see_its_own_values() -> None:
    read(logical("int", "date"), date(2026, 1, 1))
    data = io.BytesIO(written(logical("int", "date"), date(2026, 1, 1))[5:])
    assert fastavro.schemaless_reader(data, logical("int", "date"), None) == date(2026, 1, 1)


def test_no_bytes_are_no_value() -> None:
    assert Decoder(lambda _: '"string"').decode(None) is None


def test_a_schema_is_asked_for_once() -> None:
    asked = []
    decoder = Decoder(lambda id: asked.append(id) or '"string"')  # type: ignore[func-returns-value]
    for text in ("a", "b"):
        assert decoder.decode(written("string", text)) == text
    assert asked == [7]


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0\0\0", b"{}", b'{"a": 1}', b"\1" + b"\0" * 9, b"\0\0\0\0\7", b"\0\0\0\0\7\4a"],
)
def test_other_bytes_are_named_undecodable(data: bytes) -> None:
    with pytest.raises(Undecodable):
        Decoder(lambda _: '"string"').decode(data)


def test_bytes_left_over_are_not_ignored() -> None:
    with pytest.raises(Undecodable, match="left"):
        Decoder(lambda _: '"string"').decode(written("string", "a") + b"!")
