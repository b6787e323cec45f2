"""Owners and subscribers in repositories of their own: each apply sees only its own files."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from streammesh.errors import RemoteFailed
from streammesh.errors.planning import StepFailed
from streammesh.planning import service
from streammesh.planning.access import reading
from streammesh.planning.access.deciding import Approval
from streammesh.planning.access.doing import lets_read
from tests.unit.planning.access.test_random import Killer, light, template
from tests.unit.planning.access.world import ENVIRONMENT, Reads, Version, World

__all__ = ["light", "template"]

ORDERS, LOADER = "sales.orders.v1", "mesh.marketing.loader"
KEY = ("marketing", "one", ORDERS)


@pytest.fixture
def world(tmp_path, template, light, monkeypatch):
    one = World(tmp_path, template)
    monkeypatch.setattr(reading, "today", lambda: one.today)
    one.apply("owners")
    one.subscriptions["marketing", "one"] = Reads("loader", "sales.orders", 1)
    one.apply("marketing")
    yield one
    one.close()


def reads(world: World, topic: str = ORDERS) -> bool:
    return any(lets_read(acl, LOADER, topic) for acl in world.platform.kafka.acls())


def state(world: World) -> str:
    (record,) = [one for one in world.platform.catalog.access() if one.key == KEY]
    return record.state.value


@pytest.mark.parametrize(
    ("said", "became"),
    [(Version("retired"), "revoked"), (Version("active", "restricted"), "requested")],
)
@pytest.mark.parametrize("killed_at", [0, 1, 2, 3])
def test_the_owners_apply_cuts_off_also_after_it_was_killed(world, said, became, killed_at):
    assert reads(world)
    world.versions[ORDERS] = said
    Killer(world.platform, random.Random(3)).run(lambda: world.apply("owners"), killed_at)
    assert world.apply("owners")
    assert not reads(world)
    assert state(world) == became
    assert world.apply("marketing")
    assert not reads(world)


def test_the_owners_apply_cuts_off_what_has_expired(world):
    world.approve(KEY, Approval(expires=world.today.isoformat()))
    world.apply("owners")
    assert reads(world)
    world.today += timedelta(days=1)
    world.apply("owners")
    assert not reads(world)
    assert state(world) == "expired"


def test_an_owners_apply_leaves_what_the_consumer_reads_of_others(world):
    world.subscriptions["marketing", "two"] = Reads("loader", "crm.customers", 1)
    world.apply("marketing")
    world.versions[ORDERS] = Version("retired")
    world.apply("owners")
    assert not reads(world)
    assert reads(world, "crm.customers.v1")
    groups = [one for one in world.platform.kafka.acls() if one.name == f"{LOADER}."]
    assert len(groups) == 1


def test_an_existing_principal_keeps_what_another_domain_was_granted(world):
    """Whose record the right is makes no difference to who may still read."""
    for domain in ("marketing", "finance"):
        world.subscriptions[domain, "etl"] = Reads("etl", "sales.orders", 1, "User:etl")
        world.apply(domain)

    def etl() -> bool:
        return any(lets_read(acl, "etl", ORDERS) for acl in world.platform.kafka.acls())

    assert etl()
    del world.subscriptions["marketing", "etl"]
    world.apply("marketing")
    assert etl()
    world.revoke(("finance", "etl", ORDERS))
    assert not etl()


def test_an_existing_principal_that_leaves_last_leaves_nothing_to_read(world):
    for domain in ("marketing", "finance"):
        world.subscriptions[domain, "etl"] = Reads("etl", "sales.orders", 1, "User:etl")
        world.apply(domain)
    for domain in ("marketing", "finance"):
        del world.subscriptions[domain, "etl"]
        world.apply(domain)
    assert not [
        one
        for one in world.platform.kafka.acls()
        if one.principal == "etl" and one.resource_type == "topic"
    ]


def test_the_owners_plan_names_who_waits_for_it(world):
    world.versions[ORDERS] = Version("active", "confidential")
    world.apply("owners")
    world.subscriptions["finance", "one"] = Reads("loader", "sales.orders", 1)
    world.apply("finance")
    planned = service.plan(world.workspace("owners"), ENVIRONMENT, world.platform)
    (note,) = [one for one in planned.notes if "finance/one" in one.text]
    assert note.text == (
        "finance/one asks for sales.orders.v1 (reports): `mesh access approve finance/one`, or deny"
    )
    assert planned.steps == ()


@pytest.mark.parametrize(
    ("system", "call"),
    [("catalog", "decide_access"), ("kafka", "create_acls"), ("kafka", "put_user")],
)
def test_a_system_that_is_down_in_the_middle_grants_nothing_and_the_next_apply_goes_on(
    world, monkeypatch, system, call
):
    def down(*_, **__):
        raise RemoteFailed(what=f"{system} is on holiday")

    world.subscriptions["finance", "one"] = Reads("other", "sales.orders", 1)
    with monkeypatch.context() as patch:
        patch.setattr(getattr(world.platform, system), call, down)
        with pytest.raises(StepFailed, match="could not"):
            world.apply("finance")
    mine = [one for one in world.platform.kafka.acls() if one.principal == "mesh.finance.other"]
    assert mine == []
    assert world.apply("finance")
    mine = [one for one in world.platform.kafka.acls() if one.principal == "mesh.finance.other"]
    assert len(mine) == 5  # on the topic, on notices, in groups of its own
