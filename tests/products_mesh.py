"""A mesh of three domains: two databases, a product of each, and a product made of both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

CUSTOMERS = [
    "{ name: customer_id, logicalType: integer, physicalType: integer, KEY }",
    "{ name: name, logicalType: string, required: true }",
    "{ name: city, logicalType: string }",
]
ORDERS = [
    "{ name: order_id, logicalType: integer, physicalType: bigint, KEY }",
    "{ name: customer_id, logicalType: integer, physicalType: integer, required: true }",
    "{ name: status, logicalType: string, required: true }",
    '{ name: amount, logicalType: number, physicalType: "decimal(12,2)" }',
    "{ name: placed_at, logicalType: timestamp, physicalType: timestamptz, required: true }",
]
PORTRAITS = [
    "{ name: customer_id, logicalType: integer, physicalType: integer, KEY }",
    "{ name: name, logicalType: string, required: true }",
    "{ name: city, logicalType: string }",
    '{ name: spent, logicalType: number, physicalType: "decimal(18,2)" }',
    """{ name: orders, logicalType: array, items: { logicalType: object, properties: [
          { name: order_id, logicalType: integer, physicalType: bigint, required: true },
          { name: status, logicalType: string, required: true },
          { name: placed_at, logicalType: timestamp, physicalType: timestamptz, required: true }
          ] } }""",
]

CUSTOMERS_SQL = "SELECT c.id AS customer_id, c.name, c.city FROM people.customers c\n"
ORDERS_SQL = """SELECT o.id AS order_id, o.customer_id, o.status, o.amount, o.placed_at
  FROM shop.orders o
"""
PORTRAITS_SQL = """SELECT c.customer_id, c.name, c.city,
       (SELECT sum(o.amount) FROM mesh.sales.orders o WHERE o.customer_id = c.customer_id) AS spent,
       (SELECT list({order_id: o.order_id, status: o.status, placed_at: o.placed_at}
                    ORDER BY o.order_id)
          FROM mesh.sales.orders o WHERE o.customer_id = c.customer_id) AS orders
  FROM mesh.crm.customers c
"""

SCHEMA = {
    "crm": "CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, city text)",
    "sales": """CREATE TABLE orders (id bigint PRIMARY KEY, customer_id integer NOT NULL,
        status text NOT NULL, amount numeric(12,2), placed_at timestamptz NOT NULL)""",
}
"""The table of each database."""


class ProductsMesh:
    """Writes the files; `suffix` keeps the names of domains apart from other tests'."""

    def __init__(self, root: Path, suffix: str = "") -> None:
        self.root, self.suffix = root, suffix
        self.crm, self.sales, self.marketing = (
            f"{name}{suffix}" for name in ("crm", "sales", "marketing")
        )
        root.mkdir(parents=True, exist_ok=True)
        (root / "mesh.toml").write_text('[mesh]\nname = "three"\n')
        for domain in (self.crm, self.sales, self.marketing):
            owner = "owner: { team: t, email: t@example.com }"
            self.write(f"{domain}/domain.yaml", self.own("Domain", domain) + owner)
        self.database(self.crm, "people", "customers", "CRM_DATABASE_URL")
        self.database(self.sales, "shop", "orders", "SALES_DATABASE_URL")
        self.product(self.crm, "customers", CUSTOMERS, CUSTOMERS_SQL)
        self.product(self.sales, "orders", ORDERS, ORDERS_SQL)
        self.source(f"{self.crm}.customers.v1", f"{self.sales}.orders.v1")
        self.product(self.marketing, "portraits", PORTRAITS, PORTRAITS_SQL)

    def own(self, kind: str, name: str) -> str:
        return f"apiVersion: streammesh/v1\nkind: {kind}\nname: {name}\n"

    def write(self, path: str, text: str) -> None:
        file = self.root / "domains" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def database(self, domain: str, source: str, table: str, variable: str) -> None:
        text = f"database: {{ type: postgres, url: '${{{variable}}}' }}\ntables: [public.{table}]\n"
        self.write(f"{domain}/sources/{source}.source.yaml", self.own("Source", source) + text)

    def source(self, *products: str, name: str = "others") -> None:
        text = self.own("Source", name) + f"products: [{', '.join(products)}]\n"
        self.write(f"{self.marketing}/sources/{name}.source.yaml", text)

    def product(self, domain: str, name: str, fields: Sequence[str], sql: str) -> None:
        """Write a product of one port."""
        for mine in ("crm", "sales"):
            sql = sql.replace(f"mesh.{mine}.", f"mesh.{mine}{self.suffix}.")
        key = "primaryKey: true, required: true"
        properties = "\n".join(f"      - {one.replace('KEY', key)}" for one in fields)
        head = f"id: {domain}.{name}.v1\nversion: 1.0.0\nstatus: draft\n"
        contract = (
            f"apiVersion: v3.1.0\nkind: DataContract\n{head}"
            f"schema:\n  - name: one\n    physicalName: {domain}.{name}.v1\n"
            "    logicalType: object\n"
            f"    properties:\n{properties}\n"
            "customProperties:\n  - { property: stream, value: { partitions: 4 } }\n"
        )
        port = f"{{ name: {name}, type: kafka, version: 1.0.0, contractId: {domain}.{name}.v1 }}"
        document = (
            f"apiVersion: v1.0.0\nkind: DataProduct\nid: {domain}.{name}\nname: {name}\n"
            f"domain: {domain}\nstatus: draft\noutputPorts:\n  - {port}\n"
        )
        folder = f"{domain}/products/{name}"
        self.write(f"{folder}/dataproduct.odps.yaml", document)
        self.write(f"{folder}/{name}.v1.odcs.yaml", contract)
        self.write(f"{folder}/{name}.v1.sql", sql)

    def edit(self, name: str, old: str, new: str) -> None:
        file = next(self.root.rglob(name))
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
