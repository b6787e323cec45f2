"""Versions that end while products of other domains are made of them: told once, with a way out."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.uses import Use
from streammesh.documents.names import Names
from streammesh.errors.lifecycle import NotYet
from streammesh.errors.planning import ProductStillRead
from streammesh.planning.showing.render import text
from tests.unit.planning.consumers_on_twins import Watched
from tests.unit.planning.products_on_twins import Mesh

CUSTOMERS = "crm.customers.v1"
READER = "source marketing.others"
ENGINE = Names().engine_principal("marketing", "others")
SUBSCRIPTION = """\
apiVersion: streammesh/v1
kind: Subscription
name: mails
consumer: mails
product: crm.customers
version: 1
purpose: Mails
fields: [name]
contact: { email: mails@example.com }
deliver: { to: python }
"""


@pytest.fixture
def mesh(tmp_path: Path) -> Mesh:
    """Give three domains, applied, whose marketing has products made of the others'."""
    one = Mesh(tmp_path / "mesh")
    one.write("sales/subscriptions/mails.subscription.yaml", SUBSCRIPTION)
    one.platform = replace(one.platform, catalog=Catalog.at(f"sqlite:///{tmp_path}/c.db"))
    one.apply()
    seen = Use(CUSTOMERS, ENGINE, ENGINE, (), (), 0, None, False, "1")
    one.platform.catalog.observe_use([seen])
    return one


def stop_reading(mesh: Mesh) -> None:
    """Take away the products that read, and their source."""
    shutil.rmtree(mesh.root / "domains/marketing/products")
    shutil.rmtree(mesh.root / "domains/marketing/sources")


def unsubscribe(mesh: Mesh) -> None:
    shutil.rmtree(mesh.root / "domains/sales/subscriptions")


def retire(mesh: Mesh) -> None:
    mesh.edit("customers.v1.odcs.yaml", "status: active", "status: retired")


def delete(mesh: Mesh) -> None:
    shutil.rmtree(mesh.root / "domains/crm/products/customers")


def leave_to_others(mesh: Mesh, *domains: str) -> None:
    """Let domains be another workspace's."""
    for one in domains:
        shutil.rmtree(mesh.root / "domains" / one)


def test_the_engine_that_reads_is_known(mesh):
    consumers = mesh.platform.catalog.consumers([CUSTOMERS])[CUSTOMERS]
    assert [(one.name, one.domain, one.is_source) for one in consumers] == [
        ("sales/mails", "sales", False),
        (READER, "marketing", True),
    ]


@pytest.mark.parametrize("end", [retire, delete])
def test_who_reads_and_who_subscribes_are_told_once_with_the_way_out(mesh, end):
    leave_to_others(mesh, "sales", "marketing")
    end(mesh)
    problem = mesh.problem()
    assert isinstance(problem, NotYet)
    assert problem.why.count(READER) == problem.why.count("sales/mails") == 1
    assert f"take it out of `products` of {READER}" in problem.fix
    assert ("put its files back" in problem.fix) is (end is delete)
    assert "--force" not in problem.fix
    assert "makes products of it" in problem.why
    shown = text(mesh.plan())
    assert shown.count(READER) == 2  # who it is, and what to do
    assert shown.partition("error:")[2].count("sales/mails") == 1


@pytest.mark.parametrize("end", [retire, delete])
def test_a_subscription_alone_can_be_cut_off_by_force(mesh, end):
    stop_reading(mesh)
    mesh.apply()
    leave_to_others(mesh, "sales")
    end(mesh)
    problem = mesh.problem()
    assert "sales/mails" in problem.why
    assert READER not in problem.why
    assert "--force" in problem.fix


@pytest.mark.parametrize("end", [retire, delete])
def test_the_source_and_what_it_read_end_in_one_apply(mesh, end):
    unsubscribe(mesh)
    stop_reading(mesh)
    end(mesh)
    assert mesh.plan().problems == ()
    mesh.apply()
    assert f"product/{CUSTOMERS}" not in mesh.platform.deployments.read()
    assert "source/marketing.others" not in mesh.platform.deployments.read()
    assert mesh.plan().empty


def test_what_the_catalog_does_not_know_to_read_is_still_told(mesh, tmp_path):
    leave_to_others(mesh, "sales", "marketing")
    empty = Watched.at(f"sqlite:///{tmp_path}/empty.db")
    empty.prepare()
    mesh.platform = replace(mesh.platform, catalog=empty)
    retire(mesh)
    assert isinstance(mesh.problem(), ProductStillRead)
