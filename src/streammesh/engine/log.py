"""The private log, record by record in bulk: what a source's database did, in commit order.

The log is written at least once. What stands before an END belongs to it if it carries the
same transaction id; a stretch that is repeated after a crash of Connect is harmless, since images
are absolute and applied in order. A transaction at or before the last position is dropped whole.
Neither `total_order` nor a row's own LSN is ever looked at: both lie after a crash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from streammesh.deployments.marks import Mark, Started, TableCopied, decode
from streammesh.deployments.progress import Lsn
from streammesh.errors.engine import RecordNotUnderstood, TransactionTorn
from streammesh.platform.streams import Chunk

SNAPSHOT = "Initial Snapshot"
START = Lsn(0)
_NULL = msgspec.Raw(b"null")


class Origin(msgspec.Struct, gc=False):
    """Where a row comes from: `source` in Debezium's envelope."""

    schema: str | None = None
    table: str | None = None
    lsn: int | None = None
    ts_ms: int | None = None


class Message(msgspec.Struct, gc=False):
    """A logical message; its content is hexadecimal."""

    prefix: str = ""
    content: str = ""


class Envelope(msgspec.Struct):
    """A record of the log: a row, a transaction's BEGIN or END, a notification, a heartbeat."""

    op: str | None = None
    before: msgspec.Raw = _NULL
    after: msgspec.Raw = _NULL
    source: Origin | None = None
    status: str | None = None
    id: str | None = None
    ts_ms: int | None = None
    aggregate_type: str | None = None
    type: str | None = None
    additional_data: dict[str, Any] | None = None
    message: Message | None = None
    streammesh: str | None = None


class Transaction(msgspec.Struct, frozen=True):
    """A committed transaction of the source.

    Attributes:
        txid: its id, decimal.
        position: where its END stands.
        time_ms: when it was committed, milliseconds since 1970.
        events: its rows, in order.
        next_offset: the offset behind its END.
        truncates: whether it removes all rows of a table.
    """

    txid: str
    position: Lsn
    time_ms: int
    events: Sequence[Envelope]
    next_offset: int
    truncates: bool = False

    @property
    def heartbeat(self) -> str | None:
        """What the connector's own heartbeat says in it; None in any other transaction."""
        # it has nothing but messages: several, where Connect began it again
        message = self.events[-1].message if self.events else None
        if message is None:
            return None
        try:
            return bytes.fromhex(message.content).decode("utf-8", "replace")
        except ValueError:
            return ""


@dataclass(frozen=True)
class SnapshotStarted:
    """A generation starts; an unfinished one before it is void."""

    offset: int


@dataclass(frozen=True)
class SnapshotRows:
    """Rows of the generation that is open."""

    events: Sequence[Envelope]


@dataclass(frozen=True)
class SnapshotEnded:
    """The open generation is complete.

    Attributes:
        next_offset: the offset behind its last row.
        scanned: the tables that it covers, `schema.table`.
    """

    next_offset: int
    scanned: frozenset[str]


@dataclass(frozen=True)
class CopyMark:
    """A mark of a snapshot by COPY, whose rows stand in another topic.

    Attributes:
        mark: what it says.
        offset: where it stands.
    """

    mark: Mark
    offset: int


Item = Transaction | SnapshotStarted | SnapshotRows | SnapshotEnded | CopyMark


