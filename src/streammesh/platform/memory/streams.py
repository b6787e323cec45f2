"""Kafka's streams in memory: partitions, transactions, fencing; and faults that a test asks for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from streammesh.errors.engine import PositionLost
from streammesh.platform.streams import (
    TAIL,
    Chunk,
    CommitUncertain,
    Event,
    Headed,
    Headers,
    Record,
    WriteFailed,
    WriterFenced,
)


@dataclass(frozen=True)
class Stored:
    """A record on a topic, with the transaction that became visible with it."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    transaction: int = 0


@dataclass
class MemoryStreams:
    """All topics of a cluster, and the epochs of its transactional ids.

    Attributes:
        partitions: how many a topic has; 1 where it is not said.
        topics: records by topic and partition; an offset is an index plus the topic's first offset.
        group_offsets: by transactional id.
        fail_commits: what the next commits do: "lost" (uncertain, did not land), "landed"
            (uncertain, did land) or "failed" (certainly not committed).
    """

    partitions: dict[str, int] = field(default_factory=dict)
    topics: dict[str, list[list[Stored]]] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    group_offsets: dict[str, int] = field(default_factory=dict)
    fail_commits: list[str] = field(default_factory=list)
    epochs: dict[str, int] = field(default_factory=dict)
    transactions: int = 0

    def log(self, topic: str) -> list[list[Stored]]:
        """Give a topic's partitions, made when first asked for."""
        count = self.partitions.get(topic, 1)
        return self.topics.setdefault(topic, [[] for _ in range(count)])

    def append(self, topic: str, value: bytes | None, key: bytes | None = None) -> int:
        """Put a record on partition 0, outside any transaction; give its offset."""
        partition = self.log(topic)[0]
        partition.append(Stored(key, value))
        return self.first.get(topic, 0) + len(partition) - 1

    def drop_before(self, topic: str, offset: int) -> None:
        """Drop what retention drops: the records of partition 0 before `offset`."""
        del self.log(topic)[0][: offset - self.first.get(topic, 0)]
        self.first[topic] = offset

    def reader(self, topic: str) -> MemoryReader:
        """Open a reader on partition 0 of a topic."""
        return MemoryReader(self, topic)

    def follow(self, topic: str) -> MemoryFollower:
        """Open a reader on all partitions of a topic."""
        return MemoryFollower(self, topic)

    def writer(self, transactional_id: str, group_topic: str, timeout_ms: int) -> MemoryWriter:
        """Open a writer; no time passes here."""
        del group_topic, timeout_ms
        return MemoryWriter(self, transactional_id)

    def read_all(self, topic: str) -> Iterator[Chunk]:
        """Give all records of all partitions."""
        for partition in list(self.log(topic)):
            if partition:
                yield _chunk(self.first.get(topic, 0), partition)

    def tails(self, topics: Sequence[str]) -> dict[str, list[Headed]]:
        """Give the last records of each partition."""
        return {
            topic: [
                Headed(number, offset, one[offset].value, dict(one[offset].headers))
                for number, one in enumerate(self.log(topic))
                for offset in range(max(0, len(one) - TAIL), len(one))
            ]
            for topic in topics
        }

    def read_between(
        self, topic: str, ranges: Mapping[int, tuple[int, int]]
    ) -> Iterator[Sequence[Headed]]:
        """Give the records of stretches of a topic; retention drops all partitions alike here."""
        low = self.first.get(topic, 0)
        for number, (first, last) in ranges.items():
            if first < low or last > low + len(self.log(topic)[number]):
                raise PositionLost(topic=topic)
            records = self.log(topic)[number][first - low : last - low]
            yield [
                Headed(number, offset, one.value, dict(one.headers))
                for offset, one in enumerate(records, first)
            ]


