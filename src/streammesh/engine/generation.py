"""Taking in a snapshot: rows into new tables, which replace the present ones when it is whole."""

from __future__ import annotations

from collections.abc import Iterable

from streammesh.deployments.progress import Generation, Input, Position
from streammesh.documents.values import TableName
from streammesh.engine.log import SnapshotEnded, SnapshotRows, SnapshotStarted, Transaction
from streammesh.engine.shard import Shard

Mark = SnapshotStarted | SnapshotRows | SnapshotEnded


def covers(ended: SnapshotEnded, tables: Iterable[TableName]) -> bool:
    """Tell whether a snapshot has read all of these tables."""
    return {str(name) for name in tables} <= ended.scanned


class Taking:
    """A generation from its STARTED until everything that it saw has been applied.

    When Connect was killed within the snapshot and began it anew, each table is read at another
    time. The connector's heartbeat comes right after the last one: from the END of that
    transaction on, the tables show one state of the database. Until then nothing is published.
    """

    def __init__(self, started: SnapshotStarted, shard: Shard, floor: Position | None) -> None:
        """Begin with empty tables, beside the present ones.

        Args:
            started: where it begins.
            shard: over the state.
            floor: the products' topics show this position already: before it nothing may be
                published; None if they don't, or may go back.
        """
        self._floor = floor
        self._beaten = False
        self._start = started.offset
        self._end = -1
        self._shard = shard
        shard.start_generation()

    @property
    def complete(self) -> bool:
        """Whether all rows are there, and transactions follow."""
        return self._end >= 0

    def take_rows(self, rows: SnapshotRows) -> None:
        """Put rows into the new tables."""
        self._shard.load(rows.events)

    def finish(self, ended: SnapshotEnded) -> None:
        """Put the new tables in place of the present ones."""
        self._end = ended.next_offset
        self._shard.adopt_generation()

    def settle(self, run: list[Transaction]) -> tuple[Transaction | None, list[Transaction]]:
        """Apply what was committed while the snapshot was read, up to the first heartbeat.

        Where the topics show a later position, up to there.

        Returns:
            The transaction from which on the tables are settled if it is in the run, and what
            comes after it.
        """
        last = next((i for i, one in enumerate(run) if self._settles(one)), None)
        before = run if last is None else run[: last + 1]
        self._shard.apply(before)
        return (None, []) if last is None else (run[last], run[last + 1 :])

    def _settles(self, one: Transaction) -> bool:
        self._beaten = self._beaten or one.heartbeat is not None
        return self._beaten and (self._floor is None or one.position >= self._floor)

    def source(self, settled: Transaction) -> Input:
        """Give the position that the tables show, settled."""
        return Input(
            position=settled.position,
            log_offset=settled.next_offset,
            time_ms=settled.time_ms,
            generation=Generation(self._start, self._end, settled.position),
        )
