from __future__ import annotations

import json

import pytest

from streammesh.platform.avro_compatibility import breaks, fault, unreadable


def record(*fields, name="Value"):
    return {"type": "record", "name": name, "fields": list(fields)}


def field(name, type, **more):
    return {"name": name, "type": type, **more}


LINE = record(field("amount", "int"), name="Line")
WIDE_LINE = record(field("amount", "long"), name="Line")
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        ("long", "int"),
        ("double", "float"),
        (["null", "long"], "int"),
        (["null", "long"], ["null", "int"]),
        (record(field("a", "int")), record(field("a", "int"), field("b", "int"))),
        (record(field("a", "int", default=1)), record()),
        (record(field("x", {"type": "array", "items": WIDE_LINE})),) * 2,
        (
            record(field("x", {"type": "array", "items": WIDE_LINE})),
            record(field("x", {"type": "array", "items": LINE})),
        ),
        ({"type": "map", "values": "long"}, {"type": "map", "values": "int"}),
        (DECIMAL, DECIMAL),
        (
            {"type": "enum", "name": "E", "symbols": ["A", "B"]},
            {"type": "enum", "name": "E", "symbols": ["A"]},
        ),
    ],
)
def test_what_can_be_read(reader, writer):
    assert unreadable(reader, writer) == ()


@pytest.mark.parametrize(
    ("reader", "writer", "place"),
    [
        ("int", "long", "$"),
        ("string", "int", "$"),
        ("int", ["null", "int"], "$|"),
        (record(field("a", "int")), record(), "$.a"),
        (record(field("a", "int"), name="Other"), record(field("a", "int")), "$"),
        (record(field("x", LINE)), record(field("x", WIDE_LINE)), "$.x.amount"),
        (
            record(field("x", {"type": "array", "items": LINE})),
            record(field("x", {"type": "array", "items": WIDE_LINE})),
            "$.x[].amount",
        ),
        ({"type": "map", "values": "int"}, {"type": "map", "values": "long"}, "${}"),
        (
            {"type": "enum", "name": "E", "symbols": ["A"]},
            {"type": "enum", "name": "E", "symbols": ["A", "B"]},
            "$",
        ),
        (
            {"type": "fixed", "name": "F", "size": 1},
            {"type": "fixed", "name": "F", "size": 2},
            "$",
        ),
    ],
)
def test_what_cannot_be_read_is_named_by_its_place(reader, writer, place):
    problems = unreadable(reader, writer)
    assert [problem.partition(":")[0] for problem in problems] == [place]


def test_a_record_that_holds_itself_is_compared_once():
    tree = record(field("children", {"type": "array", "items": "Value"}))
    assert unreadable(tree, tree) == ()


def test_the_level_decides_the_direction():
    old, new = record(), record(field("a", "int"))
    assert len(breaks("BACKWARD", old, new)) == 1
    assert breaks("FORWARD", old, new) == ()
    assert len(breaks("FULL_TRANSITIVE", old, new)) == 1
    assert breaks("NONE", old, new) == ()


@pytest.mark.parametrize("text", ["{", "{}", '"x"', '{"type":"record"}', "[1]"])
def test_what_is_no_schema_has_a_fault(text):
    assert fault(text)


def test_a_schema_has_no_fault():
    assert fault(json.dumps(record(field("a", DECIMAL)))) is None
