"""Which product `mesh preview` is about."""

from dataclasses import replace

import pytest

from streammesh.cli.preview import find_port
from streammesh.documents.workspace import load
from streammesh.errors.models import UnknownProduct
from tests.unit.documents.conftest import EXAMPLE

WORKSPACE = load(EXAMPLE)


@pytest.mark.parametrize(
    ("product", "major", "fix"),
    [
        ("sales.order", None, "write sales.orders"),
        ("sales.orders", 9, "it has sales.customers, sales.orders"),
    ],
)
def test_an_unknown_product_names_the_nearest(product: str, major: int | None, fix: str) -> None:
    with pytest.raises(UnknownProduct) as caught:
        find_port(WORKSPACE, product, major)
    assert caught.value.fix == fix


def test_a_workspace_without_products_says_where_they_are() -> None:
    with pytest.raises(UnknownProduct) as caught:
        find_port(replace(WORKSPACE, domains={}), "sales.orders", None)
    assert "run it where the product's files are" in str(caught.value.fix)
