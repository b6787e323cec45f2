"""Reading and writing in transactions on a real cluster, by librdkafka."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from streammesh.errors.engine import LogUnreadable, PositionLost, StreamsFailed
from streammesh.errors.platform import SettingWrong
from streammesh.platform.librdkafka_log import QUIET, told_to
from streammesh.platform.settings import KafkaSettings
from streammesh.platform.streams import (
    Chunk,
    CommitUncertain,
    Event,
    WriteFailed,
    WriterFenced,
)

MAX_RECORDS = 20_000
"""Records taken in one read: enough to work in bulk, small enough to stay in memory."""

COMMIT_SECONDS = 30.0
START_SECONDS = 60.0

LAG_SECONDS = 1.0
"""How often the consumer group's offset is told."""

_FENCED = {KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED}
_PASSING = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE}


def _chunk(messages: Sequence[Message]) -> Chunk:
    offsets: list[Any] = [message.offset() for message in messages]
    keys: list[Any] = [message.key() for message in messages]
    values: list[Any] = [message.value() for message in messages]
    return Chunk(offsets, keys, values)


def _consumer(settings: KafkaSettings, more: Mapping[str, Any]) -> Consumer:
    try:
        return Consumer(settings.librdkafka() | dict(more), logger=QUIET)
    except KafkaException as error:
        raise _wrong_setting(error) from error


def _producer(settings: KafkaSettings, more: Mapping[str, Any], log: logging.Logger) -> Producer:
    try:
        return Producer(settings.librdkafka() | dict(more), logger=log)
    except KafkaException as error:
        raise _wrong_setting(error) from error


def _wrong_setting(error: KafkaException) -> SettingWrong:
    return SettingWrong(setting="kafka", system="Kafka", problem=error.args[0].str())


class ConfluentReader:
    """Reads partition 0 of a topic."""

    def __init__(self, settings: KafkaSettings, topic: str, group: str) -> None:
        """Connect lazily; `seek` comes first."""
        self._topic = topic
        self._consumer = _consumer(
            settings,
            {
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 100,
                "queued.min.messages": 200_000,
                "queued.max.messages.kbytes": 131_072,
                "fetch.message.max.bytes": 8_388_608,
                "fetch.queue.backoff.ms": 5,
                "reconnect.backoff.max.ms": 1_000,
            },
        )

    def seek(self, offset: int) -> None:
        """Read on from `offset`."""
        self._consumer.assign([TopicPartition(self._topic, 0, offset)])

    def bounds(self) -> tuple[int, int]:
        """Give the first offset that is left and the one that the next record will have."""
        try:
            return self._consumer.get_watermark_offsets(TopicPartition(self._topic, 0), timeout=20)
        except KafkaException as error:
            raise StreamsFailed(topic=self._topic, why=error.args[0].str()) from error

    def read(self, timeout: float) -> Chunk:
        """Give what is there, waiting up to `timeout` seconds for the first record."""
        first = self._consumer.poll(timeout)
        if first is None:
            return Chunk((), (), ())
        messages = [first, *self._consumer.consume(MAX_RECORDS - 1, 0)]
        broken = [message for message in messages if message.error() is not None]
        if broken:
            self._check(broken[0].error())
            messages = [message for message in messages if message.error() is None]
        return _chunk(messages)

    def _check(self, error: KafkaError | None) -> None:
        if error is None or error.code() in _PASSING:
            return
        if error.code() in {KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET}:
            raise PositionLost(topic=self._topic, why=error.str())
        raise LogUnreadable(topic=self._topic, why=error.str())

    def close(self) -> None:
        """Give back the connection."""
        self._consumer.close()


