"""What no document can show keeps its place among the others in the state; lists."""

from __future__ import annotations

import json
from typing import Any

import apsw
import pytest

from streammesh.contracts.any_json import loads
from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Float,
    Integer,
    Json,
    Numeric,
    Text,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.models.incoming import NAN, UNTOLD_LIST, canonical_json, normaliser


def stored(kind: Type, value: Any, database_type: str = "", *, snapshot: bool = False) -> Any:
    normalise = normaliser(kind, database_type, snapshot=snapshot)
    return value if normalise is None else normalise(value)


DAYS = (
    ("-5877611-06-22Z", "+292269055-12-02Z", "-infinity"),
    ("-4712-01-01Z", None, ".9995287-01-01"),
    ("-0043-03-15Z", None, ".9999956-03-15"),
    ("0000-12-31Z", None, ".9999999-12-31"),
    ("0001-01-01Z", "0001-01-01Z", "0001-01-01"),
    ("1582-10-04Z", "1582-10-04Z", "1582-10-04"),
    ("1582-10-14Z", None, "1582-10-14"),
    ("1582-10-15Z", None, "1582-10-15"),
    (None, "1582-10-24Z", "1582-10-24?"),
    ("9999-12-31Z", "9999-12-31Z", "9999-12-31"),
    ("+10000-01-01Z", "+10000-01-01Z", "A0010000-01-01"),
    ("+5874897-12-31Z", "+5874897-12-31Z", "A5874897-12-31"),
    ("-5877611-06-21Z", "+292278994-08-16Z", "infinity"),
)
"""In the database's order: as the stream has it, as a snapshot has it, the state form."""

MOMENTS = (
    ("-290308-12-21T19:59:27.6Z", "-290308-12-21T19:59:27.6Z", "-infinity"),
    ("-4712-01-01T00:00:00Z", "-4713-11-24T00:00:00Z", ".9995287-01-01T00:00:00.000000"),
    ("-0043-03-15T10:00:00Z", "-0043-03-13T10:00:00Z", ".9999956-03-15T10:00:00.000000"),
    (
        "0000-12-31T23:59:59.999999Z",
        "0000-12-29T23:59:59.999999Z",
        ".9999999-12-31T23:59:59.999999",
    ),
    ("0001-01-01T00:00:00Z", "0000-12-30T00:00:00Z", "0001-01-01T00:00:00.000000"),
    ("1000-02-28T23:59:59.999999Z", "1000-03-05T23:59:59.999999Z", "1000-02-28T23:59:59.999999"),
    ("1500-03-01T00:00:00Z", "1500-03-11T00:00:00Z", "1500-03-01T00:00:00.000000"),
    ("1582-10-04T12:00:00Z", "1582-10-14T12:00:00Z", "1582-10-04T12:00:00.000000"),
    (None, "1582-10-15T12:00:00.123456Z", "1582-10-15T12:00:00.123456?"),
    ("1582-10-25T00:00:00Z", "1582-10-25T00:00:00Z", "1582-10-25T00:00:00.000000"),
    ("+10000-01-01T00:00:00Z", "+10000-01-01T00:00:00Z", "A0010000-01-01T00:00:00.000000"),
    ("+294247-01-10T04:00:25.2Z", "+294247-01-10T04:00:25.2Z", "infinity"),
)


@pytest.mark.parametrize(("kind", "values"), [(Date(), DAYS), (Timestamp(), MOMENTS)])
def test_days_and_moments_of_all_years(kind: Type, values: Any) -> None:
    for stream, snapshot, expected in values:
        assert stream is None or stored(kind, stream) == expected
        assert snapshot is None or stored(kind, snapshot, snapshot=True) == expected
    ordered = [expected for _, _, expected in values]
    assert ordered == sorted(ordered)


def test_instants_are_alike() -> None:
    zone = Timestamp(zone=True)
    assert (
        stored(zone, "0000-12-30T00:00:00.000000Z", snapshot=True) == "0001-01-01T00:00:00.000000Z"
    )
    assert stored(zone, "infinity") == "infinity"
    assert stored(zone, "+10000-01-01T00:00:00.000000Z") == "A0010000-01-01T00:00:00.000000Z"


