from pathlib import Path

import pytest

from streammesh.documents.references import unchecked
from streammesh.documents.workspace import load
from streammesh.errors import documents as errors
from tests.unit.documents.conftest import errors_of

SALES = "domains/sales"
FILE = f"{SALES}/subscriptions/orders-to-warehouse.subscription.yaml"
SUBSCRIPTION = """\
apiVersion: streammesh/v1
kind: Subscription
name: orders-to-warehouse
consumer: warehouse-loader
product: sales.orders
version: 1
purpose: Campaign reporting
fields: [order_id, customer.name, "lines[].amount"]
contact: { email: campaigns@example.com }
deliver: { to: postgres, url: "${WAREHOUSE_URL}", table: orders }
"""


def write(root: Path, text: str) -> None:
    (root / FILE).parent.mkdir(exist_ok=True)
    (root / FILE).write_text(text)


def test_a_subscription_is_read(root: Path) -> None:
    write(root, SUBSCRIPTION)
    (one,) = load(root).domains["sales"].subscriptions
    assert (one.consumer, one.product, one.version) == ("warehouse-loader", "sales.orders", 1)
    assert one.fields == ("order_id", "customer.name", "lines[].amount")


@pytest.mark.parametrize(
    ("old", "new", "error", "place", "fix"),
    [
        ("sales.orders", "sales.order", errors.UnknownReference, "5:10", "write `sales.orders`"),
        ("version: 1", "version: 2", errors.UnknownReference, "6:10", "write 1"),
        ("lines[].amount", "lines[].amont", errors.UnknownReference, "8:35", "`lines[].amount`"),
        ("order_id", "order id", errors.WrongShape, "8:10", "lines[].amount"),
        ("to: postgres", "to: postgre", errors.WrongShape, "10:16", "write `postgres`"),
        (", table: orders", "", errors.MissingField, "10:10", "add `table`"),
        ("table: orders", "tabel: orders", errors.UnknownField, "10:51", "write `table`"),
        ("warehouse-loader", "engine", errors.ReservedName, "4:11", "another"),
        ("consumer: w", "consumr: w", errors.UnknownField, "4:1", "write `consumer`"),
        ("name: orders-to", "name: order-to", errors.NameDiffers, "3:7", "orders-to-warehouse"),
    ],
)
def test_what_is_wrong_with_a_subscription(
    root: Path, old: str, new: str, error: type[errors.DocumentError], place: str, fix: str
) -> None:
    write(root, SUBSCRIPTION.replace(old, new, 1))
    (one,) = errors_of(root)
    assert (type(one), str(one.where)) == (error, f"{FILE}:{place}")
    assert fix in (one.fix or "")


def test_a_product_of_another_workspace_is_unchecked(root: Path) -> None:
    write(root, SUBSCRIPTION.replace("sales.orders", "finance.invoices"))
    assert [one.product for one in unchecked(load(root).domains)] == ["finance.invoices"]


def test_an_id_that_stands_twice(root: Path) -> None:
    for file in ("dataproduct.odps.yaml", "customers.v1.odcs.yaml"):
        path = root / SALES / "products/customers" / file
        path.write_text(path.read_text().replace("sales.customers.v1", "sales.orders.v1", 1))
    found = [one for one in errors_of(root) if isinstance(one, errors.SameId)]
    assert [one.fields["said"] for one in found] == ["sales.orders.v1"]


@pytest.mark.parametrize(
    ("file", "new"),
    [
        ("domain.yaml", "domain.yml"),
        ("sources/shop.source.yaml", "sources/shop.source.yml"),
        ("products/orders/orders.v1.sql", "products/orders/orders.v1.SQL"),
        ("products/orders/orders.v1.odcs.yaml", "products/orders/orders.v1.odcs.yml"),
    ],
)
def test_a_file_that_is_nearly_called_right(root: Path, file: str, new: str) -> None:
    (root / SALES / file).rename(root / SALES / new)
    found = [one for one in errors_of(root) if isinstance(one, errors.MisnamedFile)]
    assert [str(one.where) for one in found] == [f"{SALES}/{new}"]
    assert found[0].fix == f"call it {Path(file).name}"
