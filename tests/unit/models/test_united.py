"""UNION ALL between the SELECTs of a model: one key, one type for each field."""

from __future__ import annotations

import pytest

from streammesh.contracts.types import Decimal, Integer, Text
from streammesh.documents.values import ModelFile, TableName
from streammesh.errors import MeshError, models
from streammesh.models.compiled import KeyColumn, Path
from streammesh.models.parsing import parse_model, selects_of
from tests.unit.models.support import compiled, fields

CUSTOMERS, CITIES = "FROM shop.customers", "FROM shop.cities"
BOTH = f"SELECT id, name {CUSTOMERS} UNION ALL SELECT id, name {CITIES}"

REFUSED = [
    (f"SELECT id, name {CUSTOMERS} UNION SELECT id, name {CITIES}", "UNION can't", "id, name"),
    (f"SELECT id, name {CUSTOMERS} EXCEPT SELECT id, name {CITIES}", "EXCEPT can't", "id, name"),
    (f"{BOTH} ORDER BY id", "ORDER BY of a UNION", "id"),
    (f"{BOTH} LIMIT 3", "LIMIT of a UNION", "3"),
    (f"({BOTH}) UNION ALL (SELECT id, name {CITIES} LIMIT 1)", "LIMIT can't", "1"),
    (f"{BOTH} UNION ALL (VALUES (1, 'a'))", "1", "1"),
    (f"SELECT id, name {CUSTOMERS} UNION ALL SELECT id {CITIES}", "has 1", "id"),
    (f"SELECT id {CUSTOMERS} UNION ALL SELECT id, name {CITIES}", "has 2", "name"),
    (f"SELECT id, name {CUSTOMERS} UNION ALL SELECT id, id {CITIES}", "text and bigint", "id"),
    (f"SELECT id, NULL AS n {CUSTOMERS} UNION ALL SELECT id, NULL {CITIES}", "no type", "n"),
    (f"SELECT id, id AS id {CUSTOMERS} UNION ALL SELECT id, id {CITIES}", "given twice", "id"),
    (f"SELECT id, name {CUSTOMERS} UNION ALL SELECT id, * {CITIES}", "`*`", "*"),
    (
        f"SELECT id, {{a: {{b: name}}}} AS x {CUSTOMERS} UNION ALL"
        f" SELECT id, {{a: {{b: id}}}} {CITIES}",
        "`x.a.b` has the types text and bigint",
        "id",
    ),
    (
        f"SELECT id, {{a: 1}} AS x {CUSTOMERS} UNION ALL SELECT id, {{b: 1}} {CITIES}",
        "`x` has the fields a and b",
        "{b: 1}",
    ),
    (
        "SELECT c.id, (SELECT list({n: o.number} ORDER BY o.number) FROM shop.orders o"
        " WHERE o.customer_id = c.id) AS x FROM shop.customers c UNION ALL"
        " SELECT c.id, (SELECT list({n: x.name} ORDER BY x.id) FROM shop.customers x"
        " WHERE x.city_id = c.id) FROM shop.cities c",
        "`x[].n` has the types integer and text",
        "x.name",
    ),
    (f"SELECT id, name {CUSTOMERS} UNION ALL SELECT id + 1, name {CITIES}", "neither", "id + 1"),
    (f"SELECT id, name {CUSTOMERS} UNION ALL SELECT 3, name {CITIES}", "cities.id is no", "cities"),
    (
        "SELECT sku AS id FROM shop.products UNION ALL SELECT code FROM shop.regions UNION ALL"
        " SELECT CAST(id AS VARCHAR) FROM shop.cities",
        "neither",
        "CAST(id AS VARCHAR)",
    ),
    (
        "SELECT u.id, CAST(u.n AS VARCHAR) AS n FROM (SELECT id, qty AS n FROM shop.lines"
        " UNION ALL SELECT id, price FROM shop.lines) u",
        "its column `n` has the types integer and decimal(10,2)",
        "SELECT id, qty",
    ),
    (
        "WITH u AS (SELECT id FROM shop.lines UNION ALL SELECT id, qty FROM shop.lines)"
        " SELECT u.id FROM u",
        "different numbers of columns",
        "id, qty",
    ),
    (
        "SELECT u.id FROM (SELECT * FROM shop.lines UNION ALL SELECT * FROM shop.lines) u",
        "no name",
        "*",
    ),
    (
        "SELECT u.id FROM (SELECT id FROM shop.lines UNION SELECT id FROM shop.lines) u",
        "UNION (which drops equal rows)",
        "id",
    ),
    (
        "SELECT u.* FROM (SELECT id FROM shop.lines UNION ALL SELECT id FROM shop.lines) u",
        "`*` would publish",
        "",
    ),
    ("SELECT note AS id FROM shop.notes UNION ALL SELECT sku FROM shop.products", "no primary", ""),
]


