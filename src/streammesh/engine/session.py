"""One life of an engine between two uncertainties: take over, recover, then log → events → commit.

A session ends when it is asked to stop, when nobody knows whether a commit has landed (the next
session finds out), when deployments change what is captured, or when the source can't go on.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from streammesh.deployments.limits import transaction_timeout_ms
from streammesh.deployments.progress import Position, ProductProgress, Progress
from streammesh.engine import faults
from streammesh.engine.activity import Activity
from streammesh.engine.answering import Answering
from streammesh.engine.deployed import Deployed, Reconfigured
from streammesh.engine.generation import Mark, Taking, covers
from streammesh.engine.identity import identified
from streammesh.engine.ledger import Ledger
from streammesh.engine.log import LogDecoder, SnapshotRows, SnapshotStarted, Transaction
from streammesh.engine.published import newest_positions, note_topics, shortened
from streammesh.engine.publishing import Publisher
from streammesh.engine.rebuilding import rebuild, replay
from streammesh.engine.recovery import (
    Way,
    choose,
    lists_from_topics,
    mirror_from_topic,
    read_progress,
    replayable,
)
from streammesh.engine.runs import IDLE_SECONDS, ends_at, gather, next_generation
from streammesh.engine.shard import Shard
from streammesh.engine.state import State, StateDamaged, signature
from streammesh.errors.engine import LogReplaced, SourceStopped
from streammesh.platform.streams import Streams


class Session:
    """Runs the engine of one source until something ends it."""

    def __init__(
        self,
        deployed: Deployed,
        streams: Streams,
        state_path: Path,
        activity: Activity,
        stop: threading.Event,
    ) -> None:
        """Open readers and writers; `run` does the work.

        Args:
            deployed: what to run.
            streams: Kafka.
            state_path: the state's file.
            activity: to be kept up to date.
            stop: set when the engine has to stop.
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
        self._publisher = Publisher(self._name, self._ledger, activity, stop)
        self._answering = Answering(self._ledger, self._publisher)
        self._taking: Taking | None = None
        self._waiting = False
        self._floor: Position | None = None
        self._at = 0
        self._changed: Deployed | None = None
        self._state: State
        self._shard: Shard
        self._decoder: LogDecoder

    def run(self) -> None:
        """Take over from any earlier engine, recover, and go on until stopped.

        Raises:
            WriterFenced, CommitUncertain, WriteFailed: from the writer.
            Reconfigured: the captured tables are others now.
            SourceStopped: the source can't go on.
        """
        try:
            self._writer.start()
            progress = read_progress(self._streams, self._source)
            self._open_state()
            try:
                self._recover(progress)
                self._follow_across_snapshots()
                self._state.close()
            except BaseException:
                self._state.rollback()
                self._state.close(clean=False)
                raise
        finally:
            self._reader.close()
            self._writer.close()

    def deploy(self, deployed: Deployed) -> None:
        """Take new deployments; they come into force at the next transaction boundary."""
        self._changed = deployed

    # --- recovery

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

    def _new_shard(self, topics: Iterable[str]) -> None:
        products = [self._deployed.products[topic] for topic in sorted(topics)]
        self._shard = Shard(self._state, products, self._activity.counters)
        self._publisher.use(self._state, self._shard)

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
        kept = replayable(before, progress, self._deployed.products)
        if choice.way is Way.REBUILD:
            if its.generation.start < bounds[0] or not self._rebuild():
                self._wait_for_snapshot(max(its.log_offset, bounds[0]))
                return
        elif choice.way is Way.REPLAY and before is not None:
            self._replay(before, kept)
        self._seek(its.log_offset)
        self._decoder = LogDecoder(self._source.log, its.position)
        rebuilt = choice.way is Way.REBUILD
        self._put_in_force(rebuilt=rebuilt, restored=frozenset() if rebuilt else self._restored())

    def _restored(self) -> frozenset[str]:
        """Give the products whose topics have lost something: were restored, or made anew."""
        if self._ledger.input.parts is not None:
            return frozenset()
        live = [
            self._deployed.products[topic]
            for topic, entry in self._ledger.truth.deployments.items()
            if topic in self._deployed.products and entry.status == "live"
        ]
        return shortened(self._state, self._streams, live)

    def _wait_for_snapshot(self, offset: int) -> None:
        self._fresh_state()
        self._state.begin()
        self._new_shard(self._deployed.products)
        self._state.commit(None)
        self._waiting = True
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
        self._new_shard(kept)
        self._shard.prepare()
        between = (before.inputs[self._name], self._ledger.input)
        replay(self._shard, self._reader, self._source.log, between, self._activity.counters)
        self._read_mirrors(set(self._deployed.products) - kept)
        self._state.commit(self._ledger.progress)

    def _rebuild(self) -> bool:
        self._fresh_state()
        self._state.begin()
        self._new_shard(())
        if rebuild(self._state, self._shard, self._reader, self._source.log, self._ledger.input):
            self._read_mirrors(self._deployed.products)
            self._state.commit(None)
            return True
        self._state.rollback()
        return False

    def _read_mirrors(self, topics: Collection[str]) -> None:
        """Read what was published from the topics themselves, within the state's transaction."""
        for topic in sorted(topics):
            self._activity.doing = f"reading {topic}"
            mirror_from_topic(self._state, self._streams, topic)
            lists_from_topics(self._state, self._streams, self._deployed.products[topic])
        note_topics(self._state, self._streams, sorted(topics))

    # --- deployments

    def _put_in_force(
        self, *, rebuilt: bool = False, restored: frozenset[str] = frozenset()
    ) -> None:
        """Make the deployed products run from the present position on."""
        self._state.begin()
        self._new_shard(self._deployed.products)
        self._shard.prepare()
        known = self._ledger.truth.deployments
        entries: dict[str, ProductProgress] = {}
        for topic, one in self._deployed.products.items():
            before = known.get(topic)
            anew = rebuilt or topic in restored
            if before is None or before.digest != one.digest or anew:
                entries[topic] = self._publisher.to_publish(one)
            else:
                entries[topic] = before
        for topic in set(known) - set(entries):
            self._state.drop_mirror(topic)
        if entries != known and self._ledger.input.parts is not None:
            # the topics are within a transaction whose parts were cut for other documents: all is
            # published as of before it, and it is done again whole
            entries = self._all_to_publish()
            self._read_mirrors(entries)
            whole = {self._name: replace(self._ledger.input, parts=None)}
            self._ledger.progress = replace(self._ledger.truth, inputs=whole)
        # before the commit: a crash behind it must not leave a mirror that was never read
        self._read_mirrors((set(entries) - set(known)) | restored)
        self._publisher.commit_entries(entries)
        self._publisher.publish_all()

    def _all_to_publish(self) -> dict[str, ProductProgress]:
        products = self._deployed.products.items()
        return {topic: self._publisher.to_publish(one) for topic, one in products}

    def _take_deployments(self) -> None:
        deployed, self._changed = self._changed, None
        if deployed is None:
            return
        timeout_ms = transaction_timeout_ms(deployed.products.values())
        if (
            signature(deployed.source.tables) != signature(self._source.tables)
            or timeout_ms > self._timeout_ms
        ):
            raise Reconfigured
        if deployed != self._deployed:
            same = replace(deployed, requests=()) == replace(self._deployed, requests=())
            self._deployed = deployed
            if same:
                return
            if self._waiting or self._taking is not None:
                raise Reconfigured
            self._put_in_force()

    # --- following the log

    def _follow_across_snapshots(self) -> None:
        """Follow; where the log can't be followed, go on at a newer snapshot if there is one.

        Apply takes one after a table changed, a database was replaced or a part of the log lost;
        what stands in the log before it is then of no more use.
        """
        while not self._stop.is_set():
            try:
                self._follow()
            except SourceStopped:
                at = next_generation(self._reader, self._at)
                if at is None:
                    raise
                self._state.rollback()
                self._taking = None
                self._wait_for_snapshot(at)

    def _follow(self) -> None:
        while not self._stop.is_set():
            faults.reached("before-read")
            chunk = self._activity.read(self._reader, IDLE_SECONDS)
            self._at = chunk.offsets[0] if len(chunk) else self._at
            faults.reached("after-read")
            for run in gather(self._decoder.feed(chunk)):
                if not isinstance(run, list):
                    self._take_snapshot(run)
                elif self._taking is not None and self._taking.complete:
                    self._settle(self._taking, run)
                elif not self._waiting:
                    self._publisher.publish(run)
                if self._stop.is_set():
                    return
            self._activity.counters.repeated = self._decoder.repeated
            self._take_deployments()
            if not self._waiting and self._taking is None:
                self._answering.answer(self._deployed.requests)

    def _take_snapshot(self, mark: Mark) -> None:
        self._activity.doing = "taking in a snapshot"
        self._state.begin()
        belongs_to = self._state.progress()
        if isinstance(mark, SnapshotStarted):
            self._taking = Taking(mark, self._shard, self._floor)
        elif self._taking is None:
            pass
        elif isinstance(mark, SnapshotRows):
            self._taking.take_rows(mark)
        elif covers(mark, self._state.tables):
            self._taking.finish(mark)
            belongs_to = None
        else:
            self._taking, self._waiting = None, True
            self._activity.doing = "waiting for a snapshot of all tables"
            belongs_to = None
        # until the snapshot has settled the tables belong to no position
        self._state.commit(belongs_to)
        faults.reached("after-load")

    def _settle(self, taking: Taking, run: list[Transaction]) -> None:
        self._state.begin()
        settled, rest = taking.settle(run)
        if settled is None:
            self._state.commit(None)
            return
        self._taking, self._waiting, self._floor = None, False, None
        source = identified(taking.source(settled), [settled], self._name)
        before = self._ledger.progress or Progress({})
        self._ledger.progress = replace(before, inputs={self._name: source})
        entries = self._all_to_publish()
        self._read_mirrors(entries)
        self._publisher.commit_entries(entries)
        self._publisher.publish_all()
        if rest and not self._stop.is_set():
            self._publisher.publish(rest)
