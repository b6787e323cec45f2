"""One life of an engine between two uncertainties: take over, recover, then log → events → commit.

A session ends when it is asked to stop, when nobody knows whether a commit has landed (the next
session finds out), when deployments change what is captured, or when the source can't go on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from streammesh.deployments.deployment import ProductDeployment, SourceDeployment
from streammesh.deployments.progress import (
    KEY,
    Generation,
    Input,
    ProductProgress,
    Progress,
    encode,
)
from streammesh.engine import faults
from streammesh.engine.counters import Counters
from streammesh.engine.log import (
    LogDecoder,
    Item,
    SnapshotEnded,
    SnapshotRows,
    SnapshotStarted,
    Transaction,
)
from streammesh.engine.recovery import (
    Way,
    choose,
    mirror_from_topic,
    read_progress,
    replayable,
)
from streammesh.engine.shard import Shard, truncates
from streammesh.engine.state import State, StateDamaged, signature
from streammesh.errors.engine import DatabaseReplaced, PositionLost, TableChanged
from streammesh.platform.streams import Chunk, Event, LogReader, Streams, TransactionalWriter

RUN_CHANGES = 20_000
"""Rows after which a run of transactions is closed; one larger transaction is never split."""

IDLE_SECONDS = 0.1


class Reconfigured(Exception):
    """What is captured has changed: the next session starts with the new deployments."""


@dataclass(frozen=True)
class Deployed:
    """What a source's engine has to run."""

    source: SourceDeployment
    products: Mapping[str, ProductDeployment]


@dataclass
class Activity:
    """What an engine is doing, for its summary line.

    Attributes:
        doing: in words.
        position: last position committed.
        time_ms: when the source committed it.
        counters: since the start.
    """

    doing: str = "starting"
    position: str = ""
    time_ms: int = 0
    counters: Counters = field(default_factory=Counters)


