"""Tables into the topic of rows, each at a known position; marks into the private log."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from threading import Lock

from streammesh.capture.copying.position import exported
from streammesh.capture.copying.ranges import (
    PAGE_BYTES,
    RANGE_BYTES,
    Heap,
    Range,
    groups,
    ranges,
    read_heaps,
)
from streammesh.capture.copying.reading import Block
from streammesh.capture.copying.sessions import Sessions, opened
from streammesh.deployments import marks
from streammesh.deployments.forms import form
from streammesh.deployments.progress import Lsn
from streammesh.errors.capture import CopiedRowTooLarge
from streammesh.models.tables import Table
from streammesh.platform.appending import MAX_BYTES, Appender, Record
from streammesh.platform.database import DatabaseSettings
from streammesh.platform.streams import Headers

LARGEST_ROW = MAX_BYTES - 65_536
"""Bytes of a row, which with its headers has to go into one record."""

SESSIONS = 2
"""Sessions that read at the same time: gentle to the application's database."""


@dataclass(frozen=True)
class Order:
    """What is to be read, and where it goes.

    Attributes:
        label: what to call the source.
        snapshot: the snapshot's id.
        topic: of rows.
        partitions: of that topic.
        log: the private log.
        tables: what to read.
        sessions: how many to use at most.
    """

    label: str
    snapshot: str
    topic: str
    partitions: int
    log: str
    tables: tuple[Table, ...]
    sessions: int = SESSIONS


@dataclass(frozen=True)
class Advance:
    """How far the reading has come.

    Attributes:
        table: what is read.
        rows: how many have been read, of all tables of the order.
        expected: how many there are, as the database estimates; -1 when unknown.
        seconds: since the beginning.
    """

    table: str
    rows: int
    expected: int
    seconds: float


Tell = Callable[[Advance], None]


def take(
    order: Order, settings: DatabaseSettings, appender: Appender, tell: Tell
) -> Iterator[marks.TableCopied]:
    """Read tables, and give each table's mark when it stands in the log.

    The connector streams already, so every transaction after a table's position gets into the log.

    Args:
        order: what to read.
        settings: the database.
        appender: to write with.
        tell: told how far it is, twice a second; what it raises ends the reading.

    Raises:
        MeshError: database or Kafka refuse or are gone. Tables that were given stay valid.
    """
    with opened(settings, order.sessions, order.label) as sessions:
        taking = _Taking(order, settings, sessions, appender, _Progress(order, tell))
        heaps = {one.name: read_heaps(sessions.first, one.name) for one in order.tables}
        sizes = [(one, PAGE_BYTES * _pages(heaps[one.name])) for one in order.tables]
        for group in groups(sizes):
            parts = (ranges(one, heaps[one.name], RANGE_BYTES // PAGE_BYTES) for one in group)
            yield from taking.group([part for some in parts for part in some])


def _pages(heaps: Sequence[Heap]) -> int:
    return sum(one.pages for one in heaps)


@dataclass(frozen=True)
class _Taking:
    """Reads groups of tables, one after the other."""

    order: Order
    settings: DatabaseSettings
    sessions: Sessions
    appender: Appender
    progress: _Progress

    def group(self, work: Sequence[Range]) -> Iterator[marks.TableCopied]:
        """Read tables at one position, and mark them."""
        with exported(self.settings, self.order.label) as point:
            self.sessions.see(point)
        copies = {one.table.name: _Copy(self.order, one.table, point.position) for one in work}

        def taken(part: Range, block: Block) -> None:
            copies[part.table.name].append(self.appender, block)
            self.progress.add(part, block)

        self.sessions.read(work, taken, self.progress.tick)
        self.sessions.leave()
        self.appender.flush()
        self.progress.tick()
        for copy in copies.values():
            mark = copy.mark()
            write_mark(self.appender, self.order.log, mark)
            yield mark


def write_mark(appender: Appender, log: str, mark: marks.Mark) -> None:
    """Put a mark into a private log, and wait until it stands."""
    appender.append(Record(log, 0, marks.KEY, marks.encode(mark)))
    appender.flush()


@dataclass
class _Copy:
    """One table on its way into the topic."""

    order: Order
    table: Table
    position: Lsn
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:16])
    rows: int = 0
    offsets: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = count()
        self._lock = Lock()

    def append(self, appender: Appender, block: Block) -> None:
        with self._lock:
            number = next(self._numbers)
            self.rows += block.rows
        if len(block.value) > LARGEST_ROW:
            raise CopiedRowTooLarge(
                source=self.order.label,
                table=self.table.name,
                size=f"{len(block.value):,}",
                most=f"{LARGEST_ROW:,}",
            )
        partition, headers = number % self.order.partitions, self._headers(number, block.rows)
        record = Record(self.order.topic, partition, None, block.value, headers)
        appender.append(record, self._delivered)

    def _headers(self, number: int, rows: int) -> Headers:
        return (
            (marks.HEADER_SNAPSHOT, self.order.snapshot.encode()),
            (marks.HEADER_TABLE, str(self.table.name).encode()),
            (marks.HEADER_COPY, self.id.encode()),
            (marks.HEADER_BLOCK, b"%d" % number),
            (marks.HEADER_ROWS, b"%d" % rows),
        )

    def _delivered(self, partition: int, offset: int) -> None:
        with self._lock:
            first, end = self.offsets.get(str(partition), (offset, offset + 1))
            self.offsets[str(partition)] = (min(first, offset), max(end, offset + 1))

    def mark(self) -> marks.TableCopied:
        return marks.TableCopied(
            snapshot=self.order.snapshot,
            table=str(self.table.name),
            columns=tuple(one.name for one in self.table.columns),
            position=self.position.header().decode(),
            copy=self.id,
            topic=self.order.topic,
            blocks=next(self._numbers),
            rows=self.rows,
            offsets=dict(sorted(self.offsets.items())),
            form=form(self.table),
        )


class _Progress:
    """Counts rows, and tells."""

    def __init__(self, order: Order, tell: Tell) -> None:
        known = [one.estimated_rows for one in order.tables]
        self._expected = sum(known) if all(one >= 0 for one in known) else -1
        self._tell = tell
        self._started = time.monotonic()
        self._rows = 0
        self._table = ""
        self._lock = Lock()

    def add(self, part: Range, block: Block) -> None:
        with self._lock:
            self._rows += block.rows
            self._table = str(part.table.name)

    def tick(self) -> None:
        seconds = time.monotonic() - self._started
        self._tell(Advance(self._table, self._rows, self._expected, seconds))
