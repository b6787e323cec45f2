"""Snapshots by COPY: all tables, or some of them while the others go on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from streammesh.contracts.types import Text
from streammesh.deployments.deployment import digested
from streammesh.engine import faults
from streammesh.engine.intake import Intake
from streammesh.engine.state import State
from streammesh.models.tables import Column, Table
from tests.unit.engine.copies import ROWS, Copier
from tests.unit.engine.harness import Bench
from tests.unit.engine.shop import CUSTOMERS, ORDERS, SOURCE, TABLES, product
from tests.unit.engine.test_session import WHEN, fill

TEXTS = ("a\tb\\c\nd", "\\N", "", "NaN", "é𝄞", "infinity BC")


class Died(BaseException):
    """The engine dies here."""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, product("orders"), product("customers"))
    made.streams.partitions[ROWS] = 4
    fill(made.shop)
    made.streams.topics.clear()
    made.shop.history.clear()
    return made


def status(bench: Bench, topic: str) -> str:
    return bench.progress.deployments[topic].status


def copied_while_written(bench: Bench, copier: Copier) -> None:
    """Read tables while the shop goes on: each shows another position."""
    shop = bench.shop
    copier.start()
    for number, name in enumerate(copier.names, 100):
        with shop.transaction():
            shop.put("orders", id=number, customer_id=1, status="new", placed_at=WHEN)
            shop.put("order_lines", id=number, order_id=number, product_id=1, qty=1, price="2.50")
        copier.copy(name)
        with shop.transaction():
            shop.put("customers", id=1, name=f"Ann {number}")
            shop.delete("order_lines", id=number)
    copier.complete()


def test_a_transaction_that_a_lost_slot_cut_off_is_in_the_snapshot(bench: Bench) -> None:
    shop = bench.shop
    copied_while_written(bench, Copier(shop))
    bench.run()
    shop.txid += 1
    shop.mark("BEGIN")
    shop.put("orders", id=1, status="paid")
    # the slot is lost here, with the rest of the transaction
    shop.rows["orders"][2]["status"] = "paid"
    copied_while_written(bench, Copier(shop, snapshot="s2"))
    bench.most = 1
    bench.run()
    bench.check()


def test_a_whole_snapshot_while_the_database_is_written(bench: Bench) -> None:
    copied_while_written(bench, Copier(bench.shop))
    bench.run()
    bench.check()
    assert bench.progress.inputs["sales.shop"].generation.copied
    with bench.shop.transaction():
        bench.shop.put("orders", id=1, status="sent")
    bench.run()
    bench.check()


def test_nothing_is_published_before_all_positions_are_passed(bench: Bench) -> None:
    copier = Copier(bench.shop)
    copier.start()
    for name in copier.names:
        copier.copy(name)
    bench.shop.lsn += 1000
    copier.copy("orders")  # read again, later: its last mark counts
    copier.complete()
    bench.shop.lsn -= 500
    bench.shop.heartbeat()
    bench.run()
    assert not bench.events(ORDERS)
    bench.shop.lsn += 1000
    bench.shop.heartbeat()
    bench.run()
    bench.check()


@pytest.mark.parametrize("text", TEXTS)
def test_texts_that_look_like_something_else(bench: Bench, text: str) -> None:
    bench.shop.rows["customers"][1]["name"] = text
    bench.shop.rows["cities"][1]["name"] = text
    Copier(bench.shop).run()
    bench.shop.heartbeat()
    bench.run()
    bench.check()


def test_an_attempt_that_died_leaves_nothing(bench: Bench) -> None:
    copier = Copier(bench.shop)
    copier.start()
    copier.copy("customers", attempt="a0", told=False)
    bench.shop.rows["customers"].pop(2)
    copier.start()
    for name in copier.names:
        copier.copy(name)
    copier.complete()
    bench.shop.heartbeat()
    bench.run()
    bench.check()


def test_another_whole_snapshot_makes_the_open_one_void(bench: Bench) -> None:
    dead = Copier(bench.shop, snapshot="dead")
    dead.start()
    dead.copy("customers")
    bench.shop.rows["customers"].pop(2)
    copied_while_written(bench, Copier(bench.shop))
    bench.run()
    bench.check()


@pytest.mark.parametrize("most", [1, 3, 10_000])
def test_some_tables_are_read_again_while_the_others_go_on(bench: Bench, most: int) -> None:
    bench.most = most
    Copier(bench.shop).run()
    bench.shop.heartbeat()
    bench.run()
    # what no event tells: a default was changed by hand, values were converted
    bench.shop.rows["customers"][2]["name"] = "Bea"
    before = len(bench.events(ORDERS))
    copied_while_written(bench, Copier(bench.shop, ["customers", "cities"], snapshot="s2"))
    bench.run()
    bench.check()
    assert len(bench.events(ORDERS)) > before
    source = bench.progress.inputs["sales.shop"]
    assert set(source.again) == {"public.customers", "public.cities"}
    assert source.reading is None


def added_column(bench: Bench) -> tuple[Table, ...]:
    """Add a column with a default to the customers, as the database and its next rows have it."""
    column = Column("tier", "text", Text(), True)
    changed = tuple(
        dataclasses.replace(one, columns=(*one.columns, column))
        if one.name.name == "customers"
        else one
        for one in TABLES
    )
    for row in bench.shop.rows["customers"].values():
        row["tier"] = "gold"
    return changed


def test_a_changed_table_stops_only_the_products_that_read_it(bench: Bench) -> None:
    bench.products = {one.topic: one for one in (product("orders"), product("customers"))}
    Copier(bench.shop).run()
    bench.shop.heartbeat()
    bench.run()
    row = {"id": 10, "order_id": 1, "product_id": 1, "price": "2.50"}
    with bench.shop.transaction():
        bench.shop.row("u", "order_lines", None, row)  # a column is gone
        bench.shop.put("customers", id=1, email="new@x")
    bench.run()
    assert status(bench, ORDERS) == "waiting"
    assert status(bench, CUSTOMERS) == "live"
    assert bench.documents(CUSTOMERS)[1]["email"] == "new@x"
    with bench.shop.transaction():
        bench.shop.put("customers", id=1, email="newer@x")
        bench.shop.put("orders", id=2, status="sent")
    bench.run()
    assert bench.documents(CUSTOMERS) == bench.shop.documents()[CUSTOMERS]
    assert bench.documents(ORDERS) != bench.shop.documents()[ORDERS]
    copied_while_written(bench, Copier(bench.shop, ["order_lines"], snapshot="s2"))
    bench.run()
    assert status(bench, ORDERS) == "live"
    bench.check()


@pytest.mark.parametrize("first", ["marks", "deployment"])
def test_a_column_is_added(bench: Bench, first: str) -> None:
    Copier(bench.shop).run()
    bench.shop.heartbeat()
    bench.run()
    tables = added_column(bench)
    with bench.shop.transaction():
        bench.shop.put("customers", id=1, email="a1@x")
    if first == "deployment":
        bench.source = digested(dataclasses.replace(SOURCE, tables=tables))
    bench.run()
    # in its old form the table is passed on without the column, which no model reads
    before = "live" if first == "marks" else "waiting"
    assert status(bench, ORDERS) == status(bench, CUSTOMERS) == before
    if first == "marks":
        bench.check()
    copied_while_written(bench, Copier(bench.shop, ["customers"], snapshot="s2", forms=tables))
    bench.run()
    if first == "marks":
        assert status(bench, ORDERS) == "waiting"
        bench.source = digested(dataclasses.replace(SOURCE, tables=tables))
        bench.run()
    bench.check()
    assert status(bench, ORDERS) == status(bench, CUSTOMERS) == "live"
    State.remove(bench.path)
    with bench.shop.transaction():
        bench.shop.put("customers", id=1, email="a2@x")
    bench.run()
    bench.check()


@pytest.mark.parametrize("lost", ["state", "blocks", "log"])
def test_the_state_is_rebuilt_from_blocks_and_log(bench: Bench, lost: str) -> None:
    copied_while_written(bench, Copier(bench.shop))
    bench.run()
    copied_while_written(bench, Copier(bench.shop, ["orders"], snapshot="s2"))
    bench.run()
    State.remove(bench.path)
    if lost == "blocks":
        bench.streams.drop_before(ROWS, 1)
    if lost == "log":
        again = bench.progress.inputs["sales.shop"].again["public.orders"]
        bench.streams.drop_before(bench.source.log, again.start)
    events = len(bench.events(ORDERS))
    bench.run()
    assert len(bench.events(ORDERS)) == events
    if lost == "state":
        bench.check()
        return
    assert status(bench, ORDERS) == "waiting"
    with bench.shop.transaction():
        bench.shop.put("orders", id=3, status="sent")
    copied_while_written(bench, Copier(bench.shop, snapshot="s3"))
    bench.run()
    bench.check()


POINTS = (
    "after-load",
    "during-recovery",
    "before-commit-kafka",
    "after-commit-kafka",
    "after-part",
)


@pytest.mark.parametrize("some", [None, ["customers", "order_lines"]])
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_death_at_any_point_is_followed_by_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, some: list[str] | None, point: str, times: int
) -> None:
    if some is not None:
        Copier(bench.shop).run()
        bench.shop.heartbeat()
        bench.run()
        bench.shop.rows["customers"][2]["name"] = "Bea"
    copied_while_written(bench, Copier(bench.shop, some, snapshot="s2"))
    left = times

    def reached(here: str) -> None:
        nonlocal left
        left -= here == point
        if here == point and left == 0:
            raise Died

    monkeypatch.setattr(faults, "reached", reached)
    try:
        bench.run()
    except Died:
        bench.run()
    bench.check()


def test_a_product_is_compared_with_its_topic(bench: Bench) -> None:
    Copier(bench.shop).run()
    bench.shop.heartbeat()
    bench.run()
    for partition in bench.streams.log(ORDERS):
        partition[:] = [one for one in partition if one.key != bench.events(ORDERS)[0].key]
    bench.compare = (ORDERS,)
    bench.run()
    bench.check()
    assert bench.told == [
        f"{ORDERS} was rebuilt: 5 documents were compared with the topic, 1 events were published"
    ]


def test_a_table_that_comes_back_is_read_again(bench: Bench) -> None:
    bench.products = {CUSTOMERS: product("customers")}
    Copier(bench.shop).run()
    bench.shop.heartbeat()
    bench.run()
    fewer = tuple(one for one in TABLES if one.name.name != "order_lines")
    bench.source = digested(dataclasses.replace(SOURCE, tables=fewer))
    bench.shop.heartbeat()
    bench.run()
    bench.shop.rows["order_lines"][10]["qty"] = 7  # nobody captures it now
    State.remove(bench.path)
    bench.source, bench.products = (
        SOURCE,
        {ORDERS: product("orders"), CUSTOMERS: product("customers")},
    )
    bench.shop.heartbeat()
    bench.run()
    assert (status(bench, ORDERS), status(bench, CUSTOMERS)) == ("waiting", "live")
    copied_while_written(bench, Copier(bench.shop, ["order_lines"], snapshot="s2"))
    bench.run()
    bench.check()


def test_a_table_that_changes_while_it_is_copied_is_left_out(bench: Bench) -> None:
    Copier(bench.shop).run()
    bench.shop.heartbeat()
    bench.run()
    copier = Copier(bench.shop, ["order_lines", "customers"], snapshot="s2")
    copier.start()
    for name in copier.names:
        copier.copy(name)
    with bench.shop.transaction():
        bench.shop.row("u", "order_lines", None, {"id": 10, "order_id": 1, "product_id": 1})
    copier.complete()
    bench.shop.heartbeat()
    bench.run()
    assert (status(bench, ORDERS), status(bench, CUSTOMERS)) == ("waiting", "live")
    assert any("order_lines" in one for one in bench.told)
    copied_while_written(bench, Copier(bench.shop, ["order_lines"], snapshot="s3"))
    bench.run()
    bench.check()


def test_rows_left_to_be_loaded_are_taken_over_where_they_settle(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Transactions behind that place come one by one, though an engine died before it had them."""
    Copier(bench.shop).run()
    bench.shop.heartbeat()
    bench.run()
    with monkeypatch.context() as patched:
        patched.setattr(Intake, "load", lambda _: None)
        Copier(bench.shop, ["orders"], snapshot="s2").run()
        bench.shop.heartbeat()
        bench.run()
    with bench.shop.transaction():
        bench.shop.put("orders", id=1, status="sent")
    bench.run()
    last = bench.events(ORDERS)[-1]
    assert "mesh.tx" in dict(last.headers)
    bench.check()
