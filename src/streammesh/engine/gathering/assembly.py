"""Transactions of one product, from the events in its partitions.

Each partition has its events in the order of commits, so all partitions agree on one order, and a
transaction's events in one stand behind those of the transactions before it. What becomes visible
in a partition is visible, or about to be, in all others: a transaction is whole when each partition
has been read up to an end that was asked for after the transaction was first seen. Until then it
may be told by positions: what another partition shows of later ones stands behind all of it.

Nothing is counted: compaction takes events away, and whoever counts would wait for them for ever.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from streammesh.platform.streams import Record

Id = tuple[bytes, bytes, bytes]
"""A transaction: its position, its own id, its part where it has several."""

NAMES = ("mesh.position", "mesh.tx", "mesh.part")


@dataclass(eq=False)
class Group:
    """Events of a product that belong together.

    Attributes:
        id: what their headers say.
        number: in the order in which transactions were first seen.
        records: the events; those of a partition in their order.
        partitions: where they stand.
        whole: whether there are no more of them.
    """

    id: Id
    number: int
    records: list[Record] = field(default_factory=list)
    partitions: set[int] = field(default_factory=set)
    whole: bool = False


class Assembly:
    """Gathers the events of one product to transactions, and gives them in one order.

    Attributes:
        offsets: by partition, the offset behind all that was given.
    """

    def __init__(self, offsets: Mapping[int, int]) -> None:
        """Begin at these offsets."""
        self.offsets = dict(offsets)
        self._queues: dict[int, deque[Group]] = {number: deque() for number in offsets}
        self._last: dict[int, bytes] = {}
        self._open: dict[Id, Group] = {}
        self._count = 0

    def __bool__(self) -> bool:
        """Tell whether there are events that were not given yet."""
        return any(self._queues.values())

    def add(self, records: Iterable[Record]) -> None:
        """Take events as they were read, those of each partition in order."""
        for one in records:
            id = tuple(one.headers.get(name, b"") for name in NAMES)
            group = self._group(one.partition, id)  # type: ignore[arg-type] # three of them
            group.records.append(one)
            group.partitions.add(one.partition)
            self._last[one.partition] = id[0]

    def _group(self, partition: int, id: Id) -> Group:
        queue = self._queues[partition]
        if queue and queue[-1].id == id and not queue[-1].whole:
            return queue[-1]
        group = self._open.get(id)
        if group is None or group.whole or partition in group.partitions:
            self._count += 1
            group = self._open[id] = Group(id, self._count)
        queue.append(group)
        return group

    def seen(self) -> list[Group]:
        """Give what has been seen up to now."""
        return list(dict.fromkeys(one for queue in self._queues.values() for one in queue))

    def settle(self, groups: Sequence[Group]) -> None:
        """Say that all partitions were read up to ends that were asked for with these seen.

        They are whole, and so is what was committed before them and has come since.
        """
        for one in (*groups, *self._before(groups)):
            one.whole = True

    def _before(self, groups: Sequence[Group]) -> list[Group]:
        """Give what was committed before one of these, as far as positions tell it.

        They don't where they went back: another database stands behind the product now.
        """
        if not groups or not all(map(_in_order, self._queues.values())):
            return []
        last = max(one.id[0] for one in groups)
        return [one for one in self.seen() if one.id[0] <= last]

    def pass_by(self, groups: Sequence[Group], unread: Iterable[int]) -> None:
        """Say of which partitions more is to come before the ends that were asked for.

        A transaction before what all of these show last is whole.

        Args:
            groups: what had been seen when the ends were asked for.
            unread: the partitions that have not been read up to there.
        """
        horizon = min(self._last.get(number, b"") for number in unread)
        for one in self._before(groups):
            one.whole = one.whole or one.id[0] < horizon

    def take(self) -> list[Sequence[Record]]:
        """Give the events of transactions that are whole, in the order of their commits."""
        found: list[Sequence[Record]] = []
        while (group := self._next()) is not None:
            found.append(self._given([group]))
        crossed = [one for one in self.seen() if one.whole]
        if crossed and all(queue[0].whole for queue in self._queues.values() if queue):
            # what no order fits is given as one: it is all that was committed up to there
            found.append(self._given(crossed))
        return found

    def _next(self) -> Group | None:
        heads = {id(queue[0]): queue[0] for queue in self._queues.values() if queue}
        ready = [one for one in heads.values() if one.whole and self._heads_all(one)]
        return min(ready, key=lambda one: (one.id[0], one.number), default=None)

    def _heads_all(self, group: Group) -> bool:
        return all(self._queues[number][0] is group for number in group.partitions)

    def _given(self, groups: Sequence[Group]) -> list[Record]:
        for one in groups:
            if self._open.get(one.id) is one:
                del self._open[one.id]
            for number in one.partitions:
                self._queues[number].remove(one)
        records = [record for one in groups for record in one.records]
        for record in records:
            offset = self.offsets[record.partition]
            self.offsets[record.partition] = max(offset, record.offset + 1)
        return records


def _in_order(queue: Iterable[Group]) -> bool:
    return all(one.id[0] <= other.id[0] for one, other in pairwise(queue))
