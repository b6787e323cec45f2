"""From database columns through products of products to those who use them, and back."""

from __future__ import annotations

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.graph import Point
from streammesh.catalog.kinds import Kind
from streammesh.catalog.records import Registration
from tests.conformance.catalogs import DATABASES, database, domain, edge, product, subscription
from tests.conformance.catalogs import version as version_of

ORDERS, BILLS, TOTALS, OLD = (
    "sales.orders.v1",
    "finance.bills.v1",
    "board.totals.v1",
    "sales.old.v1",
)
TABLE = "public.orders"
EDGES = (
    edge(ORDERS, "order_id", "sales.shop", "id", TABLE),
    edge(ORDERS, "status", "sales.shop", "state", TABLE),
    edge(ORDERS, "lines[].amount", "sales.shop", "qty", "public.lines"),
    edge(ORDERS, "lines[].amount", "sales.shop", "price", "public.lines"),
    edge(ORDERS, "", "sales.shop", "customer_id", TABLE),
    edge(BILLS, "number", ORDERS, "order_id"),
    edge(BILLS, "total", ORDERS, "lines"),
    edge(TOTALS, "sum", BILLS, "total"),
    edge(OLD, "id", "sales.shop", "id", TABLE),
)
SUBSCRIPTIONS = (
    subscription("warehouse", ORDERS, ("status", "lines[].amount")),
    subscription("labels", ORDERS, ("order_id",)),
    subscription("mirror", ORDERS),
    subscription("report", TOTALS, ("sum",)),
)


@pytest.fixture(params=DATABASES, scope="module")
def catalog(request, tmp_path_factory):
    with database(request, tmp_path_factory.mktemp("catalog")) as address:
        opened = Catalog.open(address)
        opened.record(mesh(), who="ann", commit="")
        yield opened
        opened.close()


def mesh(more=()) -> Registration:
    names = ("sales", "finance", "board", "marketing")
    products = (("orders", "sales"), ("bills", "finance"), ("totals", "board"), ("old", "sales"))
    return Registration(
        frozenset(names),
        tuple(map(domain, names)),
        products=tuple(product(*one) for one in products),
        versions=tuple(
            version_of(*one, status="retired" if one[0] == "old" else "active") for one in products
        ),
        lineage=(*EDGES, *more),
        subscriptions=tuple(one for one, _ in SUBSCRIPTIONS),
        subscription_fields=tuple(one for _, each in SUBSCRIPTIONS for one in each),
    )


def column(name: str = "", table: str = TABLE) -> Point:
    return Point(Kind.SOURCE_DATABASE, "sales.shop", table, name)


def field(path: str = "", asset: str = ORDERS) -> Point:
    return Point(Kind.PRODUCT, asset, "", path)


def affected(catalog: Catalog, point: Point) -> tuple[dict[str, tuple[str, ...]], set[str]]:
    found = catalog.impact(point)
    versions = {one.asset: one.fields for one in found.versions}
    return versions, {one.name.partition("/")[2] for one in found.subscriptions}


def test_a_column_reaches_the_last_consumer_through_products_of_products(catalog):
    versions, used = affected(catalog, column("price", "public.lines"))
    assert versions == {ORDERS: ("lines[].amount",), BILLS: ("total",), TOTALS: ("sum",)}
    assert used == {"warehouse", "mirror", "report"}


def test_a_column_that_only_joins_reaches_every_field(catalog):
    versions, used = affected(catalog, column("customer_id"))
    assert versions == {ORDERS: (), BILLS: ("number", "total"), TOTALS: ("sum",)}
    assert used == {"warehouse", "labels", "mirror", "report"}


def test_a_field_reaches_only_those_who_rely_on_it(catalog):
    assert affected(catalog, field("status")) == ({}, {"warehouse", "mirror"})
    assert affected(catalog, field("order_id")) == ({BILLS: ("number",)}, {"labels", "mirror"})
    assert affected(catalog, field("lines"))[1] == {"warehouse", "mirror", "report"}
    assert affected(catalog, field("line")) == ({}, {"mirror"})


def test_a_contract_and_a_table_reach_all_of_theirs(catalog):
    everybody = {"warehouse", "labels", "mirror", "report"}
    assert affected(catalog, field()) == ({BILLS: ("number", "total"), TOTALS: ("sum",)}, everybody)
    versions, used = affected(catalog, column(table="public.lines"))
    assert (set(versions), used) == ({ORDERS, BILLS, TOTALS}, {"warehouse", "mirror", "report"})


def test_retired_versions_are_affected_by_nothing(catalog):
    assert OLD not in affected(catalog, column("id"))[0]


@pytest.mark.parametrize("name", ["", "nothing", "'; DROP TABLE lineage; --", "%", "_d"])
def test_what_is_not_there_affects_nobody(catalog, name):
    point = Point(Kind.SOURCE_DATABASE, "sales.shop", "public.nothing", name)
    assert affected(catalog, point) == ({}, set())
    assert affected(catalog, field("x", name or "nobody.v1")) == ({}, set())


def test_whom_to_tell_is_said(catalog):
    found = catalog.impact(field("order_id"))
    labels = next(one for one in found.subscriptions if one.name == "marketing/labels")
    assert labels.contact == {"email": "labels@example.com"}
    assert (labels.fields, labels.asset) == (("order_id",), ORDERS)
    (bills,) = found.versions
    assert (bills.team, bills.email) == ("Sales platform", "finance@example.com")


def test_lineage_goes_back_to_the_columns(catalog):
    found = catalog.lineage(field("sum", TOTALS))
    assert [f"{one.origin} > {one.target}" for one in found.upstream] == [
        "finance.bills.v1.total > board.totals.v1.sum",
        "sales.orders.v1.lines > finance.bills.v1.total",
        "sales.shop.public.lines.price > sales.orders.v1.lines[].amount",
        "sales.shop.public.lines.qty > sales.orders.v1.lines[].amount",
    ]
    assert [str(one.target) for one in found.downstream] == ["marketing/report.sum"]


def test_a_whole_versions_lineage_has_what_it_only_joins_by(catalog):
    origins = {str(one.origin) for one in catalog.lineage(field()).upstream}
    assert "sales.shop.public.orders.customer_id" in origins
    assert "sales.shop.public.orders.customer_id" not in {
        str(one.origin) for one in catalog.lineage(field("status")).upstream
    }


def test_a_subscription_goes_back_to_the_columns_of_its_fields(catalog):
    found = catalog.lineage(Point(Kind.DELIVERED_TABLE, "marketing/report"))
    assert {one.origin.kind for one in found.upstream} == {Kind.PRODUCT, Kind.SOURCE_DATABASE}
    assert found.downstream == ()


def test_a_circle_ends(catalog):
    circle = edge(ORDERS, "status", TOTALS, "sum")
    catalog.record(mesh(more=(circle,)), who="ann", commit="")
    try:
        assert set(affected(catalog, field("lines"))[0]) == {ORDERS, BILLS, TOTALS}
        assert catalog.lineage(field("sum", TOTALS)).upstream
    finally:
        catalog.record(mesh(), who="ann", commit="")
