"""The shop with a catalog, a domain of consumers beside it, and twins of what tells them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.documents import selection
from streammesh.documents.values import Port
from streammesh.documents.workspace import load
from streammesh.notices.sending import Notifier
from streammesh.planning.lifecycle.edits import Edit, write
from streammesh.planning.lifecycle.release import Release, release
from streammesh.platform.memory.notices import MemoryNoticeTopic
from tests.unit.notices.registered import events
from tests.unit.notices.test_sending import Post
from tests.unit.planning.conftest import Mesh

DOMAIN = """\
apiVersion: streammesh/v1
kind: Domain
name: {name}
owner: {{ team: {name}, email: {name}@example.com }}
"""
SUBSCRIPTION = """\
apiVersion: streammesh/v1
kind: Subscription
name: {name}
consumer: {name}
product: sales.orders
version: {version}
purpose: Reports
fields: [{fields}]
contact: {{ email: {name}@example.com }}
deliver: {{ to: python }}
"""


class Life(Mesh):
    """A shop whose products have consumers."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.catalog = Catalog.at(f"sqlite:///{root}/.mesh/catalog/local.db")
        self.topic, self.post = MemoryNoticeTopic(), Post()
        self.today: date = datetime.now(UTC).date()
        notifier = Notifier(
            self.topic, events(self.platform.registry), self.post, lambda: self.today
        )
        self.platform = replace(self.platform, catalog=self.catalog, notifier=notifier)

    def subscribe(self, domain: str, name: str, fields: str, version: int = 1) -> None:
        folder = self.root / "domains" / domain
        (folder / "subscriptions").mkdir(parents=True, exist_ok=True)
        (folder / "domain.yaml").write_text(DOMAIN.format(name=domain))
        text = SUBSCRIPTION.format(name=name, fields=fields, version=version)
        (folder / "subscriptions" / f"{name}.subscription.yaml").write_text(text)
        self._workspace = None

    def port(self, label: str = "sales.orders") -> Port:
        return selection.port(self.workspace, label)

    def release(self, label: str = "sales.orders", **options) -> Release:
        workspace = load(self.root, relied_on=False)
        port = selection.port(workspace, label)
        known = self.catalog.versions({"sales"})[f"{port.label}.v{port.major}"]
        return release(workspace, port, known, **options)

    def write(self, *edits: Edit) -> None:
        write(self.root, edits)
        self._workspace = None

    def edit_product(self, old: str, new: str) -> None:
        """Change the document of orders; every product has a file of that name."""
        path = self.root / "domains/sales/products/orders/dataproduct.odps.yaml"
        path.write_text(path.read_text().replace(old, new))
        self._workspace = None

    def text(self, name: str) -> str:
        return self.file(name).read_bytes().decode()


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Give the shop, applied, with two consumers of orders."""
    return applied_life(tmp_path / "shop")


def applied_life(root: Path) -> Life:
    """Make the shop in a folder, with two consumers of orders, and apply it."""
    one = Life(root)
    one.subscribe("finance", "revenue", 'order_id, "lines[].amount"')
    one.subscribe("marketing", "campaigns", "order_id, customer.name")
    one.apply()
    return one
