"""What NaN decides is what the database says."""

from __future__ import annotations

from streammesh.models.queries import preview_all
from tests.integration.models.conftest import Database
from tests.unit.models.support import compiled
from tests.unit.models.test_nan import DECIDED, ROWS, TABLES


def test_the_database_decides_the_same(database: Database) -> None:
    connection = database._connection
    Database(connection, TABLES).fill({"public.roots": list(ROWS)})
    wrong = []
    for expression, value in DECIDED.items():
        model = compiled(f"SELECT r.id, {expression} AS x FROM shop.roots r", "id", None, TABLES)
        documents = {row[0]: row[1] for row in connection.execute(preview_all(model))}
        if documents[1]["x"] != value:
            wrong.append((expression, documents[1]["x"], value))
    assert not wrong
