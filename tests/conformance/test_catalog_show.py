"""Finding what somebody means, and showing it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.graph import Point
from streammesh.catalog.kinds import Kind
from streammesh.catalog.records import SourceRecord, SourceTableRecord
from streammesh.catalog.texts import canonical
from streammesh.errors.catalog import NotInCatalog
from tests.conformance.catalogs import (
    DATABASES,
    column,
    database,
    edge,
    field,
    product,
    shop,
    subscription,
    version,
)

CONTRACT = {
    "slaProperties": [{"property": "latency", "value": 5, "unit": "s"}],
    "customProperties": [{"property": "stream", "value": {"partitions": 4}}],
}
V1 = replace(version("orders"), contract=canonical(CONTRACT))
V2 = replace(version("orders"), asset="sales.orders.v2", major=2, status="draft", version="2.0.0")
V3 = replace(version("orders"), asset="sales.orders.v3", major=3, status="retired")
LINES = replace(version("orders"), asset="sales.orders.lines.v1", port="lines")
ODD = "a.b'%"


@pytest.fixture(params=DATABASES, scope="module")
def catalog(request, tmp_path_factory):
    with database(request, tmp_path_factory.mktemp("catalog")) as address:
        opened = Catalog.open(address)
        opened.record(mesh(), who="ann", commit="")
        yield opened
        opened.close()


def mesh():
    wanted, relied_on = subscription("warehouse", V1.asset, (), "sales")
    tables = ("public.orders", f"public.{ODD}")
    return shop(
        products=(product("orders", purpose="Orders."), product("bare")),
        versions=(V1, V2, V3, LINES),
        fields=(
            field("order_id", V1.asset, position=1),
            field("lines", V1.asset, position=0),
            field("id", V2.asset),
            field("amount", LINES.asset),
        ),
        sources=(SourceRecord("sales.shop", "sales", "shop", "postgres", "", 0, ""),),
        source_tables=tuple(SourceTableRecord("sales.shop", one, "sales", 0) for one in tables),
        source_columns=(column("id"), column(ODD, tables[1])),
        lineage=(
            edge(V1.asset, "order_id", "sales.shop", "id", "public.orders"),
            edge(V1.asset, "lines", "sales.shop", "n", "public.lines"),
            edge(V1.asset, "lines", LINES.asset, "amount"),
        ),
        subscriptions=(wanted,),
        subscription_fields=relied_on,
    )


def of_product(asset: str, path: str = "") -> Point:
    return Point(Kind.PRODUCT, asset, "", path)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("sales.orders", of_product("sales.orders.v1")),
        ("sales.orders.order_id", of_product("sales.orders.v1", "order_id")),
        ("sales.orders.v1", of_product("sales.orders.v1")),
        ("sales.orders.v3", of_product("sales.orders.v3")),
        ("sales.orders.v1.order_id", of_product("sales.orders.v1", "order_id")),
        ("sales.orders.v1.lines[]", of_product("sales.orders.v1", "lines[]")),
        ("sales.orders.lines", of_product("sales.orders.lines.v1")),
        ("sales.orders.lines.v1.amount", of_product("sales.orders.lines.v1", "amount")),
        ("sales.shop", Point(Kind.SOURCE_DATABASE, "sales.shop")),
        ("sales.shop.public.orders", Point(Kind.SOURCE_DATABASE, "sales.shop", "public.orders")),
        (
            "sales.shop.public.orders.id",
            Point(Kind.SOURCE_DATABASE, "sales.shop", "public.orders", "id"),
        ),
        (
            f"sales.shop.public.{ODD}.{ODD}",
            Point(Kind.SOURCE_DATABASE, "sales.shop", f"public.{ODD}", ODD),
        ),
        ("sales/warehouse", Point(Kind.DELIVERED_TABLE, "sales/warehouse")),
    ],
)
def test_it_is_found(catalog, text, point):
    assert catalog.find(text) == point


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("sales.oders", "write `sales.orders`"),
        ("orders", "write `sales.orders`"),
        ("sales.orders.v9", "known are v1, v2, v3"),
        ("sales.orders.v1.oder_id", "write `order_id`"),
        ("sales.shop.public.order", "write `public.orders`"),
        ("sales.shop.public.orders.idd", "write `id`"),
        ("sales/nobody", "known are `sales/warehouse`"),
        ("", "DOMAIN.PRODUCT"),
        ("xyzzyq.'; DROP TABLE versions; --", "DOMAIN.PRODUCT"),
        ("sales.bare", "no contract yet"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_nearest(catalog, text, fix):
    with pytest.raises(NotInCatalog) as refused:
        catalog.find(text)
    assert fix in (refused.value.fix or "")


def test_of_an_empty_catalog_it_is_said_that_it_is_empty(tmp_path):
    empty = Catalog.open(f"sqlite:///{tmp_path / 'catalog.db'}")
    for text in ("sales.orders", "sales/nobody", "orders"):
        with pytest.raises(NotInCatalog) as refused:
            empty.find(text)
        assert "nothing is in the catalog yet" in refused.value.fix
    empty.close()


def test_a_version_is_shown_with_all_that_is_known(catalog):
    found = catalog.show("sales.orders.v1")
    assert (found.product.purpose, found.owner.team) == ("Orders.", "Sales platform")
    assert [one["property"] for one in found.promises] == ["latency"]
    assert found.stream == {"partitions": 4}
    assert [one.path for one in found.fields] == ["lines", "order_id"]
    assert [(one.asset, one.status) for one in found.versions] == [
        ("sales.orders.lines.v1", "active"),
        ("sales.orders.v1", "active"),
        ("sales.orders.v2", "draft"),
        ("sales.orders.v3", "retired"),
    ]
    assert found.origins == (
        "sales.orders.lines.v1",
        "sales.shop.public.lines",
        "sales.shop.public.orders",
    )
