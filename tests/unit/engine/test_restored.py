"""Topics that were made anew or restored to an earlier state: what is missing comes again, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from streammesh.engine.state import State
from streammesh.errors.engine import StateFailed
from tests.unit.engine.harness import Bench
from tests.unit.engine.shop import ORDERS, PROGRESS, SOURCE, product
from tests.unit.engine.test_recovery import bench, work
from tests.unit.engine.test_session import fill

__all__ = ["bench"]


def test_product_topic_made_anew_gets_all_documents_again(bench: Bench) -> None:
    work(bench)
    bench.run()
    del bench.streams.topics[ORDERS]
    counters = bench.run()
    assert counters.published == len(bench.documents(ORDERS)) > 0
    bench.check()


def test_product_topic_restored_gets_what_is_missing(bench: Bench) -> None:
    kept = [list(partition) for partition in bench.streams.log(ORDERS)]
    work(bench, count=2)
    bench.run()
    bench.streams.topics[ORDERS] = kept
    counters = bench.run()
    assert counters.published > 0
    assert counters.unchanged > 0
    bench.check()


def test_topic_of_which_records_expire_is_left_alone(tmp_path: Path) -> None:
    made = Bench(tmp_path, product("orders", cleanup="append"))
    fill(made.shop)
    made.streams.topics.clear()
    made.shop.snapshot()
    work(made)
    made.run()
    del made.streams.topics[ORDERS]
    assert made.run().published == 0


@pytest.mark.parametrize("keep_state", [True, False])
def test_lost_progress_brings_nothing_back_that_was_published(
    bench: Bench, keep_state: bool
) -> None:
    work(bench)
    bench.run()
    del bench.streams.topics[PROGRESS]
    if not keep_state:
        State.remove(bench.path)
    counters = bench.run()
    assert counters.published == 0
    work(bench, 30)
    bench.run()
    bench.check()


def test_lost_progress_within_a_log_that_goes_on(bench: Bench) -> None:
    """What was not published before comes transaction by transaction, and nothing comes again."""
    work(bench)
    bench.run()
    del bench.streams.topics[PROGRESS]
    work(bench, 30)
    bench.run()
    bench.check()
    for partition in bench.streams.log(ORDERS):
        positions = [dict(one.headers)["mesh.position"] for one in partition]
        assert positions == sorted(positions)
    assert all("mesh.tx" in dict(one.headers) for one in bench.events(ORDERS)[5:])


def test_state_that_may_not_be_made_says_so(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("in the way")
    with pytest.raises(StateFailed, match="can't be written"):
        State(place / "state.sqlite", SOURCE)
