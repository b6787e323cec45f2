"""The control: an engine broken on purpose is found out, and the failure is shown as SQL."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from streammesh.engine import climb, copying, shard
from streammesh.engine.rows import TableDecoder
from tests.property.cases import Case, cases
from tests.property.checks import Difference
from tests.property.examples import KEY, LARGE, NUMBER, example
from tests.property.server import Server
from tests.property.tables import Table
from tests.property.world import run

MOST = 300


def found(server: Server, monkeypatch: pytest.MonkeyPatch, *, shrink: bool = False) -> str:
    """Try examples until one fails; give what is said then."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)

    @seed(1)
    @settings(
        max_examples=MOST,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases())
    def examples(case: Case) -> None:
        run(server, case)

    with pytest.raises(Difference) as caught:
        examples()
    return str(caught.value)


def test_documents_of_old_images_forgotten(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def stage(self: climb.Climber, images: climb.Images, changes: Any) -> None:
        pick = self._pickers[images.table.name]
        pairs = zip(changes.txs, changes.rows, strict=True)
        new = {(tx, *pick(row)) for tx, row in pairs if row is not None}
        self._insert(images.name, 1 + len(images.columns), new)

    monkeypatch.setattr(climb.Climber, "_stage", stage)
    said = found(server, monkeypatch)
    assert "CREATE TABLE" in said
    assert "COMMIT;" in said
    assert "expected" in said
    assert "actual" in said


def test_rounds_not_cut(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard, "rounds", lambda count, *_: [0] * count)
    found(server, monkeypatch)


def test_large_values_forgotten(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    original: Callable[..., Any] = TableDecoder.changes

    def changes(self: Any, events: Any, txs: Any, stored: Any) -> Any:
        return original(self, events, txs, lambda key: (None,) * len(self.table.columns))

    table = Table(0, "one", "t", (KEY, NUMBER, LARGE), ("k",))
    model = "SELECT t.k AS k, t.large AS large FROM shop.t t"
    case = example(table, model, "UPDATE one.t SET c = 0")
    run(server, case)
    monkeypatch.setattr(TableDecoder, "changes", changes)
    with pytest.raises(Difference, match="actual"):
        run(server, case)


def test_changes_made_while_tables_were_copied_forgotten(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "catch_up", lambda *_: None)
    assert "The snapshot is complete here" in found(server, monkeypatch)


@pytest.mark.skipif(
    "STREAMMESH_EXAMPLES" not in os.environ, reason="takes minutes: STREAMMESH_EXAMPLES asks for it"
)
def test_failures_shrink(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard, "rounds", lambda count, *_: [0] * count)
    said = found(server, monkeypatch, shrink=True)
    done = said.partition("-- What was done")[2].partition("-- The engine")[0]
    assert said.count("CREATE TABLE") <= 2
    assert done.count("COMMIT;") <= 3
