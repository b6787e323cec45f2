"""Compatible changes on the real stack, while the shop works and a consumer reads on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from streammesh.deployments.deployment import ProductDeployment
from streammesh.local.stack import Stack
from tests.integration.engine.conftest import SMALL, make
from tests.integration.engine.world import World
from tests.integration.planning.evolving import (
    DOCUMENTS,
    OldReader,
    Work,
    await_all,
    check_against_database,
    check_no_event_says_nothing_new,
    documents,
    mesh,
    settle_in,
)

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
    """Give a shop with a subscription, filled and applied, whose engine runs."""
    for made in make(stack, tmp_path, SMALL):
        domain = made.shop.domain
        file = made.shop.root / "domains" / domain / "subscriptions" / "reports.subscription.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(SUBSCRIPTION.format(domain=domain))
        settle_in(made)
        made.shop.run("ANALYZE")
        try:
            made.shop.apply()
            made.start_engine()
            made.wait_live()
            assert made.products_once
            yield made
        finally:
            file.unlink()


@dataclass
class Evolution:
    """One change while all is at work, and what came of it."""

    world: World
    topic: str
    reader: OldReader
    work: Work
    before: ProductDeployment

    def goes_on(self) -> None:
        """Wait until the consumer is told of transactions that are committed from now on."""
        done = set(self.world.order)

        def told() -> bool:
            assert self.work.failure is None, self.work.failure
            assert self.reader.failure is None, self.reader.failure
            return len(self.reader.told() - done) > DOCUMENTS

        self.world.wait(told, 60)

    @property
    def after(self) -> ProductDeployment:
        return self.world.products[self.topic]

    def plan(self) -> dict[str, Any]:
        """Plan, which has something to do, and nothing that stops it."""
        done = mesh(self.world, "plan", "--json", "--detailed-exitcode")
        assert done.status == 10, done.out + done.err
        plan: dict[str, Any] = json.loads(done.out)
        assert plan["problems"] == []
        shown = mesh(self.world, "plan")
        assert shown.status == 0, shown.err
        return {**plan, "shown": shown.out}

    def apply(self) -> None:
        """Apply, and wait until all is as the database has it."""
        done = mesh(self.world, "apply", "--yes")
        assert done.status == 0, done.out + done.err
        digest = self.after.digest
        self.world.wait(lambda: self._in_force(digest), 120)
        proofs = self.world.prove()
        assert {name: one.differences for name, one in proofs.items() if one.differences} == {}

    def _in_force(self, digest: str) -> bool:
        progress = self.world.progress()
        known = {} if progress is None else progress.deployments
        live = all(one.status == "live" for one in known.values())
        return live and self.topic in known and known[self.topic].digest == digest


@contextmanager
def evolving(world: World, gone: str = "") -> Iterator[Evolution]:
    """Let the shop work and a consumer read while something changes; then check all of it."""
    topic = f"{world.shop.domain}.orders.v1"
    (engine,) = world.engines
    with OldReader(world, world.products[topic]) as reader:
        work = Work(world)
        one = Evolution(world, topic, reader, work, world.products[topic])
        with work.going_on():
            one.goes_on()
            yield one
            one.goes_on()
        proofs = world.prove()
        assert {name: one.differences for name, one in proofs.items() if one.differences} == {}
        await_all(world, reader, topic)
    assert engine.poll() is None, "the same engine went on"
    assert check_against_database(world, reader, topic, gone) > DOCUMENTS
    check_no_event_says_nothing_new(reader)
    empty = mesh(world, "plan", "--detailed-exitcode")
    assert empty.status == 0, empty.out + empty.err


def raise_version(world: World) -> None:
    """Let the product say that it has got more."""
    world.shop.edit("orders.v1.odcs.yaml", "version: 1.0.0", "version: 1.1.0")
    product = next(world.shop.root.rglob("orders.v1.sql")).with_name("dataproduct.odps.yaml")
    product.write_text(product.read_text().replace("version: 1.0.0", "version: 1.1.0"))


def kinds(plan: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(one["kind"], one["meaning"], one["field"]) for one in plan["changes"]]


def deployed(plan: dict[str, Any], topic: str) -> dict[str, Any]:
    """Give the step that deploys a product."""
    (found,) = [
        one
        for one in plan["steps"]
        if one["kind"] == "deployment" and one["details"].get("topic") == topic
    ]
    return found


def test_a_field_more_stops_nobody(world: World) -> None:
    shop = world.shop
    with evolving(world) as one:
        shop.run("ALTER TABLE customers ADD COLUMN phone text")
        shop.run("UPDATE customers SET phone = '+' || id")
        one.goes_on()
        phone = f"          - {{ name: phone, logicalType: string, {SAID} }}"
        shop.edit("orders.v1.odcs.yaml", COUNTRY, f"{phone}\n{COUNTRY}")
        shop.edit("orders.v1.sql", "country: ci.country", "country: ci.country, phone: c.phone")
        raise_version(world)
        plan = one.plan()
        assert kinds(plan) == [("field_added_optional", "compatible", "customer.phone")]
        assert "1.0.0 → 1.1.0   compatible" in plan["shown"]
        assert f"all are published again (about {DOCUMENTS}, " in plan["shown"]
        assert deployed(plan, one.topic)["details"]["documents_at_most"] == DOCUMENTS
        one.apply()
    assert one.after.value_schema_id != one.before.value_schema_id
    last = one.reader.last()
    assert {seen.schema_id for seen in last.values()} == {one.after.value_schema_id}
    wanted = {key: found["customer"]["phone"] for key, found in documents(world, one.after).items()}
    assert {key: seen.written["customer"]["phone"] for key, seen in last.items()} == wanted
    assert all(wanted.values())
    assert all("phone" not in seen.document["customer"] for seen in one.reader.events)


def test_a_valid_value_more_stops_nobody(world: World) -> None:
    shop = world.shop
    with evolving(world) as one:
        checked = "CHECK (status IN ('new', 'paid', 'sent', 'back'))"
        shop.run(f"ALTER TABLE orders DROP CONSTRAINT orders_status_check, ADD {checked}")
        shop.edit("orders.v1.odcs.yaml", "[new, paid, sent]", "[new, paid, sent, back]")
        raise_version(world)
        plan = one.plan()
        assert kinds(plan) == [("enum_value_added", "compatible with care", "status")]
        assert "1.0.0 → 1.1.0   compatible with care" in plan["shown"]
        one.apply()
        world.know_products()
        one.work.statuses[:] = ["back", "paid"]
        one.goes_on()
        one.goes_on()
    assert {"new", "paid", "sent", "back"} == {e.document["status"] for e in one.reader.events}


def test_an_optional_field_that_nobody_relies_on_goes_and_stops_nobody(world: World) -> None:
    shop = world.shop
    with evolving(world, gone="customer.country") as one:
        contract = next(shop.root.rglob("orders.v1.odcs.yaml"))
        (line,) = [each for each in contract.read_text().splitlines() if each.startswith(COUNTRY)]
        shop.edit("orders.v1.odcs.yaml", f"{line}\n", "")
        shop.edit("orders.v1.sql", ", country: ci.country", "")
        raise_version(world)
        plan = one.plan()
        assert [(kind, field) for kind, _, field in kinds(plan)] == [
            ("field_removed_optional", "customer.country")
        ]
        (change,) = plan["changes"]
        assert not change["gated"]
        assert [each["name"] for each in change["not_affected"]] == [f"{shop.domain}/reports"]
        assert deployed(plan, one.topic)["details"]["documents_at_most"] == DOCUMENTS
        one.apply()
    last = one.reader.last()
    assert {seen.schema_id for seen in last.values()} == {one.after.value_schema_id}
    assert all("country" not in seen.written["customer"] for seen in last.values())


def test_descriptions_alone_stop_nobody(world: World) -> None:
    shop = world.shop
    with evolving(world) as one:
        shop.edit("orders.v1.odcs.yaml", "How far the order has come.", "How far it has come.")
        shop.edit("orders.v1.odcs.yaml", "version: 1.0.0", "version: 1.0.1")
        product = next(shop.root.rglob("orders.v1.sql")).with_name("dataproduct.odps.yaml")
        product.write_text(product.read_text().replace("version: 1.0.0", "version: 1.0.1"))
        plan = one.plan()
        assert kinds(plan) == [("description_changed", "compatible", "status")]
        assert f"all are published again (about {DOCUMENTS}, " in plan["shown"]
        one.apply()
    again = [seen for seen in one.reader.events[DOCUMENTS:] if seen.tx is None]
    assert len(again) <= DOCUMENTS  # those that no transaction has changed meanwhile
    last = one.reader.last().values()
    assert {seen.schema_id for seen in (*again, *last)} == {one.after.value_schema_id}
