"""Versions of a port, from a few lines of YAML and SQL, read as a workspace's are."""

from __future__ import annotations

from collections.abc import Mapping

from streammesh.documents.files import source_text
from streammesh.documents.port_files import PortName, read_contract
from streammesh.documents.values import ModelFile
from streammesh.errors import Location
from streammesh.models.changes import Version

KEY = "{ name: id, logicalType: integer, primaryKey: true, required: true }"
SQL = """\
SELECT o.id, o.status, {name: c.name, city: ci.name} AS customer,
       (SELECT list({product: l.product, amount: l.qty * l.price} ORDER BY l.id)
          FROM shop.order_lines l WHERE l.order_id = o.id) AS lines
FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id
     LEFT JOIN shop.cities ci ON ci.id = c.city_id
WHERE o.placed AND o.total > 0
"""
FIELDS = """\
{ name: status, logicalType: string }
{ name: customer, logicalType: object, properties: [ { name: name, logicalType: string }, \
{ name: city, logicalType: string } ] }
{ name: lines, logicalType: array, items: { logicalType: object, properties: [ \
{ name: product, logicalType: string }, \
{ name: amount, logicalType: number, physicalType: "decimal(12,2)" } ] } }"""


def version(
    fields: str = FIELDS,
    *,
    top: str = "",
    schema: str = "",
    stream: str = "{}",
    status: str = "active",
    key: str = KEY,
    sql: str = SQL,
    owner: Mapping[str, str] | None = None,
    topic: Mapping[str, str] | None = None,
) -> Version:
    """Give a version.

    Args:
        fields: properties beside the key, one per line in YAML's flow style.
        top: lines at the top level of the contract.
        schema: lines of the schema object.
        stream: the contract's `stream` property, in flow style.
        status: of the contract.
        key: the key's properties, one per line.
        sql: the model.
        owner: as domain.yaml says.
        topic: settings of the topic.
    """
    lines = [
        "apiVersion: v3.2.0",
        "kind: DataContract",
        "id: sales.orders.v1",
        "version: 1.0.0",
        f"status: {status}",
        *top.splitlines(),
        "customProperties:",
        f"  - {{ property: stream, value: {stream} }}",
        "schema:",
        "  - name: order",
        "    logicalType: object",
        *(f"    {line}" for line in schema.splitlines()),
        "    properties:",
        *(f"      - {line}" for line in (*key.splitlines(), *fields.splitlines())),
    ]
    source = source_text("orders.v1.odcs.yaml", "\n".join(lines).encode())
    contract = read_contract(source, PortName("orders", 1), "sales.orders.v1")
    at = Location("domain.yaml", 4)
    return Version(contract, ModelFile("orders.v1.sql", sql), owner or {}, topic or {}, at)