@dataclass
class _Snapshot:
    """The generation being taken in: from STARTED until everything it saw has been applied."""

    start: int
    end: int = -1


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
        """Keep what is needed; `run` does it.

        Args:
            deployed: what to run.
            streams: Kafka.
            state_path: the state's file.
            activity: to be kept up to date.
            stop: set when the engine has to stop.
        """
        self._deployed = deployed
        self._streams = streams
        self._path = state_path
        self._activity = activity
        self._counters = activity.counters
        self._stop = stop
        self._source = deployed.source
        self._name = f"{deployed.source.domain}.{deployed.source.source}"
        self._progress: Progress | None = None
        self._snapshot: _Snapshot | None = None
        self._waiting = False
        self._changed: Deployed | None = None
        self._writer: TransactionalWriter
        self._reader: LogReader
        self._state: State
        self._shard: Shard
        self._decoder: LogDecoder

    # --- life

    def run(self) -> None:
        """Take over from any earlier engine, recover, and go on until stopped.

        Raises:
            WriterFenced, CommitUncertain, WriteFailed: from the writer.
            Reconfigured: the captured tables are others now.
            SourceStopped: the source can't go on.
        """
        self._writer = self._streams.writer(self._source.principal, self._source.log)
        self._reader = self._streams.reader(self._source.log)
        try:
            self._writer.start()
            progress = read_progress(self._streams, self._source)
            self._open_state()
            try:
                self._recover(progress)
                self._follow()
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

    def _new_shard(self, products: Mapping[str, ProductDeployment]) -> None:
        self._shard = Shard(self._state, tuple(products.values()), self._counters)

    # --- recovery

    def _recover(self, progress: Progress | None) -> None:
        bounds = self._reader.bounds()
        choice = choose(self._state.progress(), progress, self._name, bounds)
        self._activity.doing = choice.way.value
        self._progress = progress
        if choice.way is Way.NOTHING_YET:
            self._wait_for_snapshot(bounds[0])
            return
        its = self._input
        if its.log_offset > bounds[1]:
            raise PositionLost(topic=self._source.log, why=_beyond(its, bounds))
        kept = replayable(self._state.progress(), self._truth, self._deployed.products)
        if choice.way is Way.REBUILD and not self._rebuild(bounds):
            self._wait_for_snapshot(max(its.log_offset, bounds[0]))
            return
        if choice.way is Way.REPLAY:
            self._replay(kept)
        if choice.way is not Way.GO_ON:
            self._restore_mirrors(kept if choice.way is Way.REPLAY else set())
        self._reader.seek(its.log_offset)
        self._decoder = LogDecoder(self._source.log, its.position)
        self._put_in_force(rebuilt=choice.way is Way.REBUILD)

    def _wait_for_snapshot(self, offset: int) -> None:
        self._fresh_state()
        self._state.begin()
        self._new_shard(self._deployed.products)
        self._state.commit(None)
        self._waiting = True
        self._activity.doing = "waiting for a snapshot"
        self._reader.seek(offset)
        self._decoder = LogDecoder(self._source.log)

    def _replay(self, kept: set[str]) -> None:
        """Bring the state from its own progress to Kafka's, without publishing."""
        behind = self._state.progress()
        assert behind is not None  # noqa: S101 - `choose` replays only from a progress
        start = behind.inputs[self._name]
        self._state.begin()
        self._new_shard({t: self._deployed.products[t] for t in sorted(kept)})
        self._shard.prepare()
        self._state.commit(behind)
        decoder = LogDecoder(self._source.log, start.position)
        self._state.begin()
        for chunk in self._stretch(start.log_offset, self._input.log_offset):
            for run in _runs(decoder.feed(chunk)):
                if isinstance(run, list):
                    self._counters.replayed += len(run)
                    self._shard.process(run)
            faults.reached("during-recovery")
        self._state.commit(self._progress)

    def _rebuild(self, bounds: tuple[int, int]) -> bool:
        """Fill the state from the log's generation; False when it does not stand there whole."""
        its = self._input
        if its.generation.start < bounds[0]:
            return False
        self._fresh_state()
        self._state.begin()
        self._new_shard({})
        decoder = LogDecoder(self._source.log)
        covered = False
        try:
            for chunk in self._stretch(its.generation.start, its.log_offset):
                for run in _runs(decoder.feed(chunk)):
                    if isinstance(run, SnapshotStarted):
                        self._shard.start_generation()
                    elif isinstance(run, SnapshotRows):
                        self._shard.load(run.events)
                    elif isinstance(run, SnapshotEnded):
                        covered = self._covers(run)
                        self._shard.adopt_generation()
                    elif covered:
                        self._shard.apply(run)
                faults.reached("during-recovery")
        except TableChanged:
            # the deployed tables are newer than the log's rows: a new generation is on its way
            covered = False
        if not covered:
            self._state.rollback()
            return False
        self._state.commit(None)
        return True

    def _covers(self, ended: SnapshotEnded) -> bool:
        return {str(name) for name in self._state.tables} <= ended.scanned

    def _stretch(self, first: int, last: int) -> _Stretch:
        return _Stretch(self._reader, first, last)

    def _restore_mirrors(self, kept: set[str]) -> None:
        """Read what was published from the topics, for products that no replay kept right."""
        for topic in self._deployed.products:
            if topic not in kept:
                self._activity.doing = f"reading {topic}"
                self._state.begin()
                mirror_from_topic(self._state, self._streams, topic)
                self._state.commit(self._state.progress())

    # --- deployments

    def _put_in_force(self, *, rebuilt: bool = False) -> None:
        """Make the deployed products run from the present position on."""
        products = self._deployed.products
        self._state.begin()
        self._new_shard(products)
        self._shard.prepare()
        known = self._truth.deployments
        entries: dict[str, ProductProgress] = {}
        for topic, one in products.items():
            before = known.get(topic)
            if before is None or before.digest != one.digest or rebuilt:
                entries[topic] = self._to_publish(one)
            elif before.status == "publishing":
                entries[topic] = replace(before, parts_done=0)
            else:
                entries[topic] = before
        for topic in set(known) - set(products):
            self._state.drop_mirror(topic)
        new = [t for t in entries if t not in known]
        self._commit_progress(replace(self._truth, deployments=entries))
        self._restore_mirrors(set(entries) - set(new))
        self._publish_all()

    def _to_publish(self, one: ProductDeployment) -> ProductProgress:
        position = self._input.position
        return ProductProgress(
            digest=one.digest,
            status="publishing",
            since_position=position,
            position=position,
            parts=self._shard.count_parts(one.topic),
        )

    def _publish_all(self) -> None:
        """Publish all documents (those that differ) of the products that are not live yet."""
        for topic, entry in self._truth.deployments.items():
            if entry.status != "publishing":
                continue
            for number in range(entry.parts):
                if self._stop.is_set():
                    return
                self._activity.doing = f"publishing {topic}: part {number + 1} of {entry.parts}"
                self._publish_part(topic, number, entry.parts)
        self._activity.doing = "following"

    def _publish_part(self, topic: str, number: int, parts: int) -> None:
        self._state.begin()
        events = self._shard.part(topic, number, parts, self._input)
        entry = self._truth.deployments[topic]
        live = number == parts - 1
        done = replace(entry, parts_done=number + 1, status="live" if live else "publishing")
        entries = dict(self._truth.deployments) | {topic: done}
        self._commit(events, replace(self._truth, deployments=entries))
        faults.reached("after-part")

    # --- following the log

    def _follow(self) -> None:
        while not self._stop.is_set():
            chunk = self._reader.read(IDLE_SECONDS)
            faults.reached("after-read")
            for run in _runs(self._decoder.feed(chunk)):
                if isinstance(run, list):
                    self._take_run(run)
                else:
                    self._take_snapshot(run)
                if self._stop.is_set():
                    return
            self._counters.repeated = self._decoder.repeated
            self._take_deployments()

    def _take_deployments(self) -> None:
        if self._changed is None:
            return
        deployed, self._changed = self._changed, None
        if signature(deployed.source.tables) != signature(self._source.tables):
            raise Reconfigured
        if deployed != self._deployed:
            self._deployed = deployed
            if self._waiting or self._snapshot is not None:
                raise Reconfigured
            self._put_in_force()

    def _take_run(self, run: list[Transaction]) -> None:
        if self._snapshot is not None and self._snapshot.end >= 0:
            self._settle(run)
        elif not self._waiting:
            self._publish_run(run)

    def _publish_run(self, run: list[Transaction]) -> None:
        self._state.begin()
        events = self._shard.process(run)
        last = run[-1]
        source = replace(
            self._input,
            position=last.position,
            log_offset=last.next_offset,
            time_ms=last.time_ms,
        )
        source = _identified(source, run, self._name)
        entries = {
            topic: replace(entry, position=last.position)
            for topic, entry in self._truth.deployments.items()
        }
        self._commit(events, Progress({self._name: source}, entries))

    def _take_snapshot(self, item: SnapshotStarted | SnapshotRows | SnapshotEnded) -> None:
        self._activity.doing = "taking in a snapshot"
        if isinstance(item, SnapshotStarted):
            self._snapshot = _Snapshot(item.offset)
        self._state.begin()
        keep = self._state.progress()
        if isinstance(item, SnapshotStarted):
            self._shard.start_generation()
        elif isinstance(item, SnapshotRows):
            self._shard.load(item.events)
        elif self._snapshot is not None:
            missing = {str(name) for name in self._state.tables} - item.scanned
            if missing:
                self._snapshot, self._waiting = None, True
            else:
                self._snapshot.end = item.next_offset
                self._shard.adopt_generation()
            # until the snapshot has settled the tables show no single position
            keep = None
        self._state.commit(keep)
        faults.reached("after-load")

    def _settle(self, run: list[Transaction]) -> None:
        """Apply what was committed while the snapshot was read, up to the first heartbeat.

        When Connect was killed within the snapshot and began it anew, each table is read at
        another time. The connector's heartbeat comes right after the last one: from its END on,
        the tables show one state of the database.
        """
        beat = next((i for i, one in enumerate(run) if one.heartbeat is not None), len(run))
        before, rest = run[: beat + 1], run[beat + 1 :]
        self._state.begin()
        self._shard.apply(before)
        if beat == len(run):
            self._state.commit(None)
            return
        self._settled(before[-1])
        if rest:
            self._publish_run(rest)

    def _settled(self, last: Transaction) -> None:
        snapshot, self._snapshot, self._waiting = self._snapshot, None, False
        assert snapshot is not None  # noqa: S101 - only called while one is taken in
        source = Input(
            position=last.position,
            log_offset=last.next_offset,
            time_ms=last.time_ms,
            generation=Generation(snapshot.start, snapshot.end, last.position),
        )
        source = _identified(source, [last], self._name)
        self._progress = Progress({self._name: source}, {})
        entries = {t: self._to_publish(one) for t, one in self._deployed.products.items()}
        self._commit_progress(replace(self._progress, deployments=entries))
        self._restore_mirrors(set())
        self._publish_all()

    # --- commit

    @property
    def _truth(self) -> Progress:
        assert self._progress is not None  # noqa: S101 - asked for only after a snapshot
        return self._progress

    @property
    def _input(self) -> Input:
        return self._truth.inputs[self._name]

    def _commit_progress(self, progress: Progress) -> None:
        self._commit([], progress)

    def _commit(self, events: Sequence[Event], progress: Progress) -> None:
        """Commit events and progress to Kafka together, then the state that belongs to them."""
        source = progress.inputs[self._name]
        faults.reached("before-produce")
        self._writer.begin()
        self._writer.write(events)
        self._writer.write([Event(self._source.progress, KEY, encode(progress))])
        faults.reached("after-produce")
        faults.reached("before-commit-kafka")
        self._writer.commit(source.log_offset)
        faults.reached("after-commit-kafka")
        self._state.commit(progress)
        faults.reached("after-commit-state")
        self._progress = progress
        self._counters.commits += 1
        self._activity.position = str(source.position)
        self._activity.time_ms = source.time_ms


