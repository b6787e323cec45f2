"""A catalog's database of a test's own: a file, or a database of a PostgreSQL server.

The server is the shared stack's, or STREAMMESH_TEST_POSTGRES=postgresql://USER:PASSWORD@HOST:PORT/
DATABASE, where databases may be created and dropped.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from streammesh.catalog.records import (
    DomainRecord,
    FieldRecord,
    LineageRecord,
    PortRecord,
    ProductRecord,
    Registration,
    SourceColumnRecord,
    SubscriptionFieldRecord,
    SubscriptionRecord,
    VersionRecord,
)
from streammesh.catalog.texts import canonical

VARIABLE = "STREAMMESH_TEST_POSTGRES"
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.real)]


@contextmanager
def database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Give the address of an empty database of the kind that a fixture's parameter names."""
    if request.param == "sqlite":
        yield f"sqlite:///{folder}/catalog's file.db"
        return
    server = os.environ.get(VARIABLE)
    server = server or request.getfixturevalue("stack").info().postgres_url("postgres")
    name = f"catalog_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            url = make_url(server).set(drivername="postgresql+psycopg", database=name)
            yield url.render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def domain(name: str = "sales", team: str = "Sales platform") -> DomainRecord:
    return DomainRecord(name, team, f"{name}@example.com", f"#{name}", "", "", "domain.yaml")


def product(
    name: str, domain: str = "sales", purpose: str = "", tags: tuple[str, ...] = ()
) -> ProductRecord:
    said = (purpose, "", "", canonical(list(tags)), "[]", "", "", "{}", "odps.yaml")
    return ProductRecord(domain, name, "active", "1.0.0", *said)


def port(name: str, domain: str = "sales") -> PortRecord:
    return PortRecord(domain, name, name, "kafka", "")


def version(name: str, domain: str = "sales", status: str = "active") -> VersionRecord:
    asset = f"{domain}.{name}.v1"
    return VersionRecord(asset, domain, name, name, 1, "1.0.0", status, asset, "{}", "", "c.yaml")


def field(
    path: str, asset: str = "sales.orders.v1", description: str = "", position: int = 0
) -> FieldRecord:
    owner = asset.partition(".")[0]
    return FieldRecord(
        asset, path, owner, position, "string", description, "", "", required=False, key=False
    )


def edge(asset: str, field: str, from_asset: str, column: str, table: str = "") -> LineageRecord:
    kind = "source database" if table else "product"
    return LineageRecord(asset, field, from_asset, table, column, asset.partition(".")[0], kind)


def column(
    name: str, table: str = "public.orders", asset: str = "sales.shop"
) -> SourceColumnRecord:
    owner = asset.partition(".")[0]
    return SourceColumnRecord(asset, table, name, owner, 0, "text", nullable=True, key=False)


def subscription(
    name: str, asset: str, fields: tuple[str, ...] = (), domain: str = "marketing"
) -> tuple[SubscriptionRecord, tuple[SubscriptionFieldRecord, ...]]:
    contact = canonical({"email": f"{name}@example.com"})
    said = ("loader", "", asset, "reports", contact, "postgres", "s.yaml")
    relied_on = tuple(SubscriptionFieldRecord(domain, name, path) for path in fields)
    return SubscriptionRecord(domain, name, *said), relied_on


def shop(**other: object) -> Registration:
    """Give a domain with one product of two fields."""
    small = Registration(
        scope=frozenset({"sales"}),
        domains=(domain(),),
        products=(product("orders", purpose="One document per order."),),
        ports=(port("orders"),),
        versions=(version("orders"),),
        fields=(field("order_id"), field("customer.name", description="Who placed it.")),
    )
    return replace(small, **other)
