"""A plan looks at who reads products, and is never stopped by what it can't see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.consumers import Consumer
from streammesh.errors.platform import ActionRefused, TooSlow
from streammesh.planning.observing import use
from streammesh.planning.showing import render
from streammesh.platform.kafka import Acl, Cluster, TopicSpec
from streammesh.platform.memory import MemoryGroups, MemoryKafkaAdmin
from tests.unit.planning.conftest import Mesh
from tests.unit.planning.products_on_twins import Mesh as ThreeDomains

ORDERS = "sales.orders.v1"
LOADER = "mesh.sales.loader"
SUBSCRIPTION = """apiVersion: streammesh/v1
kind: Subscription
name: reports
consumer: loader
product: sales.orders
version: 1
purpose: Reports
fields: [order_id]
contact: { email: reports@example.com }
deliver: { to: python }
"""


@pytest.fixture
def watched(mesh: Mesh, tmp_path) -> Mesh:
    """The shop with a subscription, a catalog and groups, not applied yet."""
    folder = mesh.root / "domains/sales/subscriptions"
    folder.mkdir()
    (folder / "reports.subscription.yaml").write_text(SUBSCRIPTION)
    return with_groups(mesh, tmp_path)


def with_groups(mesh, tmp_path):
    mesh.platform = replace(
        mesh.platform,
        catalog=Catalog.at(f"sqlite:///{tmp_path / 'catalog.db'}"),
        groups=MemoryGroups(mesh.platform.kafka),
    )
    return mesh


def groups(mesh) -> MemoryGroups:
    assert isinstance(mesh.platform.groups, MemoryGroups)
    return mesh.platform.groups


def consumers(mesh, asset: str = ORDERS) -> tuple[Consumer, ...]:
    return mesh.platform.catalog.consumers([asset])[asset]


def test_a_first_plan_looks_at_nothing_and_makes_no_tables(watched):
    groups(watched).failing = TooSlow(system="Kafka", seconds=8, action="list consumer groups")
    assert not [one for one in watched.plan().notes if "who reads" in one.text]
    assert not watched.platform.catalog.standing()


def test_a_plan_sees_who_reads_and_who_does_not(watched):
    watched.apply()
    assert [one.seen for one in consumers(watched)] == [False]
    rights = Acl(LOADER, "group", "prefixed", f"{LOADER}.", "read")
    watched.platform.kafka.create_acls([rights])
    watched.platform.kafka.append(ORDERS, 0, 10)
    groups(watched).join(f"{LOADER}.main", "loader-1", [ORDERS])
    groups(watched).commit(f"{LOADER}.main", ORDERS, {0: 9})
    groups(watched).commit("test-1", ORDERS, {0: 4})
    assert watched.plan().empty
    declared, other = consumers(watched)
    assert (declared.name, declared.active, declared.lag) == ("sales/reports", True, 0)
    assert declared.groups[0].principal == LOADER
    assert (other.declared, other.groups[0].name, other.lag) == (False, "test-1", 5)


def test_a_topic_that_was_made_anew_shows_by_a_reader_beyond_its_end(watched):
    watched.apply()
    groups(watched).commit("test-1", ORDERS, {0: 100})
    watched.plan()
    _, other = consumers(watched)
    assert (other.groups[0].beyond, other.lag) == (True, 0)


def test_a_group_that_expired_stays_as_it_was_last_seen(watched):
    watched.apply()
    groups(watched).join("test-1", "c", [ORDERS])
    watched.plan()
    _, before = consumers(watched)
    groups(watched).forget("test-1")
    watched.plan()
    _, after = consumers(watched)
    assert (after.active, after.groups[0].standing) == (False, False)
    assert after.last_seen == before.last_seen


def test_a_look_that_fails_is_a_warning(watched):
    watched.apply()
    groups(watched).failing = TooSlow(system="Kafka", seconds=8, action="list consumer groups")
    planned = watched.plan()
    assert not planned.blocked
    (warning,) = [one for one in planned.notes if "who reads" in one.text]
    assert warning.warns
    assert "did not answer within 8 s" in warning.text
    assert "did not answer within 8 s" in render.text(planned)


def test_groups_that_can_not_be_read_are_named_when_all_is_shown(watched):
    watched.apply()
    for name in ("a", "b", "c", "d"):
        groups(watched).commit(name, ORDERS, {0: 1})
        groups(watched).refused[name] = "not authorized"
    groups(watched).unlisted = "broker 2 is down"
    planned = watched.plan()
    assert "a" not in [one.groups[0].name for one in consumers(watched) if one.groups]
    shown = " ".join(render.text(planned, every_step=True).split())
    assert "`a` (not authorized), `b` (not authorized), `c` (not authorized) and 1 more" in shown
    assert "broker 2 is down" in shown
    assert "not authorized" not in render.text(planned)


class Stranger(MemoryKafkaAdmin):
    """Kafka, as somebody sees it who may do nothing."""

    def cluster(self) -> Cluster:
        return Cluster("memory", (1,), frozenset())

    def acls(self) -> frozenset[Acl]:
        raise ActionRefused(system="Kafka", user="x", action="list access rights")


def test_without_a_sight_of_rights_groups_are_nobodys_and_none_is_gone(watched):
    watched.apply()
    groups(watched).commit("test-1", ORDERS, {0: 1})
    groups(watched).commit("test-2", ORDERS, {0: 1})
    watched.plan()
    groups(watched).forget("test-2")
    platform = watched.platform
    found = use.look(platform.catalog, platform.groups, Stranger(), 1.0)
    assert found.failed is None
    assert list(found.said) == [
        "some consumer groups could not be listed: DESCRIBE on the cluster is not granted"
    ]
    _, one, two = consumers(watched)
    assert one.principal == ""
    assert two.groups[0].standing, "what we may not see is not gone"


def test_a_catalog_that_is_down_is_a_warning_of_the_look(watched, tmp_path):
    broken = Catalog.at(f"sqlite:///{tmp_path}")
    found = use.look(broken, watched.platform.groups, watched.platform.kafka, 1.0)
    assert found.failed is not None
    assert "catalog" in found.failed.what


def test_a_source_of_products_is_seen_by_its_engine(tmp_path):
    mesh = with_groups(ThreeDomains(tmp_path / "three"), tmp_path)
    mesh.apply()
    (one,) = consumers(mesh, "crm.customers.v1")
    assert (one.declared, one.seen, one.contact["team"]) == (True, False, "t")
    assert {"customer_id", "name", "city"} <= set(one.fields)
    source = one.name.removeprefix("source ")
    domain, name = source.split(".")
    groups(mesh).commit(f"mesh.{domain}.engine.{name}", f"_cdc.{source}", {0: 7})
    mesh.plan()
    assert [one.seen for one in consumers(mesh, "crm.customers.v1")] == [True]
    assert [one.seen for one in consumers(mesh, "sales.orders.v1")] == [True]


def test_another_environments_topics_are_not_ours(watched):
    watched.apply()
    watched.platform.kafka.create_topics([TopicSpec(f"stage-{ORDERS}", 1, 1)])
    groups(watched).commit("test-1", f"stage-{ORDERS}", {0: 1})
    watched.plan()
    assert [one.declared for one in consumers(watched)] == [True]
