"""What somebody changed behind streammesh's back: a plan names it, an apply repairs what it can."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from streammesh.deployments.deployment import decode, digested, encode, intact
from streammesh.planning.showing.render import text
from streammesh.platform.kafka import Acl, TopicSpec
from tests.unit.planning.conftest import Mesh
from tests.unit.planning.consumers_on_twins import window

ORDERS, LOG, CONNECTOR = "sales.orders.v1", "_cdc.sales.shop", "sales.shop"
ENGINE = "mesh.sales.engine.shop"
PUBLICATION = "mesh_shop_sales_shop"

Damage = Callable[[Mesh], None]


def without_topic(name: str) -> Damage:
    return lambda mesh: mesh.platform.kafka.delete_topics([name])


def configured(name: str, **changes: str) -> Damage:
    said = {key.replace("_", "."): value for key, value in changes.items()}
    return lambda mesh: mesh.platform.kafka.set_topic_config(name, said)


def registered(mesh: Mesh) -> None:
    """Register a version by hand, as the subject's level lets anybody."""
    subject, registry = f"{ORDERS}-value", mesh.platform.registry
    schema = json.loads(registry.latest(subject).schema)
    schema["fields"].append({"name": "theirs", "type": ["null", "string"], "default": None})
    registry.register(subject, json.dumps(schema))


def with_partitions(name: str) -> Damage:
    return lambda mesh: mesh.platform.kafka.add_partitions(name, 9)


def with_right(acl: Acl) -> Damage:
    return lambda mesh: mesh.platform.kafka.create_acls([acl])


def without_rights(mesh: Mesh) -> None:
    rights = [one for one in mesh.platform.kafka.acls() if one.name == ORDERS]
    assert rights
    mesh.platform.kafka.delete_acls(rights)


def without_user(mesh: Mesh) -> None:
    mesh.platform.kafka.delete_user(ENGINE)


def without_subject(mesh: Mesh) -> None:
    mesh.platform.registry.delete_subject(f"{ORDERS}-value")


def looser(mesh: Mesh) -> None:
    mesh.platform.registry.set_compatibility(f"{ORDERS}-value", "NONE")


def on_connect(act: str) -> Damage:
    return lambda mesh: getattr(mesh.platform.connect, act)(CONNECTOR)


def failed(mesh: Mesh) -> None:
    mesh.platform.connect.fail(CONNECTOR, "java.lang.Boom: x")


def edited(mesh: Mesh) -> None:
    config = dict(mesh.platform.connect.connectors()[CONNECTOR].config)
    mesh.platform.connect.put(CONNECTOR, config | {"publication.name": "other"})


def without_publication(mesh: Mesh) -> None:
    mesh.platform.databases.publications.clear()


def smaller_publication(mesh: Mesh) -> None:
    found = mesh.platform.databases.publications
    found[PUBLICATION] = replace(found[PUBLICATION], tables=found[PUBLICATION].tables[:2])


def without_slot(mesh: Mesh) -> None:
    mesh.platform.databases.slots.clear()


def tampered(key: str, *, digest: bool = False, **changes: object) -> Damage:
    def damage(mesh: Mesh) -> None:
        one = replace(mesh.platform.deployments.read()[key], **changes)
        mesh.platform.deployments.write([digested(one) if digest else one])

    return damage


def without_deployments(mesh: Mesh) -> None:
    mesh.platform.kafka.delete_topics(["_mesh.deployments"])
    mesh.platform.deployments.remove([*mesh.platform.deployments.read()])


PRODUCT, SOURCE = f"product/{ORDERS}", "source/sales.shop"
WRITTEN_AGAIN = "is not what an apply wrote: it is written again"
REPAIRED: dict[str, tuple[Damage, str]] = {
    "private log gone": (without_topic(LOG), f"{LOG} was removed by somebody"),
    "progress gone": (without_topic("_mesh.progress.sales.shop"), "was removed by somebody"),
    "rows gone": (without_topic(f"{LOG}.rows"), "was removed by somebody"),
    "quarantine gone": (without_topic(f"_quarantine.{ORDERS}"), "was removed by somebody"),
    "product configured": (configured(ORDERS, retention_ms="1000"), "1 s → unlimited"),
    "log configured": (configured(LOG, retention_ms="1000"), "retention.ms 1 s → 7 days"),
    "store configured": (
        configured("_mesh.resources", cleanup_policy="delete"),
        "cleanup.policy delete → compact",
    ),
    "right taken": (without_rights, "rights were taken away by somebody"),
    "user gone": (without_user, f"{ENGINE} was removed by somebody"),
    "subject gone": (without_subject, f"{ORDERS}-value was removed by somebody"),
    "compatibility": (looser, "compatibility was changed by somebody"),
    "connector gone": (on_connect("delete"), "its connector is gone"),
    "connector paused": (on_connect("pause"), "is paused, and goes on"),
    "connector stopped": (on_connect("stop"), "is stopped, and goes on"),
    "connector failed": (failed, "failed, and is restarted"),
    "connector edited": (edited, "publication.name"),
    "publication gone": (without_publication, f"{PUBLICATION} was removed by somebody"),
    "publication smaller": (smaller_publication, "publication"),
    "slot gone": (without_slot, "its replication slot is gone"),
    "product tampered": (tampered(PRODUCT, quarantine="elsewhere"), WRITTEN_AGAIN),
    "its id tampered": (tampered(PRODUCT, key_schema_id=999), WRITTEN_AGAIN),
    "its id and digest": (tampered(PRODUCT, digest=True, key_schema_id=999), WRITTEN_AGAIN),
    "its key schema": (tampered(PRODUCT, key_schema='"int"'), WRITTEN_AGAIN),
    "source tampered": (tampered(SOURCE, retention_ms=1), WRITTEN_AGAIN),
    "deployments gone": (without_deployments, "+ topic _mesh.deployments"),
}

