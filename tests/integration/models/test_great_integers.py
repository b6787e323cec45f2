"""Integers that leave 64 bits: the database's query runs, and the engine gives that or none."""

from __future__ import annotations

from typing import Any

import pytest

from streammesh.models.uncomputable import Uncomputable
from tests.integration.models.conftest import Database
from tests.unit.models.great_integers import EXPRESSIONS, ROWS, TABLES
from tests.unit.models.support import State, compiled


@pytest.fixture(scope="module")
def integers(database: Database) -> Database:
    found = Database(database._connection, TABLES)
    found.fill({"public.t": ROWS})
    return found


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_one_row_does_not_disturb_the_others(integers: Database, expression: str) -> None:
    model = compiled(f"SELECT t.k, {expression} AS x FROM shop.t t", "k", None, TABLES)
    expected = integers.documents(model)
    state = State((), TABLES)
    for row in ROWS:
        state.insert("t", **row)
    found: dict[Any, Any] = {}
    for row in ROWS:
        try:
            found |= state.documents(model, [(row["k"],)])
        except (AssertionError, Uncomputable):  # a violation
            assert row["k"] != 3
    assert expected.keys() == {(1,), (2,), (3,)}
    assert found == {key: expected[key] for key in found}
