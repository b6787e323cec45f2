"""Events of several partitions to whole transactions, in one order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest

from streammesh.engine.gathering.assembly import Assembly
from streammesh.platform.streams import Record


def record(partition: int, offset: int, tx: str, position: int) -> Record:
    headers = {"mesh.tx": tx.encode(), "mesh.position": b"%016X" % position}
    return Record(partition, offset, b"k", b"v", headers)


def ids(found: Sequence[Sequence[Record]]) -> list[set[str]]:
    return [{one.headers["mesh.tx"].decode() for one in each} for each in found]


def test_what_was_seen_before_all_was_read_is_whole() -> None:
    one = Assembly({0: 0, 1: 0})
    one.add([record(0, 0, "a", 1)])
    seen = one.seen()
    assert one.take() == []
    one.add([record(1, 0, "a", 1), record(1, 1, "b", 2)])
    one.settle(seen)
    assert ids(one.take()) == [{"a"}]
    assert one.offsets == {0: 1, 1: 1}
    assert bool(one)


def test_what_was_committed_before_comes_before_though_it_was_seen_later() -> None:
    one = Assembly({0: 0, 1: 0})
    one.add([record(0, 0, "b", 2)])
    seen = one.seen()
    one.add([record(1, 0, "a", 1), record(1, 1, "c", 3)])
    one.settle(seen)
    assert ids(one.take()) == [{"a"}, {"b"}]


def test_in_a_backlog_later_positions_tell() -> None:
    one = Assembly({0: 0, 1: 0})
    one.add([record(0, 0, "a", 1), record(1, 0, "a", 1), record(0, 1, "b", 2)])
    seen = one.seen()
    one.pass_by(seen, {0, 1})
    assert ids(one.take()) == []
    one.add([record(1, 1, "c", 3)])
    one.pass_by(seen, {0, 1})
    assert ids(one.take()) == [{"a"}]
    one.pass_by(seen, {1})
    assert ids(one.take()) == [{"b"}]


def test_where_positions_go_back_they_tell_nothing() -> None:
    one = Assembly({0: 0, 1: 0})
    one.add([record(0, 0, "a", 900), record(0, 1, "b", 5), record(1, 0, "b", 5)])
    seen = one.seen()
    one.pass_by(seen, {0})
    assert one.take() == []
    one.settle(seen)
    assert ids(one.take()) == [{"a"}, {"b"}]


def test_what_fits_no_order_is_given_as_one() -> None:
    one = Assembly({0: 0, 1: 0})
    one.add([record(0, 0, "a", 1), record(0, 1, "b", 1)])
    one.add([record(1, 0, "b", 1), record(1, 1, "a", 1)])
    one.settle(one.seen())
    assert ids(one.take()) == [{"a", "b"}]
    assert not one
    assert one.offsets == {0: 2, 1: 2}


def test_one_id_twice_is_two_transactions() -> None:
    one = Assembly({0: 0})
    one.add([record(0, 0, "a", 1), record(0, 1, "b", 2), record(0, 2, "a", 3)])
    one.settle(one.seen())
    assert ids(one.take()) == [{"a"}, {"b"}, {"a"}]


@pytest.mark.parametrize("seed", range(60))
def test_however_partitions_are_seen(seed: int) -> None:
    """Transactions come whole, once, in the order of commits; another database may come between."""
    pick = random.Random(seed)
    count, position, base = pick.choice([1, 2, 4]), 0, 0
    logs: list[list[Record]] = [[] for _ in range(count)]
    for tx in range(60):
        if pick.random() < 0.03:
            base = tx * 1000 if pick.random() < 0.5 else -position
        position += pick.choice([1, 1, 5])
        for at in pick.sample(range(count), pick.randint(1, count)):
            for _ in range(pick.randint(1, 2)):
                log = logs[at]
                log.append(record(at, len(log), str(tx), max(1, base + position)))
    regressed = any(
        one.headers["mesh.position"] > other.headers["mesh.position"]
        for log in logs
        for one, other in pairwise(log)
    )
    found = [next(iter(each)) for each in gathered(logs, pick) if len(each) == 1]
    assert sorted(map(int, found)) == list(range(60)), "each once, and none with another"
    if not regressed and base == 0:
        assert found == sorted(found, key=int)
    where = {tx: at for at, tx in enumerate(found)}
    for log in logs:
        mine = [where[one.headers["mesh.tx"].decode()] for one in log]
        assert mine == sorted(mine)


def gathered(logs: list[list[Record]], pick: random.Random) -> list[set[str]]:
    """See a little at a time, and ask for the ends now and then, as an inlet does."""
    assembly = Assembly(dict.fromkeys(range(len(logs)), 0))
    at, taken = [0] * len(logs), []
    sizes = {at: len(log) for at, log in enumerate(logs)}
    visible = [0] * len(logs)
    while any(at[n] < sizes[n] for n in sizes) or assembly:
        # what is being committed becomes visible in one partition after the other
        visible = [min(sizes[n], visible[n] + pick.choice([0, 1, 3])) for n in sizes]
        seen, ends = assembly.seen(), _ends(logs, visible)
        while unread := {n for n, end in ends.items() if at[n] < end}:
            for n in sizes:
                visible[n] = max(visible[n], ends[n])
                until = min(visible[n], at[n] + pick.choice([0, 1, 2]))
                assembly.add(logs[n][at[n] : until])
                at[n] = until
            if still := {n for n in unread if at[n] < ends[n]}:
                assembly.pass_by(seen, still)
                taken += assembly.take()
        assembly.settle(seen)
        taken += assembly.take()
    return ids(taken)


def _ends(logs: list[list[Record]], visible: list[int]) -> dict[int, int]:
    """Give ends that count open transactions: all of what is visible anywhere."""
    shown = {
        one.headers["mesh.tx"] for log, n in zip(logs, visible, strict=True) for one in log[:n]
    }
    last = max((int(one) for one in shown), default=-1)
    return {
        n: sum(int(one.headers["mesh.tx"]) <= last for one in log) for n, log in enumerate(logs)
    }
