"""A snapshot by COPY: its marks in the log, its blocks in a topic of their own.

Each table has a position: its rows are those of all transactions with an END at or before it. What
was committed later stands in the log behind `started`. So a table is its blocks and, of all that
the log has from `started` on, the changes above its position; and as soon as a transaction with an
END at or above the greatest of the positions has been processed, all tables show one state of the
database. Nothing is kept of the way there: an engine that dies begins it again.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from streammesh.deployments import marks
from streammesh.deployments.forms import form
from streammesh.deployments.marks import Completed, Mark, Started, TableCopied
from streammesh.deployments.progress import Lsn
from streammesh.documents.values import TableName
from streammesh.engine import faults
from streammesh.engine.copied import BlockLoader
from streammesh.engine.counters import Counters
from streammesh.engine.log import START, CopyMark, LogDecoder, Transaction
from streammesh.engine.runs import gather, stretch
from streammesh.engine.shard import Shard
from streammesh.engine.state import NEXT, State
from streammesh.errors.base import MeshError
from streammesh.errors.engine import CopiedRowsGone, PositionLost, ValueNotUnderstood
from streammesh.platform.streams import LogReader, Streams


@dataclass
class Copy:
    """What the marks say of one snapshot.

    Attributes:
        snapshot: its id.
        start: offset of the mark that started it.
        whole: whether it is of all tables of the source.
        tables: `schema.table` of those that it reads.
        copied: what was read so far, by table.
        end: the offset behind its last mark; -1 until it is complete.
    """

    snapshot: str
    start: int
    whole: bool
    tables: tuple[str, ...]
    copied: dict[str, TableCopied] = field(default_factory=dict)
    end: int = -1

    @property
    def position(self) -> Lsn:
        """The greatest of its tables' positions."""
        return max((one.lsn for one in self.copied.values()), default=START)

    def note(self, mark: Mark, offset: int) -> None:
        """Take a mark of this snapshot; those of others are let by."""
        if mark.snapshot != self.snapshot:
            return
        if isinstance(mark, TableCopied):
            self.copied[mark.table] = mark
        elif isinstance(mark, Completed):
            self.end = offset + 1


def started(mark: Started, offset: int, before: Copy | None) -> Copy:
    """Give the snapshot that a mark starts; the one before it if it goes on with that one."""
    if before is not None and before.snapshot == mark.snapshot:
        return before
    return Copy(mark.snapshot, offset, mark.whole, mark.tables)


def marked(reader: LogReader, topic: str, first: int, last: int) -> Copy | None:
    """Read the marks of the snapshot that starts at offset `first`, up to `last`."""
    found: Copy | None = None
    decoder = LogDecoder(topic, within=True)
    for chunk in stretch(reader, first, last):
        for item in decoder.feed(chunk):
            if not isinstance(item, CopyMark):
                continue
            if found is None and isinstance(item.mark, Started):
                found = started(item.mark, item.offset, None)
            elif found is not None:
                found.note(item.mark, item.offset)
    return found


