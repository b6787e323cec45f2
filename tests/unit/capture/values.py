"""A source, its tables and its surroundings, as the tests of pure parts take them."""

from __future__ import annotations

from streammesh.capture.settings import CaptureSettings, DatabaseAddress
from streammesh.contracts.types import Integer, Text
from streammesh.documents.names import Names
from streammesh.documents.values import Secret, Source, TableName
from streammesh.errors import Location
from streammesh.models.tables import Column, Table

REFERENCE = "${file:/secrets/connect.properties:shop}"

SOURCE = Source(
    domain="sales",
    name="shop",
    database_type="postgres",
    url=Secret("${SHOP_DATABASE_URL}"),
    tables=(TableName("public", "orders"), TableName("crm", "customers")),
    exclude=("crm.customers.password_hash",),
    retention_ms=604_800_000,
    where=Location("domains/sales/sources/shop.source.yaml", 1),
)

TABLES = tuple(
    Table(
        name,
        (Column("id", "bigint", Integer(), False), Column("name", "text", Text(), True)),
        ("id",),
    )
    for name in SOURCE.tables
)


def settings(namespace: str = "", server_version: int = 18, **address: str) -> CaptureSettings:
    """Give surroundings."""
    return CaptureSettings(
        mesh="shop",
        names=Names(namespace),
        address=DatabaseAddress("db.example.com", 5432, "shop", "capturer", **address),
        password_reference=REFERENCE,
        server_version=server_version,
        topic_defaults={"replication_factor": 3, "min_insync_replicas": 2},
    )
