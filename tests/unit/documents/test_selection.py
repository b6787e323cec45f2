from dataclasses import replace

import pytest

from streammesh.documents.selection import environment, port
from streammesh.documents.workspace import load
from streammesh.errors.documents import NoSuchProduct, UnknownEnvironment
from tests.unit.documents.conftest import EXAMPLE

WORKSPACE = load(EXAMPLE)


def test_local_is_the_default() -> None:
    assert environment(WORKSPACE, None, {}).name == "local"
    assert environment(WORKSPACE, "local", {"MESH_ENV": "x"}).name == "local"


@pytest.mark.parametrize(("name", "environ"), [("locl", {}), (None, {"MESH_ENV": "locl"})])
def test_an_unknown_environment_names_the_nearest(
    name: str | None, environ: dict[str, str]
) -> None:
    with pytest.raises(UnknownEnvironment) as caught:
        environment(WORKSPACE, name, environ)
    assert caught.value.fix == "write `local`"


def test_a_port_by_its_label() -> None:
    assert port(WORKSPACE, "sales.orders").label == "sales.orders"
    assert port(WORKSPACE, "sales.orders.v1").major == 1


def test_an_unknown_product_names_the_nearest() -> None:
    with pytest.raises(NoSuchProduct) as caught:
        port(WORKSPACE, "sales.order")
    assert caught.value.fix == "write `sales.orders`"


def test_an_unknown_version_names_those_that_there_are() -> None:
    with pytest.raises(NoSuchProduct) as caught:
        port(WORKSPACE, "sales.orders.v9")
    assert caught.value.fix == "write `sales.orders.v1`"


def test_a_workspace_without_products_says_where_they_are() -> None:
    with pytest.raises(NoSuchProduct) as caught:
        port(replace(WORKSPACE, domains={}), "sales.orders")
    assert "run it where the product's files are" in str(caught.value.fix)
