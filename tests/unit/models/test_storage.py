"""From Debezium's JSON to the state form, and which column types there are."""

from __future__ import annotations

from typing import Any

import apsw
import pytest

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
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.documents.values import TableName
from streammesh.models import functions
from streammesh.models.incoming import normaliser
from streammesh.models.postgres_types import column_type
from streammesh.models.storage import column_ddl, table_name


def stored(kind: Type | None, value: Any, database_type: str = "") -> Any:
    normalise = normaliser(kind, database_type)
    return value if normalise is None else normalise(value)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Decimal(10, 2), "123.45", 12345),
        (Decimal(10, 2), "-0.05", -5),
        (Decimal(10, 2), "12", 1200),
        (Decimal(10, 2), "1.5", 150),
        (Decimal(12, 8), "0E-8", 0),
        (Decimal(5, 0), "1E+3", 1000),
        (Decimal(5, 0), "-7", -7),
        (Decimal(30, 4), "12345678901234567890.5000", "12345678901234567890.5000"),
        (Decimal(30, 4), "0E-4", "0.0000"),
        (Decimal(30, 4), "-0.0000", "0.0000"),
        (Date(), "2026-01-31Z", "2026-01-31"),
        (Date(), "2026-01-31", "2026-01-31"),
        (Date(), "0001-01-01Z", "0001-01-01"),
        (Time(), "10:00:00.5Z", "10:00:00.500000"),
        (Time(), "10:00:00", "10:00:00.000000"),
        (Timestamp(), "2026-01-31T10:00:00.123456Z", "2026-01-31T10:00:00.123456"),
        (Timestamp(), "2026-01-31T10:00:00Z", "2026-01-31T10:00:00.000000"),
        (Timestamp(zone=True), "2026-01-31T10:00:00.123Z", "2026-01-31T10:00:00.123000Z"),
        (Timestamp(zone=True), "2026-01-31T10:00:00.123456Z", "2026-01-31T10:00:00.123456Z"),
        (Bytes(), "00FF", "00ff"),
        (Json(), '{"b": 1, "a": [1, 2.50, null]}', '{"a":[1,2.5,null],"b":1}'),
        (Json(), "12345678901234567890123", "12345678901234567890123"),
        (Text(), "a ", "a "),
        (Integer(), 5, 5),
        (Boolean(), True, 1),
        (Uuid(), "x", "x"),
        (None, [None, None], "[null,null]"),
    ],
)
def test_state_form(kind: Type | None, value: Any, expected: Any) -> None:
    assert stored(kind, value) == expected


def test_padding_is_dropped_of_character_alone() -> None:
    assert stored(Text(5), "ab   ", "character(5)") == "ab"
    assert stored(Text(5), "ab   ", "character varying(5)") == "ab   "


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Decimal(10, 0), "POSITIVE_INFINITY"),
        (Decimal(10, 2), "1.005"),
        (Decimal(30, 2), "1.005"),
        (Timestamp(zone=True), "2026-01-31T10:00:00+02:00"),
        (Timestamp(), "2026-01-31"),
        (Date(), "yesterday"),
        (Time(), "10"),
        (Json(), "{"),
    ],
)
def test_what_the_type_does_not_have_is_named(kind: Type, value: Any) -> None:
    with pytest.raises(
        ValueError, match=value[:3].replace("+", "\\+") if value != "{" else "Expecting"
    ):
        stored(kind, value)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("smallint", Integer(16)),
        ("bigint", Integer(64)),
        ("numeric(12,2)", Decimal(12, 2)),
        ("numeric(38,0)", Decimal(38, 0)),
        ("numeric(39,0)", Numeric()),
        ("numeric(5,-2)", Numeric()),
        ("numeric(2,3)", Numeric()),
        ("numeric", Numeric()),
        ("bpchar", Text()),
        ("character varying(40)", Text(40)),
        ("character(3)", Text(3)),
        ("timestamp(3) with time zone", Timestamp(zone=True)),
        ("timestamp without time zone", Timestamp()),
        ("time(0) without time zone", Time()),
        ("time with time zone", None),
        ("double precision", Float(64)),
        ("real", Float(32)),
        ("integer[]", Array(Integer(32))),
        ("numeric(6,2)[]", Array(Decimal(6, 2))),
        ("timestamp(3) without time zone[]", Array(Timestamp())),
        ("character varying(9)[]", Array(Text(9))),
        ("time without time zone[]", None),
        ("interval[]", None),
        ("mood[]", None),
        ("mood", None),
    ],
)
def test_column_types(written: str, kind: Type | None) -> None:
    assert column_type(written) == kind


def test_labels_of_enums_are_text() -> None:
    assert column_type("public.mood", enum=True) == Text()
    assert column_type("public.mood[]", enum=True) == Array(Text())


def test_columns_never_convert_values() -> None:
    database = apsw.Connection(":memory:")
    kinds = [Integer(), Decimal(18, 2), Decimal(19, 2), Text(), None]
    assert [column_ddl(kind) for kind in kinds] == ["INTEGER", "INTEGER", "TEXT", "TEXT", "TEXT"]
    database.execute("CREATE TABLE t (a TEXT)")
    database.execute("INSERT INTO t VALUES ('1234567890123456789.10')")
    assert list(database.execute("SELECT a FROM t")) == [("1234567890123456789.10",)]


def test_names_are_quoted() -> None:
    assert table_name(TableName("public", 'odd"one')) == '"public.odd""one"'


def test_wide_arithmetic_is_exact() -> None:
    database = apsw.Connection(":memory:")
    functions.register(database)
    query = """SELECT mesh_add('99999999999999999999.99', '0.01'), mesh_multiply('-1.5', '0.0'),
      mesh_subtract('1.00', '1.00'), mesh_wide(-5, 2, 4), mesh_compare('10.0', '9.99'),
      mesh_add('1', NULL), mesh_wide(2e300, 0, 2), mesh_wide(1e300, 0, 2)"""
    assert list(database.execute(query)) == [
        ("100000000000000000000.00", "0.00", "0.00", "-0.0500", 1, None, 2e300, "NaN")
    ]
