"""Plan and apply on the real stack."""

from __future__ import annotations

import time

import pytest

from streammesh.errors.planning import ForeignResource
from streammesh.planning.steps.base import Step
from streammesh.platform.kafka import TopicSpec


def titles(steps: tuple[Step, ...]) -> list[str]:
    return [step.title for step in steps]


def wait_for_slot(shop) -> None:
    query = f"SELECT active FROM pg_replication_slots WHERE database = '{shop.domain}'"
    deadline = time.monotonic() + 60
    while shop.run(query) != [(True,)]:
        assert time.monotonic() < deadline, shop.run(query)
        time.sleep(0.3)


def test_a_life_of_a_workspace(shop):
    """Apply, nothing to do, a field more, a table more, a product less, nothing left."""
    shop.apply()
    wait_for_slot(shop)
    assert shop.plan().empty
    before = shop.platform.deployments.read()[f"product/{shop.domain}.orders.v1"]

    shop.edit("orders.v1.odcs.yaml", "    properties:\n      - name: order_id", NOTE)
    shop.edit("orders.v1.sql", "o.status,", "o.status, o.status AS note,")
    shop.apply()
    after = shop.platform.deployments.read()[f"product/{shop.domain}.orders.v1"]
    assert after.key_schema_id == before.key_schema_id > 0
    assert after.value_schema_id != before.value_schema_id
    assert shop.plan().empty

    shop.run("CREATE TABLE notes (id int PRIMARY KEY)")
    shop.edit("shop.source.yaml", "  - public.cities\n", "  - public.cities\n  - public.notes\n")
    [read] = [one for one in shop.plan().steps if one.kind == "snapshot"]
    assert read.detail.startswith("public.notes, ")
    shop.apply()
    wait_for_slot(shop)
    assert shop.plan().empty

    shop.remove("orders")
    shop.apply()
    assert f"{shop.domain}.orders.v1" in shop.platform.kafka.topics()

    shop.remove_everything()
    shop.apply(delete_data=True)
    assert_nothing_left(shop)


NOTE = """    properties:
      - { name: note, logicalType: string, description: A note., classification: internal }
      - name: order_id"""


def assert_nothing_left(shop) -> None:
    platform, domain = shop.platform, shop.domain
    assert not [name for name in platform.kafka.topics() if domain in name]
    assert not [name for name in platform.connect.connectors() if domain in name]
    assert not [
        one for one in platform.kafka.acls() if domain in one.name and "reader" not in one.name
    ]
    assert not platform.registry.subjects(f"{domain}.")
    assert not [key for key in platform.deployments.read() if domain in key]
    assert shop.run(f"SELECT 1 FROM pg_replication_slots WHERE database = '{domain}'") == []
    assert shop.run("SELECT 1 FROM pg_publication") == []
    assert shop.plan().empty


@pytest.mark.parametrize("steps", [3, 8, 15, 21, 27, 29])
def test_an_apply_that_is_killed_is_completed_by_the_next(shop, steps):
    process = shop.apply_elsewhere()
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= steps:
            break
    process.kill()
    process.wait()
    process.stdout.close()
    shop.apply()
    wait_for_slot(shop)
    assert shop.plan().empty
    assert not any(
        one.intended for one in shop.platform.resources.read().values() if one.domain == shop.domain
    )


def test_a_foreign_topic_stops_the_plan_and_stays(shop):
    name = f"{shop.domain}.orders.v1"
    shop.platform.kafka.create_topics([TopicSpec(name, 1, 1, {"retention.ms": "1234567"})])
    try:
        [problem] = shop.plan().problems
        assert isinstance(problem, ForeignResource)
        shop.remove_everything()
        shop.apply(delete_data=True)
        assert shop.platform.kafka.topics()[name].config == {"retention.ms": "1234567"}
    finally:
        shop.platform.kafka.delete_topics([name])


def test_a_connector_that_somebody_changed_is_put_back(shop):
    shop.apply()
    wait_for_slot(shop)
    connect = shop.platform.connect
    connect.put(
        f"{shop.domain}.shop",
        {**connect.connectors()[f"{shop.domain}.shop"].config, "publication.name": "gone"},
    )
    [configured] = [one for one in shop.plan().steps if one.kind == "connector"][:1]
    assert "publication.name" in configured.detail
    shop.apply()
    wait_for_slot(shop)
    assert connect.connectors()[f"{shop.domain}.shop"].config["publication.name"] != "gone"
