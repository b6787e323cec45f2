"""`mesh consumers` sees who reads a product on a real cluster, and who does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.records import Registration
from streammesh.documents.names import Names
from streammesh.local.stack import Stack
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.kafka import Acl
from tests.conformance.catalogs import domain, port, product, subscription, version
from tests.integration.delivery.conftest import Product

MESH = [sys.executable, "-m", "streammesh.cli.main"]
MESH_TOML = """[mesh]
name = "use"
[environments.real]
catalog = {{ url = "sqlite:///{root}/catalog.db" }}
[environments.real.kafka]
bootstrap_servers = "{kafka.bootstrap_servers}"
security_protocol = "{kafka.security_protocol}"
sasl_mechanism = "{kafka.sasl_mechanism}"
username = "{kafka.username}"
password = "${{USE_TEST_PASSWORD}}"
[environments.real.registry]
url = "{registry}"
[environments.far]
catalog = {{ url = "sqlite:///{root}/catalog.db" }}
kafka = {{ bootstrap_servers = "127.0.0.1:1" }}
"""

CONTRACT = json.dumps(
    {
        "schema": [
            {
                "name": "things",
                "properties": [
                    {"name": "id", "logicalType": "integer", "primaryKey": True, "required": True},
                    {
                        "name": "amount",
                        "logicalType": "number",
                        "physicalType": "decimal(12,2)",
                        "classification": "confidential",
                    },
                ],
            }
        ]
    }
)


class World:
    """A product with two subscriptions, one of which has a principal; both in one domain."""

    def __init__(self, stack: Stack, root: Path) -> None:
        self.stack, self.root = stack, root
        self.product = Product(stack)
        registry, kafka = stack.info().registry_url, self.product.settings
        text = MESH_TOML.format(root=root, kafka=kafka, registry=registry)
        (root / "mesh.toml").write_text(text)
        self.domain = self.product.domain
        self.principal = Names().consumer_principal(self.domain, "loader")
        self.kafka = ConfluentKafkaAdmin(self.product.settings)
        self.settings = self.product.settings.with_user(self.principal, "pass")
        self.rights = [
            Acl(self.principal, "topic", "literal", self.product.topic, "read"),
            Acl(self.principal, "group", "prefixed", f"{self.principal}.", "read"),
        ]
        self.catalog = Catalog.open(f"sqlite:///{root}/catalog.db")

    def make(self) -> None:
        self.kafka.put_user(self.principal, "pass")
        self.kafka.create_acls(self.rights)
        asset = self.product.topic
        used, _ = subscription("used", asset, ("id",), self.domain)
        idle, _ = subscription("idle", asset, (), self.domain)
        told = Registration(
            scope=frozenset({self.domain}),
            domains=(domain(self.domain),),
            products=(product("things", self.domain),),
            ports=(port("things", self.domain),),
            versions=(replace(version("things", self.domain), contract=CONTRACT),),
            subscriptions=(used, replace(idle, consumer="sleeper")),
        )
        self.catalog.record(told, who="test", commit="")
        self.product.commit(range(10))
        self.product.commit(range(10, 15), partition=1)

    def remove(self) -> None:
        self.catalog.close()
        self.kafka.delete_acls(self.rights)
        self.kafka.delete_user(self.principal)
        self.product.remove()

    def consumers(self, *arguments: str) -> list[dict[str, Any]]:
        out = self.mesh("consumers", self.product.label, "--json", *arguments)
        found = json.loads(out)
        assert found["unknown"] == []
        (only,) = found["versions"]
        consumers: list[dict[str, Any]] = only["consumers"]
        return consumers

    def mesh(self, *arguments: str) -> str:
        return self.run(self.root, *arguments, "--env", "real").stdout

    def run(self, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*MESH, "-C", str(root), *arguments]
        environ = {**os.environ, "USE_TEST_PASSWORD": self.product.settings.password or ""}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environ)
        assert done.returncode == 0, done.stderr
        return done


@pytest.fixture
def world(stack: Stack, tmp_path: Path) -> Iterator[World]:
    made = World(stack, tmp_path)
    try:
        made.make()
        yield made
    finally:
        made.remove()


def read(consumer: Consumer, topic: str, count: int) -> None:
    """Read so many events of a topic, and commit."""
    consumer.subscribe([topic])
    deadline = time.monotonic() + 40
    while count:
        message = consumer.poll(0.5)
        assert time.monotonic() < deadline, f"{count} events are missing"
        if message is None:
            continue
        error = message.error()
        assert error is None or error.code() == KafkaError._PARTITION_EOF, error
        count -= error is None
    consumer.commit(asynchronous=False)


def client(settings: Any, group: str, client_id: str, **more: str) -> Consumer:
    own = {"group.id": group, "client.id": client_id, "auto.offset.reset": "earliest"}
    return Consumer(settings.librdkafka() | own | {"enable.auto.commit": False} | more)


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_declared_undeclared_and_idle_are_told_apart(world: World, protocol: str) -> None:
    mine = client(
        world.settings, f"{world.principal}.main", "loader-1", **{"group.protocol": protocol}
    )
    read(mine, world.product.topic, 15)
    other = client(world.product.settings, f"{world.domain}-test", "curious")
    read(other, world.product.topic, 15)
    other.close()
    world.product.commit(range(20, 23))

    idle, used, undeclared = world.consumers()
    assert (idle["declared"], idle["seen"], idle["idle"]) == (True, False, True)
    assert (used["declared"], used["active"], used["consumer"]) == (True, True, "loader")
    (group,) = used["groups"]
    assert (group["name"], group["principal"]) == (f"{world.principal}.main", world.principal)
    assert (group["members"], group["client_ids"], group["hosts"]) == (
        1,
        ["loader-1"],
        ["127.0.0.1"],
    )
    # behind by three events, and by the mark of the transaction before them
    assert 3 <= used["lag"] <= 4
    assert (undeclared["declared"], undeclared["active"]) == (False, False)
    assert undeclared["groups"][0]["name"] == f"{world.domain}-test"

    read(mine, world.product.topic, 3)
    mine.close()
    _, used, _ = world.consumers()
    assert (used["lag"], used["active"], used["seen"]) == (0, False, True)
    text = world.mesh("consumers", world.product.label, "--no-look")
    assert f"! undeclared: group `{world.domain}-test`" in text
    assert f"! declared but never seen: {world.domain}/idle" in text
    assert f"{world.domain}-test" in world.mesh("show", world.product.label)


def test_mesh_consume_leaves_no_trace_and_an_expired_group_does(world: World) -> None:
    root = world.stack.layout.home.parent
    world.run(root, "consume", world.product.label, "--as", "admin", "-n", "15")
    assert [one["seen"] for one in world.consumers()] == [False, False]
    other = client(world.product.settings, f"{world.domain}-test", "curious")
    read(other, world.product.topic, 15)
    other.close()
    before = world.consumers()[2]
    (future,) = world.product.admin.delete_consumer_groups([f"{world.domain}-test"]).values()
    future.result(30)
    after = world.consumers()[2]
    assert (after["groups"][0]["standing"], after["lag"]) == (False, None)
    assert after["last_seen"] == before["last_seen"]


def test_a_stopped_broker_is_a_note(world: World) -> None:
    world.consumers()
    done = world.run(world.root, "consumers", world.product.label, "--env", "far")
    assert "could not be looked at" in done.stderr
    assert f"{world.domain}/used" in done.stdout


def test_the_sample_of_a_product_is_masked_and_leaves_no_trace(world: World) -> None:
    found = json.loads(world.mesh("show", world.product.label, "--json"))["sample"]
    assert (found["source"], found["why"]) == ("topic", "")
    event = found["event"]
    assert event["key"]["id"] == event["value"]["id"] in range(15)
    assert event["value"]["amount"] == "<confidential>"
    assert event["headers"] == {"mesh.tx": str(event["key"]["id"])}
    shown = world.mesh("show", world.product.label)
    assert "\nsample    an event of the topic, " in shown
    assert '\n          value {"id": ' in shown
    assert ".50" not in shown
    assert not any("show" in one["consumer"] for one in world.consumers())


def test_the_sample_of_a_product_without_kafka_is_made_of_the_contract(world: World) -> None:
    done = world.run(world.root, "show", world.product.label, "--env", "far")
    assert "sample    made of the contract, not real: " in done.stdout
    assert '{"id": 1, "amount": "<confidential>"}' in done.stdout
