"""What a shop does: one function per deed, each a few statements inside an open transaction.

A deed gives what it did in words and the number of rows it changed, or None when it found nothing
to do (every order nearby is sent already, say). Rows that another writer holds are passed over, so
that writers seldom wait for each other; where they still collide, the database ends one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import psycopg

NEARBY = 400
"""How many order numbers a search for an order of some status looks through."""


class GivenUp(Exception):
    """The shop changed its mind inside a transaction: all of it is rolled back."""


@dataclass(frozen=True)
class Deed:
    """Something done.

    Attributes:
        words: for people, such as `order 50,213 paid`.
        changes: rows inserted, updated and deleted.
    """

    words: str
    changes: int


@dataclass(frozen=True)
class Stock:
    """How far the numbers of things go; none of these kinds is ever removed but orders."""

    cities: int
    customers: int
    products: int
    orders: int


@dataclass(frozen=True)
class Till:
    """Where a writer stands: its connection, its dice, and what there is."""

    connection: psycopg.Connection
    dice: Random
    stock: Stock

    def some_order(self) -> int:
        """Pick the number of an order, a recent one more often than an old one."""
        if self.dice.random() < 0.7:
            return max(1, self.stock.orders - int(self.dice.expovariate(1 / 1000)))
        return self.dice.randint(1, max(1, self.stock.orders))

    def ids(self, sql: str, *parameters: object) -> list[int]:
        """Run a statement and give the first column of its rows."""
        return [row[0] for row in self.connection.execute(sql, parameters).fetchall()]


def take_stock(connection: psycopg.Connection) -> Stock:
    """Ask the database how far its numbers go."""
    row = connection.execute(
        """SELECT (SELECT max(id) FROM cities), (SELECT max(id) FROM customers),
                  (SELECT max(id) FROM products), (SELECT coalesce(max(id), 0) FROM orders)"""
    ).fetchone()
    return Stock(*(row or (0, 0, 0, 0)))


def place_order(till: Till) -> Deed:
    """A new order with one to five lines, at today's prices."""
    dice = till.dice
    (order,) = till.ids(
        "INSERT INTO orders (customer_id, status) VALUES (%s, 'new') RETURNING id",
        dice.randint(1, till.stock.customers),
    )
    products = dice.sample(range(1, till.stock.products + 1), dice.randint(1, 5))
    quantities = [dice.randint(1, 4) for _ in products]
    lines = till.ids(
        """INSERT INTO order_lines (order_id, product_id, qty, price)
           SELECT %s, p.id, w.qty, p.price
             FROM unnest(%s::int[], %s::int[]) AS w(product, qty)
             JOIN products p ON p.id = w.product
           RETURNING id""",
        order,
        products,
        quantities,
    )
    plural = "s" if len(lines) > 1 else ""
    return Deed(f"order {order:,} placed with {len(lines)} line{plural}", 1 + len(lines))


def pay_order(till: Till) -> Deed | None:
    """A new order is paid."""
    return _advance(till, "new", "paid")


def send_order(till: Till) -> Deed | None:
    """A paid order is sent."""
    return _advance(till, "paid", "sent")


def _advance(till: Till, before: str, after: str) -> Deed | None:
    start = till.some_order() - NEARBY
    changed = till.ids(
        """UPDATE orders SET status = %s WHERE id =
             (SELECT id FROM orders WHERE id BETWEEN %s AND %s AND status = %s
               ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING id""",
        after,
        start,
        start + NEARBY,
        before,
    )
    return Deed(f"order {changed[0]:,} {after}", 1) if changed else None


def move_line(till: Till) -> Deed | None:
    """A line goes over to another order."""
    source, target = till.some_order(), till.some_order()
    moved = till.ids(
        """UPDATE order_lines SET order_id = t.id
             FROM (SELECT id FROM orders WHERE id = %s FOR KEY SHARE SKIP LOCKED) AS t
            WHERE order_lines.id = (SELECT id FROM order_lines WHERE order_id = %s
                                     ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
              AND order_lines.order_id <> t.id
           RETURNING order_lines.id""",
        target,
        source,
    )
    return Deed(f"line {moved[0]:,} moved to order {target:,}", 1) if moved else None


def change_quantity(till: Till) -> Deed | None:
    """A customer wants more or less of something."""
    changed = till.ids(
        """UPDATE order_lines SET qty = %s WHERE id =
             (SELECT id FROM order_lines WHERE order_id = %s
               ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING order_id""",
        till.dice.randint(1, 9),
        till.some_order(),
    )
    return Deed(f"order {changed[0]:,} changed", 1) if changed else None


def move_customer(till: Till) -> Deed:
    """A customer moves to another city, or no longer tells which."""
    customer = till.dice.randint(1, till.stock.customers)
    city = till.dice.randint(1, till.stock.cities) if till.dice.random() < 0.9 else None
    till.connection.execute("UPDATE customers SET city_id = %s WHERE id = %s", (city, customer))
    where = f"moved to city {city}" if city else "told no city any more"
    return Deed(f"customer {customer:,} {where}", 1)


def rename_city(till: Till) -> Deed:
    """A city gets another name: one row, hundreds of orders."""
    city = till.dice.randint(1, till.stock.cities)
    name = f"{till.dice.choice(['Saint', 'Royal', 'Port', 'Mount'])} {till.dice.randint(1, 999)}"
    till.connection.execute("UPDATE cities SET name = %s WHERE id = %s", (name, city))
    return Deed(f"city {city} renamed {name}", 1)


def rename_product(till: Till) -> Deed:
    """A product gets another name."""
    product = till.dice.randint(1, till.stock.products)
    name = f"Thing {till.dice.randint(1, 99_999)}"
    till.connection.execute("UPDATE products SET name = %s WHERE id = %s", (name, product))
    return Deed(f"product {product:,} renamed {name}", 1)


def cancel_order(till: Till) -> Deed | None:
    """An order is deleted, its lines with it."""
    found = till.ids(
        "SELECT id FROM orders WHERE id = %s FOR UPDATE SKIP LOCKED", till.some_order()
    )
    if not found:
        return None
    lines = till.ids("DELETE FROM order_lines WHERE order_id = %s RETURNING id", found[0])
    till.connection.execute("DELETE FROM orders WHERE id = %s", (found[0],))
    return Deed(f"order {found[0]:,} cancelled", 1 + len(lines))


def several(till: Till) -> Deed:
    """Two to four deeds in one transaction."""
    deeds: list[Deed] = [place_order(till)]
    for _ in range(till.dice.randint(1, 3)):
        deed = till.dice.choice(EVERYDAY)(till)
        if deed is not None:
            deeds.append(deed)
    return Deed(", ".join(deed.words for deed in deeds), sum(deed.changes for deed in deeds))


def give_up(till: Till) -> Deed:
    """An order is placed and changed, and then the whole transaction is rolled back."""
    raise GivenUp(place_order(till).words)


Act = Callable[[Till], Deed | None]

EVERYDAY: tuple[Act, ...] = (place_order, pay_order, send_order, change_quantity)

WEIGHTS: dict[Act, float] = {
    place_order: 28,
    pay_order: 24,
    send_order: 16,
    move_line: 8,
    change_quantity: 6,
    move_customer: 5,
    cancel_order: 5,
    several: 5,
    give_up: 3,
    rename_product: 0.1,
    rename_city: 0.05,
}
"""How often each deed is tried, relative to the others."""
