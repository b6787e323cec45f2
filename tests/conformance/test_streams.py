from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from streammesh.deployments.progress import KEY
from streammesh.errors.engine import PositionLost
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.kafka import TopicSpec
from streammesh.platform.memory.streams import MemoryStreams
from streammesh.platform.progress_topic import last_progress
from streammesh.platform.streams import (
    Chunk,
    Event,
    Follower,
    LogReader,
    Record,
    Streams,
    TransactionalWriter,
    WriteFailed,
    WriterFenced,
)
from tests.conformance.conftest import TWIN_AND_REAL, kafka_settings

Setting = tuple[Streams, str]


@pytest.fixture(params=TWIN_AND_REAL)
def setting(request, unique, info) -> Iterator[Setting]:
    """Give streams and the name of a topic of three partitions, which stands."""
    if request.param == "twin":
        yield MemoryStreams(partitions={unique: 3}), unique
        return
    admin = ConfluentKafkaAdmin(kafka_settings(info()))
    config = {"max.message.bytes": "50065536"}
    admin.create_topics([TopicSpec(unique, 3, 1, config), TopicSpec(f"{unique}-log", 1, 1)])
    yield ConfluentStreams(kafka_settings(info()), "admin.conformance"), unique
    admin.delete_topics([unique, f"{unique}-log"])


@pytest.fixture
def streams(setting: Setting) -> Streams:
    return setting[0]


@pytest.fixture
def topic(setting: Setting) -> str:
    return setting[1]


def events(topic: str, *values: bytes | None) -> list[Event]:
    return [Event(topic, b"key-%d" % i, value, (("h", b"1"),)) for i, value in enumerate(values)]


def every(streams: Streams, topic: str) -> list[bytes | None]:
    return sorted(
        (value for chunk in streams.read_all(topic) for value in chunk.values),
        key=lambda value: value or b"",
    )


def read(reader: LogReader, enough: Callable[[list[bytes | None]], bool]) -> list[bytes | None]:
    found: list[bytes | None] = []
    deadline = time.monotonic() + 20
    while not enough(found) and time.monotonic() < deadline:
        found.extend(reader.read(0.1).values)
    return found


def test_what_is_committed_together_is_seen_together(streams: Streams, topic: str) -> None:
    writer = streams.writer(f"{topic}.writer", topic, 60_000)
    writer.start()
    writer.begin()
    writer.write(events(topic, b"a", b"b", None))
    writer.commit()
    writer.show_lag(3)
    assert every(streams, topic) == [None, b"a", b"b"]
    writer.close()


def test_an_event_is_as_large_as_a_contract_allows(streams: Streams, topic: str) -> None:
    writer = streams.writer(f"{topic}.writer", topic, 60_000)
    writer.start()
    writer.begin()
    writer.write(events(topic, os.urandom(50_000_000)))
    writer.commit()
    assert [len(value or b"") for value in every(streams, topic)] == [50_000_000]
    writer.close()


def test_what_is_dropped_is_never_seen(streams: Streams, topic: str) -> None:
    writer = streams.writer(f"{topic}.writer", topic, 60_000)
    writer.start()
    writer.begin()
    writer.write(events(topic, b"dropped"))
    writer.abort()
    writer.begin()
    writer.write(events(topic, b"kept"))
    writer.commit()
    assert every(streams, topic) == [b"kept"]
    writer.close()


def test_newer_writer_fences_the_older_and_drops_what_it_left_open(
    streams: Streams, topic: str
) -> None:
    older = streams.writer(f"{topic}.writer", topic, 60_000)
    older.start()
    older.begin()
    older.write(events(topic, b"left open"))
    newer = streams.writer(f"{topic}.writer", topic, 60_000)
    newer.start()
    newer.begin()
    newer.write(events(topic, b"kept"))
    newer.commit()
    assert every(streams, topic) == [b"kept"]
    with pytest.raises(WriterFenced):
        older.commit()
    assert every(streams, topic) == [b"kept"]
    newer.close()


