"""Kafka as the engine uses it: one log read in order, and writes that become visible together.

`streammesh.platform.confluent_streams` talks to a real cluster,
`streammesh.platform.memory.streams` holds the twin; both pass `tests/conformance/test_streams.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Headers = tuple[tuple[str, bytes], ...]

TAIL = 64
"""Offsets at a partition's end in which its last records are looked for; marks of transactions
take some."""


class WriterFenced(Exception):
    """Another writer with the same transactional id has taken over; this one is at its end."""


class CommitUncertain(Exception):
    """Nobody knows whether the transaction was committed.

    Only a new writer's `start`, followed by reading what was written, tells: the outstanding end
    of a transaction can still land later, on the next transaction of the same writer.
    """


class WriteFailed(Exception):
    """The transaction was not committed and never will be; all it wrote is dropped."""


@dataclass(frozen=True)
class Chunk:
    """Records of one partition that follow each other.

    Attributes:
        offsets: of each record.
        keys: of each record.
        values: of each record, None for a tombstone.
    """

    offsets: Sequence[int]
    keys: Sequence[bytes | None]
    values: Sequence[bytes | None]

    def __len__(self) -> int:
        """Count the records."""
        return len(self.offsets)


@dataclass(frozen=True)
class Event:
    """A record to be written.

    Attributes:
        topic: full name.
        key: bytes; the partition follows from them (murmur2).
        value: None is a tombstone.
        headers: names and values.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True)
class Headed:
    """A record with its headers.

    Attributes:
        partition: where it stands.
        offset: where it stands there.
        value: None for a tombstone.
        headers: by name.
    """

    partition: int
    offset: int
    value: bytes | None
    headers: Mapping[str, bytes]


@dataclass(frozen=True)
class Record:
    """A record of a topic of several partitions.

    Attributes:
        partition: where it stands.
        offset: where it stands there.
        key: bytes.
        value: None for a tombstone.
        headers: by name.
    """

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes]


class Follower(Protocol):
    """Reads all partitions of one topic as they grow, committed records only."""

    def starts(self) -> Mapping[int, int]:
        """Give the first offset that is left, by partition."""
        ...

    def ends(self) -> Mapping[int, int]:
        """Give the offset behind the last record, by partition; open transactions included."""
        ...

    def seek(self, offsets: Mapping[int, int]) -> None:
        """Read on from these offsets; comes before the first read."""
        ...

    def read(self, timeout: float) -> Sequence[Record]:
        """Give what is there, waiting up to `timeout` seconds for the first record.

        Raises:
            PositionLost: an offset to be read is not in the topic any more.
        """
        ...

    def reached(self) -> Mapping[int, int]:
        """Give the offset by partition before which all that was committed has been read."""
        ...

    def close(self) -> None:
        """Give back the connection."""
        ...


class LogReader(Protocol):
    """Reads partition 0 of one topic, in order, without a consumer group's say."""

    def seek(self, offset: int) -> None:
        """Read on from `offset`."""
        ...

    def bounds(self) -> tuple[int, int]:
        """Give the first offset that is left and the one that the next record will have."""
        ...

    def end(self) -> int:
        """Give the offset behind the last record, as far as the last read has heard; 0 before it.

        It asks nobody, so it may be called as often as one likes.
        """
        ...

    def read(self, timeout: float) -> Chunk:
        """Give what is there, waiting up to `timeout` seconds for the first record.

        Raises:
            PositionLost: the offset to be read is not in the log any more.
        """
        ...

    def close(self) -> None:
        """Give back the connection."""
        ...


class TransactionalWriter(Protocol):
    """Writes events in transactions; one writer of a transactional id at a time.

    Every method raises WriterFenced when another writer has taken over.
    """

    def start(self) -> None:
        """Take over from any earlier writer: its open transaction is dropped, it is fenced."""
        ...

    def begin(self) -> None:
        """Begin a transaction."""
        ...

    def write(self, events: Sequence[Event]) -> None:
        """Write events in the open transaction, keeping their order in each partition."""
        ...

    def commit(self) -> None:
        """Make everything written since `begin` visible, together.

        Raises:
            WriteFailed: it is not committed and never will be.
            CommitUncertain: it is not known.
        """
        ...

    def show_lag(self, next_offset: int) -> None:
        """Tell Kafka as the group's offset, now and then, where the log will be read on.

        Nothing is ever read from it: it is there so that lag shows in Kafka's own tools.
        """
        ...

    def abort(self) -> None:
        """Drop everything written since `begin`."""
        ...

    def close(self) -> None:
        """Give back the connection; an open transaction is left to the next writer's start."""
        ...


class Streams(Protocol):
    """Opens readers and writers."""

    def reader(self, topic: str) -> LogReader:
        """Open a reader on partition 0 of a topic; committed records only."""
        ...

    def follow(self, topic: str) -> Follower:
        """Open a reader on all partitions of a topic.

        Raises:
            StreamsFailed: the topic is not there, or can't be read.
        """
        ...

    def writer(
        self, transactional_id: str, group_topic: str, timeout_ms: int
    ) -> TransactionalWriter:
        """Open a writer.

        Args:
            transactional_id: also the name of the consumer group that shows lag.
            group_topic: the topic whose offsets that group keeps.
            timeout_ms: after which the broker drops an open transaction.
        """
        ...

    def read_all(self, topic: str) -> Iterator[Chunk]:
        """Give all committed records of all partitions, up to the ends as they are now.

        The ends are taken including transactions that are still open, and reading waits for those
        to end, so that nothing which was committed before the call is missed.
        """
        ...

    def tails(self, topics: Sequence[str]) -> Mapping[str, Sequence[Headed]]:
        """Give the last few committed records of each partition that has any, by topic.

        They are in order within a partition; a partition that has records gives one at least.

        Raises:
            StreamsFailed: a topic can't be read.
        """
        ...

    def read_between(
        self, topic: str, ranges: Mapping[int, tuple[int, int]]
    ) -> Iterator[Sequence[Headed]]:
        """Give the records of stretches of a topic with their headers, in bulk.

        Args:
            topic: its name.
            ranges: by partition, the first offset and the one behind the last.

        Raises:
            PositionLost: retention has dropped a part of it.
        """
        ...
