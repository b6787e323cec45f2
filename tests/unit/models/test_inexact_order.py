"""Numbers that are kept as text are ordered as numbers, wherever their order decides."""

from __future__ import annotations

import pytest

from tests.unit.models.support import State, compiled, table

TABLES = (
    table("roots", "id", "id integer"),
    table("things", "id", "id integer; root integer; n numeric?; f double precision?"),
)
SQL = """
SELECT r.id, (SELECT {low: min(t.COL), high: max(t.COL), all: list(t.COL ORDER BY t.COL),
                      once: list(DISTINCT t.COL ORDER BY t.COL DESC)}
                FROM shop.things t WHERE t.root = r.id) AS facts,
       (SELECT greatest(a.COL, b.COL) FROM shop.things a
          JOIN shop.things b ON b.root = a.root AND b.id = 3
         WHERE a.root = r.id ORDER BY a.COL DESC LIMIT 1) AS top
  FROM shop.roots r
"""


@pytest.mark.parametrize(("column", "values"), [("n", "9 10 -2 10"), ("f", "9.0 10.0 -2.0 10.0")])
def test_order_of_numbers_as_text(column: str, values: str) -> None:
    model = compiled(SQL.replace("COL", column), "id", None, TABLES)
    state = State((), TABLES)
    state.insert("roots", id=1)
    for at, value in enumerate(values.split()):
        given = {column: value if column == "n" else float(value)}
        state.insert("things", id=at, root=1, **given)
    (document,) = state.documents(model).values()
    nine, ten, least, _ = values.split()
    assert document["facts"] == {
        "low": least,
        "high": ten,
        "all": [least, nine, ten, ten],
        "once": [ten, nine, least],
    }
    assert document["top"] == ten
