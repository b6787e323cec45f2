"""NaN in what decides: as the database does, or a violation; never another number.

`tests/integration/models/test_nan.py` asks the database about the same expressions.
"""

from __future__ import annotations

import pytest

from tests.unit.models.support import State, compiled, table

TABLES = (
    table(
        "roots",
        "id",
        "id integer; one integer; f numeric(10,2)?; g numeric(12,4)?; w numeric(38,10)?;"
        " e numeric(18,2)?; q numeric(15,0)?",
    ),
)
ROWS = (
    {"id": 1, "one": 1, "f": "NaN", "g": "NaN", "w": "NaN", "e": "NaN", "q": "NaN"},
    {"id": 2, "one": 1, "f": "5.00", "g": "-1.0000", "w": "0.0000000000", "e": "-1.00", "q": "-5"},
)
DECIDED = {
    "- r.f > 5": True,
    "r.f - r.f = 0": False,
    "r.f % 2 > 1": True,
    "r.f * -1 > 5": True,
    "r.f * 0 = 0": False,
    "r.f + r.f = r.f": True,
    "r.f * 2 = r.w": True,
    "r.f > r.g": False,
    "r.f = r.g": True,
    "coalesce(r.f, r.g) = r.g": True,
    "r.f IN (1, 2)": False,
    "r.f / 2 = r.w": True,
    "r.w / 2 = r.f": True,
    "r.f / 0 IS NULL": True,
    "round(r.w, 1) = r.w": True,
    "round(r.f, 1) = r.f": True,
    "CAST(r.f AS integer) IS NULL": True,
    "CAST(r.f AS integer) > 5": None,
    "CAST(r.w AS decimal(38,0)) > 5": True,
    "sign(r.f) = 1": None,
    "abs(- r.f) > 5": True,
    "greatest(- r.f, 7) > 5": True,
    "(SELECT max(- x.f) FROM shop.roots x WHERE x.one = r.one) > 0": True,
    "(SELECT min(- x.f) FROM shop.roots x WHERE x.one = r.one) = -5": True,
    "(SELECT sum(x.f) FROM shop.roots x WHERE x.one = r.one) = r.f": True,
    "(SELECT sum(x.e) FROM shop.roots x WHERE x.one = r.one) = r.e": True,
    "sign(r.f)": None,
    "CAST(r.f AS integer)": None,
    "CAST(r.w AS decimal(38,2)) > 5": True,
    "(SELECT sum(CAST(x.q AS bigint)) FROM shop.roots x WHERE x.one = r.one)": -5,
    "(SELECT sum(CAST(x.q AS bigint)) FROM shop.roots x WHERE x.one = r.one) = -5": True,
    "(SELECT avg(x.f) FROM shop.roots x WHERE x.one = r.one) > 5": True,
    "(SELECT x.id FROM shop.roots x WHERE x.one = r.one ORDER BY - x.f DESC LIMIT 1)": 1,
    "concat(r.f * 2, 'x')": "NaNx",
    "CAST(- r.f AS text)": "NaN",
    "(SELECT min(x.f) FROM shop.roots x WHERE x.one = r.one)": "5.00",
    "(SELECT count(DISTINCT - x.f) FROM shop.roots x WHERE x.one = r.one)": 2,
}
REFUSED = (
    "- r.f",
    "r.f - r.f",
    "r.f / 2",
    "round(r.f, 1)",
    "round(r.w, 1)",
    "(SELECT max(- x.f) FROM shop.roots x WHERE x.one = r.one)",
    "(SELECT max(x.f - x.f) FROM shop.roots x WHERE x.one = r.one)",
    "(SELECT sum(x.f) FROM shop.roots x WHERE x.one = r.one)",
    "(SELECT sum(x.e) FROM shop.roots x WHERE x.one = r.one)",
    "(SELECT sum(CAST(- x.q AS bigint)) FROM shop.roots x WHERE x.one = r.one)",
    "round((SELECT sum(x.e) FROM shop.roots x WHERE x.one = r.one), 1)",
)


@pytest.mark.parametrize("expression", DECIDED)
def test_what_nan_decides(expression: str) -> None:
    assert evaluated(expression) == DECIDED[expression]


@pytest.mark.parametrize("expression", REFUSED)
def test_what_is_computed_from_nan_is_no_number(expression: str) -> None:
    try:
        value = evaluated(expression)
    except AssertionError:  # a float
        return
    assert value == "NaN" or isinstance(value, float)


def evaluated(expression: str) -> object:
    model = compiled(f"SELECT r.id, {expression} AS x FROM shop.roots r", "id", None, TABLES)
    state = State((), TABLES)
    for row in ROWS:
        state.insert("roots", **row)
    return state.documents(model, [(1,)])[1,]["x"]
