"""Domains whose folder has left the repository that holds them."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace

import pytest

from streammesh.documents.repository import Repository
from tests.unit.planning.access.conftest import CLOSED, OPEN
from tests.unit.planning.access.test_random import Killer

LOADER = "mesh.finance.loader"


def claiming(mesh):
    """Let applies claim domains for their repository, as everywhere but on a local stack."""
    mesh.platform = replace(mesh.platform, repository=Repository("mesh", "laptop:/mesh"))


def test_on_a_local_stack_a_folder_that_is_gone_ends_nothing(mesh):
    """Another workspace may share the stack by a link, and have the domain."""
    mesh.subscribe(OPEN)
    mesh.apply()
    shutil.rmtree(mesh.root / "domains/finance")
    assert mesh.plan().empty
    assert mesh.reads(LOADER, "sales.orders.v1")


def test_a_domain_whose_folder_is_gone_reads_no_more(mesh):
    """As if the files of its subscriptions were deleted, and the catalog knows it."""
    claiming(mesh)
    mesh.subscribe(OPEN)
    mesh.subscribe(CLOSED, "asks")
    mesh.subscribe(OPEN, "stays", domain="crm", consumer="other")
    mesh.apply()
    assert mesh.reads(LOADER, "sales.orders.v1")
    shutil.rmtree(mesh.root / "domains/finance")
    plan = mesh.plan()
    assert plan.problems == ()
    assert any("the subscriptions of finance end" in one.text for one in plan.notes)
    mesh.apply()
    assert mesh.states() == {
        ("finance/loads", "sales.orders.v1"): "withdrawn",
        ("finance/asks", "crm.customers.v1"): "withdrawn",
        ("crm/stays", "sales.orders.v1"): "granted",
    }
    assert mesh.rights(LOADER) == set()
    assert LOADER not in mesh.platform.kafka.users()
    assert LOADER not in mesh.platform.kafka.quotas()
    users = mesh.catalog.consumers(["sales.orders.v1"])["sales.orders.v1"]
    assert [one.name for one in users if not one.is_source] == ["crm/stays"]
    assert mesh.plan().empty
    assert mesh.notes() == []


def test_a_domain_whose_folder_comes_back_reads_again(mesh):
    claiming(mesh)
    mesh.subscribe(OPEN)
    mesh.apply()
    folder = mesh.root / "domains/finance"
    folder.rename(mesh.root / "finance")
    mesh.apply()
    assert not mesh.reads(LOADER, "sales.orders.v1")
    (mesh.root / "finance").rename(folder)
    mesh.apply()
    assert mesh.reads(LOADER, "sales.orders.v1")
    users = mesh.catalog.consumers(["sales.orders.v1"])["sales.orders.v1"]
    assert [one.name for one in users if not one.is_source] == ["finance/loads"]
    assert mesh.plan().empty


def test_what_a_domain_without_a_folder_owns_stays(mesh):
    """Others may read its products; its engines go on."""
    claiming(mesh)
    mesh.subscribe(OPEN, domain="marketing")
    mesh.apply()
    before = mesh.platform.deployments.read()
    shutil.rmtree(mesh.root / "domains/marketing")
    mesh.apply()
    assert mesh.states() == {("marketing/loads", "sales.orders.v1"): "withdrawn"}
    assert mesh.rights("mesh.marketing.loader") == set()
    assert mesh.platform.deployments.read() == before
    assert mesh.catalog.show("marketing.portraits.v1").status == "active"
    assert mesh.plan().empty


@pytest.mark.parametrize("killed_at", range(1, 8))
def test_a_domain_without_a_folder_ends_also_after_it_was_killed(mesh, killed_at):
    claiming(mesh)
    mesh.subscribe(OPEN)
    mesh.apply()
    shutil.rmtree(mesh.root / "domains/finance")
    Killer(mesh.platform, random.Random(3)).run(mesh.apply, killed_at)
    mesh.apply()
    assert mesh.states() == {("finance/loads", "sales.orders.v1"): "withdrawn"}
    assert mesh.rights(LOADER) == set()
    assert LOADER not in mesh.platform.kafka.users()
    assert mesh.plan().empty
