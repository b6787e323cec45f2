"""All that is wrong with a model is told in one run, each once, without what follows from it."""

from __future__ import annotations

import pytest

from streammesh.contracts.types import Field, Integer, Record, Text
from streammesh.errors import MeshError, MeshErrors
from tests.unit.models.support import compiled, fields


def found(sql: str, contract: Record | None = None) -> list[tuple[str, str]]:
    """Give the errors by name, with the part of the line that each marks."""
    with pytest.raises(MeshError) as raised:
        compiled(sql, "tenant number", contract) if contract else fields(sql)
    error = raised.value
    errors = error.errors if isinstance(error, MeshErrors) else (error,)
    return [(type(one).__name__, marked(one)) for one in errors]


def marked(error: MeshError) -> str:
    where = error.where
    assert where is not None
    return where.text[where.column - 1 : where.column - 1 + where.length]


def test_errors_of_fields_joins_and_conditions_in_the_order_of_the_text() -> None:
    sql = """SELECT o.numbr, o.note + 1 AS n, foo(o.x) AS z,
       (SELECT sum(l.qt) FROM shop.lines l WHERE l.tenant = o.tnant) AS s
  FROM shop.orders o JOIN shop.customrs c ON c.id = o.customer_id AND c.name = o.stats
 WHERE o.number LIKE 'a' AND o.status"""
    assert found(sql) == [
        ("UnknownColumn", "o.numbr"),
        ("WrongTypes", "o.note + 1"),
        ("NoMeaning", "foo(o.x)"),
        ("UnknownColumn", "o.x"),
        ("UnknownColumn", "l.qt"),
        ("UnknownColumn", "o.tnant"),
        ("UnknownTable", "shop.customrs c"),
        ("UnknownColumn", "o.stats"),
        ("WrongTypes", "o.number LIKE 'a'"),
    ]


def test_a_condition_that_is_none_is_told() -> None:
    sql = "SELECT o.number FROM shop.orders o WHERE o.status AND o.number"
    assert [name for name, _ in found(sql)] == ["WrongTypes"]


def test_what_is_said_of_an_unknown_table_is_not_an_error_of_its_own() -> None:
    sql = """SELECT o.number, c.name, c.name || x.y AS z, name AS n, (SELECT list(k.a ORDER BY k.b)
       FROM shop.linez k WHERE k.number = o.number AND k.id = c.id) AS l
  FROM shop.orders o JOIN shop.customer c ON c.id = o.id2"""
    assert [name for name, _ in found(sql)] == [
        "UnknownAlias",
        "UnknownTable",
        "UnknownTable",
        "UnknownColumn",
    ]


def test_a_name_twice_is_one_error() -> None:
    sql = "SELECT o.number FROM shop.orders o JOIN shop.customers o ON o.id = o.customer_id"
    assert found(sql) == [("AliasTwice", "shop.customers o")]


def test_a_join_that_finds_several_rows_is_told_once() -> None:
    sql = "SELECT o.number FROM shop.orders o JOIN shop.lines l ON l.qty > o.number"
    assert found(sql) == [("JoinNotUnique", "shop.lines l")]


def test_every_join_that_finds_several_rows_is_told() -> None:
    sql = """SELECT o.number FROM shop.orders o JOIN shop.lines l ON l.number = o.number
       LEFT JOIN shop.parts p ON p.n = o.number"""
    assert [name for name, _ in found(sql)] == ["JoinNotUnique", "JoinNotUnique"]


def test_errors_of_contract_and_model_together() -> None:
    sql = "SELECT o.tenant, o.number, o.note, o.statu AS status FROM shop.orders o"
    contract = Record(
        (
            Field("tenant", Integer(32), required=True),
            Field("number", Integer(32), required=True),
            Field("note", Text(), required=True),
            Field("status", Text()),
            Field("more", Text()),
        )
    )
    assert sorted(name for name, _ in found(sql, contract)) == [
        "FieldMissing",
        "FieldNullable",
        "UnknownColumn",
    ]


def test_several_clauses() -> None:
    sql = "SELECT DISTINCT o.number FROM shop.orders o GROUP BY o.number ORDER BY o.number LIMIT 1"
    assert [name for name, _ in found(sql)] == ["UnsupportedClause"] * 4


@pytest.mark.parametrize(
    ("sql", "problem", "mark"),
    [
        ("SELECT o.number FROM shop.orders o WHERE", "after `WHERE`", "WHERE"),
        ("SELECT (o.number FROM shop.orders o", "`)` is missing before `FROM`", "FROM"),
        ("SELECT o.number) FROM shop.orders o", "`)` is not expected here", ")"),
        ("SELECT o.number,\n 'it''s FROM shop.orders o", "a text is not closed", "'it''s FROM"),
        ("SELECT 1 /* AS x FROM shop.orders o", "a comment is not closed", "/* AS x"),
        ("SELECT\x00 1 AS x FROM shop.orders o", "a zero byte", "\x00"),
        ("-- nothing\n", "it is empty", ""),
        ("SELECT " + "(" * 2000 + "1" + ")" * 2000 + " AS x", "too deeply", ""),
        ("SELECT " + "1 + " * 200 + "1 AS x FROM shop.orders o", "too deeply", ""),
    ],
)
def test_what_is_no_sql_is_told_at_its_place(sql: str, problem: str, mark: str) -> None:
    with pytest.raises(MeshError) as raised:
        fields(sql)
    assert problem in raised.value.what
    assert raised.value.where is not None
    assert marked(raised.value).startswith(mark)


def test_an_expression_that_would_become_endless_is_refused() -> None:
    assert found(f"SELECT {'1 / ' * 60} 2 AS x FROM shop.orders o")[0][0] == "TooComplex"


def test_a_byte_order_mark_brackets_and_semicolons_do_no_harm() -> None:
    sql = "\ufeff-- first\r\n(SELECT o.tenant,\r\n o.number FROM shop.orders o) ;\r\n-- last\r\n"
    assert [one.name for one in fields(sql).fields] == ["tenant", "number"]


def test_what_is_said_of_a_derived_table_that_is_refused_is_not_an_error_of_its_own() -> None:
    sql = """SELECT o.number, (SELECT count(k.id) FROM shop.lines l
       LEFT JOIN (SELECT c.id, d.name AS city FROM shop.customers c LEFT JOIN shop.cities d
       ON d.id = c.city_id) k ON k.id = o.customer_id AND k.city = 'Bern'
       WHERE l.tenant = o.tenant AND l.number = o.number) AS n FROM shop.orders o"""
    assert [name for name, _ in found(sql)] == ["DerivedNotPossible"]