STRANGER = Acl("bob", "topic", "literal", ORDERS, "read")
PREFIX = Acl("bob", "topic", "prefixed", "sales.", "write")
DENIED = Acl(ENGINE, "topic", "literal", ORDERS, "write", permission="deny")
BY_SOMEBODY = "was registered by somebody"
BY_HAND = "rights that were not given by streammesh"
REPORTED: dict[str, tuple[Damage, str, str]] = {
    "product topic gone": (without_topic(ORDERS), f"the topic `{ORDERS}` was created", "restore"),
    "product partitions": (with_partitions(ORDERS), f"gave {ORDERS} 9 partitions", "new major"),
    "log partitions": (with_partitions(LOG), f"gave {LOG} 9 partitions", "--new-snapshot"),
    "quarantine partitions": (with_partitions(f"_quarantine.{ORDERS}"), "harmless", "harmless"),
    "cleanup": (configured(ORDERS, cleanup_policy="delete"), "is `append`", "take the change back"),
    "schema on top": (registered, "version 2 was registered by somebody", "delete that version"),
    "right given": (with_right(STRANGER), BY_HAND, f"read {ORDERS}"),
    "right by prefix": (with_right(PREFIX), BY_HAND, "write sales.*"),
    "right denied": (with_right(DENIED), BY_HAND, f"denied: write {ORDERS}"),
}


def shown(mesh: Mesh) -> str:
    """Give the plan's words in one line."""
    return " ".join(text(mesh.plan(), every_step=True).split())


@pytest.mark.parametrize("name", REPAIRED)
def test_it_is_named_and_repaired_and_then_there_is_nothing_to_do(applied: Mesh, name: str) -> None:
    damage, words = REPAIRED[name]
    assert applied.plan().empty
    damage(applied)
    plan = applied.plan()
    assert plan.problems == ()
    assert plan.steps
    assert words in shown(applied)
    applied.apply()
    assert applied.plan().empty
    assert words not in shown(applied)


@pytest.mark.parametrize("name", REPORTED)
def test_what_cannot_be_repaired_is_told_with_what_to_do(applied: Mesh, name: str) -> None:
    damage, words, way = REPORTED[name]
    damage(applied)
    assert applied.plan().steps == ()
    assert words in shown(applied)
    assert way in shown(applied)


def test_a_product_topic_that_is_gone_is_begun_anew_as_the_plan_says(applied: Mesh) -> None:
    applied.platform.kafka.delete_topics([ORDERS])
    folder = applied.file("orders.v1.odcs.yaml").parent
    kept = {one.name: one.read_text() for one in folder.iterdir()}
    applied.remove_product("orders")
    applied.apply(delete_data=True)
    folder.mkdir()
    for name, content in kept.items():
        (folder / name).write_text(content)
    applied._workspace = None
    applied.apply()
    assert applied.plan().empty
    assert ORDERS in applied.platform.kafka.topics()


def test_a_product_topic_that_somebody_restored_is_taken_as_it_is(applied: Mesh) -> None:
    was = applied.platform.kafka.topics()[ORDERS]
    applied.platform.kafka.delete_topics([ORDERS])
    assert applied.plan().blocked
    applied.platform.kafka.create_topics([TopicSpec(ORDERS, was.partitions, 1, was.config)])
    assert applied.plan().empty


def test_a_newer_version_of_ours_is_nobodys_when_files_go_back(applied: Mesh) -> None:
    files = ("orders.v1.odcs.yaml", "orders.v1.sql")
    before = {name: applied.file(name).read_text() for name in files}
    window(applied)
    applied.apply()
    for name, content in before.items():
        applied.file(name).write_text(content)
    applied.edit("dataproduct.odps.yaml", "version: 1.1.0", "version: 1.0.0")
    assert applied.platform.registry.latest(f"{ORDERS}-value").version == 2
    assert BY_SOMEBODY not in shown(applied)
    registered(applied)
    assert f"version 3 {BY_SOMEBODY}" in shown(applied)


def test_lost_records_of_ownership_make_everything_a_strangers(applied: Mesh) -> None:
    applied.platform.resources.remove([*applied.platform.resources.read()])
    plan = applied.plan()
    assert {type(one).__name__ for one in plan.problems} == {"ForeignResource"}


def test_a_private_log_that_is_gone_is_read_anew(applied: Mesh) -> None:
    applied.platform.kafka.delete_topics([LOG])
    assert "its private log is gone" in shown(applied)
    applied.apply()
    assert any("drop slot" in call for call in applied.platform.databases.calls)


def test_rights_on_everything_and_those_of_other_things_are_nobodys_business(applied: Mesh) -> None:
    applied.platform.kafka.create_acls(
        [
            Acl("admin", "topic", "literal", "*", "all"),
            Acl("who-applies", "topic", "prefixed", "sales.", "alter"),
            Acl("bob", "group", "prefixed", "sales.", "read"),
            Acl("bob", "topic", "literal", "sales.orders", "read"),
            Acl("bob", "topic", "prefixed", "sales.orders.v10", "read"),
        ]
    )
    assert BY_HAND in shown(applied)
    applied.platform = replace(applied.platform, principal="who-applies")
    assert BY_HAND not in shown(applied)


def test_a_right_that_was_never_there_is_no_drift(mesh: Mesh) -> None:
    assert "by somebody" not in shown(mesh)
    assert WRITTEN_AGAIN not in shown(mesh)


def test_deployments_are_intact_after_they_were_read_again(applied: Mesh) -> None:
    for key, one in applied.platform.deployments.read().items():
        assert intact(decode(key, encode(one)))