class MemoryReader:
    """Reads partition 0 of a topic."""

    def __init__(self, streams: MemoryStreams, topic: str) -> None:
        """Begin at the first record."""
        self._streams, self._topic, self._at = streams, topic, 0

    def seek(self, offset: int) -> None:
        """Read on from `offset`."""
        self._at = offset

    def bounds(self) -> tuple[int, int]:
        """Give the first offset that is left and the one that the next record will have."""
        first = self._streams.first.get(self._topic, 0)
        return first, first + len(self._streams.log(self._topic)[0])

    def end(self) -> int:
        """Give the offset that the next record will have."""
        return self.bounds()[1]

    def read(self, timeout: float) -> Chunk:
        """Give what is there; never waits."""
        del timeout
        first, end = self.bounds()
        if not first <= self._at <= end:
            raise PositionLost(topic=self._topic)
        chunk = _chunk(self._at, self._streams.log(self._topic)[0][self._at - first :])
        self._at = end
        return chunk

    def close(self) -> None:
        """Nothing to give back."""


class MemoryFollower:
    """Reads all partitions of a topic."""

    def __init__(self, streams: MemoryStreams, topic: str) -> None:
        """Begin at the first records."""
        self._streams, self._topic = streams, topic
        self._at: dict[int, int] = {}

    def starts(self) -> dict[int, int]:
        """Give the first offset that is left; retention drops all partitions alike here."""
        low = self._streams.first.get(self._topic, 0)
        return dict.fromkeys(range(len(self._streams.log(self._topic))), low)

    def ends(self) -> dict[int, int]:
        """Give the offset behind the last record."""
        logs = enumerate(self._streams.log(self._topic))
        return {number: self.starts()[number] + len(records) for number, records in logs}

    def seek(self, offsets: Mapping[int, int]) -> None:
        """Read on from these offsets."""
        self._at = dict(offsets)

    def read(self, timeout: float) -> list[Record]:
        """Give what is there; never waits."""
        del timeout
        starts, ends = self.starts(), self.ends()
        found = []
        for number, at in self._at.items():
            if not starts[number] <= at <= ends[number]:
                raise PositionLost(topic=self._topic)
            records = self._streams.log(self._topic)[number][at - starts[number] :]
            found += [
                Record(number, offset, one.key, one.value, dict(one.headers))
                for offset, one in enumerate(records, at)
            ]
            self._at[number] = ends[number]
        return found

    def reached(self) -> dict[int, int]:
        """Give how far everything has been read."""
        return dict(self._at)

    def close(self) -> None:
        """Nothing to give back."""


class MemoryWriter:
    """Writes events in transactions."""

    def __init__(self, streams: MemoryStreams, transactional_id: str) -> None:
        """Keep the cluster; `start` takes the epoch."""
        self._streams, self._id = streams, transactional_id
        self._epoch = -1
        self._open: list[Event] | None = None

    def start(self) -> None:
        """Fence any earlier writer."""
        self._epoch = self._streams.epochs.get(self._id, 0) + 1
        self._streams.epochs[self._id] = self._epoch
        self._open = None

    def begin(self) -> None:
        """Begin a transaction."""
        self._check()
        self._open = []

    def write(self, events: Sequence[Event]) -> None:
        """Write events in the open transaction."""
        self._check()
        if self._open is None:
            raise WriteFailed("no transaction is open")
        self._open.extend(events)

    def commit(self) -> None:
        """Make everything written since `begin` visible, together."""
        self._check()
        fault = self._streams.fail_commits.pop(0) if self._streams.fail_commits else ""
        if fault in {"", "landed"}:
            self._land()
        self._open = None
        if fault == "failed":
            raise WriteFailed("asked for by a test")
        if fault:
            raise CommitUncertain("asked for by a test")

    def _land(self) -> None:
        streams = self._streams
        streams.transactions += 1
        for event in self._open or ():
            log = streams.log(event.topic)
            record = Stored(event.key, event.value, event.headers, streams.transactions)
            log[zlib.crc32(event.key or b"") % len(log)].append(record)

    def show_lag(self, next_offset: int) -> None:
        """Keep the group's offset."""
        self._streams.group_offsets[self._id] = next_offset

    def abort(self) -> None:
        """Drop everything written since `begin`."""
        self._check()
        self._open = None

    def close(self) -> None:
        """Nothing to give back."""

    def _check(self) -> None:
        if self._epoch < 0:
            raise WriteFailed("the writer was not started")
        if self._epoch != self._streams.epochs.get(self._id):
            raise WriterFenced(self._id)


def _chunk(first: int, records: Sequence[Stored]) -> Chunk:
    return Chunk(
        range(first, first + len(records)),
        [record.key for record in records],
        [record.value for record in records],
    )
