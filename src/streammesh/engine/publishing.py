"""From runs of transactions to what consumers see: whole, in parts, and around what blocks."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from streammesh.deployments.deployment import ProductDeployment
from streammesh.deployments.progress import Block, Parts, ProductProgress
from streammesh.engine import faults
from streammesh.engine.activity import Activity
from streammesh.engine.identity import identified
from streammesh.engine.ledger import Ledger
from streammesh.engine.log import Transaction
from streammesh.engine.product import Blocking
from streammesh.engine.shard import RunTooLarge, Shard
from streammesh.engine.state import State
from streammesh.platform.streams import Event


class Publisher:
    """Publishes what a shard makes of transactions, and all documents of products in parts.

    Attributes:
        state: the state in use.
        shard: over it.
    """

    state: State
    shard: Shard

    def __init__(
        self, name: str, ledger: Ledger, activity: Activity, stop: threading.Event
    ) -> None:
        """Begin; `use` comes before anything is published.

        Args:
            name: of the input.
            ledger: commits.
            activity: to be kept up to date.
            stop: set when the engine has to stop.
        """
        self._name = name
        self._ledger = ledger
        self._activity = activity
        self._stop = stop
        self._next_part: dict[str, int] = {}
        self._resting = "following"

    def use(self, state: State, shard: Shard) -> None:
        """Take a state and what runs over it; what is being published begins anew."""
        self.state, self.shard = state, shard
        self._next_part.clear()

    # --- transactions

    def publish(self, run: list[Transaction]) -> None:
        """Publish transactions that follow each other, and commit."""
        self._activity.begin(run)
        self.state.begin()
        try:
            events = self.shard.process(run)
        except RunTooLarge:
            self._publish_halves(run)
            return
        except Blocking as found:
            self._publish_around(run, found)
            return
        if self.shard.over_limit(events):
            if len(run) > 1:
                # one of them goes in parts, on its own; the others are whole as ever
                self._publish_halves(run)
                return
            events = self._publish_parts(run[0], events)
        self._commit_run(run, events)

    def _publish_halves(self, run: list[Transaction]) -> None:
        self.state.rollback()
        self._activity.dropped()
        half = len(run) // 2
        self.publish(run[:half])
        self.publish(run[half:])

    def _publish_around(self, run: list[Transaction], found: Blocking) -> None:
        """Publish what comes before a transaction that blocks a product; go on without that one."""
        self.state.rollback()
        self._activity.dropped()
        at = next(i for i, one in enumerate(run) if one.position == found.cause.position)
        if at:
            self.publish(run[:at])
        self.block(found)
        self.publish(run[at:])

    def _publish_parts(self, one: Transaction, events: list[Event]) -> list[Event]:
        """Publish a transaction over a product's limit in parts; give the last part."""
        parts = self.shard.parts(events)
        before = self._ledger.input.parts
        same = before is not None and before.position == one.position and before.total == len(parts)
        done = before.done if before is not None and same else 0
        for number in range(done, len(parts) - 1):
            marked = Parts(one.position, number + 1, len(parts))
            source = replace(self._ledger.input, parts=marked)
            progress = replace(self._ledger.truth, inputs={self._name: source})
            self._activity.doing = f"publishing transaction {one.txid}: part {marked.done}"
            self._ledger.commit_part(parts[number], progress)
        self._activity.doing = self._resting
        return parts[-1]

    def _commit_run(self, run: list[Transaction], events: list[Event]) -> None:
        last, progress = run[-1], self._ledger.truth
        source = replace(
            self._ledger.input,
            position=last.position,
            log_offset=last.next_offset,
            time_ms=last.time_ms,
            parts=_still_open(self._ledger.input.parts, last),
        )
        entries = {
            topic: self._advanced(topic, entry, last)
            for topic, entry in progress.deployments.items()
        }
        inputs = {self._name: identified(source, run, self._name)}
        self._ledger.commit(
            self.state, events, replace(progress, inputs=inputs, deployments=entries)
        )
        self._activity.doing = self._resting

    def _advanced(self, topic: str, entry: ProductProgress, last: Transaction) -> ProductProgress:
        """Give a product's progress after a run: one that waits or is blocked stays where it is."""
        if entry.status == "waiting":
            return entry
        if entry.block is None:
            return replace(entry, position=last.position)
        skipped = entry.block.skipped + self.shard.skipped(topic)
        return replace(entry, block=replace(entry.block, skipped=skipped))

    def forget_counts(self) -> None:
        """Go back to the counts of what is committed: the rest was rolled back."""
        self._activity.dropped()

    # --- blocked products

    def block(self, found: Blocking) -> None:
        """Keep a product from being published from a transaction on; commit that."""
        progress = self._ledger.truth
        entry = progress.deployments[found.topic]
        if entry.status == "blocked":
            return
        block = Block(found.cause.position, found.reason, found.cause.time_ms)
        blocked = replace(entry, status="blocked", block=block, parts_done=0, parts=0)
        run = self.shard.products[found.topic]
        self._next_part.pop(found.topic, None)
        self.state.begin()
        run.quarantine.put(found.refused, self.state.pass_number(found.topic, advance=False))
        run.blocked = True
        self._activity.counters.of(
            found.topic
        ).told = f"{found.topic} is blocked from {block.position} on: {block.reason}"
        entries = dict(progress.deployments) | {found.topic: blocked}
        self._ledger.commit(self.state, found.events, replace(progress, deployments=entries))

    def to_publish(self, one: ProductDeployment) -> ProductProgress:
        """Give the progress of a product whose documents are all to be compared and published.

        One that is blocked stays so, unless it is deployed anew.
        """
        progress = self._ledger.truth
        before = progress.deployments.get(one.topic)
        if before is not None and before.block is not None and before.digest == one.digest:
            return replace(before, status="blocked")
        return self.released(one)

    def released(self, one: ProductDeployment) -> ProductProgress:
        """Give the same, whether it is blocked or not."""
        position = self._ledger.input.position
        before = self._ledger.truth.deployments.get(one.topic)
        if before is not None and before.block is not None:
            self._activity.counters.of(one.topic).told = (
                f"{one.topic} was blocked from {before.block.position} on:"
                f" {before.block.skipped:,} commits were skipped; what differs now is published"
            )
        return ProductProgress(
            digest=one.digest,
            status="publishing",
            since_position=position,
            position=position,
            parts=self.shard.count_parts(one.topic),
        )

    # --- all documents, in parts

    def commit_entries(self, entries: Mapping[str, ProductProgress]) -> None:
        """Commit how far each product is, and the state."""
        for topic, run in self.shard.products.items():
            run.blocked = topic in entries and entries[topic].status == "blocked"
        self._ledger.commit(self.state, [], replace(self._ledger.truth, deployments=entries))

    @property
    def publishing(self) -> bool:
        """Whether there are products of which all documents have to be compared and published."""
        return self._first() is not None

    def publish_all(self) -> None:
        """Publish all documents (those that differ) of the products that are not live yet."""
        while not self._stop.is_set() and self.publish_some():
            pass

    def publish_first(self) -> None:
        """Publish the first part of each product that is not live yet; most need no other."""
        for topic, entry in self._ledger.truth.deployments.items():
            if entry.status == "publishing" and not self._stop.is_set():
                self._publish_of(topic)

    def publish_some(self) -> bool:
        """Publish a part of the first product that is not live yet; tell whether there was one.

        Transactions may be published before the next part. A product that was interrupted begins
        anew: what it has published does not differ any more.
        """
        topic = self._first()
        if topic is not None:
            self._publish_of(topic)
        return topic is not None

    def _publish_of(self, topic: str) -> None:
        """Publish a part of a product.

        One that blocks on violations goes in one piece: nothing may come between looking at all its
        documents and publishing them.
        """
        if self.shard.products[topic].deployment.stream.on_violation != "block":
            self._publish_part(topic)
            return
        found = self._blocking(topic)
        if found is not None:
            self.block(found)
        entries = self._ledger.truth.deployments
        while entries[topic].status == "publishing" and not self._stop.is_set():
            self._publish_part(topic)
            entries = self._ledger.truth.deployments

    def _first(self) -> str | None:
        entries = self._ledger.truth.deployments.items()
        return next((topic for topic, one in entries if one.status == "publishing"), None)

    def _publish_part(self, topic: str) -> None:
        progress, number = self._ledger.truth, self._next_part.get(topic, 0)
        entry = progress.deployments[topic]
        self._resting = f"publishing {topic}: part {number + 1} of {max(entry.parts, number + 1)}"
        self._activity.doing = self._resting
        self.state.begin()
        events, last = self.shard.part(topic, number, entry.parts, self._ledger.input)
        done = replace(entry, parts_done=number + 1, status="live" if last else "publishing")
        entries = dict(progress.deployments) | {topic: done}
        self._ledger.commit(self.state, events, replace(progress, deployments=entries))
        self._next_part[topic] = number + 1
        if last:
            del self._next_part[topic]
            self._activity.doing = self._resting = "following"
        faults.reached("after-part")

    def _blocking(self, topic: str) -> Blocking | None:
        """Find what blocks a product among all its documents, before any of them is published."""
        parts, number, last = self._ledger.truth.deployments[topic].parts, 0, False
        self.state.begin()
        try:
            while not last:
                self._activity.doing = f"checking {topic}: part {number + 1} of {parts}"
                _, last = self.shard.part(topic, number, parts, self._ledger.input)
                number += 1
        except Blocking as found:
            return found
        finally:
            self.state.rollback()
            self._activity.dropped()
        return None


def _still_open(parts: Parts | None, last: Transaction) -> Parts | None:
    """Give how far a transaction is in parts, where what was committed comes before it.

    Heartbeats that were held back when its first parts were published are read again.
    """
    return parts if parts is not None and parts.position > last.position else None
