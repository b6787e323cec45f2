"""A shop in memory: it writes its log as Debezium would, and computes its documents by itself.

The documents are computed here in plain Python from the rows, so that they tell on the engine.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from streammesh.contracts import avro, contract
from streammesh.contracts.types import Decimal as DecimalType
from streammesh.contracts.types import Integer, Text, Timestamp
from streammesh.deployments.deployment import (
    FORMAT,
    ProductDeployment,
    SourceDeployment,
    digested,
)
from streammesh.documents.names import Names
from streammesh.documents.values import Domain, Port, TableName
from streammesh.documents.workspace import load
from streammesh.models.compile import compile_model
from streammesh.models.tables import Column, Table
from streammesh.platform.memory.streams import MemoryStreams

EXAMPLE = Path(__file__).parents[3] / "examples" / "shop"
LOG, PROGRESS, PRINCIPAL = "_cdc.sales.shop", "_mesh.progress.sales.shop", "mesh.sales.engine.shop"
ORDERS, CUSTOMERS = "sales.orders.v1", "sales.customers.v1"

_INT, _BIG, _TEXT = ("integer", Integer(32)), ("bigint", Integer(64)), ("text", Text())
_MONEY, _WHEN = ("numeric(10,2)", DecimalType(10, 2)), ("timestamptz", Timestamp(zone=True))


def _table(table: str, /, **columns: tuple[Any, bool]) -> Table:
    made = tuple(Column(n, kind[0], kind[1], null) for n, (kind, null) in columns.items())
    return Table(TableName("public", table), made, ("id",), whole=True)


TABLES = (
    _table("cities", id=(_INT, False), name=(_TEXT, False), country=(_TEXT, False)),
    _table(
        "customers",
        id=(_INT, False),
        name=(_TEXT, False),
        email=(_TEXT, False),
        city_id=(_INT, True),
    ),
    _table("products", id=(_INT, False), name=(_TEXT, False), price=(_MONEY, False)),
    _table(
        "orders",
        id=(_BIG, False),
        customer_id=(_INT, False),
        status=(_TEXT, False),
        placed_at=(_WHEN, False),
    ),
    _table(
        "order_lines",
        id=(_BIG, False),
        order_id=(_BIG, False),
        product_id=(_INT, False),
        qty=(_INT, False),
        price=(_MONEY, False),
    ),
)

SOURCE = digested(
    SourceDeployment(
        format=FORMAT,
        mesh="shop",
        domain="sales",
        source="shop",
        database_type="postgres",
        topic_prefix="sales.shop",
        log=LOG,
        progress=PROGRESS,
        principal=PRINCIPAL,
        slot="mesh_shop",
        tables=TABLES,
        retention_ms=604_800_000,
    )
)


@cache
def domain() -> Domain:
    """The example's domain."""
    return load(EXAMPLE).domains["sales"]


@cache
def product(name: str, version: str = "1.0.0", **stream: Any) -> ProductDeployment:
    """Give a product of the example as deployed."""
    port: Port = next(p for one in domain().products for p in one.ports if one.name == name)
    promised = contract.read(port.contract)
    tables = {"shop": {table.name: table for table in TABLES}}
    topic = port.topic(Names())
    options = (
        dataclasses.replace(port.contract.stream, **stream) if stream else port.contract.stream
    )
    return digested(
        ProductDeployment(
            format=FORMAT,
            domain="sales",
            product=name,
            port=port.name,
            version=version,
            status="active",
            source="shop",
            topic=topic,
            quarantine=Names().quarantine(topic),
            model=compile_model(port, promised, domain().sources, tables),
            contract=promised.fields,
            stream=options,
            key_schema=avro.key_schema(promised, topic),
            key_schema_id=1,
            value_schema=avro.value_schema(promised, topic),
            value_schema_id=2,
        )
    )


Rows = dict[str, dict[int, dict[str, Any]]]


