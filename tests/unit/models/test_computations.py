"""What a model computes, compared as it is written: all of it counts, and no spelling does."""

import re
from collections.abc import Iterator

import pytest

from streammesh.contracts.changes.kinds import Kind
from streammesh.documents.values import ModelFile
from streammesh.errors import MeshError
from streammesh.models.changes import changes
from streammesh.models.computations import computations
from tests.unit.models.derived_shapes import DERIVED, UNIONS
from tests.unit.models.function_shapes import FUNCTIONS
from tests.unit.models.part_shapes import PARTS
from tests.unit.models.query_shapes import QUERIES
from tests.unit.models.shapes import SHAPES
from tests.unit.models.united_shapes import UNITED
from tests.unit.models.versions import FIELDS, SQL, version

EVERY = {
    name: sql
    for shapes in (DERIVED, UNIONS, FUNCTIONS, QUERIES, SHAPES, UNITED)
    for name, (_, sql) in shapes.items()
} | PARTS
MODELS = pytest.mark.parametrize("sql", EVERY.values(), ids=EVERY.keys())
_NUMBER = re.compile(r"(?<![\w.\"'])[0-9]+(?![\w.\"'])")


def forms(sql: str) -> list[tuple[object, ...]]:
    return [
        (
            sorted(row.form for row in one.rows),
            {path: said.form for path, said in one.fields.items()},
            {path: said.form for path, said in one.orders.items()},
        )
        for one in computations(ModelFile("a.sql", sql))
    ]


@MODELS
def test_white_space_and_comments_say_nothing(sql: str) -> None:
    assert forms(sql) == forms("-- a model\n" + sql.replace("\n", " /* and */\n   "))


@MODELS
def test_every_number_in_a_model_counts(sql: str) -> None:
    expected = forms(sql)
    assert [text for text in other_numbers(sql) if forms(text) == expected] == []


def other_numbers(sql: str) -> Iterator[str]:
    for found in _NUMBER.finditer(sql):
        text = sql[: found.start()] + str(int(found[0]) + 1) + sql[found.end() :]
        try:
            computations(ModelFile("a.sql", text))
        except MeshError:
            continue
        yield text


def found(before: str, after: str, sql: str = SQL) -> set[tuple[Kind, str]]:
    assert before in sql
    other = version(sql=sql.replace(before, after))
    return {(one.kind, one.path) for one in changes(version(sql=sql), other)}


WRAPPED = SQL.replace("(SELECT list", "coalesce((SELECT list").replace("o.id) AS", "o.id), []) AS")


def test_the_order_of_a_list_that_is_never_null() -> None:
    assert found("BY l.id", "BY l.at", WRAPPED) == {(Kind.ORDERING, "lines")}
    assert found("l.qty *", "l.q *", WRAPPED) == {(Kind.COMPUTATION, "lines[].amount")}


def test_a_list_that_becomes_empty_instead_of_null_is_computed_otherwise() -> None:
    assert {(one.kind, one.path) for one in changes(version(), version(sql=WRAPPED))} == {
        (Kind.COMPUTATION, "lines")
    }


def test_a_field_of_the_second_select() -> None:
    united = f"{SQL} UNION ALL {SQL.replace('l.price', 'l.cost')}"
    assert found("l.cost", "l.cost * 2", united) == {(Kind.COMPUTATION, "lines[].amount")}


def test_what_a_with_says_counts_as_filter() -> None:
    sql = (
        f"WITH x AS (SELECT id FROM shop.orders WHERE a = 1) {SQL.replace('shop.orders o', 'x o')}"
    )
    assert found("a = 1", "a = 2", sql) == {(Kind.FILTER, "")}


def test_names_that_differ_by_capitals_are_the_contracts() -> None:
    fields = FIELDS.replace("name: status", "name: theStatus").replace(
        "name: city", "name: cityName"
    )
    sql = SQL.replace("o.status", "o.status AS theStatus").replace("city: ", "cityName: ")
    other = sql.replace("ci.name", "ci.title").replace("o.status", "o.state")
    assert {one.path for one in changes(version(fields, sql=sql), version(fields, sql=other))} == {
        "theStatus",
        "customer.cityName",
    }


def test_a_table_read_in_place_of_another_by_the_same_alias() -> None:
    assert found("shop.orders o", "shop.offers o") >= {(Kind.FILTER, "")}
    assert found("shop.cities ci", "shop.towns ci") == {(Kind.COMPUTATION, "customer.city")}
    assert found("shop.order_lines l", "shop.old_lines l") >= {(Kind.COMPUTATION, "lines")}
