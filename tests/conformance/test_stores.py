from __future__ import annotations

from collections.abc import Iterator

import pytest

from streammesh.deployments.deployment import SourceDeployment, digested
from streammesh.deployments.requests import Request
from streammesh.errors.platform import LoginFailed, Missing, RecordUnreadable, StoreWriteFailed
from streammesh.platform.compacted import MAX_RECORD_BYTES, CompactedTopic
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.kafka import TopicSpec
from streammesh.platform.kafka_stores import KafkaDeploymentStore, KafkaResourceStore
from streammesh.platform.memory import MemoryDeploymentStore, MemoryResourceStore
from streammesh.platform.settings import KafkaSettings
from streammesh.platform.stores import DeploymentStore, Resource, ResourceStore
from tests.conformance.conftest import TWIN_AND_REAL, kafka_settings


@pytest.fixture
def settings(info, names) -> Iterator[KafkaSettings]:
    """Reach a cluster on which both topics stand."""
    settings = kafka_settings(info())
    admin = ConfluentKafkaAdmin(settings)
    topics = [names.resources, names.deployments]
    admin.create_topics(TopicSpec(name, 1, 1, {"cleanup.policy": "compact"}) for name in topics)
    yield settings
    admin.delete_topics(topics)


@pytest.fixture(params=TWIN_AND_REAL)
def resources(request, names) -> ResourceStore:
    if request.param == "twin":
        return MemoryResourceStore()
    return KafkaResourceStore(request.getfixturevalue("settings"), names)


@pytest.fixture(params=TWIN_AND_REAL)
def deployments(request, names) -> DeploymentStore:
    if request.param == "twin":
        return MemoryDeploymentStore()
    return KafkaDeploymentStore(request.getfixturevalue("settings"), names)


def topic(name: str, **details: str) -> Resource:
    return Resource("topic", name, "sales", "product/sales.orders", details)


def source(name: str) -> SourceDeployment:
    return digested(
        SourceDeployment(
            format=1,
            mesh="shop",
            domain="sales",
            source=name,
            database_type="postgres",
            topic_prefix=f"sales.{name}",
            log=f"_cdc.sales.{name}",
            progress=f"_mesh.progress.sales.{name}",
            principal=f"mesh.sales.engine.{name}",
            slot=f"mesh_shop_sales_{name}",
            tables=(),
            retention_ms=604_800_000,
        )
    )


def test_nothing_is_kept_at_first(resources, deployments):
    assert resources.read() == {}
    assert deployments.read() == {}


def test_resources_come_back_whole(resources):
    full = Resource(
        "subject",
        "sales.orders.v1-key",
        "sales",
        "product/sales.orders",
        {"schema_id": "7"},
        intended=True,
        applied_at="2026-01-31T10:00:00Z",
        applied_by="jo",
    )
    resources.write([topic("a"), full])
    assert resources.read() == {"topic/a": topic("a"), "subject/sales.orders.v1-key": full}


def test_the_last_record_of_a_resource_holds(resources):
    resources.write([topic("a", digest="1"), topic("a", digest="2")])
    resources.write([topic("a", digest="3"), topic("b")])
    assert resources.read()["topic/a"] == topic("a", digest="3")


def test_removed_resources_are_forgotten(resources):
    resources.write([topic("a"), topic("b")])
    resources.remove(["topic/a", "topic/never"])
    assert resources.read() == {"topic/b": topic("b")}
    resources.write([])
    resources.remove([])
    resources.write([topic("a")])
    assert set(resources.read()) == {"topic/a", "topic/b"}


def test_many_resources_are_written_and_read(resources):
    many = [topic(f"t{number}") for number in range(5_000)]
    resources.write(many)
    assert resources.read() == {one.key: one for one in many}


def test_deployments_come_back_whole_and_end(deployments):
    deployments.write([source("shop"), source("billing")])
    assert deployments.read()["source/sales.shop"] == source("shop")
    deployments.remove(["source/sales.shop", "source/sales.never"])
    assert deployments.read() == {"source/sales.billing": source("billing")}


def test_requests_stand_beside_deployments_until_they_are_removed(deployments):
    deployments.write([source("shop")])
    asked = Request("1", "sales.orders.v1", "discard", ((1, "a"), (2, "b")), "ann", "now", "why")
    deployments.ask(asked)
    assert set(deployments.read()) == {"source/sales.shop"}
    assert deployments.records()["request/sales.orders.v1/1"] == asked
    deployments.remove([asked.key])
    assert set(deployments.records()) == {"source/sales.shop"}


@pytest.mark.real
def test_what_is_kept_outlives_who_wrote_it(settings, names):
    KafkaResourceStore(settings, names).write([topic("a")])
    assert KafkaResourceStore(settings, names).read() == {"topic/a": topic("a")}


@pytest.mark.real
def test_a_topic_whose_end_is_a_tombstone_is_read_to_its_end(settings, names):
    store = KafkaResourceStore(settings, names)
    store.write([topic("a")])
    store.remove(["topic/a"])
    assert store.read() == {}


@pytest.mark.real
@pytest.mark.parametrize("value", [b"no json", b'{"format": 99}', b'{"format": 1}', b"[]"])
def test_a_record_of_another_format_is_named(settings, names, value):
    CompactedTopic(settings, names.resources).write([("topic/odd", value)])
    with pytest.raises(RecordUnreadable, match="topic/odd"):
        KafkaResourceStore(settings, names).read()
    CompactedTopic(settings, names.deployments).write([("product/odd", value)])
    with pytest.raises(RecordUnreadable, match="product/odd"):
        KafkaDeploymentStore(settings, names).read()


@pytest.mark.real
def test_without_its_topic_a_store_is_empty_and_takes_nothing(info, names):
    store = KafkaResourceStore(kafka_settings(info()), names)
    assert store.read() == {}
    with pytest.raises(Missing, match=names.resources):
        store.write([topic("a")])


@pytest.mark.real
def test_a_record_that_is_too_long_is_named(settings, names):
    with pytest.raises(StoreWriteFailed, match="topic/a"):
        KafkaResourceStore(settings, names).write([topic("a", much="x" * MAX_RECORD_BYTES)])


@pytest.mark.real
def test_a_wrong_password_is_named(settings, names):
    store = KafkaResourceStore(settings.with_user("admin", "wrong"), names)
    with pytest.raises(LoginFailed, match="admin"):
        store.read()
    with pytest.raises(LoginFailed, match="admin"):
        store.write([topic("a")])
