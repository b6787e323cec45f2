"""What the engine's query gives, on rows written by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streammesh.models.queries import preview_all
from tests.unit.models.shapes import SHAPES
from tests.unit.models.support import State, compiled, one_document

LINE = {"tenant": 1, "number": 7, "price": "2.50", "qty": 3, "product": "a"}
IDS = ["00000000-0000-4000-8000-00000000000" + digit for digit in "123"]
ORDER = {
    "tenant": 1,
    "number": 7,
    "customer_id": 5,
    "status": "new",
    "placed": "2026-01-31T10:00:00Z",
    "uid": IDS[0],
}


def evaluated(expression: str, **line: Any) -> Any:
    """Give the raw value of an expression over one line."""
    model = compiled(f"SELECT l.id, {expression} AS x FROM shop.lines l", "id")
    state = State([model])
    state.insert("lines", **{**LINE, "id": IDS[0], **line})
    state.want(model)
    return json.loads(next(iter(state.db.execute(model.evaluate)))[1])["x"]


def test_a_nested_document() -> None:
    model = compiled(SHAPES["nested lists, composite key"][1], "tenant number")
    document = one_document(
        model,
        {
            "orders": [ORDER],
            "customers": [{"id": 5, "name": "Ada", "city_id": 9, "email": "a"}],
            "cities": [{"id": 9, "name": "Basel", "region": "BS "}],
            "regions": [{"code": "BS ", "title": "Nordwest"}],
            "products": [{"sku": "a", "title": "Cup"}],
            "lines": [
                {**LINE, "id": IDS[0], "pos": 1},
                {**LINE, "id": IDS[1], "pos": 2, "product": None},
                {**LINE, "id": IDS[2], "number": 8},
            ],
            "parts": [{"line": IDS[0], "n": n, "name": "p", "amount": "1.00"} for n in (2, 1)],
        },
    )
    assert document["customer"] == {"name": "Ada", "city": "Basel", "region": "Nordwest"}
    assert document["placed"] == "2026-01-31T10:00:00.000000Z"
    assert document["lines"] == [
        {"product": None, "qty": 3, "amount": "7.50", "parts": None},
        {
            "product": "Cup",
            "qty": 3,
            "amount": "7.50",
            "parts": [
                {"n": 1, "name": "p", "all": 3},
                {"n": 2, "name": "p", "all": 6},
            ],
        },
    ]


def test_an_inner_join_without_its_row_gives_no_document() -> None:
    model = compiled(SHAPES["nested lists, composite key"][1], "tenant number")
    assert one_document(model, {"orders": [ORDER]}) is None


def test_keys_that_are_gone_give_no_row() -> None:
    model = compiled(SHAPES["arithmetic"][1], "id")
    assert State([model]).documents(model, [(IDS[0],), (IDS[1],)]) == {}


@pytest.mark.parametrize(
    ("expression", "line", "value"),
    [
        ("l.qty * l.price", {"qty": 2**31 - 1, "price": "99999999.99"}, float),
        ("l.total * l.total", {"total": 2**62}, float),
        ("l.total * l.total - l.total * l.total", {"total": 2**62}, float),
        ("(l.qty * l.price) * l.big", {"qty": 2**31 - 1, "price": "9e7", "big": "1.0000"}, float),
    ],
)
def test_what_leaves_64_bits_is_marked_as_a_float(
    expression: str, line: dict[str, Any], value: type
) -> None:
    assert isinstance(evaluated(expression, **line), value)


@pytest.mark.parametrize(
    ("expression", "line", "value"),
    [
        ("l.total * l.total = l.total * l.total + 1", {"total": 2**62}, 0),
        ("l.total + 1 > l.total", {"total": 2**63 - 1}, 1),
        ("CAST(l.total * l.total AS TEXT)", {"total": 10**12}, "1" + "0" * 24),
        ("l.qty * l.price < 300000000000000000.01", {"qty": 2**31 - 1, "price": "99999999.99"}, 1),
    ],
)
def test_what_decides_something_is_exact_at_any_size(
    expression: str, line: dict[str, Any], value: Any
) -> None:
    assert evaluated(expression, **line) == value


def test_sums_beyond_64_bits_are_floats_and_never_fail() -> None:
    sql = """SELECT o.tenant, o.number,
      (SELECT sum(l.total) FROM shop.lines l WHERE l.tenant = o.tenant AND l.number = o.number)
        AS x FROM shop.orders o"""
    model = compiled(sql, "tenant number")
    for totals, kind in (([2**62, 2**62], float), ([2**62, -(2**62), -5], int)):
        state = State([model])
        state.insert("orders", **ORDER)
        for at, total in enumerate(totals):
            state.insert("lines", **LINE, id=IDS[at], total=total)
        state.want(model)
        found = json.loads(next(iter(state.db.execute(model.evaluate)))[2])["x"]
        assert isinstance(found, kind)
        assert kind is float or found == sum(totals)


def test_more_than_a_hundred_arguments_for_the_database() -> None:
    many = ", ".join(f"l.qty + {at} AS f{at}" for at in range(120))
    model = compiled(f"SELECT l.id, {many} FROM shop.lines l", "id")
    assert max(map(len, (part.split(", '") for part in preview_all(model).split("||")))) <= 51
    state = State([model])
    state.insert("lines", **LINE, id=IDS[0])
    assert state.documents(model)[IDS[0],]["f119"] == 122


def test_the_mark_for_conditions_stands_once_in_the_preview() -> None:
    model = compiled(SHAPES["texts, casts, constants"][1], "id")
    assert model.preview.count("{where}") == 1
