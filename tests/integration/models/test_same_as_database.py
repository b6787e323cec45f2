"""The engine's query over its state gives what the database's query gives, for any rows."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from streammesh.models.queries import preview_key, preview_ordered
from tests.integration.models.conftest import Database
from tests.integration.models.rows import ROWS, UUIDS
from tests.unit.models.shapes import SHAPES
from tests.unit.models.support import State, compiled

MODELS = {name: compiled(sql, key) for name, (key, sql) in SHAPES.items()}
LASTING = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@given(rows=ROWS)
@settings(max_examples=60, deadline=None, suppress_health_check=LASTING)
def test_engine_and_database_give_the_same_documents(
    database: Database, rows: dict[str, list[dict[str, Any]]]
) -> None:
    database.fill(rows)
    state = State()
    for name, given_rows in rows.items():
        for row in given_rows:
            state.insert(name, **row)
    for name, model in MODELS.items():
        assert state.documents(model) == database.documents(model), name


def test_one_document_is_asked_by_its_key(database: Database) -> None:
    order = {"tenant": 1, "customer_id": 1, "status": "100%", "placed": "2026-01-31T10:00:00Z"}
    orders = [{**order, "number": number, "uid": UUIDS[number]} for number in (1, 2, 3)]
    database.fill({"orders": orders})
    model = MODELS["all types"]
    rows = database.query(preview_key(model), {"k0": 1, "k1": 2})
    assert [row[:2] for row in rows] == [(1, 2)]
    first = database.query(preview_ordered(model, 2), {})
    assert [row[:2] for row in first] == [(1, 1), (1, 2)]
