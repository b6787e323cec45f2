"""A mesh of three domains on twins, with a catalog, and a domain that only consumes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.catalog.access import AccessRecord
from streammesh.catalog.catalog import Catalog
from streammesh.documents.workspace import load
from streammesh.planning.access import deciding
from streammesh.planning.access.deciding import Approval
from streammesh.planning.access.doing import Done, lets_read
from tests.products_mesh import SAID
from tests.unit.planning.products_on_twins import Mesh

OPEN, CLOSED, LOCKED = "sales.orders", "crm.customers", "marketing.portraits"
"""A product that is internal, one with a confidential field, one with a restricted one."""


NOTICES = {("topic", "mesh.notices.v1", "read"), ("topic", "mesh.notices.v1", "describe")}


class AccessMesh(Mesh):
    """Its files and twins, and what subscribers and owners do."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        catalog = Catalog.at(f"sqlite:///{root / 'catalog.db'}")
        self.platform = replace(self.platform, catalog=catalog)
        name = f"name: name, {SAID}"
        for file, said in (("customers", "confidential"), ("portraits", "restricted")):
            self.edit(f"{file}.v1.odcs.yaml", name, name.replace("public", said))
        owner = "owner: { team: f, email: f@example.com }"
        self.write("finance/domain.yaml", self.own("Domain", "finance") + owner)

    @property
    def catalog(self) -> Catalog:
        assert self.platform.catalog is not None
        return self.platform.catalog

    @property
    def environment(self):
        return load(self.root).environments["local"]

    def subscribe(
        self,
        product: str,
        name: str = "loads",
        *,
        domain: str = "finance",
        version: int = 1,
        consumer: str = "loader",
        more: str = "",
    ) -> None:
        text = (
            f"consumer: {consumer}\nproduct: {product}\nversion: {version}\npurpose: reports\n"
            f"contact: {{ email: f@example.com }}\ndeliver: {{ to: python }}\n{more}\n"
        )
        path = f"{domain}/subscriptions/{name}.subscription.yaml"
        self.write(path, self.own("Subscription", name) + text)

    def unsubscribe(self, name: str = "loads", domain: str = "finance") -> None:
        (self.root / f"domains/{domain}/subscriptions/{name}.subscription.yaml").unlink()

    def alone(self, domain: str) -> None:
        """Keep the files of one domain only, as in a repository of its own."""
        for folder in (self.root / "domains").iterdir():
            if folder.name != domain:
                shutil.rmtree(folder)

    def version(self, product: str, major: int = 2) -> None:
        """Put a new major version beside the first one."""
        domain, name = product.split(".")
        folder = self.root / f"domains/{domain}/products/{name}"
        for end in ("odcs.yaml", "sql"):
            text = (folder / f"{name}.v1.{end}").read_text()
            text = text.replace(f"{product}.v1", f"{product}.v{major}")
            text = text.replace("version: 1.0.0", f"version: {major}.0.0")
            (folder / f"{name}.v{major}.{end}").write_text(text)
        file = folder / "dataproduct.odps.yaml"
        port = (
            f"{{ name: {name}, type: kafka, version: {major}.0.0, contractId: {product}.v{major} }}"
        )
        file.write_text(f"{file.read_text()}  - {port}\n")

    def status(self, product: str, status: str, major: int = 1) -> None:
        name = product.partition(".")[2]
        self.edit(f"{name}.v{major}.odcs.yaml", "status: active", f"status: {status}")

    def reads(self, principal: str, topic: str) -> bool:
        return any(lets_read(acl, principal, topic) for acl in self.platform.kafka.acls())

    def rights(self, principal: str) -> set[tuple[str, str, str]]:
        """Give its rights but for those on notices, which it has when it has any other."""
        found = {
            (one.resource_type, one.name, one.operation)
            for one in self.platform.kafka.acls()
            if one.principal == principal
        }
        others = found - NOTICES
        assert found == (others | NOTICES if others else set())
        return others

    def states(self) -> dict[tuple[str, str], str]:
        """Give how subscriptions stand; what marketing's source asks for is told by `asked`."""
        return {(one.name, one.asset): one.state.value for one in self.subscribed()}

    def subscribed(self) -> list[AccessRecord]:
        return [one for one in self.catalog.access() if "." not in one.subscription]

    def asked(self) -> dict[str, str]:
        """Give how what the source of marketing reads stands, by version."""
        every = self.catalog.access()
        return {one.asset: one.state.value for one in every if "." in one.subscription}

    def approve(self, name: str = "finance/loads", credentials=None, **said) -> Done:
        approval = Approval(**said)
        return deciding.approve(
            self.environment, self.platform, name, approval, credentials=credentials
        )

    def deny(self, name: str = "finance/loads", **said) -> Done:
        return deciding.deny(self.environment, self.platform, name, **said)

    def revoke(self, name: str = "finance/loads", **said) -> Done:
        return deciding.revoke(self.environment, self.platform, name, **said)

    def ask(self, name: str = "finance/loads", **said):
        workspace = load(self.root)
        return deciding.ask(workspace, self.environment, self.platform, name, **said)

    def notes(self) -> list[str]:
        return [one.text for one in self.plan().notes if "loads" in one.text]


@pytest.fixture
def mesh(tmp_path: Path) -> AccessMesh:
    return AccessMesh(tmp_path / "mesh")
