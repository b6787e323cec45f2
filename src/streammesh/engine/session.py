"""One life of an engine between two uncertainties: take over, recover, then log → events → commit.

A session ends when it is asked to stop, when nobody knows whether a commit has landed (the next
session finds out), when deployments change what is captured, or when the source can't go on.
"""

from __future__ import annotations

from dataclasses import replace

from streammesh.deployments.forms import form
from streammesh.deployments.limits import transaction_timeout_ms
from streammesh.deployments.marks import Completed, Started
from streammesh.deployments.progress import Input, Progress
from streammesh.engine import faults
from streammesh.engine.beginning import Beginning
from streammesh.engine.deployed import Deployed, Reconfigured
from streammesh.engine.generation import Mark, Taking, covers
from streammesh.engine.identity import identified
from streammesh.engine.intake import table_of
from streammesh.engine.log import (
    CopyMark,
    SnapshotRows,
    SnapshotStarted,
    Transaction,
)
from streammesh.engine.recovery import (
    read_progress,
)
from streammesh.engine.runs import IDLE_SECONDS, gather, next_generation
from streammesh.engine.silence import Silence
from streammesh.engine.state import signature
from streammesh.errors.engine import (
    SourceStopped,
    TableChanged,
    ValueNotUnderstood,
)
from streammesh.models.compiled import reads


class Session(Beginning):
    """Runs the engine of one source until something ends it."""

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

    @property
    def publishing(self) -> bool:
        """Whether all documents of a product are being published, beside following the log."""
        return not self._waiting and self._taking is None and self._publisher.publishing

    @property
    def lacks_snapshot(self) -> bool:
        """Whether something can't be published before a snapshot comes that is not on its way."""
        return self._taking is None and (self._waiting or self._lacks_tables)

    # --- deployments

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
            self._state.begin()
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
        silence = Silence(self._told)
        # rows that an earlier session had not loaded: what was read is taken over where it settles
        self._take_copied()
        while not self._stop.is_set():
            faults.reached("before-read")
            busy = self._intake.more or self.publishing
            chunk = self._activity.read(self._reader, 0 if busy else IDLE_SECONDS)
            self._at = chunk.offsets[0] if len(chunk) else self._at
            silence.heard(len(chunk))
            faults.reached("after-read")
            for run in gather(self._decoder.feed(chunk)):
                if isinstance(run, CopyMark):
                    self._take_mark(run)
                elif not isinstance(run, list):
                    self._take_snapshot(run)
                elif self._taking is not None and self._taking.complete:
                    self._settle(self._taking, run)
                else:
                    self._take_run(run)
                if self._stop.is_set():
                    return
            self._activity.counters.repeated = self._decoder.repeated
            self._activity.begun(self._decoder.begun_again)
            self._take_copied()
            self._take_deployments()
            if not self._waiting and self._taking is None:
                if held := self._beats.due(now=self._intake.copy is not None):
                    self._publish(held)
                self._answering.answer(self._deployed.requests)
                self._publisher.publish_some()

    def _take_run(self, run: list[Transaction]) -> None:
        """Publish transactions; what was copied is taken over right where it has settled."""
        at = self._intake.settles_at(run)
        first, rest = (run, []) if at is None else (run[: at + 1], run[at + 1 :])
        if self._waiting:
            self._seen = first[-1]
        else:
            self._publish(first)
        if at is not None:
            self._take_copied()
        if rest and not self._stop.is_set():
            self._take_run(rest)

    def _publish(self, run: list[Transaction]) -> None:
        """Publish transactions; where a table is not as it was, without what reads that table."""
        if self._intake.copy is None and self._beats.hold(run):
            return
        while run:
            try:
                self._publisher.publish(run)
                return
            except (TableChanged, ValueNotUnderstood) as error:
                self._state.rollback()
                self._publisher.forget_counts()
                self._told(f"{error}\n{error.why or ''}".strip())
                without = dict(self._ledger.input.tables) | {str(table_of(error)): ""}
                self._have(without)
                self._state.begin()
                self._put_in_force()
            done = self._ledger.input.position
            run = [one for one in run if one.position > done]

    # --- snapshots by COPY

    def _take_mark(self, item: CopyMark) -> None:
        started = item.mark if isinstance(item.mark, Started) else None
        if started is not None and not started.whole and self._waiting:
            return  # of some tables, and there are no others
        new = self._intake.note(item)
        if isinstance(item.mark, Completed):
            self._take_copied()
        if started is None or not new:
            return
        if started.whole:
            self._taking, self._waiting, self._seen = None, True, None
            self._activity.doing = "taking in a snapshot"
        else:
            self._read_again(started)

    def _read_again(self, started: Started) -> None:
        """Let the products wait that read these tables: their values may have changed unseen."""
        tables = {t: f for t, f in self._ledger.input.tables.items() if t not in started.tables}
        self._have(tables, reading=self._intake.reading)
        self._state.begin()
        self._put_in_force()

    def _take_copied(self) -> None:
        """Load some of what was copied; take it over when all of it is there and has settled."""
        self._intake.load()
        while self._waiting and self._intake.more and not self._stop.is_set():
            self._intake.load()
        at: Transaction | Input | None = self._seen
        if not self._waiting and self._intake.copy is not None:
            at = self._ledger.input
        shown = self._floor
        if (
            at is not None
            and (shown is None or at.position >= shown)
            and self._intake.ready(at.position)
        ):
            self._take_over(at)

    def _take_over(self, at: Transaction | Input) -> None:
        """Put copied tables in place of the present ones, and publish what differs."""
        self._activity.doing = "taking over a snapshot"
        until = at.next_offset if isinstance(at, Transaction) else at.log_offset
        taken = self._intake.take_over(until, self._activity.counters)
        forms = {str(name): its for name, its in taken.items()}
        generation = self._intake.generation(at.position)
        self._intake.forget()
        if isinstance(at, Transaction):
            self._waiting, self._seen, self._floor = False, None, None
            whole = Input(at.position, until, at.time_ms, generation, forms)
            before = self._ledger.progress or Progress({})
            inputs = {self._name: identified(whole, [at], self._name)}
            self._ledger.progress = replace(before, inputs=inputs)
            self._read_mirrors(self._deployed.products)
            self._put_in_force(self._deployed.products)
            return
        again = dict(at.again) | dict.fromkeys(forms, generation)
        self._have(dict(at.tables) | forms, again=again, reading=None)
        products = self._deployed.products.items()
        self._put_in_force([topic for topic, one in products if reads(one.model) & taken.keys()])

    # --- snapshots by Debezium

    def _take_snapshot(self, mark: Mark) -> None:
        self._activity.doing = "taking in a snapshot"
        self._state.begin()
        belongs_to = self._state.progress()
        if isinstance(mark, SnapshotStarted):
            self._intake.forget()
            self._new_shard(self._deployed.products, self._state.tables)
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
        forms = {str(name): form(table) for name, table in self._state.tables.items()}
        before = self._ledger.progress or Progress({})
        inputs = {self._name: replace(source, tables=forms)}
        self._ledger.progress = replace(before, inputs=inputs)
        self._read_mirrors(self._deployed.products)
        self._put_in_force(self._deployed.products)
        if rest and not self._stop.is_set():
            self._publish(rest)
