"""A product made of two others: every commit of either, whole, once, whatever dies in between."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from streammesh.engine.gathering.once import computed
from streammesh.engine.state import State
from streammesh.platform.streams import CommitUncertain, WriteFailed, WriterFenced
from tests.unit.engine.gathering.world import (
    CUSTOMERS,
    LOG,
    ORDERS,
    PORTRAITS,
    World,
    customer,
    order,
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def filled(world: World) -> World:
    world.publish(CUSTOMERS, k1=customer("Ann", "Bern"), k2=customer("Bo"))
    world.publish(ORDERS, k10=order(1), k11=order(1, None), k12=order(3))
    world.gather()
    world.run()
    return world


def test_what_is_there_is_published_once(world: World) -> None:
    filled(world)
    assert world.documents() == world.now_expected()
    world.gather()
    world.run()
    assert len(world.published()) == 2


def test_every_commit_of_either_product_is_seen_whole(world: World) -> None:
    filled(world)
    world.publish(ORDERS, k10=order(2), k13=order(1, 100, "paid"))
    world.publish(CUSTOMERS, k3=customer("Cy"))
    world.publish(CUSTOMERS, k1=None, k2=customer("Bo", "Rome"))
    world.publish(ORDERS, k12=None)
    world.gather()
    world.run()
    assert world.documents() == world.now_expected()
    assert world.check_every_commit() == 4


def test_an_event_names_the_product_and_its_transaction(world: World) -> None:
    filled(world)
    tx = world.publish(ORDERS, k10=order(2))
    world.gather()
    world.run()
    assert {tx for _, tx, *_ in world.published()[2:]} == {f"sales.orders.v1/{tx}"}


def test_a_gatherer_goes_on_where_the_last_one_was(world: World) -> None:
    filled(world)
    before = len(world.streams.log(LOG)[0])
    world.publish(ORDERS, k20=order(2))
    world.gather()
    records = world.streams.log(LOG)[0][before:]
    assert len([one for one in records if b'"u"' in (one.value or b"")]) == 1
    world.run()
    assert world.documents() == world.now_expected()


@pytest.mark.parametrize("fault", ["lost", "landed", "failed"])
def test_a_commit_in_doubt_is_neither_lost_nor_doubled(world: World, fault: str) -> None:
    filled(world)
    world.publish(ORDERS, k10=order(2), k13=order(1))
    world.publish(CUSTOMERS, k3=customer("Cy"))
    world.streams.fail_commits = [fault]
    with pytest.raises((CommitUncertain, WriteFailed)):
        world.gather()
    world.gather()
    world.run()
    assert world.documents() == world.now_expected()
    assert world.check_every_commit() == 2


def test_a_gatherer_that_dies_in_its_snapshot_begins_it_again(world: World) -> None:
    world.publish(CUSTOMERS, k1=customer("Ann"))
    world.publish(ORDERS, k10=order(1))
    world.streams.fail_commits = ["", "", "lost"]
    with pytest.raises(CommitUncertain):
        world.gather()
    world.publish(ORDERS, k10=None)
    world.gather()
    world.run()
    assert world.documents() == world.now_expected()


def test_of_two_gatherers_the_newer_one_writes(world: World) -> None:
    filled(world)
    old = world.gatherer()
    old.start()
    world.publish(ORDERS, k10=order(2))
    world.gather()
    with pytest.raises(WriterFenced):
        old.step(0)
    world.run()
    assert world.check_every_commit() == 1


def test_a_lost_state_is_rebuilt_from_the_log(world: World) -> None:
    filled(world)
    world.publish(ORDERS, k10=order(2))
    world.gather()
    world.run()
    count = len(world.published())
    State.remove(world.path)
    world.publish(CUSTOMERS, k2=customer("Bob"))
    world.gather()
    world.run()
    assert world.documents() == world.now_expected()
    assert len(world.published()) == count + 1
    assert world.check_every_commit() == 2


def test_a_log_that_is_gone_is_made_again_from_the_products(world: World) -> None:
    filled(world)
    world.streams.topics[LOG] = [[]]
    State.remove(world.path)
    world.publish(ORDERS, k10=order(2))
    world.gather()
    world.run()
    assert world.documents() == world.now_expected()


def test_compacted_topics_say_the_same(world: World) -> None:
    world.publish(CUSTOMERS, k1=customer("Ann"))
    for amount in range(20):
        world.publish(ORDERS, k10=order(1, amount), k11=order(1, 2 * amount))
    world.publish(ORDERS, k11=None)
    world.compact(ORDERS)
    world.gather()
    world.run()
    assert world.documents() == world.now_expected()


def test_a_product_restored_to_an_earlier_state_is_read_anew(world: World) -> None:
    filled(world)
    world.publish(ORDERS, k10=None)
    world.gather()
    for partition in world.streams.log(ORDERS):
        del partition[-1:]
    world.rows[ORDERS] = {}
    for partition in world.streams.log(ORDERS):
        partition.clear()
    world.publish(ORDERS, k30=order(1, 700))
    world.gather()
    world.run()
    assert world.documents() == world.now_expected()


def test_a_preview_computes_the_same_and_writes_nothing(world: World, tmp_path: Path) -> None:
    world.publish(CUSTOMERS, k1=customer("Ann", "Bern"), k2=customer("Bo"), k3=customer("Cy"))
    world.publish(ORDERS, k10=order(1), k11=order(1, None), k12=order(3))
    world.publish(CUSTOMERS, k3=None)
    before = {topic: len(every[0]) for topic, every in world.streams.topics.items()}
    found = list(computed(world.deployed, world.product(PORTRAITS), world.streams, tmp_path))
    assert {one.key["customer_id"]: one.value for one in found} == world.now_expected()
    assert not any(one.violation for one in found)
    after = {topic: len(every[0]) for topic, every in world.streams.topics.items()}
    assert after == before


SEEDS = int(os.environ.get("STREAMMESH_SEEDS", "12"))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_happens_every_commit_is_right(tmp_path: Path, seed: int) -> None:
    pick = random.Random(seed)
    world = filled(World(tmp_path))
    for _ in range(pick.randint(4, 12)):
        for _ in range(pick.randint(0, 4)):
            _publish(world, pick)
        _maybe_broken(world, pick, world.gather)
        if pick.random() < 0.6:
            _maybe_broken(world, pick, world.run)
        if pick.random() < 0.1:
            State.remove(world.path)
    world.gather()
    world.run()
    assert world.documents() == world.now_expected(), f"seed {seed}"
    world.check_every_commit()


def _publish(world: World, pick: random.Random) -> None:
    topic = pick.choice([CUSTOMERS, ORDERS])
    changed = {}
    for key in pick.sample(range(1, 9), pick.randint(1, 4)):
        if key in world.rows[topic] and pick.random() < 0.25:
            changed[f"k{key}"] = None
        elif topic == CUSTOMERS:
            changed[f"k{key}"] = customer(pick.choice("ABCDEF"), pick.choice([None, "Bern"]))
        else:
            amount = pick.choice([None, 1, 250, 99_999])
            changed[f"k{key}"] = order(pick.randint(1, 8), amount, pick.choice(["new", "paid"]))
    world.publish(topic, **changed)


def _maybe_broken(world: World, pick: random.Random, act) -> None:
    if pick.random() < 0.4:
        world.streams.fail_commits = [""] * pick.randint(0, 2) + [
            pick.choice(["lost", "landed", "failed"])
        ]
    try:
        act()
    except (CommitUncertain, WriteFailed):
        pass
    finally:
        world.streams.fail_commits = []
