"""Random shops, random transactions, random faults: after every commit, what the shop says.

STREAMMESH_SEEDS says how many seeds are tried; each prints enough to be run alone again.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from streammesh.engine.state import State
from streammesh.platform.streams import CommitUncertain, WriteFailed
from tests.unit.engine.harness import Bench, check_every_commit
from tests.unit.engine.shop import CUSTOMERS, ORDERS, Shop, product

SEEDS = int(os.environ.get("STREAMMESH_SEEDS", "40"))
WHEN = "2026-01-31T10:00:00.000000Z"


class Writer:
    """Commits random transactions to a shop, never breaking a foreign key at their end."""

    def __init__(self, shop: Shop, pick: random.Random) -> None:
        self.shop, self.pick = shop, pick
        self.next_id = 1

    def fill(self) -> None:
        with self.shop.transaction():
            for number in range(1, 4):
                self.shop.put("cities", id=number, name=f"city {number}", country="CH")
                self.shop.put("products", id=number, name=f"product {number}", price="2.50")
            for number in range(1, 5):
                city = self.pick.choice([None, 1, 2, 3])
                self.shop.put("customers", id=number, name=f"c{number}", email="e", city_id=city)

    def transaction(self) -> None:
        with self.shop.transaction():
            for _ in range(self.pick.choice([0, 1, 1, 1, 2, 3, 6])):
                often = [self.order, self.order, self.line, self.line, self.pay]
                rarely = [self.move, self.cancel, self.customer, self.city, self.product]
                self.pick.choice([*often, *rarely, self.rekey])()

    def some(self, table: str) -> int | None:
        rows = self.shop.rows[table]
        return self.pick.choice(sorted(rows)) if rows else None

    def order(self) -> None:
        number, self.next_id = self.next_id, self.next_id + 1
        customer = self.pick.randint(1, 4)
        self.shop.put("orders", id=number, customer_id=customer, status="new", placed_at=WHEN)

    def line(self) -> None:
        order = self.some("orders")
        if order is not None:
            number, self.next_id = self.next_id, self.next_id + 1
            price = self.pick.choice(["2.50", "10.00", "0.01"])
            self.shop.put(
                "order_lines",
                id=number,
                order_id=order,
                product_id=self.pick.randint(1, 3),
                qty=self.pick.randint(1, 3),
                price=price,
            )

    def move(self) -> None:
        line, order = self.some("order_lines"), self.some("orders")
        if line is not None and order is not None:
            self.shop.put("order_lines", id=line, order_id=order)

    def pay(self) -> None:
        order = self.some("orders")
        if order is not None:
            self.shop.put("orders", id=order, status=self.pick.choice(["new", "paid", "sent"]))

    def cancel(self) -> None:
        order = self.some("orders")
        if order is not None:
            lines = self.shop.rows["order_lines"]
            for line in [n for n, row in lines.items() if row["order_id"] == order]:
                self.shop.delete("order_lines", line)
            self.shop.delete("orders", order)

    def customer(self) -> None:
        city = self.pick.choice([None, 1, 2, 3])
        self.shop.put("customers", id=self.pick.randint(1, 4), city_id=city)

    def city(self) -> None:
        name = f"city {self.pick.randint(1, 9)}"
        self.shop.put("cities", id=self.pick.randint(1, 3), name=name)

    def product(self) -> None:
        number = self.pick.randint(1, 3)
        self.shop.put("products", id=number, name=f"product {self.pick.randint(1, 5)}")

    def rekey(self) -> None:
        """Give an order another number, and its lines with it."""
        order = self.some("orders")
        if order is not None:
            row = dict(self.shop.rows["orders"][order])
            self.shop.delete("orders", order)
            number, self.next_id = self.next_id, self.next_id + 1
            self.shop.put("orders", **(row | {"id": number}))
            lines = self.shop.rows["order_lines"]
            for line in [n for n, one in lines.items() if one["order_id"] == order]:
                self.shop.put("order_lines", id=line, order_id=number)


def run(bench: Bench, pick: random.Random) -> None:
    """Run sessions, with faults, until one comes to the end of the log."""
    bench.most = pick.choice([1, 3, 17, 10_000])
    bench.streams.fail_commits = [
        pick.choice(["", "", "", "lost", "landed", "failed"]) for _ in range(pick.randint(0, 6))
    ]
    if pick.random() < 0.15:
        State.remove(bench.path)
    for _ in range(20):
        try:
            bench.run()
        except (CommitUncertain, WriteFailed):
            continue
        return
    raise AssertionError("it never came to the end")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_each_commit_is_seen_whatever_happens(tmp_path: Path, seed: int) -> None:
    pick = random.Random(seed)
    bench = Bench(tmp_path, product("orders"), product("customers"))
    writer = Writer(bench.shop, pick)
    writer.fill()
    for _ in range(pick.randint(0, 5)):
        writer.transaction()
    bench.streams.topics.clear()
    bench.shop.history.clear()
    bench.shop.snapshot()
    for _ in range(pick.randint(1, 4)):
        for _ in range(pick.randint(0, 25)):
            writer.transaction()
        run(bench, pick)
    bench.check()
    check_every_commit(bench, ORDERS)
    check_every_commit(bench, CUSTOMERS)