class Shop:
    """A database of five tables; `transaction` commits to it and to the log."""

    def __init__(self, streams: MemoryStreams) -> None:
        self.streams = streams
        self.rows: Rows = {table.name.name: {} for table in TABLES}
        self.lsn = 1_000_000
        self.txid = 700
        self.history: dict[int, dict[str, dict[int, dict[str, Any]]]] = {}
        """The documents of each product after each transaction, by the position of its END."""

    # --- the log

    def write(self, value: dict[str, Any]) -> int:
        """Write a record of the log; give its offset."""
        return self.streams.append(LOG, json.dumps(value).encode())

    def row(self, op: str, table: str, before: Any, after: Any) -> None:
        """Write a row."""
        source = {"schema": "public", "table": table, "lsn": self.lsn, "ts_ms": self.lsn}
        self.write({"op": op, "before": before, "after": after, "source": source})

    def mark(self, status: str) -> int:
        """Write a BEGIN or END."""
        return self.write({"status": status, "id": f"{self.txid}:{self.lsn}", "ts_ms": self.lsn})

    def notify(self, kind: str, **data: str) -> int:
        """Write a notification of the snapshot."""
        body = {"aggregate_type": "Initial Snapshot", "type": kind, "additional_data": data}
        return self.write({"id": "n", **body})

    def snapshot(self, *, settle: bool = True) -> None:
        """Write a snapshot of all tables, as the connector does when it starts."""
        self.notify("STARTED")
        for table, rows in self.rows.items():
            for row in rows.values():
                self.row("r", table, None, row)
            self.notify("TABLE_SCAN_COMPLETED", scanned_collection=f"public.{table}")
        self.notify("COMPLETED")
        if settle:
            self.heartbeat()

    def heartbeat(self, says: str = "") -> None:
        """Write the connector's own transaction."""
        with self.transaction():
            message = {"prefix": "streammesh.heartbeat", "content": says.encode().hex()}
            self.write({"op": "m", "source": {"schema": "", "table": ""}, "message": message})

    # --- transactions

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done within the block."""
        self.txid += 1
        self.lsn += 8
        self.mark("BEGIN")
        yield
        self.lsn += 48
        self.mark("END")
        self.history[self.lsn] = self.documents()

    def put(self, table: str, **row: Any) -> None:
        """Insert or update a row by its id."""
        rows = self.rows[table]
        op = "u" if row["id"] in rows else "c"
        rows[row["id"]] = rows.get(row["id"], {}) | row
        self.row(op, table, None, rows[row["id"]])

    def delete(self, table: str, id: int) -> None:
        """Delete a row; what the log says of its other columns is made up, as Debezium does."""
        gone = self.rows[table].pop(id)
        made_up = {name: 0 if isinstance(v, int) else "" for name, v in gone.items()}
        self.row("d", table, made_up | {"id": id}, None)

    def truncate(self, *tables: str) -> None:
        """Remove all rows."""
        for table in tables:
            self.rows[table].clear()
            self.row("t", table, None, None)

    # --- what the documents are

    def documents(self) -> dict[str, dict[int, dict[str, Any]]]:
        """Give the documents of both products, canonical, computed from the rows."""
        return {ORDERS: self._orders(), CUSTOMERS: self._customers()}

    def _orders(self) -> dict[int, dict[str, Any]]:
        found = {}
        for order in self.rows["orders"].values():
            customer = self.rows["customers"].get(order["customer_id"])
            if customer is None:
                continue
            city = self.rows["cities"].get(customer["city_id"], {})
            found[order["id"]] = {
                "order_id": order["id"],
                "placed_at": order["placed_at"],
                "status": order["status"],
                "customer": {
                    "name": customer["name"],
                    "city": city.get("name"),
                    "country": city.get("country"),
                },
                "lines": self._lines(order["id"]) or None,
            }
        return found

    def _lines(self, order: int) -> list[dict[str, Any]]:
        products = self.rows["products"]
        return [
            {
                "product": products[line["product_id"]]["name"],
                "quantity": line["qty"],
                "amount": f"{line['qty'] * Decimal(line['price']):.2f}",
            }
            for _, line in sorted(self.rows["order_lines"].items())
            if line["order_id"] == order and line["product_id"] in products
        ]

    def _customers(self) -> dict[int, dict[str, Any]]:
        orders = sorted(self.rows["orders"].values(), key=lambda one: one["id"])
        return {
            one["id"]: {
                "customer_id": one["id"],
                "name": one["name"],
                "email": one["email"],
                "city": self.rows["cities"].get(one["city_id"], {}).get("name"),
                "orders": [o["id"] for o in orders if o["customer_id"] == one["id"]] or None,
            }
            for one in self.rows["customers"].values()
        }