@pytest.mark.parametrize(("sql", "said", "marked"), REFUSED)
def test_refused_at_its_place(sql: str, said: str, marked: str) -> None:
    with pytest.raises(MeshError) as raised:
        compiled(sql, "id")
    error = raised.value
    assert said in str(error)
    where = error.where
    assert where is not None
    shown = where.text[where.column - 1 : where.column - 1 + where.length]
    assert marked in shown
    assert error.fix


def test_keys_of_types_that_are_kept_otherwise_are_refused() -> None:
    sql = "SELECT id, qty AS n FROM shop.lines UNION ALL SELECT sku, 1 FROM shop.products"
    with pytest.raises(models.UnionUnlike, match="uuid and text"):
        compiled(sql, "id")


def test_what_is_wrong_in_any_select_is_told_in_one_run() -> None:
    sql = f"SELECT id, nam {CUSTOMERS} UNION ALL SELECT id, nme {CITIES}"
    with pytest.raises(MeshError) as raised:
        fields(sql)
    assert len(getattr(raised.value, "errors", ())) == 2


def test_each_select_has_its_root_key_and_paths() -> None:
    sql = f"SELECT 'a' AS k, id {CUSTOMERS} UNION ALL SELECT 'b', id {CITIES}"
    model = compiled(sql, "k id")
    first, second = model.branches
    assert first.key == (KeyColumn("k", "", "'a'"), KeyColumn("id", "id"))
    assert (second.root.name, second.key[0].constant) == ("cities", "'b'")
    assert second.paths == (Path(TableName("public", "cities"), ()),)
    assert dict(model.columns)[second.root] == ("id",)


def test_a_field_has_the_type_that_holds_all() -> None:
    sql = (
        "SELECT id, qty AS n, pos AS small, product AS t, 1 AS c FROM shop.lines UNION ALL"
        " SELECT id, price, total, NULL, 2.25 FROM shop.lines"
    )
    types = {field.name: (field.type, field.required) for field in fields(sql).fields}
    assert types["n"] == (Decimal(12, 2), True)
    assert types["small"] == (Integer(64), False)
    assert types["t"] == (Text(), False)
    assert types["c"] == (Decimal(7, 2), True)


def test_what_one_select_may_leave_null_is_told_at_its_place() -> None:
    given = fields(f"SELECT id, name {CUSTOMERS} UNION ALL SELECT id, name {CITIES}")
    sql = f"SELECT id, name {CUSTOMERS} UNION ALL SELECT id, region {CITIES}"
    with pytest.raises(models.FieldNullable) as raised:
        compiled(sql, "id", given)
    assert raised.value.where is not None
    assert "region" in raised.value.where.text[raised.value.where.column - 1 :][:8]


def test_first_in_from_it_is_written_out() -> None:
    union = f"(SELECT id, name {CUSTOMERS} UNION ALL SELECT id AS x, name AS y {CITIES})"
    model = compiled(f"SELECT u.id, u.name FROM {union} u WHERE u.id > 3", "id")
    written = (
        f"SELECT id, name {CUSTOMERS} WHERE id > 3 UNION ALL SELECT id, name {CITIES} WHERE id > 3"
    )
    assert model == compiled(written, "id")
    twice = f"SELECT v.id FROM (SELECT * FROM {union} u) v UNION ALL SELECT id {CITIES}"
    assert len(compiled(twice, "id").branches) == 3


def test_there_are_at_most_a_hundred_selects() -> None:
    def of(count: int) -> str:
        return " UNION ALL ".join(f"SELECT {n} AS k, id {CITIES}" for n in range(count))

    assert len(compiled(of(100), "k id").branches) == 100
    for count in (101, 3000):
        with pytest.raises(MeshError, match=r"UNION ALL|too deeply"):
            compiled(of(count), "k id")


def test_names_of_other_selects_do_not_matter_and_brackets_neither() -> None:
    written = f"(({BOTH}) UNION ALL ((SELECT id AS x, name AS id {CITIES})))"
    assert [one.name for one in fields(written).fields] == ["id", "name"]
    _, tree = parse_model(ModelFile("m.sql", written))
    assert len(selects_of(tree)) == 3
