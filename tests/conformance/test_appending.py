"""Records appended without transactions: each once, in order, and known by its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from streammesh.errors import MeshError
from streammesh.errors.appending import RecordTooLarge
from streammesh.platform.appending import MAX_BYTES, Appending, Record
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.confluent_appending import ConfluentAppending
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.kafka import TopicSpec
from streammesh.platform.memory.appending import MemoryAppending
from tests.conformance.conftest import TWIN_AND_REAL, kafka_settings

Setting = tuple[Appending, str, Callable[[], list[bytes | None]]]


@pytest.fixture(params=TWIN_AND_REAL)
def setting(request, unique, info) -> Iterator[Setting]:
    """Give an appending, a topic of two partitions, and what reads all of it."""
    if request.param == "twin":
        twin = MemoryAppending()
        yield twin, unique, lambda: [one.value for part in twin.topics.values() for one in part]
        return
    settings = kafka_settings(info())
    admin = ConfluentKafkaAdmin(settings)
    admin.create_topics([TopicSpec(unique, 2, 1, {"max.message.bytes": str(MAX_BYTES)})])
    streams = ConfluentStreams(settings, "admin.conformance")
    yield (
        ConfluentAppending(settings),
        unique,
        lambda: [value for chunk in streams.read_all(unique) for value in chunk.values],
    )
    admin.delete_topics([unique])


def test_each_record_stands_once_and_its_place_is_told(setting: Setting) -> None:
    appending, topic, read = setting
    places: list[tuple[int, int]] = []
    with closing(appending.appender()) as appender:
        for number in range(20):
            record = Record(topic, number % 2, None, b"%d" % number, (("h", b"1"),))
            appender.append(record, lambda *place: places.append(place))
        appender.flush()
    assert sorted(places) == [(partition, offset) for partition in (0, 1) for offset in range(10)]
    assert sorted(int(value or b"") for value in read()) == list(range(20))


def test_records_of_a_partition_keep_their_order(setting: Setting) -> None:
    appending, topic, read = setting
    with closing(appending.appender()) as appender:
        for number in range(2_000):
            appender.append(Record(topic, 1, b"k", b"%d" % number))
        appender.flush()
    assert [int(value or b"") for value in read()] == list(range(2_000))


def test_a_record_of_many_megabytes_is_taken_and_a_larger_one_refused(setting: Setting) -> None:
    appending, topic, read = setting
    with closing(appending.appender()) as appender:
        appender.append(Record(topic, 0, None, b"x" * 20_000_000))
        appender.flush()
        with pytest.raises(RecordTooLarge):
            append_and_flush(appender, Record(topic, 0, None, b"x" * (MAX_BYTES + 1)))
    assert [len(value or b"") for value in read()] == [20_000_000]


def append_and_flush(appender, record: Record) -> None:
    appender.append(record)
    appender.flush()


@pytest.mark.real
def test_a_topic_that_is_not_there_is_an_error(info, unique, monkeypatch) -> None:
    monkeypatch.setattr("streammesh.platform.confluent_appending.GIVE_UP_SECONDS", 3)
    appender = ConfluentAppending(kafka_settings(info())).appender()
    with closing(appender), pytest.raises(MeshError):
        append_and_flush(appender, Record(unique, 0, None, b"x"))
