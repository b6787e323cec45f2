"""Texts made of numbers, and counts of different ones, have all digits of them."""

from __future__ import annotations

import pytest

from tests.unit.models.support import State, compiled, table

COLUMNS = "id integer; one integer; q numeric(18,0); r numeric(18,2); m bigint"
TABLES = (table("roots", "id", COLUMNS),)
ROWS = (
    {"id": 1, "q": 10**18 - 1, "r": "9999999999999999.99", "m": 2**63 - 1},
    {"id": 2, "q": 10**18 - 2, "r": "9999999999999999.98", "m": 2**63 - 2},
    {"id": 3, "q": 1, "r": "1.00", "m": 1},
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("concat(r.q * r.q, 'x')", f"{(10**18 - 1) ** 2}x"),
        ("concat_ws('-', r.q * r.r, r.m)", f"9999999999999999980000000000000000.01-{2**63 - 1}"),
        ("lower(concat(r.m * 3))", str(3 * (2**63 - 1))),
        (
            "(SELECT string_agg(concat(x.m * 3), ' ' ORDER BY x.id) FROM shop.roots x"
            " WHERE x.id = r.id)",
            str(3 * (2**63 - 1)),
        ),
    ],
)
def test_texts_of_numbers(expression: str, value: str) -> None:
    assert evaluated(expression) == value


@pytest.mark.parametrize("column", ["q", "r", "m"])
def test_numbers_counted_once(column: str) -> None:
    counted = f"count(DISTINCT x.{column} * x.{column})"
    assert evaluated(f"(SELECT {counted} FROM shop.roots x WHERE x.one = r.one)") == 3


def evaluated(expression: str) -> object:
    model = compiled(f"SELECT r.id, {expression} AS x FROM shop.roots r", "id", None, TABLES)
    state = State((), TABLES)
    for row in ROWS:
        state.insert("roots", **row, one=1)
    return state.documents(model)[1,]["x"]
