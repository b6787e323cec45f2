"""Which documents each transaction of a run can touch, straight from the climber."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streammesh.engine.climb import Climber
from streammesh.engine.rows import TableChanges
from streammesh.engine.state import State
from tests.unit.engine.shop import SOURCE, product

TABLES = {table.name.name: table for table in SOURCE.tables}
ORDERS = "sales.orders.v1"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path / "state.sqlite", SOURCE)
    state.begin()
    state.create_tables()
    state.create_indexes([product("orders")])
    state.load(TABLES["order_lines"], [(1, 10, 5, 1, 100)])
    yield state
    state.rollback()
    state.close()


def climber(state: State) -> Climber:
    deployed = product("orders")
    return Climber(state, {deployed.topic: deployed.model})


def test_a_line_that_goes_on_and_on_touches_where_it_comes_from_and_goes_to(state: State) -> None:
    rows = [(1, order, 5, 1, 100) for order in (11, 12, 13)]
    lines = TableChanges(TABLES["order_lines"], [0, 1, 2], [(1,)] * 3, [*rows])
    (hits,) = climber(state).hits([lines]).values()
    assert hits == [(0, (10,)), (0, (11,)), (1, (11,)), (1, (12,)), (2, (12,)), (2, (13,))]


def test_a_line_deleted_and_written_anew_by_others(state: State) -> None:
    lines = TableChanges(
        TABLES["order_lines"], [0, 1, 1], [(1,)] * 3, [None, (1, 11, 5, 1, 100), (1, 12, 5, 1, 100)]
    )
    (hits,) = climber(state).hits([lines]).values()
    assert hits == [(0, (10,)), (1, (11,)), (1, (12,))]


def test_a_row_changed_by_thousands_of_transactions_touches_twice_as_many(state: State) -> None:
    many = 5_000
    rows = [(1, 100 + i, 5, 1, 100) for i in range(many)]
    lines = TableChanges(TABLES["order_lines"], list(range(many)), [(1,)] * many, [*rows])
    (hits,) = climber(state).hits([lines]).values()
    assert len(hits) == 2 * many
