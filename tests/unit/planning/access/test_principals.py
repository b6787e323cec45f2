"""Users that somebody else made, and that several subscriptions or domains name."""

from __future__ import annotations

import pytest

from streammesh.errors import MeshErrors
from streammesh.errors.access import PrincipalsOverlap, RestrictedFields
from streammesh.planning import service
from streammesh.planning.access import deciding, reading
from streammesh.planning.access.deciding import Approval
from streammesh.planning.access.doing import lets_read
from tests.products_mesh import SAID
from tests.unit.planning.access.conftest import LOCKED, OPEN
from tests.unit.planning.access.test_random import light, template
from tests.unit.planning.access.world import ENVIRONMENT, Reads, World

__all__ = ["light", "template"]

ORDERS = "sales.orders.v1"


@pytest.fixture
def world(tmp_path, template, light, monkeypatch):
    one = World(tmp_path, template)
    monkeypatch.setattr(reading, "today", lambda: one.today)
    one.apply("owners")
    yield one
    one.close()


def read(world: World, principal: str) -> bool:
    return any(lets_read(acl, principal, ORDERS) for acl in world.platform.kafka.acls())


def share(world: World, then: Reads | None = None) -> None:
    """Let two domains read as one user, whose right is recorded as the first one's, which leaves.

    Args:
        world: where.
        then: what the first one reads from then on.
    """
    for domain in ("marketing", "finance"):
        world.subscriptions[domain, "etl"] = Reads("etl", "sales.orders", 1, "User:etl")
        assert world.apply(domain)
    del world.subscriptions["marketing", "etl"]
    if then is not None:
        world.subscriptions["marketing", "etl"] = then
    assert world.apply("marketing")
    assert read(world, "etl")


@pytest.mark.parametrize("principal", ["User:another", None])
def test_who_changes_its_user_leaves_nothing_to_the_old_one_whosever_record_it_is(world, principal):
    share(world, Reads("etl", "sales.orders", 1, "User:third"))
    world.subscriptions["finance", "etl"] = Reads("etl", "sales.orders", 1, principal)
    assert world.apply("finance")
    assert read(world, "another" if principal else "mesh.finance.etl")
    assert not read(world, "etl")


def test_a_revoked_user_keeps_no_right_at_all(world):
    share(world)
    deciding.revoke(ENVIRONMENT, world.platform, "finance/etl")
    assert [one for one in world.platform.kafka.acls() if one.principal == "etl"] == []


@pytest.mark.parametrize(("first", "second"), [("etl", "etl.batch"), ("etl.batch", "etl")])
def test_groups_of_another_repositorys_consumer_are_not_covered(world, first, second):
    world.subscriptions["marketing", "one"] = Reads("one", "sales.orders", 1, f"User:{first}")
    assert world.apply("marketing")
    world.subscriptions["finance", "one"] = Reads("one", "sales.orders", 1, f"User:{second}")
    planned = service.plan(world.workspace("finance"), ENVIRONMENT, world.platform)
    assert [type(one) for one in planned.problems] == [PrincipalsOverlap]
    with pytest.raises(MeshErrors) as found:
        deciding.ask(world.workspace("finance"), ENVIRONMENT, world.platform, "finance/one")
    assert [type(one) for one in found.value.errors] == [PrincipalsOverlap]


def test_who_is_cut_by_one_subscription_and_reads_by_another_is_told_so(mesh):
    mesh.subscribe(OPEN)
    mesh.subscribe(OPEN, "second")
    mesh.apply()
    done = mesh.revoke()
    assert mesh.reads("mesh.finance.loader", ORDERS)
    assert done.cut == ()
    assert done.left == ()
    assert done.still == ("mesh.finance.loader reads sales.orders.v1 by finance/second",)
    assert mesh.revoke("finance/second").still == ()
    assert not mesh.reads("mesh.finance.loader", ORDERS)


def test_the_command_that_is_named_names_all_restricted_fields_also_those_granted_before(mesh):
    mesh.subscribe(LOCKED)
    mesh.apply()
    mesh.approve(fields=("name",))
    field = f"name: customer_id, {SAID}"
    mesh.edit("portraits.v1.odcs.yaml", field, field.replace("public", "restricted"))
    mesh.apply()
    assert mesh.states() == {("finance/loads", "marketing.portraits.v1"): "requested"}
    assert "`mesh access approve finance/loads --field customer_id --field name`" in mesh.notes()[0]
    with pytest.raises(RestrictedFields) as found:
        mesh.approve(fields=("customer_id",))
    assert "--field 'customer_id' --field 'name'" in found.value.fix
    mesh.approve(fields=("customer_id", "name"))
    assert mesh.reads("mesh.finance.loader", "marketing.portraits.v1")


def test_who_was_refused_is_not_granted_at_once_by_another_domain(world):
    """A user that was cut off would read again as soon as somebody else names it."""
    world.subscriptions["marketing", "etl"] = Reads("etl", "sales.orders", 1, "User:etl")
    world.apply("owners")
    world.apply("marketing")
    assert world.revoke(("marketing", "etl", "sales.orders.v1"))
    world.subscriptions["finance", "etl"] = Reads("etl", "sales.orders", 1, "User:etl")
    world.subscriptions["finance", "own"] = Reads("own", "sales.orders", 1)
    world.apply("finance")
    states = {one.name: one.state.value for one in world.platform.catalog.access()}
    assert states == {
        "marketing/etl": "revoked",
        "finance/etl": "requested",
        "finance/own": "granted",
    }
    assert world.approve(("finance", "etl", "sales.orders.v1"), Approval())
    assert world.plan("finance").steps == ()
