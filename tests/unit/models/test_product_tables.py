"""Products as tables: what files may say of them, and what a model sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Enum,
    Field,
    Float,
    Integer,
    Json,
    Record,
    Text,
    Time,
    Timestamp,
    Uuid,
)
from streammesh.documents.values import ProductName, TableName
from streammesh.models.postgres_types import column_type
from streammesh.models.product_tables import product_table
from streammesh.models.validation import whole
from tests.products_mesh import PORTRAITS, PORTRAITS_SQL, ProductsMesh


@pytest.fixture
def mesh(tmp_path: Path) -> ProductsMesh:
    return ProductsMesh(tmp_path / "three")


def errors(mesh: ProductsMesh) -> list[tuple[str, str, str]]:
    found = whole(mesh.root).errors
    return [(one.what, str(one.where).rpartition("/")[2], one.fix or "") for one in found]


def model(mesh: ProductsMesh, sql: str) -> list[tuple[str, str, str]]:
    mesh.product("marketing", "portraits", PORTRAITS[:3], sql)
    return errors(mesh)


def test_the_files_are_right(mesh: ProductsMesh) -> None:
    assert errors(mesh) == []


@pytest.mark.parametrize(
    ("old", "new", "what", "where", "fix"),
    [
        (
            "c.name,",
            "c.nam AS name,",
            "crm.customers has no column `nam`",
            "sql:1:23",
            "write name",
        ),
        (
            "mesh.crm.customers",
            "mesh.crm.custmers",
            "no source of domain marketing lists the product `crm.custmers`",
            "sql:6:8",
            "write mesh.crm.customers, or",
        ),
        (
            "mesh.crm.customers",
            "others.customers",
            "`others.customers` is no table of a source",
            "sql:6:8",
            "write mesh.crm.customers or mesh.sales.orders",
        ),
        (
            "mesh.crm.customers",
            "mesh.crm",
            "`mesh.crm` is no table of a source",
            "sql:6:8",
            "write mesh.<d",
        ),
    ],
)
def test_a_wrong_name_is_told_with_its_place(
    mesh: ProductsMesh, old: str, new: str, what: str, where: str, fix: str
) -> None:
    mesh.product("marketing", "portraits", PORTRAITS, PORTRAITS_SQL.replace(old, new))
    ((said, place, way),) = errors(mesh)
    assert (said, place) == (what, f"portraits.v1.{where}")
    assert way.startswith(fix)


def test_two_sources_of_one_model_are_refused_with_the_way_out(mesh: ProductsMesh) -> None:
    mesh.database("marketing", "shop", "visits", "VISITS_URL")
    sql = "SELECT c.customer_id, c.name, v.city FROM mesh.crm.customers c"
    found = model(mesh, f"{sql} LEFT JOIN shop.visits v ON v.id = c.customer_id")
    assert [fix for *_, fix in found] == [
        "publish what is needed of shop as a product, and read that"
    ]


@pytest.mark.parametrize(
    ("products", "what", "place"),
    [
        ("crm.customers", "`products[0]` can't be `crm.customers`", ":4:12"),
        ("crm.customers.v2", "domain crm has no product `crm.customers.v2`", ":4:12"),
        ("crm.customer.v1", "domain crm has no product `crm.customer.v1`", ":4:12"),
        (
            "crm.customers.v1, crm.customers.v2",
            "`crm.customers.v2` is here in another version already",
            ":4:30",
        ),
    ],
)
def test_a_source_lists_products_that_are_there(
    mesh: ProductsMesh, products: str, what: str, place: str
) -> None:
    mesh.source(products)
    said, where, _ = errors(mesh)[0]
    assert (said, where) == (what, f"others.source.yaml{place}")


def test_a_product_is_listed_once_in_a_domain(mesh: ProductsMesh) -> None:
    mesh.source("sales.orders.v1", name="more")
    assert errors(mesh)[0][0] == "`sales.orders.v1` is listed by source more already"


def test_a_source_is_a_database_or_products(mesh: ProductsMesh) -> None:
    mesh.edit("others.source.yaml", "products:", "tables: [a]\nproducts:")
    assert errors(mesh)[0][0] == "`tables` and `products` can't stand in one source"


def test_domains_that_are_not_here_are_unchecked(mesh: ProductsMesh) -> None:
    mesh.source("crm.customers.v1", "sales.orders.v1", "elsewhere.things.v3")
    found = whole(mesh.root)
    assert found.errors == ()
    assert any("elsewhere.things.v3" in note and "unchecked" in note for note in found.notes)


def test_names_are_read_and_written() -> None:
    port = ProductName.parse("my-sales.orders.by-day.v12")
    assert port == ProductName("my-sales", "orders", "by-day", 12)
    assert port.table == TableName("my_sales", "orders.by_day")
    assert [str(one) for one in (port, ProductName.parse("a.b.v1"))] == [
        "my-sales.orders.by-day.v12",
        "a.b.v1",
    ]


def test_a_port_of_another_name_is_a_table_too(mesh: ProductsMesh) -> None:
    folder = mesh.root / "domains/crm/products/customers"
    contract = (folder / "customers.v1.odcs.yaml").read_text()
    named = contract.replace("crm.customers.v1", "crm.customers.names.v1")
    (folder / "names.v1.odcs.yaml").write_text(named)
    (folder / "names.v1.sql").write_text((folder / "customers.v1.sql").read_text())
    port = "  - { name: names, type: kafka, version: 1.0.0, contractId: crm.customers.names.v1 }\n"
    document = folder / "dataproduct.odps.yaml"
    document.write_text(document.read_text() + port)
    mesh.source("crm.customers.names.v1", "sales.orders.v1")
    sql = PORTRAITS_SQL.replace("mesh.crm.customers c", "mesh.crm.customers.names c")
    mesh.product("marketing", "portraits", PORTRAITS, sql)
    assert errors(mesh) == []


TYPES = (
    Boolean(),
    Integer(16),
    Integer(32),
    Integer(64),
    Decimal(12, 2),
    Float(32),
    Float(64),
    Text(),
    Bytes(),
    Date(),
    Time(),
    Timestamp(),
    Timestamp(zone=True),
    Uuid(),
    Json(),
)


def test_columns_are_what_a_database_of_such_columns_would_have() -> None:
    fields = tuple(Field(f"c{n}", one) for n, one in enumerate(TYPES))
    table = product_table(TableName("a", "b"), Record(fields), ("c1",))
    assert [one.type for one in table.columns] == list(TYPES)
    assert [column_type(one.database_type) for one in table.columns] == list(TYPES)


def test_words_are_texts_and_what_is_nested_is_json() -> None:
    kinds = (Enum(("a", "b")), Record((Field("x", Text()),)), Array(Text()))
    fields = tuple(Field(f"c{n}", one, required=n == 0) for n, one in enumerate(kinds))
    table = product_table(TableName("a", "b"), Record(fields), ("c0",))
    assert [one.type for one in table.columns] == [Text(), Json(), Json()]
    assert [one.nullable for one in table.columns] == [False, True, True]
