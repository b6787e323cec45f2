"""A document that can't be computed is a violation; the others are published."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.contracts.violations import Violation
from streammesh.engine.counters import Counters
from streammesh.engine.shard import Shard
from streammesh.engine.state import State
from tests.unit.engine.shop import SOURCE, product

BROKEN = (3, 4, 9)


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        ("mesh_left('a', 1e300)", "64 bits"),
        ("mesh_left(5, 1)", "TypeError"),
        ("json('{')", "malformed JSON"),
        ("abs(-9223372036854775807 - 1)", "integer overflow"),
        ("zeroblob(2000000000)", "too big"),
    ],
)
def test_one_document_never_stops_the_others(tmp_path: Path, failing: str, said: str) -> None:
    state = State(tmp_path / "state.sqlite", SOURCE)
    state.begin()
    state.create_tables()
    tables = {table.name.name: table for table in SOURCE.tables}
    state.load(tables["cities"], [(1, "Bern", "CH")])
    state.load(tables["customers"], [(n, f"Ann {n}", f"{n}@x", 1) for n in range(1, 11)])
    deployed = product("customers")
    evaluate = (
        f"SELECT k0, CASE WHEN k0 IN {BROKEN} THEN {failing} ELSE document END"
        f" FROM ({deployed.model.evaluate})"
    )
    deployed = replace(deployed, model=replace(deployed.model, evaluate=evaluate))
    run = Shard(state, [deployed], Counters()).products[deployed.topic]
    keys = [(n,) for n in range(1, 12)]
    found = run.evaluate(keys)
    assert found.keys == keys
    for (key,), value in zip(keys, found.values, strict=True):
        if key in BROKEN:
            assert isinstance(value, Violation)
            assert said in value.reason
        else:
            assert isinstance(value, bytes) if key < 11 else value is None
    difference = run.difference(found)
    assert [one.key for one in difference.refused] == [(n,) for n in BROKEN]
    assert len(difference.events) == 7
    assert run.evaluate([]).values == []
    state.rollback()
    state.close()
