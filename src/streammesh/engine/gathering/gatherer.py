"""Gathers whole transactions of several products into one private log, each exactly once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from streammesh.deployments.deployment import SourceDeployment
from streammesh.deployments.limits import GATHERING_MS
from streammesh.deployments.progress import Lsn
from streammesh.documents.names import GATHER
from streammesh.engine import faults
from streammesh.engine.gathering.inlet import Inlet, Taken
from streammesh.engine.gathering.rows import Rows
from streammesh.engine.gathering.writing import (
    Gathered,
    heartbeat,
    last_gathered,
    started,
    tables_of,
    transaction,
)
from streammesh.errors.engine import PositionLost
from streammesh.platform.streams import Event, Follower, Headed

BEAT_SECONDS = 2.0
"""How often an idle log tells that it is alive."""

IDLE_SECONDS = 0.02


class Written(Protocol):
    """What a gatherer writes with; a part of `TransactionalWriter`."""

    def start(self) -> None:
        """Take over."""
        ...

    def begin(self) -> None:
        """Begin a transaction."""
        ...

    def write(self, events: Sequence[Event]) -> None:
        """Write records."""
        ...

    def commit(self) -> None:
        """Make them visible."""
        ...

    def close(self) -> None:
        """Give back the connection."""
        ...


class GatheringStreams(Protocol):
    """What a gatherer asks of Kafka; a part of `Streams`."""

    def follow(self, topic: str) -> Follower:
        """Open a reader on all partitions of a topic."""
        ...

    def tails(self, topics: Sequence[str]) -> Mapping[str, Sequence[Headed]]:
        """Give the last record of each partition."""
        ...

    def writer(self, transactional_id: str, group_topic: str, timeout_ms: int) -> Written:
        """Open a writer."""
        ...


class Gatherer:
    """Writes the private log of one source of products."""

    def __init__(
        self,
        source: SourceDeployment,
        schemas: Mapping[str, Mapping[int, str]],
        streams: GatheringStreams,
        *,
        stopped: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open readers and the writer; `start` comes first.

        Args:
            source: whose log it is.
            schemas: of each product, those that its events were written with.
            streams: Kafka.
            stopped: whether to give up waiting for something.
            clock: gives seconds since 1970.
        """
        self._source, self._streams = source, streams
        self._stopped, self._clock = stopped, clock
        self._writer = streams.writer(f"{source.principal}{GATHER}", source.log, GATHERING_MS)
        self._position = Lsn(0)
        self._beaten = 0.0
        self._inlets: list[Inlet] = []
        tables = {one.name: one for one in source.tables}
        try:
            for one in source.inputs:
                rows = Rows(one, tables[one.table], schemas.get(one.topic, {}))
                self._inlets.append(Inlet(one, streams.follow(one.topic), rows))
        except BaseException:
            self.close()
            raise

    def start(self, *, anew: bool = False) -> None:
        """Take over from any earlier gatherer, and go on where it was.

        Where that can't be, all products are read from their beginning, as a new generation.

        Args:
            anew: read all in any case.

        Raises:
            WriterFenced, CommitUncertain, WriteFailed: from the writer.
            MeshError: an input can't be read.
        """
        self._writer.start()
        last = last_gathered(self._streams.tails([self._source.log]).get(self._source.log, ()))
        if last is not None:
            self._position = last.position
        if anew or last is None or not self._fits(last):
            self.read_all()
            return
        for one in self._inlets:
            one.go_on(last.offsets[one.product.topic])

    def _fits(self, last: Gathered) -> bool:
        offsets = last.offsets
        return last.tables == tables_of(self._source) and all(
            one.product.topic in offsets and one.can_go_on(offsets[one.product.topic])
            for one in self._inlets
        )

    def read_all(self) -> None:
        """Write a new generation: all rows, and what was committed while they were read."""
        self._write(started([str(one.table) for one in self._source.inputs]))
        number = 0
        for inlet in self._inlets:
            for rows in inlet.all_rows(self._stopped):
                number += 1
                self._write(transaction(f"snapshot/{number}", self._next(), self._now_ms, rows))
        taken = [each for inlet in self._inlets for each in inlet.settle(self._stopped)]
        if not self._stopped():
            self._write_taken(taken, beats=True)

    def step(self, timeout: float = IDLE_SECONDS) -> bool:
        """Bring what is whole into the log; tell whether there was anything.

        Raises:
            WriterFenced, CommitUncertain, WriteFailed: from the writer; begin anew.
            MeshError: an input can't be read.
        """
        try:
            taken = [each for inlet in self._inlets for each in inlet.step(0)]
            if not taken:
                # one of several waits, so that none of the others waits long
                alone = len(self._inlets) == 1
                taken = self._inlets[0].step(10 * timeout if alone else timeout)
        except PositionLost:
            # retention or somebody has taken what was to come
            self.read_all()
            return True
        if taken or self._clock() - self._beaten >= BEAT_SECONDS:
            self._write_taken(taken, beats=not taken)
        return bool(taken)

    def _write_taken(self, taken: Sequence[Taken], *, beats: bool) -> None:
        """Write transactions, and behind the last one how far all products are."""
        found = [(one.txid, one.time_ms or self._now_ms, one.rows) for one in taken]
        if beats:
            found.append(("heartbeat", self._now_ms, [heartbeat()]))
        records: list[bytes] = []
        for number, (txid, time_ms, rows) in enumerate(found, 1):
            position = self._next()
            gathered = self._gathered(position) if number == len(found) else None
            records += transaction(txid, position, time_ms, rows, gathered)
        self._write(records)

    def _gathered(self, position: Lsn) -> Gathered:
        offsets = {one.product.topic: dict(one.offsets) for one in self._inlets}
        return Gathered(position, offsets, tables_of(self._source))

    def _write(self, records: Iterable[bytes]) -> None:
        self._writer.begin()
        self._writer.write([Event(self._source.log, None, record) for record in records])
        faults.reached("before-commit-gathered")
        self._writer.commit()
        faults.reached("after-commit-gathered")
        self._beaten = self._clock()

    @property
    def _now_ms(self) -> int:
        return int(self._clock() * 1000)

    def _next(self) -> Lsn:
        """Give the position of the next transaction: greater than all, of earlier logs too."""
        self._position = Lsn(max(self._position.value + 1, int(self._clock() * 1_000_000)))
        return self._position

    def close(self) -> None:
        """Give back the connections."""
        for one in self._inlets:
            one.close()
        self._writer.close()
