"""What `mesh apply` of a subscription does: it asks, and grants what the rule grants at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streammesh.catalog.notice_book import NoticeBook
from streammesh.catalog.notices import Forced
from streammesh.errors.access import PrincipalReserved, PrincipalsOverlap, VersionNotOffered
from streammesh.errors.documents import UnknownReference
from streammesh.planning.showing.render import text
from streammesh.planning.steps.record_access import RecordAccess
from tests.products_mesh import SAID
from tests.unit.planning.access.conftest import CLOSED, LOCKED, OPEN

LOADER = "mesh.finance.loader"


def test_what_is_internal_is_granted_at_once_and_done(mesh):
    mesh.subscribe(OPEN)
    mesh.apply()
    assert mesh.states() == {("finance/loads", "sales.orders.v1"): "granted"}
    assert mesh.rights(LOADER) == {
        ("topic", "sales.orders.v1", "read"),
        ("topic", "sales.orders.v1", "describe"),
        ("group", f"{LOADER}.", "read"),
    }
    assert mesh.platform.kafka.quotas() == {LOADER: 20_000_000}
    assert LOADER in mesh.platform.kafka.users()
    assert mesh.plan().empty
    kinds = {one.kind for one in mesh.platform.resources.read().values() if one.domain == "finance"}
    assert {"user", "acl", "quota"} <= kinds


def test_what_is_confidential_waits_for_its_owner_and_the_plan_says_so(mesh):
    mesh.subscribe(CLOSED)
    shown = text(mesh.plan())
    assert "finance/loads waits for crm (owner: t, t@example.com): confidential: name" in (
        " ".join(shown.split())
    )
    mesh.apply()
    assert mesh.states() == {("finance/loads", "crm.customers.v1"): "requested"}
    assert mesh.rights(LOADER) == set()
    assert LOADER not in mesh.platform.kafka.users()
    assert mesh.plan().steps == ()
    assert "waits for crm (owner" in mesh.notes()[0]


def test_ones_own_product_is_granted_at_once(mesh):
    mesh.subscribe(CLOSED, domain="crm")
    mesh.subscribe(LOCKED, domain="marketing")
    mesh.apply()
    assert mesh.reads("mesh.crm.loader", "crm.customers.v1")
    assert mesh.reads("mesh.marketing.loader", "marketing.portraits.v1")


def test_several_subscriptions_of_a_consumer_share_a_principal_and_have_the_union(mesh):
    mesh.subscribe(OPEN)
    mesh.subscribe(CLOSED, "second")
    mesh.subscribe(OPEN, "third", consumer="other")
    mesh.apply()
    mesh.approve("finance/second")
    assert mesh.reads(LOADER, "sales.orders.v1")
    assert mesh.reads(LOADER, "crm.customers.v1")
    assert not mesh.reads("mesh.finance.other", "crm.customers.v1")
    mesh.unsubscribe()
    mesh.apply()
    assert not mesh.reads(LOADER, "sales.orders.v1")
    assert mesh.reads(LOADER, "crm.customers.v1")
    assert LOADER in mesh.platform.kafka.users()
    mesh.unsubscribe("second")
    mesh.apply()
    assert mesh.rights(LOADER) == set()
    assert LOADER not in mesh.platform.kafka.users()
    assert LOADER not in mesh.platform.kafka.quotas()
    assert mesh.plan().empty


def test_an_existing_principal_gets_rights_but_neither_user_nor_quota(mesh):
    mesh.subscribe(OPEN, more='principal: "User:CN=etl, O=Ö"')
    mesh.apply()
    assert mesh.reads("CN=etl, O=Ö", "sales.orders.v1")
    assert ("group", "CN=etl, O=Ö.", "read") in mesh.rights("CN=etl, O=Ö")
    assert "CN=etl, O=Ö" not in mesh.platform.kafka.users()
    assert mesh.platform.kafka.quotas() == {}
    assert mesh.plan().empty


@pytest.mark.parametrize("principal", ["*", "mesh", "mesh.sales.engine.shop", "User:mesh.connect"])
def test_nobody_reads_as_everybody_or_as_the_mesh(mesh, principal):
    mesh.subscribe(OPEN, more=f'principal: "User:{principal}"')
    problem = mesh.problem()
    assert isinstance(problem, PrincipalReserved)
    assert str(problem.where).endswith("loads.subscription.yaml:10:12")


def test_groups_of_one_consumer_are_never_anothers(mesh):
    mesh.subscribe(OPEN, more='principal: "User:etl"')
    mesh.apply()
    mesh.subscribe(OPEN, "second", domain="crm", more='principal: "User:etl.batch"')
    assert [type(one) for one in mesh.plan().problems] == [PrincipalsOverlap] * 2


def test_a_deprecated_version_is_refused_and_the_active_one_named(mesh):
    mesh.version(OPEN)
    mesh.status(OPEN, "deprecated")
    mesh.subscribe(OPEN)
    problem = mesh.problem()
    assert isinstance(problem, VersionNotOffered)
    assert problem.what == "finance/loads asks for sales.orders.v1, which is deprecated"
    assert problem.fix == "write `version: 2`: sales.orders.v2 is active"
    assert str(problem.where).endswith("loads.subscription.yaml:6:10")


def test_who_reads_a_version_when_it_is_deprecated_goes_on_and_is_told(mesh):
    mesh.subscribe(OPEN)
    mesh.apply()
    mesh.version(OPEN)
    mesh.status(OPEN, "deprecated")
    mesh.apply()
    assert mesh.reads(LOADER, "sales.orders.v1")
    assert "which is deprecated; sales.orders.v2 is active" in mesh.notes()[0]


def test_a_retired_version_is_cut_and_remembered(mesh):
    mesh.subscribe(OPEN)
    mesh.apply()
    mesh.version(OPEN)
    mesh.status(OPEN, "retired")
    # a product that is still read can't end
    mesh.edit("others.source.yaml", "sales.orders.v1", "sales.orders.v2")
    left = ("finance/loads", "source marketing.others")
    NoticeBook(mesh.catalog).force(
        Forced(
            "sales.orders.v1",
            "sales",
            "1.0.0",
            "The law says so.",
            left,
            "ann",
            "2026-11-23T00:00:00+00:00",
        )
    )
    mesh.apply()
    assert not mesh.reads(LOADER, "sales.orders.v1")
    assert mesh.states() == {("finance/loads", "sales.orders.v1"): "revoked"}
    assert mesh.plan().problems == ()
    mesh.subscribe(OPEN, "fresh")
    assert isinstance(mesh.problem(), VersionNotOffered)


def test_who_moves_to_another_version_keeps_the_old_one_until_it_is_granted(mesh):
    mesh.subscribe(CLOSED)
    mesh.apply()
    mesh.approve()
    mesh.version(CLOSED)
    mesh.subscribe(CLOSED, version=2)
    mesh.apply()
    assert mesh.reads(LOADER, "crm.customers.v1")
    assert not mesh.reads(LOADER, "crm.customers.v2")
    mesh.approve()
    assert mesh.reads(LOADER, "crm.customers.v2")
    mesh.apply()
    assert not mesh.reads(LOADER, "crm.customers.v1")
    assert mesh.states()["finance/loads", "crm.customers.v1"] == "withdrawn"


def test_another_application_asks_anew(mesh):
    mesh.subscribe(CLOSED)
    mesh.apply()
    mesh.approve()
    mesh.subscribe(CLOSED, consumer="other")
    mesh.apply()
    assert mesh.rights(LOADER) == set()
    assert mesh.rights("mesh.finance.other") == set()
    assert mesh.states() == {("finance/loads", "crm.customers.v1"): "requested"}


def test_a_subscription_that_moves_to_another_domain_asks_anew_there(mesh):
    mesh.subscribe(CLOSED)
    mesh.apply()
    mesh.approve()
    mesh.unsubscribe()
    mesh.subscribe(CLOSED, domain="sales")
    mesh.apply()
    assert not mesh.reads(LOADER, "crm.customers.v1")
    assert not mesh.reads("mesh.sales.loader", "crm.customers.v1")
    name = "crm.customers.v1"
    assert mesh.states() == {
        ("finance/loads", name): "withdrawn",
        ("sales/loads", name): "requested",
    }


def test_moving_an_existing_principal_to_another_domain_hands_its_rights_over(mesh):
    etl = 'principal: "User:etl"'
    mesh.subscribe(OPEN, more=etl)
    mesh.apply()
    mesh.unsubscribe()
    mesh.subscribe(OPEN, domain="crm", more=etl)
    mesh.apply()
    assert mesh.reads("etl", "sales.orders.v1")
    records = [one for one in mesh.platform.resources.read().values() if "etl" in one.name]
    assert {one.owner for one in records} == {"consumer/crm.loader"}
    assert mesh.plan().empty


def test_a_field_that_becomes_restricted_cuts_off_who_does_not_have_it(mesh):
    mesh.subscribe(OPEN)
    mesh.apply()
    status = f"name: status, {SAID}"
    mesh.edit("orders.v1.odcs.yaml", status, status.replace("public", "restricted"))
    assert "`mesh access approve finance/loads --field status`" in mesh.notes()[0]
    mesh.apply()
    assert not mesh.reads(LOADER, "sales.orders.v1")
    assert mesh.states() == {("finance/loads", "sales.orders.v1"): "requested"}
    mesh.approve(fields=("status",))
    assert mesh.reads(LOADER, "sales.orders.v1")
    assert mesh.plan().empty


def test_a_quota_that_somebody_changed_is_set_back_and_a_foreign_one_stays(mesh):
    mesh.platform.kafka.put_quota("mesh.crm.loader", consumer_byte_rate=5)
    mesh.subscribe(OPEN)
    mesh.subscribe(OPEN, domain="crm")
    mesh.apply()
    mesh.platform.kafka.put_quota(LOADER, consumer_byte_rate=7)
    (step,) = mesh.plan().steps
    assert step.detail.endswith("instead of at most 7 B/s from each broker")
    mesh.apply()
    assert mesh.platform.kafka.quotas() == {LOADER: 20_000_000, "mesh.crm.loader": 5}
    mesh.unsubscribe(domain="crm")
    mesh.apply()
    assert mesh.platform.kafka.quotas() == {LOADER: 20_000_000, "mesh.crm.loader": 5}


def test_the_environment_says_what_a_consumer_may_read(mesh):
    mesh.root.joinpath("mesh.toml").write_text(
        '[mesh]\nname = "three"\n[environments.local]\nstack = "local"\nnamespace = "stage"\n'
        "consumer_quota = 1500\n"
    )
    mesh.subscribe(OPEN)
    mesh.apply()
    assert mesh.platform.kafka.quotas() == {f"stage-{LOADER}": 1500}
    assert mesh.reads(f"stage-{LOADER}", "stage-sales.orders.v1")


def test_without_a_catalog_nothing_is_granted_and_nothing_taken(mesh):
    mesh.subscribe(OPEN)
    mesh.apply()
    before = mesh.platform.kafka.acls()
    mesh.platform = replace(mesh.platform, catalog=None)
    mesh.unsubscribe()
    mesh.apply()
    assert mesh.platform.kafka.acls() == before


def test_elsewhere_than_on_a_local_stack_apply_makes_no_user(mesh):
    mesh.root.joinpath("mesh.toml").write_text(
        '[mesh]\nname = "three"\n[environments.local]\nkafka = { bootstrap_servers = "k:9092" }\n'
    )
    mesh.subscribe(OPEN)
    mesh.apply()
    assert LOADER not in mesh.platform.kafka.users()
    assert mesh.reads(LOADER, "sales.orders.v1")
    assert mesh.plan().steps == ()
    assert any("`mesh access approve` makes it" in one.text for one in mesh.plan().notes)

    class Made:
        def password_for(self, principal: str) -> str:
            return "handed over"

    assert mesh.approve(credentials=Made()).made == (LOADER,)
    assert mesh.platform.kafka.passwords[LOADER] == "handed over"
    assert mesh.plan().empty
    mesh.platform = replace(mesh.platform, credentials=None)
    mesh.unsubscribe()
    mesh.apply()
    assert LOADER not in mesh.platform.kafka.users()


def test_what_a_plan_will_record_is_shown_with_its_reason(mesh):
    mesh.subscribe(OPEN)
    steps = [one for one in mesh.plan().steps if isinstance(one, RecordAccess)]
    (step,) = [one for one in steps if one.subject == "finance/loads"]
    assert step.title == "grant access to finance/loads (sales.orders.v1)"
    assert step.detail == "sales.orders.v1 granted: it is at most internal"
    assert "consumer_quota" in text(mesh.plan())


def test_a_product_of_another_repository_is_looked_up_in_the_catalog(mesh):
    mesh.apply()
    mesh.alone("finance")
    mesh.subscribe(OPEN, more="fields: [order_id, statu]")
    problem = mesh.problem()
    assert isinstance(problem, UnknownReference)
    assert problem.fix == "write `status`"
    assert str(problem.where).endswith("loads.subscription.yaml:10:20")
    mesh.subscribe("sales.order")
    assert mesh.problem().fix == "write `sales.orders`"
    mesh.subscribe(OPEN, version=3)
    assert mesh.problem().fix == "write 1"
    mesh.subscribe("hr.people")
    assert isinstance(mesh.problem(), UnknownReference)
    mesh.subscribe(OPEN)
    mesh.apply()
    assert mesh.reads(LOADER, "sales.orders.v1")
    assert mesh.plan().empty


def test_another_application_of_a_version_that_is_deprecated_is_refused_as_a_new_one(mesh):
    mesh.subscribe(OPEN)
    mesh.apply()
    mesh.version(OPEN)
    mesh.status(OPEN, "deprecated")
    mesh.apply()
    mesh.subscribe(OPEN, consumer="other")
    (problem,) = mesh.plan().problems
    assert problem.what == "finance/loads asks for sales.orders.v1, which is deprecated"
    mesh.subscribe(OPEN, more="principal: 'User:other'")
    (problem,) = mesh.plan().problems
    assert problem.what == "finance/loads asks for sales.orders.v1, which is deprecated"
    mesh.subscribe(OPEN)
    assert mesh.plan().problems == ()