@dataclass
class LogDecoder:
    """Turns chunks of the log into items, keeping what is not complete yet.

    Attributes:
        topic: the log's name, for errors.
        position: transactions up to here have been given already, or are in the rows read.
        within: whether it begins where a snapshot by COPY started: no mark resets the position.
        in_snapshot: whether a generation is open.
        repeated: how many transactions the log held a second time.
    """

    topic: str
    position: Lsn = START
    within: bool = False
    in_snapshot: bool = False
    repeated: int = 0
    _unfinished: str | None = None
    _begun: dict[str, int] = field(default_factory=dict)
    _txid: str | None = None
    _rows: list[Envelope] = field(default_factory=list)
    _scanned: set[str] = field(default_factory=set)
    _truncating: bool = False
    _copy: str = ""
    _left: str | None = None
    _floors: dict[str, Lsn] = field(default_factory=dict)
    _judged_from: Lsn | None = None
    _envelopes: msgspec.json.Decoder[list[Envelope]] = field(
        default_factory=lambda: msgspec.json.Decoder(list[Envelope])
    )

    def __post_init__(self) -> None:
        """Judge what is missing only where it is known what came before."""
        self._judged_from = None if self.position == START else self.position

    def feed(self, chunk: Chunk) -> Iterator[Item]:
        """Give the items that the chunk completes, in order.

        Raises:
            RecordNotUnderstood: a record is not what Debezium writes.
        """
        envelopes = self._decode(chunk)
        operations = [one.op for one in envelopes]
        self._truncating = "t" in operations or (self._truncating and self._txid is not None)
        # rows are taken in slices; only the records between them are looked at one by one
        marks = [i for i, operation in enumerate(operations) if operation is None]
        start = 0
        for mark in marks:
            if start < mark:
                yield from self._take_rows(envelopes[start:mark])
            one, offset = envelopes[mark], chunk.offsets[mark]
            start = mark + 1
            if one.streammesh is not None:
                yield self._take_copy_mark(chunk.values[mark] or b"", offset)
            elif self.in_snapshot or one.status is None:
                yield from self._take_mark(one, offset)
            elif one.status == "BEGIN":
                self._begin(_txid(one, self.topic, offset))
            elif (transaction := self._end(one, offset)) is not None:
                yield transaction
        if start < len(envelopes):
            yield from self._take_rows(envelopes[start:])

    def _decode(self, chunk: Chunk) -> list[Envelope]:
        values = chunk.values
        try:
            found = self._envelopes.decode(b"[" + b",".join(values) + b"]")  # type: ignore[arg-type]
            if len(found) == len(values):
                return found
        except (msgspec.MsgspecError, TypeError, UnicodeDecodeError, RecursionError):
            pass
        # something is wrong with one of them: look for it
        return [self._decode_one(v, o) for v, o in zip(values, chunk.offsets, strict=True)]

    def _decode_one(self, value: bytes | None, offset: int) -> Envelope:
        try:
            return msgspec.json.decode(value or b"", type=Envelope)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise RecordNotUnderstood(topic=self.topic, offset=offset, why=str(error)) from error

    def _take_rows(self, rows: list[Envelope]) -> Iterator[Item]:
        if not rows:
            return
        if self.in_snapshot:
            yield SnapshotRows(rows)
        elif self._txid is not None:
            self._rows.extend(rows)
        # rows outside a transaction and a generation: the tail of a stretch whose BEGIN was
        # dropped by the log's retention; the engine never starts at such a place

    def _take_mark(self, mark: Envelope, offset: int) -> Iterator[Item]:
        if mark.status == "BEGIN":
            yield from self._end_snapshot(offset)
            self._begin(_txid(mark, self.topic, offset))
        elif mark.status is not None:
            if (transaction := self._end(mark, offset)) is not None:
                yield transaction
        elif mark.aggregate_type == SNAPSHOT:
            yield from self._take_notification(mark, offset)
        elif mark.aggregate_type is None and (mark.ts_ms is None or mark.source is not None):
            raise RecordNotUnderstood(topic=self.topic, offset=offset)

    def _take_copy_mark(self, value: bytes, offset: int) -> CopyMark:
        try:
            mark = decode(value)
        except ValueError as error:
            raise RecordNotUnderstood(topic=self.topic, offset=offset, why=str(error)) from error
        if not self.within:
            self._note(mark)
        return CopyMark(mark, offset)

    def _note(self, mark: Mark) -> None:
        """Take in what a mark of a whole snapshot says of transactions."""
        if isinstance(mark, Started):
            if not mark.whole:
                return
            self.in_snapshot = False
            if mark.snapshot != self._copy:
                # it counts anew, as any generation does
                self.position, self._unfinished = START, None
                # what is open here may go on behind the mark, or have been lost with its slot: it
                # was committed before any table is read, so the snapshot has it
                self._left = self._txid
                # Connect may begin again at one before the mark, whose position was forgotten:
                # nothing is judged until it is known what all tables have
                self._floors, self._judged_from = {}, None
            self._copy = mark.snapshot
        elif mark.snapshot == self._copy and isinstance(mark, TableCopied):
            self._floors[mark.table] = mark.lsn
        elif mark.snapshot == self._copy:
            self._judged_from = min(self._floors.values(), default=START)

    @property
    def begun_again(self) -> int:
        """How often one transaction was begun, and none was ended since: capture is stuck in it."""
        return max(self._begun.values(), default=0)

    def _begin(self, txid: str) -> None:
        # the same transaction again: Connect crashed in it and goes on where it was. Another one:
        # Connect starts further back, and has to bring the unfinished one again from its beginning
        self._begun[txid] = self._begun.get(txid, 0) + 1
        if txid == self._txid:
            return
        if self._txid not in {None, self._left} and self._unfinished is None:
            self._unfinished = self._txid
        self._txid = txid
        self._rows = []

    def _end(self, mark: Envelope, offset: int) -> Transaction | None:
        if mark.status != "END":
            raise RecordNotUnderstood(topic=self.topic, offset=offset)
        txid = _txid(mark, self.topic, offset)
        position = _position(mark, self.topic, offset)
        begun, rows = txid == self._txid, self._rows
        self._txid, self._rows = None, []
        if txid == self._unfinished:
            self._unfinished = None  # also where it was given before: it was cut off repeated
        if position <= self.position:
            self.repeated += 1
            return None
        # an END that is in the rows that were read says nothing of what follows them
        if self._judged_from is not None and position > self._judged_from:
            torn = self._unfinished if begun or self.position == START else txid
            if torn is not None:
                raise TransactionTorn(topic=self.topic, txid=torn, offset=offset)
        self._begun.clear()
        self.position = position
        rows = rows if begun else []
        truncates = self._truncating and any(one.op == "t" for one in rows)
        return Transaction(txid, position, mark.ts_ms or 0, rows, offset + 1, truncates)

    def _take_notification(self, mark: Envelope, offset: int) -> Iterator[Item]:
        if mark.type == "STARTED":
            self.in_snapshot = True
            # a generation counts anew: its positions may be those of another database
            self.position = self._judged_from = START
            self._scanned = set()
            self._txid, self._rows, self._unfinished = None, [], None
            yield SnapshotStarted(offset)
        elif mark.type == "TABLE_SCAN_COMPLETED":
            self._scanned.add(_scanned_table(mark))
        elif mark.type in {"COMPLETED", "SKIPPED"}:
            yield from self._end_snapshot(offset + 1)

    def _end_snapshot(self, next_offset: int) -> Iterator[Item]:
        if self.in_snapshot:
            self.in_snapshot = False
            yield SnapshotEnded(next_offset, frozenset(self._scanned))


def _txid(mark: Envelope, topic: str, offset: int) -> str:
    txid = (mark.id or "").partition(":")[0]
    if not txid:
        raise RecordNotUnderstood(topic=topic, offset=offset, why="a transaction without an id")
    return txid


def _position(mark: Envelope, topic: str, offset: int) -> Lsn:
    lsn = (mark.id or "").partition(":")[2]
    if not lsn.isdigit():
        raise RecordNotUnderstood(topic=topic, offset=offset, why=f"END without an LSN: {mark.id}")
    return Lsn(int(lsn))


def _scanned_table(mark: Envelope) -> str:
    """Give `schema.table` from `database.schema.table`, as the notification has it."""
    name = (mark.additional_data or {}).get("scanned_collection") or ""
    return ".".join(name.split(".")[-2:])
