"""The largest documents and fan-outs, asked of a real database."""

from __future__ import annotations

import pytest

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
