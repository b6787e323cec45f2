"""Types that models see as the text that the database prints: forms, and what compares them."""

from __future__ import annotations

import pytest

from streammesh.contracts.types import Array, Integer, Json, Text
from streammesh.documents.values import TableName
from streammesh.errors import MeshError, MeshErrors
from streammesh.models.incoming import json_kind, normaliser
from streammesh.models.postgres_types import column_type, equal_texts
from streammesh.models.tables import Column, Table
from tests.unit.models.support import compiled

FORMS = (
    ("interval", "P1Y2M-3DT4H5M6.789S", "P1Y2M-3DT4H5M6.789S"),
    ("interval", "P0Y0M0DT0H0M0S", "PT0S"),
    ("interval(3)", "P0Y0M1DT0H0M1.234999999S", "P1DT1.235S"),
    ("interval day to second", "P0Y0M0DT0H0M-0.5S", "PT-0.5S"),
    ("interval", "P0Y0M0DT0H0M30S", "PT30S"),
    ("interval year to month", "P-178000000Y0M0DT0H0M0S", "P-178000000Y"),
    ("bit", True, "1"),
    ("bit(1)", False, "0"),
    ("bit(5)", "AQ==", "00001"),
    ("bit(5)", "", "00000"),
    ("bit(13)", "ARA=", "1000000000001"),
    ("int4multirange", "7b5b312c32292c5b352c39297d", "{[1,2),[5,9)}"),
    (
        "tstzrange",
        '["2026-01-01 13:45:00+05:45","0001-01-01 01:00:00+02 BC")',
        '["2026-01-01 08:00:00+00","0002-12-31 23:00:00+00 BC")',
    ),
    (
        "tstzrange",
        '("10000-01-01 00:30:00.5+01","12000-02-29 23:00:00-01:00:30"]',
        '("9999-12-31 23:30:00.5+00","12000-03-01 00:00:30+00"]',
    ),
    ("tstzrange", "[-infinity,)", "[-infinity,)"),
    ("inet", "10.0.0.1/8", "10.0.0.1/8"),
)


@pytest.mark.parametrize(("database_type", "written", "printed"), FORMS)
def test_what_debezium_writes_becomes_what_the_database_prints(
    database_type: str, written: object, printed: str
) -> None:
    normalise = normaliser(Text(), database_type)
    assert (written if normalise is None else normalise(written)) == printed


@pytest.mark.parametrize(
    ("database_type", "written"), [("interval", "1 day"), ("bit(3)", "é"), ("int4multirange", "{}")]
)
def test_another_form_is_never_taken_for_a_value(database_type: str, written: str) -> None:
    normalise = normaliser(Text(), database_type)
    assert normalise is not None
    with pytest.raises(ValueError, match=r"."):
        normalise(written)


def test_a_single_bit_is_a_boolean_in_the_log() -> None:
    assert json_kind(Text(), "bit(1)") == bool | None
    assert json_kind(Text(), "bit(2)") == str | None


@pytest.mark.parametrize(
    ("database_type", "kind"),
    [
        ("inet[]", Array(Text())),
        ("oid", Integer(64)),
        ("hstore", Json()),
        ("name", Text()),
        ("interval[]", None),
        ("int4range[]", None),
        ("bit(3)[]", None),
        ("oid[]", None),
        ("hstore[]", None),
        ("name[]", None),
        ("bit varying", None),
        ("bit varying(5)", None),
        ("xml", None),
        ("money", None),
        ("time with time zone", None),
        ("time(3) without time zone[]", None),
        ("intervals", None),
    ],
)
def test_which_types_are_read(database_type: str, kind: object) -> None:
    assert column_type(database_type) == kind


def test_where_equal_values_have_equal_texts() -> None:
    assert equal_texts("inet")
    assert equal_texts("text")
    assert not equal_texts("interval(3)")
    assert not equal_texts("numrange")


def _table(name: str, *columns: Column) -> Table:
    return Table(
        TableName("public", name), (Column("id", "bigint", Integer(64), False), *columns), ("id",)
    )


TABLES = (
    _table(
        "t",
        Column("address", "inet", Text(), True),
        Column("other", "inet", Text(), True),
        Column("net", "cidr", Text(), True),
        Column("span", "interval", Text(), True, folds=True),
        Column("words", "text", Text(), True),
    ),
    _table(
        "c", Column("t_id", "bigint", Integer(64), False), Column("address", "inet", Text(), True)
    ),
)


@pytest.mark.parametrize(
    "expression",
    [
        "t.address = t.other",
        "t.address IS NOT DISTINCT FROM t.other",
        "t.span IS NULL",
        "CAST(t.address AS VARCHAR) < '2'",
        "CAST(t.span AS VARCHAR) = 'P1D'",
        "coalesce(t.address, 'none')",
        "t.address || '!'",
        "(SELECT list(c.id ORDER BY CAST(c.address AS VARCHAR)) FROM shop.c c WHERE c.t_id = t.id)",
        "(SELECT max(CAST(c.address AS VARCHAR)) FROM shop.c c WHERE c.t_id = t.id)",
        "(SELECT count(DISTINCT c.address) FROM shop.c c WHERE c.t_id = t.id)",
    ],
)
def test_what_takes_them(expression: str) -> None:
    compiled(f"SELECT t.id, {expression} AS x FROM shop.t t", "id", tables=TABLES)


@pytest.mark.parametrize(
    "expression",
    [
        "t.address < t.other",
        "t.address = '10.0.0.1/32'",
        "t.address IN ('10.0.0.1')",
        "t.address BETWEEN '10.0.0.0' AND '10.0.0.9'",
        "t.address = t.net",
        "t.address = t.words",
        "t.span = t.span",
        "nullif(t.span, 'P1D')",
        "greatest(t.address, t.other)",
        "coalesce(t.address, 'none') < 'x'",
        "CAST(t.words AS INET)",
        "CAST(t.words AS INTERVAL)",
        "(SELECT list(c.id ORDER BY c.address) FROM shop.c c WHERE c.t_id = t.id)",
        "(SELECT max(c.address) FROM shop.c c WHERE c.t_id = t.id)",
    ],
)
def test_what_would_take_the_text_for_the_value_is_refused(expression: str) -> None:
    with pytest.raises((MeshError, MeshErrors)) as caught:
        compiled(f"SELECT t.id, {expression} AS x FROM shop.t t", "id", tables=TABLES)
    error = caught.value.errors[0] if isinstance(caught.value, MeshErrors) else caught.value
    assert type(error).__name__ in {"WrongTypes", "CastTarget"}
    assert error.where
