"""What a source of products reads of other domains is asked for, as by a subscription."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta

import pytest

from streammesh.documents.repository import Repository
from streammesh.documents.workspace import load
from streammesh.errors import MeshError
from streammesh.planning.access import reading
from streammesh.planning.access.sources import asking
from streammesh.planning.claims import acl_resource
from streammesh.planning.owner import source_owner
from streammesh.platform.kafka import Acl
from tests.unit.planning.access.conftest import AccessMesh

ENGINE = "mesh.marketing.engine.others"
CUSTOMERS, ORDERS = "crm.customers.v1", "sales.orders.v1"
"""What the source reads: a product with a confidential field, and one that is internal."""
NAME = "marketing/others.crm.customers"


def reads(mesh: AccessMesh) -> set[str]:
    return {one for one in (CUSTOMERS, ORDERS) if mesh.reads(ENGINE, one)}


def told(mesh: AccessMesh) -> list[str]:
    return [one.text for one in mesh.plan().notes if NAME in one.text]


def test_what_is_internal_is_read_at_once_and_the_rest_waits_for_its_owner(mesh):
    mesh.apply()
    assert reads(mesh) == {ORDERS}
    assert mesh.asked() == {CUSTOMERS: "requested", ORDERS: "granted"}
    plan = mesh.plan()
    assert plan.steps == plan.problems == ()
    (note,) = [one for one in plan.notes if NAME in one.text]
    assert note.text == (
        f"{NAME} waits for crm (owner: t, t@example.com): confidential: name; "
        f"`mesh access approve {NAME}`; its engine reads nothing until then"
    )
    assert str(note.where).endswith("others.source.yaml:4:12")
    assert note.owner.key == "source/marketing.others"


def test_approving_gives_the_engine_that_right_and_nothing_else(mesh):
    mesh.apply()
    before = mesh.platform.kafka.acls()
    done = mesh.approve(NAME)
    (right,) = mesh.platform.kafka.acls() - before
    assert (right.principal, right.name, right.operation) == (ENGINE, CUSTOMERS, "read")
    assert done.made == ()
    assert ENGINE not in mesh.platform.kafka.quotas()
    assert mesh.plan().steps == ()
    assert told(mesh) == []


def test_what_is_revoked_is_cut_at_once_and_the_plan_says_why_the_source_stops(mesh):
    mesh.apply()
    mesh.approve(NAME)
    mesh.revoke(NAME, reason="too much")
    assert reads(mesh) == {ORDERS}
    assert ENGINE in mesh.platform.kafka.users()
    (text,) = told(mesh)
    assert text.startswith(f"{NAME} does not read {CUSTOMERS}: it was revoked")
    assert "too much" in text
    assert f"`mesh access request {NAME}` asks again" in text
    mesh.apply()
    assert reads(mesh) == {ORDERS}
    mesh.ask(NAME)
    mesh.approve(NAME)
    assert reads(mesh) == {CUSTOMERS, ORDERS}


def test_what_has_expired_is_cut_by_the_next_apply(mesh, monkeypatch):
    today = date(2026, 5, 1)
    monkeypatch.setattr(reading, "today", lambda: today)
    mesh.apply()
    mesh.approve(NAME, expires=today.isoformat())
    monkeypatch.setattr(reading, "today", lambda: today + timedelta(days=1))
    mesh.apply()
    assert reads(mesh) == {ORDERS}
    assert mesh.asked()[CUSTOMERS] == "expired"
    assert f"{NAME} does not read {CUSTOMERS}: it was expired" in told(mesh)[0]


def test_restricted_fields_are_granted_by_name(mesh):
    mesh.edit("customers.v1.odcs.yaml", "confidential", "restricted")
    mesh.apply()
    assert f"`mesh access approve {NAME} --field name`" in told(mesh)[0]
    with pytest.raises(MeshError, match="not granted by name: name"):
        mesh.approve(NAME)
    assert reads(mesh) == {ORDERS}
    mesh.approve(NAME, fields=("name",))
    assert reads(mesh) == {CUSTOMERS, ORDERS}


def test_a_field_that_becomes_restricted_cuts_the_engine_off(mesh):
    mesh.apply()
    mesh.approve(NAME)
    mesh.edit("customers.v1.odcs.yaml", "confidential", "restricted")
    mesh.apply()
    assert reads(mesh) == {ORDERS}
    assert mesh.asked()[CUSTOMERS] == "requested"


def test_a_source_whose_domain_has_no_folder_goes_on(mesh):
    """Others may read what is made of it: a folder that is gone removes no source."""
    mesh.platform = replace(mesh.platform, repository=Repository("mesh", "laptop:/mesh"))
    mesh.apply()
    mesh.approve(NAME)
    shutil.rmtree(mesh.root / "domains/marketing")
    mesh.apply()
    assert reads(mesh) == {CUSTOMERS, ORDERS}
    assert mesh.asked() == {CUSTOMERS: "granted", ORDERS: "granted"}
    assert mesh.plan().empty


def test_a_domain_reads_its_own_without_asking(mesh):
    mesh.source(CUSTOMERS, ORDERS, "marketing.portraits.v1")
    names = [one.name for one in asking(load(mesh.root))]
    assert names == ["others.crm.customers", "others.sales.orders"]


def test_a_right_from_before_sources_asked_is_taken_away(mesh):
    mesh.apply()
    right = Acl(ENGINE, "topic", "literal", CUSTOMERS, "read")
    record = acl_resource(right, source_owner("marketing", "others"))
    mesh.platform.resources.write([record])
    mesh.platform.kafka.create_acls([right])
    mesh.apply()
    assert reads(mesh) == {ORDERS}
    assert mesh.plan().steps == ()


def test_a_right_from_before_that_is_granted_now_is_kept_and_is_the_engines(mesh):
    mesh.apply()
    right = Acl(ENGINE, "topic", "literal", ORDERS, "read")
    record = acl_resource(right, source_owner("marketing", "others"))
    mesh.platform.resources.write([record])
    (step,) = mesh.plan().steps
    assert step.kind != "access"
    mesh.apply()
    assert mesh.platform.resources.read()[record.key].owner == "consumer/marketing.engine.others"
    assert reads(mesh) == {ORDERS}
    assert mesh.plan().steps == ()


def test_what_is_internal_can_be_revoked_too_and_stays_so(mesh):
    mesh.apply()
    mesh.revoke("marketing/others.sales.orders")
    mesh.apply()
    assert reads(mesh) == set()
