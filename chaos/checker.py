"""What a consumer of committed records saw, against what the shop's transactions made. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from chaos.shop import Document, Oracle

SHOWN = 5


@dataclass(frozen=True)
class Event:
    """An event of a product topic, as a `read_committed` consumer has it.

    Attributes:
        partition: where it stands; events of a partition are given in their order.
        key: of the document.
        document: canonical; None for a tombstone.
        position: `mesh.position`.
        tx_events: `mesh.tx_events`; None where it is a part of all documents (`mesh.part`).
    """

    partition: int
    key: int
    document: Document
    position: int
    tx_events: int | None


@dataclass
class Verdict:
    """How many events are not as they should be.

    Attributes:
        events: looked at.
        transactions: that had to be seen.
        lost: changes of a key that never came, and keys whose last document is an older one.
        doubled: events that came again, or say what was said before.
        torn: transactions of which not all events came, or that say another number.
        reordered: events behind which one of an earlier position stands.
        wrong: events with a document that the key did not have at that position.
        told: the first of them, in words.
    """

    events: int = 0
    transactions: int = 0
    lost: int = 0
    doubled: int = 0
    torn: int = 0
    reordered: int = 0
    wrong: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether all is as it should be."""
        return not (self.lost or self.doubled or self.torn or self.reordered or self.wrong)

    def tell(self, what: str) -> None:
        """Keep it, if it is among the first."""
        if len(self.told) < SHOWN:
            self.told.append(what)


@dataclass(frozen=True)
class Expected:
    """What must have been seen of a product.

    Attributes:
        oracle: the truth.
        since: the position of the first snapshot: later transactions come one by one.
        until: the last position that the engine has published.
        gaps: stretches (from, to] whose transactions need not come: a new snapshot replaced them.
    """

    oracle: Oracle
    since: int
    until: int
    gaps: Sequence[tuple[int, int]] = ()

    def has_to_come(self, position: int) -> bool:
        """Tell whether the transaction at a position has to be seen by itself."""
        within = self.since < position <= self.until
        return within and not any(first < position <= last for first, last in self.gaps)


def check(expected: Expected, events: Sequence[Event], verdict: Verdict | None = None) -> Verdict:
    """Compare all events of one product topic with what they should be."""
    verdict = verdict or Verdict()
    verdict.events += len(events)
    by_key: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        by_key[event.key].append(event)
    _check_order(events, verdict)
    _check_transactions(expected, events, verdict)
    for key in by_key.keys() | expected.oracle.changes.keys():
        _check_key(expected, key, by_key[key], verdict)
    return verdict


def _check_order(events: Sequence[Event], verdict: Verdict) -> None:
    newest: dict[int, int] = {}
    homes: dict[int, int] = {}
    for event in events:
        if event.position < newest.get(event.partition, 0):
            verdict.reordered += 1
            verdict.tell(f"key {event.key}: {event.position} stands behind a later position")
        newest[event.partition] = max(newest.get(event.partition, 0), event.position)
        if homes.setdefault(event.key, event.partition) != event.partition:
            verdict.reordered += 1
            verdict.tell(f"key {event.key} stands in two partitions")


def _check_transactions(expected: Expected, events: Sequence[Event], verdict: Verdict) -> None:
    seen: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        if event.tx_events is not None:
            seen[event.position].append(event)
    for position, its in seen.items():
        said = {event.tx_events for event in its}
        count = len({event.key for event in its})
        # which keys have to come is looked at key by key
        if said != {count}:
            verdict.torn += 1
            verdict.tell(f"transaction {position}: {count} keys came, it says {said}")
    verdict.transactions += sum(1 for one in expected.oracle.counts if expected.has_to_come(one))


def _check_key(expected: Expected, key: int, events: Sequence[Event], verdict: Verdict) -> None:
    """Compare the events of a key with its changes.

    While all documents of a product are published beside what is committed, a transaction brings
    those that it touches, changed or not, if they were not there yet; and one that goes before it
    was ever there leaves no event.
    """
    changes = dict(expected.oracle.changes.get(key, []))
    came: set[int] = set()
    last: Document = None
    for event in events:
        place = f"key {key} at {event.position}"
        if event.tx_events is None or (last is None and event.position not in changes):
            right = event.document == expected.oracle.at(key, event.position)
        else:
            right = event.position in changes and changes[event.position] == event.document
        if (event.tx_events is not None and event.position in came) or event.document == last:
            verdict.doubled += 1
            verdict.tell(f"{place}: came again")
        elif not right:
            verdict.wrong += 1
            verdict.tell(f"{place}: not the document it had then")
        if event.tx_events is not None:
            came.add(event.position)
        last = event.document
    first = min((event.position for event in events), default=expected.until)
    missing = [
        position
        for position, document in changes.items()
        if expected.has_to_come(position)
        and position not in came
        and not (document is None and position <= first)
    ]
    verdict.lost += len(missing)
    if missing:
        verdict.tell(f"key {key}: the change at {missing[0]} never came")
    elif last != expected.oracle.at(key, expected.until):
        verdict.lost += 1
        verdict.tell(f"key {key}: its last document is not that of {expected.until}")