class Loading:
    """Loads the blocks of a snapshot into tables beside the present ones."""

    def __init__(self, state: State, streams: Streams, wanted: Collection[TableName]) -> None:
        """Begin with nothing.

        Args:
            state: where to.
            streams: Kafka.
            wanted: the tables that are of use.
        """
        self._state, self._streams = state, streams
        self._wanted = frozenset(wanted)
        self._steps: Iterator[None] | None = None
        self.loaded: dict[TableName, TableCopied] = {}
        self.refused: dict[TableName, MeshError | None] = {}
        self._refused_as: dict[TableName, TableCopied] = {}

    def step(self, copied: Mapping[str, TableCopied], seconds: float) -> bool:
        """Load for a while, within a transaction of the state.

        Args:
            copied: the tables that have been read.
            seconds: for how long about; one block at least.

        Returns:
            Whether there is more to be loaded.
        """
        until = time.monotonic() + seconds
        while (steps := self._steps or self._begun(copied)) is not None:
            self._steps = steps
            for _ in steps:
                if time.monotonic() >= until:
                    return True
            self._steps = None
        return False

    def _begun(self, copied: Mapping[str, TableCopied]) -> Iterator[None] | None:
        name = self._next(copied)
        return None if name is None else self._load(name, copied[str(name)])

    def done(self, copied: Mapping[str, TableCopied]) -> bool:
        """Tell whether nothing is left to be loaded."""
        return self._steps is None and self._next(copied) is None

    def leave_out(self, name: TableName, error: MeshError) -> None:
        """Leave out a table that was loaded: it has changed since it was read."""
        self.refuse(name, self.loaded[name], error)

    def refuse(self, name: TableName, mark: TableCopied, error: MeshError | None) -> None:
        """Leave out a table as a mark has it; None where it is of use to other deployments."""
        self.loaded.pop(name, None)
        self.refused[name], self._refused_as[name] = error, mark

    def _next(self, copied: Mapping[str, TableCopied]) -> TableName | None:
        for name in self._state.tables:
            mark = copied.get(str(name))
            if mark is None or name not in self._wanted:
                continue
            if mark in (self.loaded.get(name), self._refused_as.get(name)):
                continue
            if mark.form == form(self._state.tables[name]):
                self.refused.pop(name, None)
                return name
            # read in another form than the deployed one: the other one is on its way
            self.refuse(name, mark, None)
        return None

    def _load(self, name: TableName, mark: TableCopied) -> Iterator[None]:
        """Load a table, a block a step."""
        self._state.create_tables(NEXT, (name,))
        loader = BlockLoader(self._state.name, self._state.tables[name], mark.columns)
        seen: set[bytes] = set()
        rows = 0
        try:
            for block, number in self._blocks(mark):
                if number not in seen:
                    seen.add(number)
                    rows += loader.load(self._state, block)
                    faults.reached("after-load")
                    yield
        except (PositionLost, ValueNotUnderstood) as error:
            self.refuse(name, mark, error)
            return
        if len(seen) != mark.blocks or rows != mark.rows:
            why = (
                f"{len(seen):,} of {mark.blocks:,} blocks are there, {rows:,} of {mark.rows:,} rows"
            )
            self.refuse(name, mark, CopiedRowsGone(table=name, topic=mark.topic, why=why))
            return
        self.loaded[name] = mark

    def _blocks(self, mark: TableCopied) -> Iterator[tuple[bytes, bytes]]:
        ranges = {int(partition): bounds for partition, bounds in mark.offsets.items()}
        wanted = {
            marks.HEADER_SNAPSHOT: mark.snapshot.encode(),
            marks.HEADER_TABLE: mark.table.encode(),
            marks.HEADER_COPY: mark.copy.encode(),
        }
        for records in self._streams.read_between(mark.topic, ranges):
            for one in records:
                if one.value and wanted.items() <= one.headers.items():
                    yield one.value, one.headers.get(marks.HEADER_BLOCK, b"")


def catch_up(
    shard: Shard,
    reader: LogReader,
    topic: str,
    stretch_of_log: tuple[int, int],
    floors: Mapping[TableName, Lsn],
) -> None:
    """Apply what was committed above the positions of tables that were just read.

    Args:
        shard: of these tables.
        reader: of the private log.
        topic: its name.
        stretch_of_log: from which offset on, and the one behind.
        floors: each table's position.

    Raises:
        TableChanged, ValueNotUnderstood: naming the table.
    """
    decoder = LogDecoder(topic, min(floors.values(), default=START), within=True)
    bounds = {(name.schema, name.name): position for name, position in floors.items()}
    for chunk in stretch(reader, *stretch_of_log):
        for run in gather(decoder.feed(chunk)):
            if isinstance(run, list):
                shard.apply(above(run, bounds))
        faults.reached("during-recovery")


def above(
    run: Sequence[Transaction], floors: Mapping[tuple[str, str], Lsn]
) -> Sequence[Transaction]:
    """Leave out changes of tables that had them when they were read.

    Args:
        run: transactions.
        floors: the position of each table; tables that are not named keep all changes.
    """
    highest = max(floors.values(), default=START)
    if not run or run[0].position > highest:
        return run
    return [one if one.position > highest else _above(one, floors) for one in run]


def _above(one: Transaction, floors: Mapping[tuple[str, str], Lsn]) -> Transaction:
    kept = [
        event
        for event in one.events
        if event.source is None
        or floors.get((event.source.schema or "", event.source.table or ""), START) < one.position
    ]
    truncates = one.truncates and any(event.op == "t" for event in kept)
    return msgspec.structs.replace(one, events=kept, truncates=truncates)


def take_over(
    loading: Loading,
    state: State,
    counters: Counters,
    log: tuple[LogReader, str, int, int],
) -> None:
    """Put the loaded tables in place of the present ones, and bring them to a place of the log.

    Args:
        loading: has loaded them.
        state: within a transaction.
        counters: to be kept up to date.
        log: how to read the private log, its name, from which offset on, and the one behind.

    Raises:
        TableChanged, ValueNotUnderstood: naming the table; roll back, leave it out, and try again.
    """
    reader, topic, first, last = log
    names = tuple(loading.loaded)
    state.adopt_tables(NEXT, names)
    shard = Shard(state, (), counters, names)
    floors = {name: mark.lsn for name, mark in loading.loaded.items()}
    catch_up(shard, reader, topic, (first, last), floors)
