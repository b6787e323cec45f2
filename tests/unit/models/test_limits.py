"""What SQLite or PostgreSQL could not run is refused with the model; long lists of codes aren't."""

from __future__ import annotations

import pytest

from streammesh.errors import models as errors
from streammesh.models.queries import preview_all, preview_key, preview_ordered
from tests.unit.models.support import State, compiled, one_document, table

CITY = {"id": 7, "name": "Basel"}


def test_a_long_list_of_codes() -> None:
    codes = ", ".join(map(str, range(1100)))
    model = compiled(f"SELECT c.id, c.id IN ({codes}) AS x FROM shop.cities c", "id")
    assert one_document(model, {"cities": [CITY]})["x"] is True
    assert one_document(model, {"cities": [{**CITY, "id": 1100}]})["x"] is False


@pytest.mark.parametrize(
    "expression",
    [
        f"concat({', '.join(['c.name'] * 1100)})",
        f"coalesce({', '.join(['c.name'] * 1100)})",
        f"greatest({', '.join(['c.id'] * 1100)})",
    ],
)
def test_what_sqlite_does_not_prepare(expression: str) -> None:
    with pytest.raises(errors.ModelTooLarge) as raised:
        compiled(f"SELECT c.id, {expression} AS x FROM shop.cities c", "id")
    assert raised.value.where is not None


def test_more_tables_than_sqlite_joins() -> None:
    joins = "".join(f" LEFT JOIN shop.cities c{n} ON c{n}.id = c.id" for n in range(63))
    with pytest.raises(errors.ModelTooLarge):
        compiled(f"SELECT c.id FROM shop.cities c{joins}", "id")


def test_more_arguments_than_postgresql_takes() -> None:
    names = ", ".join(["c.name"] * 100)
    with pytest.raises(errors.WrongTypes):
        compiled(f"SELECT c.id, concat_ws(',', {names}) AS x FROM shop.cities c", "id")


def test_a_column_called_like_the_mark_of_the_condition() -> None:
    tables = (table("t", "id", 'id integer; "{where}" integer'),)
    model = compiled('SELECT t.id, t."{where}" AS x FROM shop.t t', "id", None, tables)
    for query in (preview_all(model), preview_key(model), preview_ordered(model, 5)):
        assert '"t"."{where}"' in query
        assert query.count("{where}") == 1
    state = State((), tables)
    state.insert("t", id=1, **{"{where}": 2})
    assert state.documents(model) == {(1,): {"id": 1, "x": 2}}