def test_writers_of_other_ids_do_not_fence_each_other(streams: Streams, topic: str) -> None:
    writers = [streams.writer(f"{topic}.{n}", topic, 60_000) for n in range(2)]
    for writer in writers:
        writer.start()
    for n, writer in enumerate(writers):
        writer.begin()
        writer.write(events(topic, b"%d" % n))
        writer.commit()
        writer.close()
    assert every(streams, topic) == [b"0", b"1"]


def test_writer_that_was_fenced_can_start_again(streams: Streams, topic: str) -> None:
    first, second = (streams.writer(f"{topic}.writer", topic, 60_000) for _ in range(2))
    first.start()
    second.start()
    first.start()
    first.begin()
    first.write(events(topic, b"again"))
    first.commit()
    assert every(streams, topic) == [b"again"]
    with pytest.raises(WriterFenced):
        commit(second, events(topic, b"no"))


def commit(writer: TransactionalWriter, written: list[Event]) -> None:
    writer.begin()
    writer.write(written)
    writer.commit()


def test_nothing_on_an_empty_topic(streams: Streams, topic: str) -> None:
    assert every(streams, topic) == []


def fill(streams: Streams, topic: str, count: int) -> None:
    writer = streams.writer(f"{topic}.writer", topic, 60_000)
    writer.start()
    writer.begin()
    writer.write([Event(topic, b"k", b"%d" % number) for number in range(count)])
    writer.commit()
    writer.close()


def test_reader_gives_records_in_order_from_an_offset(streams: Streams, topic: str) -> None:
    log = f"{topic}-log"
    fill(streams, log, 20)
    reader = streams.reader(log)
    reader.seek(0)
    assert read(reader, lambda found: len(found) >= 20) == [b"%d" % n for n in range(20)]
    reader.seek(15)
    assert read(reader, lambda found: len(found) >= 5) == [b"%d" % n for n in range(15, 20)]
    low, high = reader.bounds()
    assert low == 0
    assert high >= 20
    reader.close()


def test_reader_waits_no_longer_than_it_is_told(streams: Streams, topic: str) -> None:
    log = f"{topic}-log"
    fill(streams, log, 1)
    reader = streams.reader(log)
    reader.seek(0)
    read(reader, lambda found: len(found) >= 1)
    began = time.monotonic()
    assert isinstance(reader.read(0.2), Chunk)
    assert time.monotonic() - began < 5
    reader.close()


def test_reader_says_when_its_offset_is_not_there(streams: Streams, topic: str) -> None:
    log = f"{topic}-log"
    fill(streams, log, 3)
    reader = streams.reader(log)
    reader.seek(1_000_000)
    with pytest.raises(PositionLost):
        read(reader, lambda found: len(found) > 0)
    reader.close()


def test_the_last_records_of_each_partition_are_found(streams: Streams, topic: str) -> None:
    writer = streams.writer(f"{topic}.writer", topic, 60_000)
    writer.start()
    assert not streams.tails([topic])[topic]
    for value in (b"a", b"b"):
        writer.begin()
        writer.write(events(topic, value))
        writer.commit()
    for _ in range(40):  # marks of dropped transactions stand behind it
        writer.begin()
        writer.write(events(topic, b"never"))
        try:
            writer.abort()
        except WriteFailed:  # now and then the drop overtakes its records: an engine begins anew
            writer.start()
    assert [one.value for one in streams.tails([topic])[topic]] == [b"a", b"b"]
    writer.close()


def test_stretches_are_read_with_their_headers(streams: Streams, topic: str) -> None:
    writer = streams.writer("conformance.stretches", topic, 10_000)
    writer.start()
    writer.begin()
    writer.write(events(topic, *(b"%d" % i for i in range(60))))
    writer.commit()
    writer.close()
    ranges = dict.fromkeys((0, 2), (1, 4))
    found = [one for chunk in streams.read_between(topic, ranges) for one in chunk]
    assert sorted((one.partition, one.offset) for one in found) == [
        (partition, offset) for partition in (0, 2) for offset in (1, 2, 3)
    ]
    assert all(one.headers == {"h": b"1"} and one.value for one in found)


