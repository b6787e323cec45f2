"""Keys that no topic can have: their documents go to quarantine, the others are published."""

from __future__ import annotations

from pathlib import Path

from streammesh.engine.counters import Counters
from streammesh.engine.shard import Shard
from streammesh.engine.state import State
from tests.unit.engine.shop import SOURCE, product


def test_a_key_without_a_form_on_the_topic_stops_nothing(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite", SOURCE)
    state.begin()
    state.create_tables()
    customers = next(table for table in SOURCE.tables if table.name.name == "customers")
    cities = next(table for table in SOURCE.tables if table.name.name == "cities")
    state.load(cities, [(1, "Bern", "CH")])
    state.load(customers, [(1, "Ann", "a@x", 1)])
    deployed = product("customers")
    run = Shard(state, [deployed], Counters()).products[deployed.topic]
    found = run.evaluate([(1,), (1e300,)])
    assert isinstance(found.values[0], bytes)
    assert found.key_bytes[0][:1] == b"\0"
    assert found.key_bytes[1][:1] == b"\xff"
    assert len(set(found.key_bytes)) == 2
    assert found.values[1] is None
    difference = run.difference(found)
    assert [key for key, _, _ in difference.events] == [(1,)]
    assert difference.refused == []
    state.rollback()
    state.close()
