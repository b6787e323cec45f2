import pytest

from streammesh.delivery.reference import ProductReference, parse_product
from streammesh.documents.names import Names
from streammesh.errors.consume import BadProductName

PLAIN, STAGE = Names(), Names("stage")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sales.orders", ProductReference("sales", "orders", "orders")),
        ("sales.orders.lines", ProductReference("sales", "orders", "lines")),
        ("sales.orders.v2", ProductReference("sales", "orders", "orders", 2)),
        ("sales.orders.lines.v10", ProductReference("sales", "orders", "lines", 10)),
        ("stage-sales.orders.v1", ProductReference("stage-sales", "orders", "orders", 1)),
    ],
)
def test_a_product_is_named_by_its_label_or_its_topic(
    text: str, expected: ProductReference
) -> None:
    assert parse_product(text, PLAIN) == expected


def test_a_topic_may_carry_the_namespace() -> None:
    expected = ProductReference("sales", "orders", "orders", 1)
    assert parse_product("stage-sales.orders.v1", STAGE) == expected


def test_the_version_within_a_name_wins() -> None:
    assert parse_product("sales.orders.v2", PLAIN, 1).major == 2
    assert parse_product("sales.orders", PLAIN, 1).major == 1


@pytest.mark.parametrize(
    "text", ["", "orders", "v1", "a.v1", "a.b.c.d", "Sales.orders", "a..b", "_cdc.a.b", "a.b\n"]
)
def test_other_names_are_refused(text: str) -> None:
    with pytest.raises(BadProductName):
        parse_product(text, PLAIN)


VISIBLE = {
    "sales.orders.v1",
    "sales.orders.v2",
    "sales.orders.v10",
    "sales.orders.v0",
    "sales.orders.vx",
    "sales.orders.lines.v3",
    "sales.orders-old.v4",
    "stage-sales.orders.v7",
}


def test_all_versions_that_one_may_see_are_found() -> None:
    found = parse_product("sales.orders", PLAIN).topics(PLAIN, VISIBLE)
    assert found == {1: "sales.orders.v1", 2: "sales.orders.v2", 10: "sales.orders.v10"}
    assert list(found) == [1, 2, 10]


def test_a_version_that_was_asked_for_is_the_only_one() -> None:
    assert parse_product("sales.orders.v2", PLAIN).topics(PLAIN, VISIBLE) == {2: "sales.orders.v2"}
    assert parse_product("sales.orders.v3", PLAIN).topics(PLAIN, VISIBLE) == {}


def test_ports_and_namespaces_are_kept_apart() -> None:
    assert parse_product("sales.orders.lines", PLAIN).topics(PLAIN, VISIBLE) == {
        3: "sales.orders.lines.v3"
    }
    assert parse_product("sales.orders", STAGE).topics(STAGE, VISIBLE) == {
        7: "stage-sales.orders.v7"
    }
