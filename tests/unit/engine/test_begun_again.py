"""Connect begins again at a transaction before the mark with which a snapshot by COPY started."""

from __future__ import annotations

from pathlib import Path

import pytest

from streammesh.engine.state import State
from streammesh.errors.engine import TransactionTorn
from streammesh.platform.memory.streams import Stored
from tests.unit.engine.copies import ROWS, Copier
from tests.unit.engine.harness import Bench
from tests.unit.engine.shop import LOG, product
from tests.unit.engine.test_session import fill

SOME = ["customers", "order_lines"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, product("orders"), product("customers"))
    made.streams.partitions[ROWS] = 4
    fill(made.shop)
    made.streams.topics.clear()
    made.shop.history.clear()
    Copier(made.shop).run()
    made.shop.heartbeat()
    made.run()
    return made


def changed(bench: Bench, **row: object) -> list[Stored]:
    """Commit a change of an order; give its records."""
    log = bench.streams.log(LOG)[0]
    before = len(log)
    with bench.shop.transaction():
        bench.shop.put("orders", id=1, **row)
    return log[before:]


def started(bench: Bench, some: list[str] | None) -> tuple[Copier, list[Stored], list[Stored]]:
    """Start a snapshot behind a transaction, and another one behind that, cut off in the log."""
    before = changed(bench, status="paid")
    copier = Copier(bench.shop, some, snapshot="s2")
    copier.start()
    behind = changed(bench, status="sent")
    del bench.streams.log(LOG)[0][-1]
    return copier, before, behind


def read(copier: Copier) -> None:
    for name in copier.names:
        copier.copy(name)
    copier.complete()


@pytest.mark.parametrize("some", [None, SOME], ids=["all", "some"])
@pytest.mark.parametrize("first", ["rows", "log"])
def test_nothing_is_torn(bench: Bench, some: list[str] | None, first: str) -> None:
    copier, before, behind = started(bench, some)
    log = bench.streams.log(LOG)[0]
    if first == "rows":
        read(copier)
    log += [*before, *behind]
    if first == "log":
        read(copier)
    changed(bench, status="new")
    bench.shop.heartbeat()
    bench.run()
    bench.check()
    State.remove(bench.path)
    changed(bench, status="paid")
    bench.run()
    bench.check()


@pytest.mark.parametrize("some", [None, SOME], ids=["all", "some"])
def test_what_the_rows_do_not_have_is_missed(bench: Bench, some: list[str] | None) -> None:
    copier = Copier(bench.shop, some, snapshot="s2")
    copier.start()
    read(copier)
    changed(bench, status="sent")
    del bench.streams.log(LOG)[0][-1]
    changed(bench, status="new")
    bench.shop.heartbeat()
    with pytest.raises(TransactionTorn):
        bench.run()


def test_a_repeated_transaction_is_cut_off_once_more(bench: Bench) -> None:
    before, behind = changed(bench, status="paid"), changed(bench, status="sent")
    bench.streams.log(LOG)[0].extend([*before, *behind[:-1], *before, *behind])
    changed(bench, status="new")
    bench.run()
    bench.check()


def test_a_log_whose_first_transactions_are_gone(bench: Bench, tmp_path: Path) -> None:
    before, behind = changed(bench, status="paid"), changed(bench, status="sent")
    fresh = Bench(tmp_path / "fresh", *bench.products.values())
    fresh.shop.rows, fresh.shop.lsn = bench.shop.rows, bench.shop.lsn
    fresh.streams.partitions[ROWS] = 4
    fresh.streams.log(LOG)[0].extend([*behind[:-1], *before, *behind])
    Copier(fresh.shop).run()
    fresh.shop.heartbeat()
    fresh.run()
    fresh.check()
