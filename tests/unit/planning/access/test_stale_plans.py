"""Two teams at once: what one is granted, refused or offered ends a plan of the other."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from streammesh.errors.planning import PlanOutdated
from streammesh.planning import service, stages
from streammesh.planning.access import reading
from streammesh.planning.access.deciding import Approval
from streammesh.planning.access.doing import lets_read
from streammesh.planning.plan import Plan
from streammesh.planning.weighing.cataloguing import recording
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
    one.apply("finance")
    yield one
    one.close()


def plan(world: World, repository: str) -> Plan:
    planned = service.plan(world.workspace(repository), ENVIRONMENT, world.platform)
    assert planned.steps
    assert not planned.blocked
    return planned


def reads(world: World) -> bool:
    return any(lets_read(acl, LOADER, ORDERS) for acl in world.platform.kafka.acls())


def subscribe(world: World) -> None:
    world.subscriptions["marketing", "one"] = Reads("loader", "sales.orders", 1)


def outdated(world: World, planned: Plan) -> None:
    before = world.platform.kafka.acls()
    with pytest.raises(PlanOutdated):
        service.apply(planned, world.platform)
    assert world.platform.kafka.acls() == before


@pytest.mark.parametrize("said", [Version("active", "restricted"), Version("retired")])
def test_what_is_granted_at_once_is_not_when_the_owner_closed_it_meanwhile(world, said):
    subscribe(world)
    planned = plan(world, "marketing")
    world.versions[ORDERS] = said
    assert world.apply("owners")
    outdated(world, planned)
    assert not reads(world)


@pytest.mark.parametrize("said", [Version("active", "restricted"), Version("retired")])
def test_what_the_owner_closes_is_looked_at_again_when_somebody_was_granted_it(world, said):
    world.versions[ORDERS] = said
    planned = plan(world, "owners")
    subscribe(world)
    assert world.apply("marketing")
    assert reads(world)
    outdated(world, planned)
    assert world.apply("owners")
    assert not reads(world)


def test_a_right_that_was_still_to_be_made_is_not_when_it_was_revoked_meanwhile(world):
    world.versions[ORDERS] = Version("active", "confidential")
    world.apply("owners")
    subscribe(world)
    world.apply("marketing")
    killer = Killer(world.platform, random.Random(0))
    for after in range(1, 9):  # the grant is recorded, and no right stands yet
        killer.run(lambda: world.approve(KEY, Approval()), after)
        if world.platform.catalog.access()[0].state.value == "granted":
            break
    assert not reads(world)
    planned = plan(world, "marketing")
    assert world.revoke(KEY)
    outdated(world, planned)
    assert not reads(world)


def test_a_request_of_one_domain_does_not_end_a_plan_of_another(world):
    world.subscriptions["finance", "one"] = Reads("loader", "crm.customers", 1)
    planned = plan(world, "finance")
    subscribe(world)
    assert world.apply("marketing")
    world.versions["sales.orders.v2"] = Version()
    assert world.apply("owners")
    assert service.apply(planned, world.platform).steps


def test_who_relies_on_another_field_meanwhile_is_asked(world, monkeypatch):
    monkeypatch.setattr(stages, "recording", recording)
    subscribe(world)
    world.apply("marketing")
    world.versions["sales.orders.v2"] = Version()
    planned = plan(world, "owners")
    whole = world.workspace("marketing")
    (domain,) = whole.domains.values()
    other = replace(domain, subscriptions=(replace(domain.subscriptions[0], fields=()),))
    workspace = replace(whole, domains={"marketing": other})
    service.apply(service.plan(workspace, ENVIRONMENT, world.platform), world.platform)
    outdated(world, planned)