class ConfluentWriter:
    """Writes events in transactions."""

    def __init__(
        self, settings: KafkaSettings, transactional_id: str, group_topic: str, timeout_ms: int
    ) -> None:
        """Keep what is needed to connect; `start` does it.

        Args:
            settings: the cluster, as the engine's principal.
            transactional_id: also the name of the consumer group.
            group_topic: the topic whose offsets the group keeps.
            timeout_ms: after which the broker drops an open transaction.
        """
        self._settings = settings
        self._id = transactional_id
        self._group_topic = group_topic
        self._timeout_ms = timeout_ms
        self._producer: Producer | None = None
        self._group: Consumer | None = None
        self._lag_due = 0.0
        self._trouble = ""

    def start(self) -> None:
        """Take over from any earlier writer.

        A producer is never used again after an uncertain commit: librdkafka's end of a transaction
        carries no number, and a late one would end the next transaction of the same producer.
        """
        self._producer = _producer(
            self._settings,
            {
                "transactional.id": self._id,
                "transaction.timeout.ms": self._timeout_ms,
                "enable.idempotence": True,
                "acks": "all",
                "partitioner": "murmur2_random",
                "compression.type": "lz4",
                "linger.ms": 1,
                "batch.num.messages": 50_000,
                "batch.size": 1_000_000,
                "message.max.bytes": 20_000_000,
                "queue.buffering.max.messages": 1_000_000,
                "queue.buffering.max.kbytes": 1_048_576,
                "retry.backoff.ms": 5,
                "reconnect.backoff.max.ms": 1_000,
                # at this level it tells of connections that broke, and of nothing that is usual
                "log_level": 6,
            },
            told_to(lambda text: setattr(self, "_trouble", text)),
        )
        if self._group is None:
            self._group = _consumer(
                self._settings, {"group.id": self._id, "enable.auto.commit": False}
            )
        try:
            self._producer.init_transactions(START_SECONDS)
        except KafkaException as error:
            raise self._failure(error) from error

    def begin(self) -> None:
        """Begin a transaction."""
        try:
            self._live.begin_transaction()
        except KafkaException as error:
            raise self._failure(error) from error

    def write(self, events: Sequence[Event]) -> None:
        """Write events in the open transaction."""
        producer = self._live
        produce = producer.produce
        try:
            for event in events:
                headers: Any = list(event.headers)
                try:
                    produce(event.topic, event.value, event.key, headers=headers)
                except BufferError:
                    producer.flush(self._timeout_ms / 1000)
                    produce(event.topic, event.value, event.key, headers=headers)
        except BufferError as error:
            raise WriteFailed("the broker takes nothing any more") from error
        except KafkaException as error:
            raise self._true_failure(error) from error
        producer.poll(0)

    def _true_failure(self, error: KafkaException) -> WriterFenced | WriteFailed:
        """Find out what is behind a refused write: it says no more than that there was an error."""
        try:
            self._live.abort_transaction(COMMIT_SECONDS)
        except KafkaException as reason:
            return self._failure(reason)
        return self._failure(error)

    def commit(self, next_offset: int | None = None) -> None:
        """Make everything written since `begin` visible, together."""
        producer = self._live
        try:
            # librdkafka flushes within commit too, but a failure there can't be told from an
            # uncertain end of the transaction; here it is certain that nothing was committed
            if producer.flush(self._timeout_ms / 1000):
                raise WriteFailed("not all events reached the broker in time")
        except KafkaException as error:
            raise self._failure(error) from error
        self._trouble = ""
        try:
            producer.commit_transaction(COMMIT_SECONDS)
        except KafkaException as error:
            self._raise_commit(error)
        producer.poll(0)
        if self._trouble:
            # librdkafka has sent the end again by itself and says that all is well; but the first
            # may still be on its way, and would end the next transaction of this producer
            raise CommitUncertain(f"the connection broke at its end: {self._trouble}")
        if next_offset is not None:
            self._show_lag(next_offset)

    def _show_lag(self, next_offset: int) -> None:
        """Tell the group's offset, now and then, after the commit and without waiting.

        Not within the transaction: librdkafka's send_offsets_to_transaction can block for ever when
        the broker went away (its issues 5456 and 5511), and nothing is ever read from this offset.
        """
        now = time.monotonic()
        if self._group is None or now < self._lag_due:
            return
        self._lag_due = now + LAG_SECONDS
        place = TopicPartition(self._group_topic, 0, next_offset)
        with contextlib.suppress(KafkaException):
            self._group.poll(0)
            self._group.commit(offsets=[place], asynchronous=True)

    def _raise_commit(self, error: KafkaException) -> None:
        failure = self._failure(error)
        if isinstance(failure, WriterFenced) or error.args[0].txn_requires_abort():
            raise failure from error
        raise CommitUncertain(error.args[0].str()) from error

    def abort(self) -> None:
        """Drop everything written since `begin`."""
        producer = self._live
        try:
            producer.purge()
            producer.abort_transaction(COMMIT_SECONDS)
        except KafkaException as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Give back the connection."""
        if self._group is not None:
            self._group.close()
        self._producer = self._group = None

    @property
    def _live(self) -> Producer:
        if self._producer is None:
            raise WriteFailed("the writer was not started")
        return self._producer

    @staticmethod
    def _failure(error: KafkaException) -> WriterFenced | WriteFailed:
        reason: KafkaError = error.args[0]
        if reason.code() in _FENCED:
            return WriterFenced(reason.str())
        return WriteFailed(reason.str())


class ConfluentStreams:
    """Opens readers and writers on a real cluster."""

    def __init__(self, settings: KafkaSettings, group: str) -> None:
        """Keep what is needed to connect.

        Args:
            settings: the cluster, and as whom.
            group: the consumer group that readers name.
        """
        self._settings = settings
        self._group = group

    def reader(self, topic: str) -> ConfluentReader:
        """Open a reader on partition 0 of a topic."""
        return ConfluentReader(self._settings, topic, self._group)

    def writer(self, transactional_id: str, group_topic: str, timeout_ms: int) -> ConfluentWriter:
        """Open a writer; see `Streams.writer`."""
        return ConfluentWriter(self._settings, transactional_id, group_topic, timeout_ms)

    def read_all(self, topic: str, seconds: float = 120.0) -> Iterator[Chunk]:
        """Give all committed records of all partitions, up to the ends as they are now.

        Raises:
            StreamsFailed: the topic can't be read, or nothing came for `seconds` before its end.
        """
        consumer = _consumer(
            self._settings,
            {
                "group.id": self._group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 50,
                "fetch.message.max.bytes": 8_388_608,
                "enable.partition.eof": True,
            },
        )
        try:
            yield from _read_to_ends(consumer, topic, ends_of(self._settings, topic), seconds)
        except KafkaException as error:
            raise StreamsFailed(topic=topic, why=error.args[0].str()) from error
        finally:
            consumer.close()


def _read_to_ends(
    consumer: Consumer, topic: str, ends: Mapping[int, tuple[int, int]], seconds: float
) -> Iterator[Chunk]:
    open_partitions = {partition for partition, (low, high) in ends.items() if high > low}
    consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in open_partitions])
    deadline = time.monotonic() + seconds
    while open_partitions:
        if time.monotonic() > deadline:
            raise StreamsFailed(topic=topic, why="its end was not reached in time")
        messages = consumer.consume(MAX_RECORDS, 0.02)
        good = [message for message in messages if message.error() is None]
        if good:
            yield _chunk(good)
            deadline = time.monotonic() + seconds
        open_partitions -= ended(messages, ends, topic)


def ended(messages: Sequence[Message], ends: Mapping[int, tuple[int, int]], topic: str) -> set[int]:
    """Give the partitions whose end these messages tell to be reached.

    Only the event of having come to the end tells a place behind the marks of transactions.

    Raises:
        StreamsFailed: one of the messages is an error that does not pass.
    """
    found = set()
    for message in messages:
        error, partition = message.error(), message.partition()
        if error is None:
            continue
        if error.code() == KafkaError._PARTITION_EOF and partition is not None:
            if (message.offset() or 0) >= ends.get(partition, (0, 0))[1]:
                found.add(partition)
        elif error.code() not in _PASSING:
            raise StreamsFailed(topic=topic, why=error.str())
    return found


def ends_of(settings: KafkaSettings, topic: str) -> dict[int, tuple[int, int]]:
    """Give first and next offset of each partition, open transactions included.

    A reader of committed records is told the last *stable* offset, which right after a commit is
    still before it: whoever reads up to there misses what was committed last.

    Raises:
        KafkaException: the topic can't be read.
    """
    consumer = _consumer(settings, {"group.id": "ends", "isolation.level": "read_uncommitted"})
    try:
        metadata = consumer.list_topics(topic, timeout=20).topics[topic]
        if metadata.error is not None:
            raise KafkaException(metadata.error)
        return {
            partition: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=20)
            for partition in metadata.partitions
        }
    finally:
        consumer.close()