class _Stretch:
    """A stretch of the log, read from `first` up to but not including `last`."""

    def __init__(self, reader: LogReader, first: int, last: int) -> None:
        self._reader, self._first, self._last = reader, first, last

    def __iter__(self) -> Iterator[Chunk]:
        at = self._first
        if at >= self._last:
            return
        self._reader.seek(at)
        while at < self._last:
            chunk = self._reader.read(IDLE_SECONDS)
            if not len(chunk):
                continue
            at = chunk.offsets[-1] + 1
            if at > self._last:
                keep = sum(1 for offset in chunk.offsets if offset < self._last)
                chunk = Chunk(chunk.offsets[:keep], chunk.keys[:keep], chunk.values[:keep])
            yield chunk


Run = list[Transaction] | SnapshotStarted | SnapshotRows | SnapshotEnded


def _runs(items: Iterable[Item]) -> Iterator[Run]:
    """Gather transactions that follow each other to runs; other items stand alone."""
    run: list[Transaction] = []
    size = 0
    for item in items:
        alone = not isinstance(item, Transaction) or truncates(item)
        if run and (alone or size >= RUN_CHANGES):
            yield run
            run, size = [], 0
        if not isinstance(item, Transaction):
            yield item
        elif alone:
            yield [item]
        else:
            run.append(item)
            size += len(item.events)
    if run:
        yield run


def _identified(source: Input, run: Sequence[Transaction], name: str) -> Input:
    """Note which database the log comes from, as its heartbeats say.

    Raises:
        DatabaseReplaced: it is another one than before.
    """
    for one in run:
        said = one.heartbeat
        if not said:
            continue
        identifier, _, timeline = said.partition(" ")
        before = (source.system_identifier, source.timeline)
        if before == (None, None):
            source = replace(source, system_identifier=identifier, timeline=timeline)
        elif before != (identifier, timeline):
            was = f"system {before[0]}, timeline {before[1]}"
            now = f"system {identifier}, timeline {timeline}"
            raise DatabaseReplaced(source=name, before=was, now=now)
    return source


def _beyond(source: Input, bounds: tuple[int, int]) -> str:
    return (
        f"progress says offset {source.log_offset:,}, the log ends at {bounds[1]:,}: "
        "it was restored to an earlier state"
    )
