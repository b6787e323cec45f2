"""A required property with a default can be added: readers take it for older events."""

import json
from collections.abc import Callable
from typing import Any

import fastavro
import pytest

from streammesh.contracts import avro
from streammesh.contracts.codec import wire_head
from streammesh.contracts.contract import Contract
from streammesh.contracts.types import Enum
from streammesh.planning.weighing.fields import changes
from streammesh.platform.avro_compatibility import breaks
from tests.unit.contracts.shop import codec

Make = Callable[..., Contract]

STREAM = "required: true, customProperties: [{property: stream, value: {%s}}]"
ENUM = "quality: [{metric: invalidValues, mustBe: 0, arguments: {validValues: [%s]}}], "


@pytest.mark.parametrize(
    ("said", "default", "canonical", "in_schema"),
    [
        ("logicalType: boolean", "false", False, False),
        ("logicalType: integer", "0", 0, 0),
        ('logicalType: number, physicalType: "decimal(6,2)"', "0", "0.00", "\0"),
        ('logicalType: number, physicalType: "decimal(6,2)"', '"-1.28"', "-1.28", "\x80"),
        ('logicalType: number, physicalType: "decimal(6,2)"', "2.5", "2.50", "\0\xfa"),
        ("logicalType: number, physicalType: double", "0.5", 0.5, 0.5),
        ("logicalType: string", "ä", "ä", "ä"),
        ("logicalType: string, physicalType: bytea", '"00ff"', "00ff", "\0\xff"),
        ("logicalType: date", "1970-01-02", "1970-01-02", 1),
        ("logicalType: time", '"00:00:01.000000"', "00:00:01.000000", 1_000_000),
        ("logicalType: array, items: {logicalType: string}", "[]", [], []),
        (
            "logicalType: map, map: {key: {logicalType: string}, value: {logicalType: date}}",
            "{}",
            {},
            {},
        ),
    ],
)
def test_a_reader_takes_the_default_for_an_older_event(
    make_contract: Make, said: str, default: str, canonical: Any, in_schema: Any
) -> None:
    old = make_contract("")
    new = make_contract(f"{{ name: x, {said}, {STREAM % f'default: {default}'} }}")
    schema = avro.value_schema(new, "t")
    assert json.loads(schema)["fields"][1]["default"] == in_schema
    fastavro.parse_schema(json.loads(schema))
    assert not breaks("FULL", json.loads(avro.value_schema(old, "t")), json.loads(schema))
    assert [one.breaks for one in changes(old.fields, new.fields)] == [""]
    (written,) = codec(old.fields, old.fields, key=("id",)).encode_values(['{"id":1}'])
    assert isinstance(written, bytes)
    reader = codec(new.fields, new.fields, key=("id",))
    reader.learn(9, avro.value_schema(old, "t"))
    assert reader.decode_value(wire_head(9) + written[5:]) == {"id": 1, "x": canonical}


def test_without_a_default_a_required_property_breaks(make_contract: Make) -> None:
    old, new = make_contract(""), make_contract("{ name: x, logicalType: date, required: true }")
    (change,) = changes(old.fields, new.fields)
    assert change.breaks


@pytest.mark.parametrize(
    ("unknown", "breaking"), [("", True), (", unknown: other", False)], ids=["plain", "unknown"]
)
def test_a_new_word_breaks_unless_there_is_one_for_the_unknown(
    make_contract: Make, unknown: str, breaking: bool
) -> None:
    def words(listed: str) -> Contract:
        said = f"logicalType: string, {ENUM % listed}{STREAM % ('avro: enum' + unknown)}"
        return make_contract(f"{{ name: x, {said} }}")

    old, new = words("other, a"), words("other, a, b")
    assert isinstance(new.fields.fields[1].type, Enum)
    (change,) = changes(old.fields, new.fields)
    assert bool(change.breaks) is breaking
    schemas = [json.loads(avro.value_schema(one, "t")) for one in (old, new)]
    assert bool(breaks("FULL", *schemas)) is breaking