@pytest.fixture
def busy(streams: Streams, topic: str) -> Iterator[str]:
    """Give a log to which somebody commits one record after another, all the time."""
    log, stop = f"{topic}-log", threading.Event()
    writer = streams.writer(f"{topic}.busy", log, 10_000)
    writer.start()

    def work() -> None:
        while not stop.wait(0.005):
            commit(writer, [Event(log, KEY, b"value")])

    fill(streams, log, 100)
    commit(writer, [Event(log, KEY, b"value")])
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield log
    finally:
        stop.set()
        thread.join()
        writer.close()


def all_values(streams: Streams, topic: str) -> int:
    return len(every(streams, topic))


def all_tails(streams: Streams, topic: str) -> int:
    return len(streams.tails([topic])[topic])


def newest(streams: Streams, topic: str) -> int:
    reader = streams.reader(topic)
    low, high = reader.bounds()
    reader.seek(low)
    found = last_progress(reader, high, 10.0, 0.2)
    reader.close()
    return len(found or b"")


@pytest.mark.parametrize("reading", [all_values, all_tails, newest])
def test_reading_ends_while_others_write_on(
    streams: Streams, busy: str, reading: Callable[[Streams, str], int]
) -> None:
    pool = ThreadPoolExecutor(1)
    try:
        assert pool.submit(reading, streams, busy).result(10) > 0
    finally:
        pool.shutdown(wait=False)


def test_a_stretch_beyond_the_end_is_not_waited_for(streams: Streams, topic: str) -> None:
    with pytest.raises(PositionLost):
        list(streams.read_between(topic, {0: (0, 1_000_000)}))


def test_all_partitions_are_followed_to_ends_that_count_open_transactions(
    streams: Streams, topic: str
) -> None:
    writer = streams.writer(f"{topic}.followed", topic, 60_000)
    writer.start()
    follower = streams.follow(topic)
    assert follower.starts() == follower.ends() == {0: 0, 1: 0, 2: 0}
    follower.seek(follower.starts())
    for number in range(2):
        writer.begin()
        writer.write([Event(topic, b"k%d" % i, b"%d" % number, (("h", b"1"),)) for i in range(30)])
        writer.commit()
    writer.begin()
    writer.abort()
    ends = follower.ends()
    found: list[Record] = []
    deadline = time.monotonic() + 20
    while any(follower.reached().get(n, 0) < end for n, end in ends.items()):
        assert time.monotonic() < deadline
        found += follower.read(0.1)
    assert len(found) == 60
    assert {one.headers["h"] for one in found} == {b"1"}
    for number in range(3):
        mine = [one for one in found if one.partition == number]
        assert [one.offset for one in mine] == sorted({one.offset for one in mine})
        assert len({one.key for one in mine}) * 2 == len(mine)
    follower.close()
    writer.close()


def test_a_follower_goes_on_in_the_middle_and_tells_what_is_lost(
    streams: Streams, topic: str
) -> None:
    writer = streams.writer(f"{topic}.followed", topic, 60_000)
    writer.start()
    writer.begin()
    writer.write([Event(topic, b"same", b"%d" % number) for number in range(5)])
    writer.commit()
    follower = streams.follow(topic)
    (mine,) = [number for number, end in follower.ends().items() if end]
    follower.seek({mine: 3})
    found: list[Record] = []
    deadline = time.monotonic() + 20
    while len(found) < 2 and time.monotonic() < deadline:
        found += follower.read(0.1)
    assert [one.value for one in found] == [b"3", b"4"]
    follower.close()
    lost = streams.follow(topic)
    lost.seek({mine: 1_000})
    with pytest.raises(PositionLost):
        _read_on(lost, deadline)
    lost.close()
    writer.close()


def _read_on(follower: Follower, deadline: float) -> None:
    while time.monotonic() < deadline:
        follower.read(0.1)
