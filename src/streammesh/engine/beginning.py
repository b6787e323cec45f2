"""What an engine's life begins with: a state in line with the progress, products put in force.

`Session` is the life itself.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from streammesh.deployments.deployment import ProductDeployment
from streammesh.deployments.forms import form
from streammesh.deployments.limits import transaction_timeout_ms
from streammesh.deployments.progress import Position, ProductProgress, Progress
from streammesh.documents.values import TableName
from streammesh.engine.activity import Activity
from streammesh.engine.answering import Answering
from streammesh.engine.beats import Beats
from streammesh.engine.deployed import Deployed
from streammesh.engine.generation import Taking
from streammesh.engine.intake import Intake
from streammesh.engine.ledger import Ledger
from streammesh.engine.log import LogDecoder, Transaction
from streammesh.engine.published import newest_positions, note_topics, shortened
from streammesh.engine.publishing import Publisher
from streammesh.engine.rebuilding import rebuild, replay
from streammesh.engine.recovery import (
    Way,
    choose,
    lists_from_topics,
    mirror_from_topic,
    replayable,
)
from streammesh.engine.runs import ends_at, next_generation
from streammesh.engine.shard import Shard
from streammesh.engine.state import State, StateDamaged
from streammesh.errors.engine import LogReplaced
from streammesh.models.compiled import reads
from streammesh.platform.streams import Streams


class Beginning:
    """An engine's readers, writers and state, and what brings them in line with each other."""

    def __init__(  # noqa: PLR0913 - what a process is started with
        self,
        deployed: Deployed,
        streams: Streams,
        state_path: Path,
        activity: Activity,
        stop: threading.Event,
        *,
        told: Callable[[str], None] = lambda _: None,
        compare: Collection[str] = (),
    ) -> None:
        """Open readers and writers; `run` does the work.

        Args:
            deployed: what to run.
            streams: Kafka.
            state_path: the state's file.
            activity: to be kept up to date.
            stop: set when the engine has to stop.
            told: told, in words, which tables and products wait, and why.
            compare: topics of products whose documents are all to be compared with what stands
                there, whatever the state says of it.
        """
        self._deployed = deployed
        self._source = source = deployed.source
        self._name = f"{source.domain}.{source.source}"
        self._streams = streams
        self._path = state_path
        self._activity = activity
        self._stop = stop
        self._timeout_ms = transaction_timeout_ms(deployed.products.values())
        self._writer = streams.writer(source.principal, source.log, self._timeout_ms)
        self._reader = streams.reader(source.log)
        self._ledger = Ledger(source, self._writer, activity)
        self._beats = Beats(self._ledger, activity, self._name)
        self._publisher = Publisher(self._name, self._ledger, activity, stop)
        self._answering = Answering(self._ledger, self._publisher)
        self._intake = Intake(source.log, streams, told)
        self._told = told
        self._compare = frozenset(compare)
        self.compared = not compare
        self._taking: Taking | None = None
        self._waiting = False
        self._floor: Position | None = None
        self._lacks_tables = False
        self._seen: Transaction | None = None
        self._at = 0
        self._changed: Deployed | None = None
        self._state: State
        self._shard: Shard
        self._decoder: LogDecoder

    def _open_state(self) -> None:
        try:
            self._state = State(self._path, self._source)
            self._state.progress()
        except StateDamaged:
            State.remove(self._path)
            self._state = State(self._path, self._source)

    def _fresh_state(self) -> None:
        self._state.close(clean=False)
        State.remove(self._path)
        self._state = State(self._path, self._source)

    def _new_shard(self, topics: Iterable[str], tables: Collection[TableName]) -> None:
        """Run those of the products whose tables are all there."""
        some = [self._deployed.products[topic] for topic in sorted(topics)]
        products = [one for one in some if reads(one.model) <= set(tables)]
        self._shard = Shard(self._state, products, self._activity.counters, tables)
        self._lacks_tables = not set(tables) >= self._state.tables.keys()
        self._shard.doing = functools.partial(setattr, self._activity, "doing")
        self._publisher.use(self._state, self._shard)

    def _usable(self) -> set[TableName]:
        """Give the tables that are as they are deployed; others wait to be read again."""
        have, tables = self._ledger.input.tables, self._state.tables.items()
        return {name for name, table in tables if have.get(str(name)) == form(table)}

    def _have(self, tables: Mapping[str, str], **changes: Any) -> None:
        """Note in which form the state has tables; committed with what comes next."""
        source = replace(self._ledger.input, tables=tables, **changes)
        self._ledger.progress = replace(self._ledger.truth, inputs={self._name: source})

    def _recover(self, progress: Progress | None) -> None:
        bounds = self._reader.bounds()
        before = self._state.progress()
        choice = choose(before, progress, self._name, bounds)
        self._activity.doing = choice.way.value
        self._ledger.progress = progress
        if progress is None:
            shown = newest_positions(self._streams, self._deployed.products)
            self._floor = max(shown.values(), default=None)
            self._wait_for_snapshot(bounds[0])
            return
        its = self._ledger.input
        if not ends_at(self._reader, its):
            at = next_generation(self._reader, bounds[0] - 1)
            if at is None:
                raise LogReplaced(topic=self._source.log, offset=f"{its.log_offset:,}")
            self._wait_for_snapshot(at)
            return
        if choice.way is Way.REBUILD and its.log_offset < bounds[0]:
            self._wait_for_snapshot(bounds[0])
            return
        kept = replayable(before, progress, self._deployed.products)
        if choice.way is Way.REBUILD:
            self._rebuild()
        else:
            # one that has left the source comes back with changes missing; one that was deployed
            # in another form, and is again in this one, has lost its rows
            kept_tables = {str(one) for one in self._state.tables.keys() - self._state.unfilled}
            self._have({t: one for t, one in its.tables.items() if t in kept_tables})
            if choice.way is Way.REPLAY and before is not None:
                self._replay(before, kept)
        self._seek(its.log_offset)
        self._decoder = LogDecoder(self._source.log, its.position)
        self._intake.use(self._state)
        if its.reading is not None:
            self._intake.resume(its.reading, its.log_offset)
        rebuilt = choice.way is Way.REBUILD
        self._state.begin()
        compare = self._compare & self._deployed.products.keys()
        if not rebuilt:
            compare |= self._restored()
            self._read_mirrors(compare)
        counters = self._activity.counters.of
        counts = {one: counters(one).as_dict() for one in self._compare}
        self._put_in_force(self._deployed.products if rebuilt else compare)
        if self._compare:
            self._publisher.publish_all()
            self._tell_compared(counts)

    def _tell_compared(self, before: Mapping[str, Mapping[str, int]]) -> None:
        """Say how many documents were compared with their topics, and how many differed."""
        for topic, counts in sorted(before.items()):
            entry = self._ledger.truth.deployments.get(topic)
            if entry is None or entry.status != "live":
                continue
            now = self._activity.counters.of(topic).as_dict()
            compared, published = (now[name] - counts[name] for name in ("documents", "published"))
            self._told(
                f"{topic} was rebuilt: {compared:,} documents were compared with the topic,"
                f" {published:,} events were published"
            )
        self.compared = not self._stop.is_set()

    def _restored(self) -> frozenset[str]:
        """Give the products whose topics have lost something: were restored, or made anew."""
        if self._ledger.input.parts is not None:
            return frozenset()
        live = [
            self._deployed.products[topic]
            for topic, entry in self._ledger.truth.deployments.items()
            if topic in self._deployed.products and entry.status == "live"
        ]
        found = shortened(self._state, self._streams, live)
        for topic in sorted(found):
            self._told(f"{topic} holds less than was published on it: what is missing comes again")
        return found

    def _wait_for_snapshot(self, offset: int) -> None:
        self._fresh_state()
        self._state.begin()
        self._new_shard(self._deployed.products, self._state.tables)
        self._state.commit(None)
        self._intake.use(self._state)
        self._waiting, self._seen = True, None
        self._activity.doing = "waiting for a snapshot"
        if self._ledger.progress is not None:
            self._activity.doing += ": mesh apply --new-snapshot, if none is on its way"
        self._seek(offset)
        self._decoder = LogDecoder(self._source.log)

    def _seek(self, offset: int) -> None:
        self._reader.seek(offset)
        self._at = self._activity.log_offset = offset

    def _replay(self, before: Progress, kept: set[str]) -> None:
        self._state.begin()
        self._new_shard(kept, self._usable())
        self._shard.prepare()
        between = (before.inputs[self._name], self._ledger.input)
        replay(self._shard, self._reader, self._source.log, between, self._activity.counters)
        self._read_mirrors(set(self._deployed.products) - kept)
        self._state.commit(self._ledger.progress)

    def _rebuild(self) -> None:
        self._fresh_state()
        self._state.begin()
        log, its = self._source.log, self._ledger.input
        self._have(rebuild(self._state, self._streams, log, its, self._activity.counters))
        self._read_mirrors(self._deployed.products)
        self._state.commit(None)

    def _read_mirrors(self, topics: Collection[str]) -> None:
        """Read what was published from the topics themselves, within the state's transaction."""
        for topic in sorted(topics):
            self._activity.doing = f"reading {topic}"
            mirror_from_topic(self._state, self._streams, topic)
            lists_from_topics(self._state, self._streams, self._deployed.products[topic])
        note_topics(self._state, self._streams, sorted(topics))

    # --- products

    def _put_in_force(self, again: Collection[str] = ()) -> None:
        """Make the deployed products run from the present position on.

        All documents of those that are new, or others than before, are published: some here, and
        the others while the log is followed (`Publisher.publish_some`).

        A transaction of the state has begun.

        Args:
            again: topics of products whose documents are all to be compared again.
        """
        self._new_shard(self._deployed.products, self._usable())
        self._shard.prepare()
        known = self._ledger.truth.deployments
        entries = self._entries(again)
        for topic in set(known) - set(entries):
            self._state.drop_mirror(topic)
        unfinished = any(one.status == "publishing" for one in entries.values())
        if (entries != known or unfinished) and self._ledger.input.parts is not None:
            # the topics are within a transaction whose parts were cut for other documents: all is
            # published as of before it, and it is done again whole
            entries = self._entries(self._deployed.products)
            self._read_mirrors(entries)
            whole = {self._name: replace(self._ledger.input, parts=None)}
            self._ledger.progress = replace(self._ledger.truth, inputs=whole)
        # before the commit: a crash behind it must not leave a mirror that was never read
        self._read_mirrors(self._unread(known))
        self._tell_waiting(entries)
        self._publisher.commit_entries(entries)
        self._publisher.publish_first()

    def _unread(self, known: Mapping[str, ProductProgress]) -> set[str]:
        """Give the products of which the state doesn't know what their topics tell."""
        products = self._deployed.products
        other = {t for t, one in products.items() if t in known and known[t].digest != one.digest}
        # rules that no two documents may break together may be new ones
        return (products.keys() - known.keys()) | {t for t in other if products[t].distinct}

    def _entries(self, again: Collection[str]) -> dict[str, ProductProgress]:
        """Give the progress of each product, as it is put in force."""
        entries: dict[str, ProductProgress] = {}
        for topic, one in self._deployed.products.items():
            before = self._ledger.truth.deployments.get(topic)
            if topic not in self._shard.products:
                entries[topic] = self._waits(one, before)
            elif before is None or topic in again or _is_other(before, one):
                entries[topic] = self._publisher.to_publish(one)
            else:
                entries[topic] = before
        return entries

    def _waits(self, one: ProductDeployment, before: ProductProgress | None) -> ProductProgress:
        position = self._ledger.input.position if before is None else before.position
        since = position if before is None else before.since_position
        kept = before is not None and before.digest == one.digest
        block = before.block if kept and before is not None else None
        return ProductProgress(one.digest, "waiting", since, position, block=block)

    def _tell_waiting(self, entries: Mapping[str, ProductProgress]) -> None:
        known = self._ledger.truth.deployments
        for topic, entry in entries.items():
            if entry.status != "waiting" or (topic in known and known[topic] == entry):
                continue
            tables = reads(self._deployed.products[topic].model) - set(self._shard.tables)
            names = ", ".join(sorted(map(str, tables)))
            self._told(f"{topic} waits until {names} is read again: mesh plan, mesh apply")


def _is_other(before: ProductProgress, one: ProductDeployment) -> bool:
    """Tell whether a product was deployed anew, or has waited, since it was put in force."""
    return before.digest != one.digest or before.status == "waiting"