def test_nan_is_the_greatest_number() -> None:
    database = apsw.Connection(":memory:")
    database.execute("CREATE TABLE t (n INTEGER, PRIMARY KEY (n)) WITHOUT ROWID")
    for value in ("NAN", "99999999999999.9999", "-5"):
        database.execute("INSERT INTO t VALUES (?)", (stored(Decimal(18, 4), value),))
    found = [n for (n,) in database.execute("SELECT n FROM t ORDER BY n")]
    assert found == [-50000, 10**18 - 1, NAN]
    assert stored(Decimal(30, 4), "NAN") == "NaN"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1.50", "1.5"),
        ("100", "100"),
        ("100.000", "100"),
        ("-0.000", "0"),
        ("-0.000000000000000000001", "-0.000000000000000000001"),
        ("1E+5", "100000"),
        ("NAN", "NaN"),
        ("POSITIVE_INFINITY", "Infinity"),
        ("NEGATIVE_INFINITY", "-Infinity"),
        ("9" * 6000 + ".10", "9" * 6000 + ".1"),
    ],
)
def test_equal_numbers_have_one_form(written: str, expected: str) -> None:
    assert stored(Numeric(), written) == expected


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        (Float(64), 0.30000000000000004, "0.30000000000000004"),
        (Float(64), 5e-324, "5e-324"),
        (Float(64), -0.0, "0.0"),
        (Float(64), "NaN", "NaN"),
        (Float(64), "-Infinity", "-Infinity"),
        (Float(32), 1.4e-45, "1e-45"),
        (Float(32), 16777216.0, "16777216.0"),
    ],
)
def test_floating_point_reads_back_the_same(kind: Float, given: Any, expected: str) -> None:
    assert stored(kind, given) == expected


@pytest.mark.parametrize(
    ("kind", "database_type", "value", "expected"),
    [
        (Integer(32), "integer[]", [1, None, -3], "[1,null,-3]"),
        (Integer(32), "integer[]", [], "[]"),
        (Text(), "text[]", ['a"\\', None, "", "é,{}"], '["a\\"\\\\",null,"","é,{}"]'),
        (Text(4), "character(4)[]", ["a   ", "bcde"], '["a","bcde"]'),
        (Boolean(), "boolean[]", [True, False, None], "[true,false,null]"),
        (Decimal(6, 2), "numeric(6,2)[]", ["1.50", None], "[150,null]"),
        (Numeric(), "numeric[]", ["1.50", "2"], '["1.5","2"]'),
        (Bytes(), "bytea[]", ["00FF"], '["00ff"]'),
        (Json(), "jsonb[]", ['{"b": 1, "a": 2}', None], '[{"a":2,"b":1},null]'),
        (
            Timestamp(),
            "timestamp without time zone[]",
            ["0000-12-30T00:00:00Z"],
            '["0001-01-01T00:00:00.000000"]',
        ),
        (Uuid(), "uuid[]", ["[Ljava.util.UUID;@24b9c612"], UNTOLD_LIST),
        (Text(), "text[]", ["[[Ljava.lang.String;@358b8beb", "x"], UNTOLD_LIST),
        (Integer(32), "integer[]", [None, None], UNTOLD_LIST),
    ],
)
def test_lists(kind: Type, database_type: str, value: list[Any], expected: str) -> None:
    assert stored(Array(kind), value, database_type) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('{"b": 1e400, "a": [1.50]}', '{"a":[1.5],"b":9e999}'),
        ('{"a": "\\ud800", "b": "é"}', '{"a":9e999,"b":"é"}'),
        ('{"\\ud800": 1}', "9e999"),
        ('"\\u0000"', '"\\u0000"'),
        ("[" * 100_000 + "]" * 100_000, "9e999"),
        ("[" * 201 + "]" * 201, "[" * 200 + "9e999" + "]" * 200),
    ],
)
def test_json_that_readers_can_not_hold(written: str, expected: str) -> None:
    assert canonical_json(written) == expected
    database = apsw.Connection(":memory:")
    list(database.execute("SELECT json_object('x', json(?))", (expected,)))


def test_wide_json_is_not_deep() -> None:
    written = json.dumps([{"a": [n]} for n in range(1000)], separators=(",", ":"))
    assert canonical_json(written) == written


def test_integers_that_no_reader_of_json_holds() -> None:
    digits = "9" * 5000
    assert (
        canonical_json(f'{{"b": {digits}, "a": [-{digits}, 12]}}') == '{"a":[9e999,12],"b":9e999}'
    )
    assert loads(digits) == float("inf")
    assert loads(f"[-{digits}, 12, 1.5]") == [float("-inf"), 12, 1.5]


@pytest.mark.parametrize(
    ("scale", "value"),
    [
        *((scale, value) for scale in (0, 3) for value in ("9" * 400, "1e40", "-1e40")),
        (0, "9223372036854775808"),
        (3, "9223372036854775.808"),
        (3, "-9223372036854775.809"),
    ],
)
def test_a_number_that_no_state_can_hold_is_named(scale: int, value: str) -> None:
    with pytest.raises(ValueError, match="more digits"):
        stored(Decimal(18, scale), value)
