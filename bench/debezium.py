"""A private log as Debezium writes it: a snapshot, and many transactions after it.

The shop's tables, and the mix of deeds of the simulated shop; everything is computed from a seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

Record = tuple[bytes, bytes]

TABLES = ("cities", "customers", "products", "orders", "order_lines")
TIME_MS = 1_795_385_476_943
COLUMNS = {
    "cities": '{"id":%d,"name":"City number %d","country":"DE"}',
    "customers": '{"id":%d,"name":"Customer number %d","email":"customer%d@example.com",'
    '"city_id":%s}',
    "products": '{"id":%d,"name":"Product number %d","price":"%d.50"}',
    "orders": '{"id":%d,"customer_id":%d,"status":"%s","placed_at":"2026-02-01T10:00:00.000000Z"}',
    "order_lines": '{"id":%d,"order_id":%d,"product_id":%d,"qty":%d,"price":"%d.95"}',
}
KEY_ONLY = {
    "orders": '{"id":%d,"customer_id":0,"status":"","placed_at":"1970-01-01T00:00:00.000000Z"}',
    "order_lines": '{"id":%d,"order_id":0,"product_id":0,"qty":0,"price":"0.00"}',
}
BLOCK = '{"id":"%d:%d","total_order":1,"data_collection_order":1}'
BEGIN = '{"status":"BEGIN","id":"%d:%d","event_count":null,"data_collections":null,"ts_ms":%d}'
END = (
    '{"status":"END","id":"%d:%d","event_count":1,"data_collections":'
    '[{"data_collection":"public.orders","event_count":1}],"ts_ms":%d}'
)
ENVELOPE = (
    '{"before":%s,"after":%s,"source":{"version":"3.5.0.Final","connector":"postgresql",'
    '"name":"bench.shop","ts_ms":%d,"snapshot":"%s","db":"shop","sequence":"[\\"%d\\",\\"%d\\"]",'
    '"ts_us":%d000,"ts_ns":%d000000,"schema":"public","table":"%s","txId":%d,"lsn":%d,"xmin":null,'
    '"origin":null,"origin_lsn":null},"transaction":%s,"op":"%s","ts_ms":%d,"ts_us":%d123,'
    '"ts_ns":%d123456}'
)


@dataclass
class Log:
    """Makes the records, one after the other.

    Attributes:
        orders: how many there are in the snapshot; three lines each.
        dice: decides all else.
        cities: that customers live in; one of eleven customers lives in none.
    """

    orders: int
    dice: Random = field(default_factory=lambda: Random(1))
    cities: int = 100
    _lsn: int = 1_000_000
    _txid: int = 1_000
    _next_line: int = 0
    _customers: int = 0

    def __post_init__(self) -> None:
        """Fix the number of customers: none is added later, so no order may be of a later one."""
        self._customers = self.orders // 5

    def snapshot(self) -> Iterator[Record]:
        """Give a complete generation, and the heartbeat that settles it."""
        yield self._notification("STARTED", {})
        for table in TABLES:
            for key, row in self.rows(table):
                yield b'{"id":%d}' % key, self._row(table, "null", row, "r", "true")
            scanned = {"scanned_collection": f"shop.public.{table}", "status": "SUCCEEDED"}
            yield self._notification("TABLE_SCAN_COMPLETED", scanned)
        yield self._notification("COMPLETED", {})
        yield from self.heartbeat()

    def transactions(self, changes: int) -> Iterator[Record]:
        """Give whole transactions until there were so many row changes (or a few more)."""
        done = 0
        while done < changes:
            rows = self._deeds()
            yield self._mark("BEGIN")
            for table, key, before, after, op in rows:
                self._lsn += 96
                yield b'{"id":%d}' % key, self._row(table, before, after, op, "false")
            yield self._mark("END")
            self._txid += 1
            done += len(rows)

    def city_renamed(self) -> Iterator[Record]:
        """Give a transaction that changes one row: the first city's."""
        row = '{"id":1,"name":"Another name","country":"FR"}'
        yield self._mark("BEGIN")
        yield b'{"id":1}', self._row("cities", "null", row, "u", "false")
        yield self._mark("END")

    def all_sent(self) -> Iterator[Record]:
        """Give a transaction that changes each order."""
        yield self._mark("BEGIN")
        for order in range(1, self.orders + 1):
            self._lsn += 96
            row = COLUMNS["orders"] % (order, order * 7919 % self._customers + 1, "sent")
            yield b'{"id":%d}' % order, self._row("orders", "null", row, "u", "false")
        yield self._mark("END")

    def follow_snapshot(self) -> None:
        """Go on behind a snapshot that was not made by this log."""
        self._next_line = self.orders * 3

    def heartbeat(self) -> Iterator[Record]:
        """Give the transaction with a message that the connector writes every few seconds."""
        content = b"7000000000000000001 1".hex()
        value = {
            "op": "m",
            "ts_ms": TIME_MS,
            "source": {"ts_ms": TIME_MS, "schema": "", "table": "", "lsn": self._lsn},
            "message": {"prefix": "streammesh.heartbeat", "content": content},
        }
        yield self._mark("BEGIN")
        yield b'{"prefix":"streammesh.heartbeat"}', json.dumps(value).encode()
        yield self._mark("END")
        self._txid += 1

    def rows(self, table: str) -> Iterator[tuple[int, str]]:
        """Give the rows of a table's snapshot: key, and the row as JSON."""
        customers = self._customers
        counts = {"cities": 100, "customers": customers, "products": 1000, "orders": self.orders}
        text = COLUMNS[table]
        for i in range(1, counts.get(table, 0) + 1):
            if table == "cities":
                yield i, text % (i, i)
            elif table == "customers":
                yield i, text % (i, i, i, i % self.cities + 1 if i % 11 else "null")
            elif table == "products":
                yield i, text % (i, i, i)
            else:
                yield i, text % (i, i * 7919 % customers + 1, "paid")
        if table == "order_lines":
            self.follow_snapshot()
            for i in range(1, self._next_line + 1):
                yield i, text % (i, (i + 2) // 3, i * 13 % 1000 + 1, i % 4 + 1, i % 200)

    def _deeds(self) -> list[tuple[str, int, str, str, str]]:
        """Give the rows of a transaction: table, key, before, after, operation."""
        dice = self.dice
        what = dice.random()
        order = dice.randint(1, self.orders)
        line = (order - 1) * 3 + 1
        customer = order * 7919 % self._customers + 1
        if what < 0.32:
            return self._placed(customer)
        if what < 0.75:
            status = ("new", "paid", "sent")[dice.randint(0, 2)]
            row = COLUMNS["orders"] % (order, customer, status)
            return [("orders", order, "null", row, "u")]
        if what < 0.94:
            target = dice.randint(1, self.orders) if what < 0.85 else order
            product, qty = dice.randint(1, 1000), dice.randint(1, 9)
            row = COLUMNS["order_lines"] % (line, target, product, qty, qty)
            return [("order_lines", line, "null", row, "u")]
        if what < 0.995:
            row = COLUMNS["customers"] % (customer, customer, customer, dice.randint(1, 100))
            return [("customers", customer, "null", row, "u")]
        gone = KEY_ONLY["order_lines"] % line
        return [("order_lines", line, gone, "null", "d")]

    def _placed(self, customer: int) -> list[tuple[str, int, str, str, str]]:
        self.orders += 1
        order = self.orders
        rows = [("orders", order, "null", COLUMNS["orders"] % (order, customer, "new"), "c")]
        for _ in range(self.dice.randint(1, 5)):
            self._next_line += 1
            line = self._next_line
            row = COLUMNS["order_lines"] % (line, order, line * 13 % 1000 + 1, 2, line % 200)
            rows.append(("order_lines", line, "null", row, "c"))
        return rows

    def _row(self, table: str, before: str, after: str, op: str, snapshot: str) -> bytes:
        time, lsn, tx = TIME_MS, self._lsn, self._txid
        block = "null" if op == "r" else BLOCK % (tx, lsn)
        head = (before, after, time, snapshot, lsn, lsn, time, time, table, tx, lsn)
        return (ENVELOPE % (*head, block, op, time, time, time)).encode()

    def _mark(self, status: str) -> Record:
        self._lsn += 144
        text = (BEGIN if status == "BEGIN" else END) % (self._txid, self._lsn, TIME_MS)
        return b'{"id":"%d:%d"}' % (self._txid, self._lsn), text.encode()

    def _notification(self, kind: str, more: dict[str, str]) -> Record:
        value = {
            "id": kind,
            "type": kind,
            "aggregate_type": "Initial Snapshot",
            "additional_data": {"connector_name": "bench.shop", **more},
            "timestamp": TIME_MS,
        }
        return b'{"id":"%s"}' % kind.encode(), json.dumps(value).encode()
