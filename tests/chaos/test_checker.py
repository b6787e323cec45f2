"""The checker of chaos/ finds what it looks for, in topics with one thing wrong."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from chaos.checker import Event, Expected, Verdict, check
from chaos.garbage import event_of
from chaos.results import Result
from chaos.shop import ChaosShop, Oracle
from streammesh.reconcile.proof import codec_of
from tests.unit.engine.harness import Bench
from tests.unit.engine.shop import LOG, ORDERS, product


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Expected, list[Event]]:
    """Give what a shop's orders are, and the events that an engine made of them."""
    bench, shop = Bench(tmp_path_factory.mktemp("bench"), product("orders")), ChaosShop(5)
    shop.snapshot()
    since = shop.lsn
    shop.work(60)
    for value in shop.take():
        bench.streams.append(LOG, value)
    bench.run()
    codec = codec_of(bench.products[ORDERS])
    partitions = enumerate(bench.streams.log(ORDERS))
    events = [event_of(number, one, codec) for number, its in partitions for one in its]
    return Expected(shop.oracles["orders"], since, shop.lsn), events


def verdict(seen: tuple[Expected, list[Event]], events: list[Event]) -> Verdict:
    return check(seen[0], events)


def large(events: list[Event]) -> int:
    """Give the index of an event of a transaction with several."""
    return next(i for i, one in enumerate(events) if (one.tx_events or 0) > 2)


def test_what_an_engine_publishes_is_right(seen: tuple[Expected, list[Event]]) -> None:
    found = verdict(seen, seen[1])
    assert found.good, found.told
    assert found.transactions > 40
    assert found.events == len(seen[1])


def test_a_lost_event_is_found(seen: tuple[Expected, list[Event]]) -> None:
    events = list(seen[1])
    del events[large(events)]
    found = verdict(seen, events)
    assert found.lost == 1
    assert found.torn == 1


def test_a_lost_transaction_is_found(seen: tuple[Expected, list[Event]]) -> None:
    gone = seen[1][large(seen[1])].position
    found = verdict(seen, [one for one in seen[1] if one.position != gone])
    assert found.lost > 2
    assert found.torn == 0


def test_a_doubled_event_is_found(seen: tuple[Expected, list[Event]]) -> None:
    events = list(seen[1])
    events.insert(10, events[10])
    found = verdict(seen, events)
    assert (found.doubled, found.lost, found.reordered) == (1, 0, 0)


def test_a_torn_transaction_is_found(seen: tuple[Expected, list[Event]]) -> None:
    events = list(seen[1])
    place = large(events)
    events[place] = replace(events[place], tx_events=1)
    assert verdict(seen, events).torn == 1


def test_events_in_another_order_are_found(seen: tuple[Expected, list[Event]]) -> None:
    events = list(seen[1])
    first = next(
        i
        for i, (one, two) in enumerate(pairwise(events))
        if one.partition == two.partition and one.position < two.position
    )
    events[first], events[first + 1] = events[first + 1], events[first]
    assert verdict(seen, events).reordered > 0


def test_a_document_of_another_time_is_found(seen: tuple[Expected, list[Event]]) -> None:
    events = list(seen[1])
    place = next(i for i, one in enumerate(events) if one.document is not None)
    events[place] = replace(events[place], document={"order_id": 0})
    assert verdict(seen, events).wrong == 1


def test_a_key_in_two_partitions_is_found(seen: tuple[Expected, list[Event]]) -> None:
    events = list(seen[1])
    events.append(replace(events[-1], partition=events[-1].partition + 1, document=None))
    assert verdict(seen, events).reordered > 0


def test_the_oracle_knows_a_document_at_every_position() -> None:
    oracle = Oracle()
    oracle.note(1, {7: {"a": 1}})
    oracle.note(2, {7: {"a": 1}, 8: {"a": 2}})
    oracle.note(3, {8: {"a": 2}})
    assert [oracle.at(7, position) for position in range(4)] == [None, {"a": 1}, {"a": 1}, None]
    assert oracle.counts == {1: 1, 2: 1, 3: 1}


def test_a_transaction_within_a_gap_need_not_come(seen: tuple[Expected, list[Event]]) -> None:
    expected, events = seen
    first = events[large(events)].position
    without = [one for one in events if one.position != first]
    gap = replace(expected, gaps=((first - 1, first),))
    assert check(gap, without).lost < verdict(seen, without).lost


def test_results_tell_the_good_from_the_bad() -> None:
    assert Result(done=1).good
    assert not Result(done=1, lost=1).good
    assert not Result(done=1, crashes=1).good
    assert Result(done=1, doubled=1, control=True).good
    assert not Result(done=1, control=True).good
