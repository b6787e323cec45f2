"""The largest documents and fan-outs, asked of a real database."""

from __future__ import annotations

import psycopg
import pytest

from streammesh.contracts.types import Record
from streammesh.documents.values import TableName
from streammesh.models.compiled import CompiledModel, Hop, KeyColumn, Path
from streammesh.models.tables import Column, Table
from streammesh.planning.sizes import asking
from streammesh.planning.sizes.values import Largest, Sizes

ROWS = """
INSERT INTO cities (name, country) SELECT 'city ' || i, 'DE' FROM generate_series(1, 5) AS i;
INSERT INTO customers (name, email, city_id, password_hash)
SELECT 'c', 'e', CASE WHEN i <= 30 THEN 3 WHEN i <= 35 THEN 1 END, 'x'
  FROM generate_series(1, 40) AS i;
INSERT INTO products (name, price) SELECT 'p', 1 FROM generate_series(1, 10);
INSERT INTO orders (customer_id, status) SELECT 1 + i % 40, 'new' FROM generate_series(1, 400) AS i;
INSERT INTO order_lines (order_id, product_id, qty, price)
SELECT CASE WHEN i <= 60 THEN 77 ELSE i % 400 + 1 END, 1 + i % 10, 1, 1
  FROM generate_series(1, 600) AS i;
"""


@pytest.fixture
def filled(shop):
    shop.run(ROWS)
    shop.run("ANALYZE cities, customers, products, orders, order_lines")
    return shop


def sizes(shop) -> Sizes:
    return shop.plan().sizes[f"product/{shop.domain}.orders.v1"]


def of(found: Sizes, table: str) -> Largest:
    return next(one for one in found.largest if one.table.name == table)


def test_small_tables_are_counted(filled):
    found = sizes(filled)
    lines = of(found, "order_lines")
    [(longest,)] = filled.run("SELECT count(*) FROM order_lines WHERE order_id = 77")
    assert (lines.count, lines.key, lines.field, lines.exact) == (longest, ("77",), "lines", True)
    [(shared,)] = filled.run(
        "SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.city_id = 3"
    )
    assert (of(found, "cities").count, of(found, "cities").key) == (shared, ("3",))
    [(most,)] = filled.run(
        "SELECT count(DISTINCT order_id) FROM order_lines"
        " GROUP BY product_id ORDER BY 1 DESC LIMIT 1"
    )
    assert of(found, "products").count == most
    assert found.document is not None
    assert found.document.key == ("77",)
    assert 60 * 30 < found.document.size < 60 * 200


def test_large_tables_are_estimated(filled, monkeypatch):
    monkeypatch.setattr(asking, "COUNTED_ROWS", 0)
    found = sizes(filled)
    lines, cities = of(found, "order_lines"), of(found, "cities")
    assert (lines.exact, lines.key) == (False, ("77",))
    assert lines.count == pytest.approx(61, abs=1)
    assert (cities.exact, cities.key) == (False, ("3",))
    assert cities.count == pytest.approx(300, rel=0.2)


def test_a_database_that_does_not_answer_in_time_stops_no_plan(filled, monkeypatch):
    monkeypatch.setattr(asking, "ALL_SECONDS", -1.0)
    plan = filled.plan()
    assert not plan.problems
    found = plan.sizes[f"product/{filled.domain}.orders.v1"]
    assert {one.count for one in found.largest} == {-1}
    assert all("not asked" in one.reason for one in found.largest)


def test_an_empty_database_has_no_largest_document(shop):
    found = sizes(shop)
    assert {one.count for one in found.largest} == {0}
    assert found.document is None


ODD = """
CREATE SCHEMA "Odd One";
CREATE TABLE "Odd One".docs (a int, "B b" text, boss text, PRIMARY KEY (a, "B b"));
CREATE TABLE "Odd One".items (id int PRIMARY KEY, a int, b text, kind text);
CREATE TABLE "Odd One".parts (id int PRIMARY KEY, item int);
CREATE TABLE "Odd One".kinds (code text PRIMARY KEY);
INSERT INTO "Odd One".docs SELECT i % 7, 'x' || i, NULL FROM generate_series(1, 50) AS i;
INSERT INTO "Odd One".kinds VALUES ('k0'), ('k1'), ('k2');
INSERT INTO "Odd One".items
SELECT i, d.a, d."B b", 'k' || i % 2 FROM generate_series(1, 300) AS i
  JOIN "Odd One".docs d ON d."B b" = 'x' || (1 + i * i % 50);
INSERT INTO "Odd One".parts SELECT i, 1 + i * i % 311 FROM generate_series(1, 900) AS i;
"""
BRUTE = {
    "items": "SELECT count(*) FROM items i GROUP BY i.a, i.b",
    "parts": "SELECT count(*) FROM parts p JOIN items i ON i.id = p.item GROUP BY i.a, i.b",
    "kinds": "SELECT count(DISTINCT (i.a, i.b)) FROM items i GROUP BY i.kind",
}


def odd(name: str, columns: dict[str, bool], key: tuple[str, ...]) -> Table:
    listed = tuple(Column(one, "text", None, nullable) for one, nullable in columns.items())
    return Table(TableName("Odd One", name), listed, key)


def test_composite_keys_and_odd_names_are_counted_as_brute_force_does(shop):
    shop.run(ODD)
    tables = (
        odd("docs", {"a": False, "B b": False}, ("a", "B b")),
        odd("items", {"id": False, "a": True, "b": True, "kind": True}, ("id",)),
        odd("parts", {"id": False, "item": True}, ("id",)),
        odd("kinds", {"code": False}, ("code",)),
    )
    docs, items, parts, kinds = (one.name for one in tables)
    to_doc, to_item = Hop(docs, ("a", "b"), ("a", "B b")), Hop(items, ("item",), ("id",))
    of_kind = Hop(items, ("code",), ("kind",))
    paths = (
        Path(docs, ()),
        Path(items, (to_doc,)),
        Path(parts, (to_item, to_doc)),
        Path(kinds, (of_kind, to_doc)),
    )
    key = (KeyColumn("a", "a"), KeyColumn("b", "B b"))
    model = CompiledModel("d", "s", docs, key, (), paths, "", "no SQL", Record(()), ())
    with psycopg.connect(shop.url, autocommit=True) as connection:
        found = asking.Asking(connection, tables).sizes(model)
    for name, query in BRUTE.items():
        with psycopg.connect(shop.url, options=r'-c search_path="Odd\ One"') as connection:
            [(most,)] = connection.execute(f"{query} ORDER BY 1 DESC LIMIT 1").fetchall()
        assert (of(found, name).count, of(found, name).exact) == (most, True), name
    assert len(of(found, "items").key) == 2
    assert found.document is None  # its SQL is none: no error either
