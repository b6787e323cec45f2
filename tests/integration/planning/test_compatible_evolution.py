"""A field more in table, model and contract, on the real stack, while people work and read."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro
import pytest

from streammesh.contracts.changes.kinds import Kind
from streammesh.deployments.deployment import ProductDeployment
from streammesh.local.stack import Stack
from streammesh.reconcile.topic import TopicReader
from tests.integration.engine.conftest import SMALL, make
from tests.integration.engine.world import World

COUNTRY = "          - { name: country, logicalType: string, "
SAID = "description: As they dial it., classification: confidential"
SUBSCRIPTION = """\
apiVersion: streammesh/v1
kind: Subscription
name: reports
consumer: reports
product: {domain}.orders
version: 1
purpose: Counting orders by city
fields: [order_id, customer.city]
contact: {{ email: reports@example.com }}
deliver: {{ to: python }}
"""


@pytest.fixture
def world(stack: Stack, tmp_path: Path) -> Iterator[World]:
    """Give a shop with a subscription, filled, not applied yet."""
    for made in make(stack, tmp_path, SMALL):
        domain = made.shop.domain
        file = made.shop.root / "domains" / domain / "subscriptions" / "reports.subscription.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(SUBSCRIPTION.format(domain=domain))
        try:
            yield made
        finally:
            file.unlink()


def add_phone(world: World) -> None:
    """Let the application have a column more, and the product a field of it."""
    shop = world.shop
    shop.run("ALTER TABLE customers ADD COLUMN phone text")
    shop.run("UPDATE customers SET phone = '+' || id")
    phone = f"          - {{ name: phone, logicalType: string, {SAID} }}"
    shop.edit("orders.v1.odcs.yaml", COUNTRY, f"{phone}\n{COUNTRY}")
    shop.edit("orders.v1.sql", "country: ci.country", "country: ci.country, phone: c.phone")
    shop.edit("orders.v1.odcs.yaml", "version: 1.0.0", "version: 1.1.0")
    product = next(shop.root.rglob("orders.v1.sql")).with_name("dataproduct.odps.yaml")
    product.write_text(product.read_text().replace("version: 1.0.0", "version: 1.1.0"))


def pay(world: World, ended: threading.Event) -> None:
    """Commit one order after another."""
    with world.connect() as connection:
        connection.autocommit = True
        number = 0
        while not ended.wait(0.02):
            number += 1
            said = ("paid" if number % 80 < 40 else "sent", number % 40 + 1)
            connection.execute("UPDATE orders SET status = %s WHERE id = %s", said)


def test_a_field_more_stops_nobody(world: World) -> None:
    topic = f"{world.shop.domain}.orders.v1"
    world.shop.apply()
    engine = world.start_engine()
    world.wait_live()
    before = world.products[topic]
    ended = threading.Event()
    work = threading.Thread(target=pay, args=(world, ended))
    work.start()
    try:
        add_phone(world)
        plan = world.shop.plan()
        changed = plan.changes[f"product/{topic}"]
        assert [one.change.kind for one in changed.changes] == [Kind.FIELD_ADDED_OPTIONAL]
        assert [one.name for one in changed.consumers] == [f"{world.shop.domain}/reports"]
        assert plan.headings[f"product/{topic}"] == "1.0.0 → 1.1.0   compatible"
        assert plan.problems == ()
        world.shop.apply()
        world.wait_live()
        world.wait(lambda: not any(one.differences for one in world.prove().values()), 120)
    finally:
        ended.set()
        work.join()
    assert engine.poll() is None, "the same engine went on"
    for name, proof in world.prove().items():
        assert not proof.differences, (name, proof.differences[:5])
        assert proof.source_digest == proof.product_digest
    check_readers(world, topic, before, world.products[topic])


def check_readers(
    world: World, topic: str, before: ProductDeployment, after: ProductDeployment
) -> None:
    """Read every event with the old schema and the new one; both see the same orders."""
    written = {**dict(after.earlier), after.value_schema_id: after.value_schema}
    assert written[before.value_schema_id] == before.value_schema
    schemas = {id: fastavro.parse_schema(json.loads(text)) for id, text in written.items()}
    old, new = schemas[before.value_schema_id], schemas[after.value_schema_id]
    seen: dict[int, set[bytes]] = {id: set() for id in schemas}
    latest: dict[bytes, Any] = {}
    reader = TopicReader(world.admin, topic, "admin.test")
    for key, _, value, _ in reader.new_records():
        assert value is not None
        id = int.from_bytes(value[1:5], "big")
        seen[id].add(key)
        as_before, as_now = (read(value, schemas[id], one) for one in (old, new))
        assert "phone" not in as_before["customer"]
        phone = as_now["customer"].pop("phone")
        assert (phone is None) == (id == before.value_schema_id)
        assert as_before == as_now
        latest[key] = phone
    reader.close()
    assert len(seen[before.value_schema_id]) == 40
    assert seen[after.value_schema_id] == seen[before.value_schema_id]
    assert all(latest.values())


def read(value: bytes, written: Any, wanted: Any) -> Any:
    """Decode a value as a consumer that has another schema than the one it was written with."""
    return fastavro.schemaless_reader(io.BytesIO(value[5:]), written, wanted)
