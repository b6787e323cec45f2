"""Owners and subscribers in repositories of their own: each apply sees only its own files."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import delete

from streammesh.catalog.workspaces_schema import claims
from streammesh.errors import RemoteFailed
from streammesh.errors.planning import StepFailed
from streammesh.planning.access import reading
from streammesh.planning.access.deciding import Approval
from streammesh.planning.access.doing import lets_read
from streammesh.planning.transferring import transfer
from tests.unit.planning.access.test_random import Killer, light, template
from tests.unit.planning.access.world import REPOSITORIES, Reads, Version, World

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
    planned = world.plan("owners")
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


@pytest.fixture
def moved_out(monkeypatch):
    """Take the folder of a domain out of its repository, which keeps another."""
    return lambda: monkeypatch.setitem(REPOSITORIES, "marketing", ("audit",))


def test_a_domain_without_a_folder_ends_where_it_is_held_and_nowhere_else(world, moved_out):
    moved_out()
    for one in ("owners", "finance"):
        world.apply(one)
    assert (state(world), reads(world)) == ("granted", True)
    world.apply("marketing")
    assert (state(world), reads(world)) == ("withdrawn", False)
    assert world.plan("marketing").empty


@pytest.mark.parametrize("taken", [False, True])
def test_a_domain_that_is_handed_over_goes_on(world, moved_out, monkeypatch, taken):
    """Its folder may be taken out before or after the other repository has applied it."""
    transfer(world.seen_by("marketing"), "marketing", "finance")
    moved_out()
    monkeypatch.setitem(REPOSITORIES, "finance", ("finance", "marketing"))
    if taken:
        world.apply("finance")
    world.apply("marketing")
    assert (state(world), reads(world)) == ("granted", True)
    world.apply("finance")
    assert (state(world), reads(world)) == ("granted", True)


def test_a_domain_that_nobody_claimed_is_nobodys_to_end(world, moved_out):
    for key in [*world.platform.resources.read()]:
        if key.startswith("domain/"):
            world.platform.resources.remove([key])
    with world.platform.catalog.writing() as connection:
        connection.execute(delete(claims))
    moved_out()
    world.apply("marketing")
    assert (state(world), reads(world)) == ("granted", True)


@pytest.mark.parametrize("killed_at", range(1, 8))
def test_a_domain_without_a_folder_ends_also_after_it_was_killed(world, moved_out, killed_at):
    moved_out()
    Killer(world.platform, random.Random(3)).run(lambda: world.apply("marketing"), killed_at)
    world.apply("marketing")
    assert (state(world), reads(world)) == ("withdrawn", False)
    owned = {one.owner for one in world.platform.resources.read().values()}
    assert "consumer/marketing.loader" not in owned
    assert world.plan("marketing").empty
