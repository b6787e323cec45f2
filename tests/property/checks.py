"""What consumers have seen, against what the database computed after every commit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streammesh.contracts.codec import Codec
from streammesh.deployments.deployment import ProductDeployment
from streammesh.platform.memory.streams import Stored
from streammesh.reconcile.proof import codec_of
from tests.property.driver import TWICE, Documents, History


class Difference(AssertionError):
    """Consumers saw something else than the database has."""


def check(
    products: Mapping[str, ProductDeployment],
    events: Callable[[str], Sequence[Stored]],
    history: History,
) -> None:
    """Check all guarantees on all events.

    Args:
        products: by topic.
        events: gives those of a topic, in the order in which they became visible.
        history: what the database had.

    Raises:
        Difference: naming the transaction and the documents.
    """
    kafka: dict[int, int] = {}
    for topic, product in products.items():
        held = [one for one in events(product.quarantine) if not _twice(product, one)]
        if held:
            raise Difference(f"{topic}: in quarantine: {held[0].value!r}")
        _Topic(topic, codec_of(product), events(topic), history).check(kafka)


class _Topic:
    def __init__(self, topic: str, codec: Codec, events: Sequence[Stored], history: History):
        self.topic, self.codec, self.history = topic, codec, history
        self.events = events
        self.seen: dict[str, Any] = {}

    def check(self, kafka: dict[int, int]) -> None:
        """Check one product.

        Args:
            kafka: the Kafka transaction of each source transaction, over all products.
        """
        snapshots: tuple[list[Stored], list[Stored]] = ([], [])
        by_tx: dict[int, list[Stored]] = {}
        for event in self.events:
            headers = dict(event.headers)
            if "mesh.tx" not in headers:
                again = int(headers["mesh.position"], 16) >= self.history.again_lsn
                snapshots[again].append(event)
                continue
            txid = int(headers["mesh.tx"])
            by_tx.setdefault(txid, []).append(event)
            together = "mesh.parts" not in headers
            if together and kafka.setdefault(txid, event.transaction) != event.transaction:
                raise Difference(f"{self.topic}: transaction {txid} is torn or doubled")
        self._order(by_tx, snapshots)
        self._replay(by_tx, snapshots)

    def _replay(
        self, by_tx: dict[int, list[Stored]], snapshots: tuple[list[Stored], list[Stored]]
    ) -> None:
        history = self.history
        self._snapshot("the snapshot", snapshots[0], history.start)
        latest = history.start
        for number, commit in enumerate(history.commits, 1):
            if number - 1 == history.again:
                latest = history.after or latest
                self._snapshot("the second snapshot", snapshots[1], latest)
            latest = commit.expected
            if commit.txid not in history.lost:
                events = by_tx.pop(commit.txid, [])
                self._transaction(f"transaction {number}", events, latest)
        if history.again == len(history.commits):
            self._snapshot("the second snapshot", snapshots[1], history.after or latest)
        if by_tx:
            raise Difference(f"{self.topic}: events of transactions not in the log: {list(by_tx)}")

    def _snapshot(self, name: str, events: Sequence[Stored], expected: Documents) -> None:
        before = dict(self.seen)
        for event in events:
            self.apply(name, event)
        self.same(name, expected, before)

    def _transaction(
        self, name: str, events: Sequence[Stored], expected: Mapping[str, Mapping[str, Any]]
    ) -> None:
        before = dict(self.seen)
        for event in events:
            said = int(dict(event.headers)["mesh.tx_events"])
            if said != len(events):
                raise Difference(f"{self.topic}: {name} has {len(events)} events, says {said}")
            self.apply(name, event)
        self.same(name, expected, before)

    def _order(
        self, by_tx: Mapping[int, Sequence[Stored]], snapshots: tuple[list[Stored], list[Stored]]
    ) -> None:
        """Check that all became visible in the order of the commits, snapshots in their places."""
        commits = [by_tx.get(one.txid, ()) for one in self.history.commits]
        first = len(commits) if self.history.again is None else self.history.again
        groups = [snapshots[0], *commits[:first], snapshots[1], *commits[first:]]
        ordered = [event for group in groups for event in group]
        places = [event.transaction for event in ordered]
        if places != sorted(places):
            raise Difference(f"{self.topic}: transactions became visible in another order")
        positions = [dict(event.headers)["mesh.position"] for event in ordered]
        if positions != sorted(positions):
            raise Difference(f"{self.topic}: positions fall")

    def apply(self, name: str, event: Stored) -> None:
        """Take one event as a consumer does."""
        key = json.dumps(list(self.codec.decode_key(event.key or b"").values()))
        document = None if event.value is None else self.codec.decode_value(event.value)
        if self.seen.get(key) == document:
            what = "tombstone of nothing" if document is None else "event without a change"
            raise Difference(f"{self.topic}: after {name}: {what}: key {key}")
        if document is None:
            del self.seen[key]
        else:
            self.seen[key] = document

    def same(
        self,
        name: str,
        expected: Mapping[str, Mapping[str, Any]],
        before: Mapping[str, Any],
    ) -> None:
        """Compare all documents; of a key that is given twice, that of before stays."""
        its = expected[self.topic]
        wanted = {key: document for key, document in its.items() if document is not TWICE}
        wanted |= {key: before[key] for key in before.keys() & its.keys() - wanted.keys()}
        if self.seen == wanted:
            return
        lines = [f"{self.topic}: after {name}:"]
        for key in sorted(wanted.keys() | self.seen.keys()):
            if wanted.get(key) != self.seen.get(key):
                lines.append(f"  key {key}")
                lines.append(f"    expected {_short(wanted.get(key))}")
                lines.append(f"    actual   {_short(self.seen.get(key))}")
        raise Difference("\n".join(lines))


def _twice(product: ProductDeployment, event: Stored) -> bool:
    """Tell whether a record of quarantine is about a key that several SELECTs give."""
    return bool(product.model.others) and (event.value is None or b"UNION ALL" in event.value)


def _short(document: Any) -> str:
    text = "no document" if document is None else json.dumps(document, ensure_ascii=False)
    return text if len(text) < 2000 else f"{text[:1000]} … {text[-900:]}"
