"""Reading topics of a real cluster by librdkafka: whole, in stretches, or their tails."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import confluent_kafka.admin  # noqa: F401 - looked up later, when no file handle may be left
from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from streammesh.errors.engine import PositionLost, StreamsFailed
from streammesh.errors.platform import SettingWrong
from streammesh.platform.kafka_failures import ELECTING
from streammesh.platform.librdkafka_log import QUIET
from streammesh.platform.settings import KafkaSettings
from streammesh.platform.streams import TAIL, Chunk, Headed

MAX_RECORDS = 20_000
"""Records taken in one read: enough to work in bulk, small enough to stay in memory."""

BLOCKS = 64
"""Large records taken in one read."""

ELECTION_SECONDS = 30.0
"""How long a partition may be without a leader: one just made, or whose broker has just gone."""

PASSING = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE}


def chunk_of(messages: Sequence[Message]) -> Chunk:
    """Give messages as a chunk."""
    offsets: list[Any] = [message.offset() for message in messages]
    keys: list[Any] = [message.key() for message in messages]
    values: list[Any] = [message.value() for message in messages]
    return Chunk(offsets, keys, values)


def open_consumer(settings: KafkaSettings, more: Mapping[str, Any]) -> Consumer:
    """Make a consumer with further properties; it prints nothing."""
    try:
        return Consumer(settings.librdkafka() | dict(more), logger=QUIET)
    except KafkaException as error:
        raise wrong_setting(error) from error


def wrong_setting(error: KafkaException) -> SettingWrong:
    """Say that librdkafka refuses a property."""
    return SettingWrong(setting="kafka", system="Kafka", problem=error.args[0].str())


def tails_of(consumer: Consumer, topic: str) -> list[Headed]:
    """Read back from the ends of partitions, further and further, until there are records."""
    ends = _stable_ends(consumer, topic)
    left = {partition for partition, (low, high) in ends.items() if high > low}
    found: dict[int, list[Headed]] = {}
    back = TAIL
    while left:
        starts = {p: max(ends[p][0], ends[p][1] - back) for p in left}
        consumer.assign([TopicPartition(topic, p, start) for p, start in starts.items()])
        unread = set(left)
        while unread:
            messages = consumer.consume(MAX_RECORDS, 0.02)
            for one in (_headed(message) for message in messages if message.error() is None):
                found.setdefault(one.partition, []).append(one)
            unread -= ended(messages, ends, topic)
        left = {p for p in left if p not in found and starts[p] > ends[p][0]}
        back *= 100
    consumer.unassign()
    return [one for some in found.values() for one in some[-TAIL:]]


def _stable_ends(consumer: Consumer, topic: str) -> dict[int, tuple[int, int]]:
    metadata = consumer.list_topics(topic, timeout=20).topics[topic]
    if metadata.error is not None:
        raise KafkaException(metadata.error)
    return {
        partition: ends_of_partition(consumer, topic, partition)
        for partition in metadata.partitions
    }


def read_ranges(
    consumer: Consumer, topic: str, ranges: Mapping[int, tuple[int, int]], seconds: float
) -> Iterator[Sequence[Headed]]:
    """Give the records of stretches of a topic; see `Streams.read_between`."""
    left = {partition: last for partition, (first, last) in ranges.items() if first < last}
    for partition, last in left.items():
        low, high = ends_of_partition(consumer, topic, partition)
        if ranges[partition][0] < low or last > high:
            raise PositionLost(topic=topic, why="retention has dropped it, or the topic is another")
    consumer.assign([TopicPartition(topic, p, ranges[p][0]) for p in left])
    deadline = time.monotonic() + seconds
    while left:
        if time.monotonic() > deadline:
            raise StreamsFailed(topic=topic, why=f"nothing came for {seconds:.0f} s")
        messages = consumer.consume(BLOCKS, 0.05)
        if not messages:
            continue
        deadline = time.monotonic() + seconds
        done = ended(messages, {p: (0, last) for p, last in left.items()}, topic)
        found = [_headed(one) for one in messages if one.error() is None]
        yield [one for one in found if one.offset < left.get(one.partition, 0)]
        for partition in done & left.keys():
            del left[partition]
            consumer.incremental_unassign([TopicPartition(topic, partition)])


def _headed(message: Message) -> Headed:
    headers: Any = message.headers()
    partition, offset = message.partition(), message.offset()
    return Headed(partition or 0, offset or 0, message.value(), dict(headers or ()))


def read_to_ends(
    consumer: Consumer, topic: str, ends: Mapping[int, tuple[int, int]], seconds: float
) -> Iterator[Chunk]:
    """Give all records up to these ends."""
    open_partitions = {partition for partition, (low, high) in ends.items() if high > low}
    consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in open_partitions])
    deadline = time.monotonic() + seconds
    while open_partitions:
        if time.monotonic() > deadline:
            raise StreamsFailed(topic=topic, why="its end was not reached in time")
        messages = consumer.consume(MAX_RECORDS, 0.02)
        good = [message for message in messages if message.error() is None]
        if good:
            yield chunk_of(good)
            deadline = time.monotonic() + seconds
        open_partitions -= ended(messages, ends, topic)


def ended(messages: Sequence[Message], ends: Mapping[int, tuple[int, int]], topic: str) -> set[int]:
    """Give the partitions whose end these messages tell to be reached.

    The event of having come to the end tells a place behind the marks of transactions. Where others
    write on and on it may never come: there a record at the end or behind it tells the same.

    Raises:
        StreamsFailed: one of the messages is an error that does not pass.
    """
    found = set()
    for message in messages:
        error, partition, offset = message.error(), message.partition(), message.offset() or 0
        if error is not None and error.code() in PASSING:
            continue
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            raise StreamsFailed(topic=topic, why=error.str())
        reached = offset + 1 if error is None else offset
        if partition is not None and reached >= ends.get(partition, (0, 0))[1]:
            found.add(partition)
    return found


def ends_of(settings: KafkaSettings, topic: str) -> dict[int, tuple[int, int]]:
    """Give first and next offset of each partition, open transactions included.

    A reader of committed records is told the last *stable* offset, which right after a commit is
    still before it: whoever reads up to there misses what was committed last.

    Raises:
        KafkaException: the topic can't be read.
    """
    consumer = open_consumer(settings, {"group.id": "ends", "isolation.level": "read_uncommitted"})
    try:
        metadata = consumer.list_topics(topic, timeout=20).topics[topic]
        if metadata.error is not None:
            raise KafkaException(metadata.error)
        return {
            partition: ends_of_partition(consumer, topic, partition)
            for partition in metadata.partitions
        }
    finally:
        consumer.close()


def ends_of_partition(consumer: Consumer, topic: str, partition: int) -> tuple[int, int]:
    """Give where a partition begins and ends, and ask again while it gets its leader.

    Raises:
        KafkaException: it can't be told, or there was no leader for half a minute.
    """
    deadline = time.monotonic() + ELECTION_SECONDS
    while True:
        try:
            found: tuple[int, int] = consumer.get_watermark_offsets(
                TopicPartition(topic, partition), timeout=20
            )
        except KafkaException as error:
            if error.args[0].code() not in ELECTING or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return found
