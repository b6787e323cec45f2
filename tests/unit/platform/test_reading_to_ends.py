"""Whoever reads a topic to its end comes there while others write to it all the time."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import KafkaError

from streammesh.deployments.progress import KEY
from streammesh.errors.engine import StreamsFailed
from streammesh.platform.confluent_reading import ended
from streammesh.platform.memory.streams import MemoryReader, MemoryStreams
from streammesh.platform.progress_topic import last_progress

ENDS = {0: (0, 10), 1: (0, 5)}


class Busy(MemoryReader):
    """A reader of a topic that has one record more whenever it is read."""

    def __init__(self, streams: MemoryStreams, topic: str) -> None:
        super().__init__(streams, topic)
        self.streams, self.topic, self.reads = streams, topic, 0

    def read(self, timeout: float) -> Any:
        self.reads += 1
        assert self.reads < 100, "it reads for as long as somebody writes"
        self.streams.append(self.topic, b"%d" % self.reads, KEY)
        return super().read(timeout)


def test_progress_is_read_to_the_end_as_it_was() -> None:
    streams = MemoryStreams()
    for value in (b"a", b"b", b"c"):
        streams.append("p", value, KEY)
    reader = Busy(streams, "p")
    _, end = reader.bounds()
    assert last_progress(reader, end, 1.0, 0.1) == b"1"
    assert reader.reads == 1


def test_progress_is_read_over_what_is_no_progress() -> None:
    streams = MemoryStreams()
    streams.append("p", b"a", KEY)
    streams.append("p", b"other", b"other")
    assert last_progress(streams.reader("p"), 2, 1.0, 0.1) == b"a"


def test_there_is_no_progress_behind_marks_alone() -> None:
    assert last_progress(MemoryStreams().reader("p"), 7, 1.0, 0.1) is None


class Told:
    """What the client gives: a record, or an event."""

    def __init__(self, partition: int, offset: int, code: int | None = None) -> None:
        self._partition, self._offset = partition, offset
        self._error = None if code is None else KafkaError(code)

    def error(self) -> KafkaError | None:
        return self._error

    def partition(self) -> int:
        return self._partition

    def offset(self) -> int:
        return self._offset


def done(*told: Any) -> set[int]:
    return ended(told, ENDS, "t")


def test_the_end_is_told_by_an_event() -> None:
    end = KafkaError._PARTITION_EOF
    assert done(Told(0, 10, end), Told(1, 4, end)) == {0}


def test_the_end_is_told_by_the_last_record_and_by_any_behind_it() -> None:
    assert done(Told(0, 8), Told(1, 4)) == {1}
    assert done(Told(0, 8), Told(0, 11)) == {0}


def test_what_passes_tells_no_end_and_what_does_not_is_told() -> None:
    assert done(Told(0, 10, KafkaError._TRANSPORT)) == set()
    with pytest.raises(StreamsFailed):
        done(Told(0, 10, KafkaError.TOPIC_AUTHORIZATION_FAILED))
