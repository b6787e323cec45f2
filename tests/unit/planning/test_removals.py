"""What goes when it leaves the files, and what stays."""

import pytest

from streammesh.errors.planning import SourceGone, StepFailed
from streammesh.errors.platform import Unreachable
from streammesh.planning.showing.render import text


def titles(plan):
    return [step.title for step in plan.steps]


def test_a_removed_product_loses_deployment_and_access_but_keeps_its_events(applied):
    applied.remove_product("orders")
    applied.apply()
    platform = applied.platform
    assert "product/sales.orders.v1" not in platform.deployments.read()
    assert not any(acl.name == "sales.orders.v1" for acl in platform.kafka.acls())
    assert {"sales.orders.v1", "_quarantine.sales.orders.v1"} <= platform.kafka.topics().keys()
    assert platform.registry.latest("sales.orders.v1-key") is not None
    assert "product/sales.customers.v1" in platform.deployments.read()


def test_what_stays_is_said_and_is_nothing_to_do(applied):
    applied.remove_product("orders")
    applied.apply()
    plan = applied.plan()
    assert plan.empty
    kept = "its topics stay with all their events, `--delete-data` deletes them: sales.orders.v1,"
    assert kept in text(plan, every_step=True)
    assert text(plan) == "nothing to do: local is what the files say"


def test_delete_data_deletes_topics_and_subjects(applied):
    applied.remove_product("orders")
    plan = applied.plan(delete_data=True)
    assert "everybody who reads it" in text(plan)
    applied.apply(delete_data=True)
    platform = applied.platform
    assert "sales.orders.v1" not in platform.kafka.topics()
    assert platform.registry.latest("sales.orders.v1-value") is None
    assert not any("sales.orders" in key for key in platform.resources.read())
    assert applied.plan().empty


def test_a_product_that_comes_back_finds_its_topic_again(applied):
    contract = applied.file("orders.v1.odcs.yaml").parent
    kept = {one.name: one.read_text() for one in contract.iterdir()}
    applied.remove_product("orders")
    applied.apply()
    contract.mkdir()
    for name, content in kept.items():
        (contract / name).write_text(content)
    applied._workspace = None
    applied.apply()
    assert applied.plan().empty
    assert "product/sales.orders.v1" in applied.platform.deployments.read()


def test_a_retired_product_stops_like_a_removed_one(applied):
    applied.edit("orders.v1.odcs.yaml", "status: active", "status: retired")
    plan = applied.plan()
    assert "end deployment sales.orders.v1" in titles(plan)
    assert "sales.orders v1 is retired" in [step.why for step in plan.steps]


def test_a_user_is_said_to_be_disabled_since_kafka_keeps_its_name(applied):
    applied.remove_source()
    (disabled,) = (one for one in applied.plan().steps if one.kind == "user")
    assert disabled.title.startswith("disable user mesh.")
    assert disabled.detail == "can't log in any more: nobody knows its new password"


def test_a_removed_source_leaves_nothing_behind(applied):
    applied.remove_source()
    applied.apply(delete_data=True)
    platform = applied.platform
    assert platform.connect.connectors() == {}
    assert platform.databases.publications == {}
    assert platform.databases.slots == {}
    assert platform.deployments.read() == {}
    assert set(platform.kafka.topics()) == {
        "_mesh.resources",
        "_mesh.deployments",
        "mesh.notices.v1",
    }
    assert set(platform.kafka.users()) == {"mesh.sales.reader"}
    assert applied.plan().empty


def test_a_removed_source_is_reached_by_the_reference_that_was_recorded(applied):
    applied.remove_source()
    applied.apply()
    calls = applied.platform.databases.calls
    assert "drop slot mesh_shop_sales_shop ${SHOP_DATABASE_URL}" in calls


def test_a_removed_source_whose_database_is_away_tells_what_to_run_there(applied, monkeypatch):
    def away(*_):
        raise Unreachable(system="the database", address="127.0.0.1:5432")

    applied.remove_source()
    monkeypatch.setattr(applied.platform.databases, "drop_slot", away)
    with pytest.raises(StepFailed) as caught:
        applied.apply()
    assert isinstance(caught.value.cause, SourceGone)
    assert "pg_drop_replication_slot('mesh_shop_sales_shop')" in caught.value.fix
    assert "SHOP_DATABASE_URL" in caught.value.fix


def test_the_resources_of_another_domain_are_never_removed(applied):
    other = [
        type(one)(**(vars(one) | {"domain": "marketing", "name": one.name + ".theirs"}))
        for one in applied.platform.resources.read().values()
    ]
    applied.platform.resources.write(other)
    assert applied.plan().empty


def test_a_source_that_cannot_be_read_now_is_not_a_removed_one(applied, monkeypatch):
    def away(*_):
        raise Unreachable(system="the database", address="127.0.0.1:5432")

    monkeypatch.setattr(applied.platform.databases, "observe", away)
    plan = applied.plan()
    assert plan.blocked
    assert plan.steps == ()


def test_a_resource_that_somebody_removed_is_forgotten_when_nothing_wants_it(applied):
    applied.platform.kafka.delete_user("mesh.sales.engine.shop")
    applied.remove_source()
    applied.apply()
    assert "user/mesh.sales.engine.shop" not in applied.platform.resources.read()
