"""A shop that writes its private log as Debezium does, and knows what has to come of it.

Every transaction is made up by dice; the documents after it are computed here, in plain Python, by
the shop of the unit tests. What differs from before is what consumers have to see of it.
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from streammesh.platform.memory.streams import MemoryStreams
from tests.unit.engine.shop import CUSTOMERS, ORDERS, Shop

Document = dict[str, Any] | None
PRODUCTS = {ORDERS: "orders", CUSTOMERS: "customers"}
WHEN = "2026-02-01T10:00:00.000000Z"
CITIES, PEOPLE, GOODS, FIRST_ORDERS = 4, 12, 6, 30
IDENTITY = "7000000000000000001 1"
"""System identifier and timeline, as the connector's heartbeat tells them."""


@dataclass
class Oracle:
    """What the documents of one product are, and when each of them changed.

    Attributes:
        changes: for each key, position and document of each change, in order; None where it ends.
        counts: for each transaction that changes any, by its position, how many keys it changes.
    """

    changes: dict[int, list[tuple[int, Document]]] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    _now: dict[int, Document] = field(default_factory=dict)

    def note(self, position: int, documents: dict[int, Any]) -> None:
        """Take the documents as they are at a position."""
        before = self._now
        keys = [k for k in before.keys() | documents.keys() if before.get(k) != documents.get(k)]
        for key in keys:
            self.changes.setdefault(key, []).append((position, documents.get(key)))
        if keys:
            self.counts[position] = len(keys)
        self._now = dict(documents)

    def at(self, key: int, position: int) -> Document:
        """Give the document of a key as of a position; None where there is none."""
        changes = self.changes.get(key, [])
        index = bisect.bisect_right(changes, position, key=lambda one: one[0])
        return changes[index - 1][1] if index else None


class ChaosShop(Shop):
    """Transactions by dice; `take` gives the records that the log has to get."""

    def __init__(self, seed: int) -> None:
        """Fill the tables; nothing is in the log yet."""
        super().__init__(MemoryStreams())
        self.dice = Random(seed)
        self.oracles = {name: Oracle() for name in PRODUCTS.values()}
        self._records: list[bytes] = []
        self._next = FIRST_ORDERS + 1
        self._fill()
        self._records.clear()

    def write(self, value: dict[str, Any]) -> int:
        """Keep a record of the log, to be taken."""
        self._records.append(json.dumps(value).encode())
        return len(self._records)

    def take(self) -> list[bytes]:
        """Give the records that came since the last call."""
        taken, self._records = self._records, []
        return taken

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done within the block."""
        self.txid += 1
        self.lsn += 8
        self.mark("BEGIN")
        yield
        self.lsn += 48
        self.mark("END")
        for topic, documents in self.documents().items():
            self.oracles[PRODUCTS[topic]].note(self.lsn, documents)

    def heartbeat(self, says: str = IDENTITY) -> None:
        """Write the connector's own transaction."""
        super().heartbeat(says)

    def work(self, count: int) -> None:
        """Commit transactions of all kinds; now and then Connect repeats itself."""
        for _ in range(count):
            start = len(self._records)
            with self.transaction():
                self._some_deed()
                if self.dice.random() < 0.05:
                    self._come_again(start)
            if self.dice.random() < 0.04:
                self._records.extend(self._records[start:])
        if self.dice.random() < 0.2:
            self.heartbeat()

    def _come_again(self, start: int) -> None:
        """Repeat the open transaction from its BEGIN: Connect was killed within it."""
        self._records.extend(self._records[start:])

    # --- deeds

    def _fill(self) -> None:
        for i in range(1, CITIES + 1):
            self.put("cities", id=i, name=f"city {i}", country="CH")
        for i in range(1, PEOPLE + 1):
            city = i % CITIES + 1 if i % 5 else None
            self.put("customers", id=i, name=f"customer {i}", email=f"c{i}@x", city_id=city)
        for i in range(1, GOODS + 1):
            self.put("products", id=i, name=f"product {i}", price="2.50")
        for i in range(1, FIRST_ORDERS + 1):
            self._place(i)

    def _place(self, order: int) -> None:
        person = self.dice.randint(1, PEOPLE)
        self.put("orders", id=order, customer_id=person, status="new", placed_at=WHEN)
        for line in range(self.dice.randint(0, 3)):
            self._line(order * 10 + line, order)

    def _line(self, line: int, order: int) -> None:
        price = f"{self.dice.randint(0, 99)}.{self.dice.randint(10, 99)}"
        good, quantity = self.dice.randint(1, GOODS), self.dice.randint(1, 9)
        self.put("order_lines", id=line, order_id=order, product_id=good, qty=quantity, price=price)

    def _some_deed(self) -> None:
        deeds: tuple[tuple[int, Callable[[], None]], ...] = (
            (20, self._new_order),
            (25, self._statuses),
            (15, self._line_moves),
            (10, self._order_moves),
            (8, self._person_changes),
            (4, self._city_renamed),
            (3, self._good_renamed),
            (10, self._order_gone),
            (5, self._key_changes),
            (5, self._undone),
            (3, self._large),
            (2, lambda: None),
        )
        self.dice.choices([one for _, one in deeds], [weight for weight, _ in deeds])[0]()

    def _any_order(self) -> int:
        return self.dice.choice(list(self.rows["orders"]))

    def _new_order(self) -> None:
        self._place(self._next)
        self._next += 1

    def _statuses(self) -> None:
        for _ in range(self.dice.randint(1, 4)):
            status = self.dice.choice(("new", "paid", "sent"))
            self.put("orders", id=self._any_order(), status=status)

    def _line_moves(self) -> None:
        if lines := list(self.rows["order_lines"]):
            self.put("order_lines", id=self.dice.choice(lines), order_id=self._any_order())

    def _order_moves(self) -> None:
        self.put("orders", id=self._any_order(), customer_id=self.dice.randint(1, PEOPLE))

    def _person_changes(self) -> None:
        city = self.dice.choice((None, *range(1, CITIES + 1)))
        person = self.dice.randint(1, PEOPLE)
        self.put("customers", id=person, city_id=city, email=f"e{self.txid}@x")

    def _city_renamed(self) -> None:
        self.put("cities", id=self.dice.randint(1, CITIES), name=f"city of {self.txid}")

    def _good_renamed(self) -> None:
        self.put("products", id=self.dice.randint(1, GOODS), name=f"product of {self.txid}")

    def _order_gone(self) -> None:
        if len(self.rows["orders"]) > FIRST_ORDERS // 2:
            self._remove(self._any_order())

    def _remove(self, order: int) -> None:
        for line in [k for k, row in self.rows["order_lines"].items() if row["order_id"] == order]:
            self.delete("order_lines", line)
        self.delete("orders", order)

    def _key_changes(self) -> None:
        order = self._any_order()
        row = dict(self.rows["orders"][order])
        lines = [k for k, one in self.rows["order_lines"].items() if one["order_id"] == order]
        self.delete("orders", order)
        self.put("orders", **(row | {"id": self._next}))
        for line in lines:
            self.put("order_lines", id=line, order_id=self._next)
        self._next += 1

    def _undone(self) -> None:
        self._place(self._next)
        self._remove(self._next)
        self._next += 1

    def _large(self) -> None:
        for order in list(self.rows["orders"])[: self.dice.randint(8, 25)]:
            self.put("orders", id=order, status=self.dice.choice(("new", "paid", "sent")))
