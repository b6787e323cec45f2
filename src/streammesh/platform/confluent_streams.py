"""Reading and writing in transactions on a real cluster, by librdkafka."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)

from streammesh.errors.engine import StreamsFailed
from streammesh.platform.confluent_following import ConfluentFollower
from streammesh.platform.confluent_log import ConfluentReader
from streammesh.platform.confluent_reading import (
    ends_of,
    open_consumer,
    read_ranges,
    read_to_ends,
    tails_of,
    wrong_setting,
)
from streammesh.platform.librdkafka_log import told_to
from streammesh.platform.settings import KafkaSettings
from streammesh.platform.streams import (
    Chunk,
    CommitUncertain,
    Event,
    Headed,
    WriteFailed,
    WriterFenced,
)

COMMIT_SECONDS = 30.0
START_SECONDS = 60.0

LAG_SECONDS = 1.0
"""How often the consumer group's offset is told."""

FETCH = {"fetch.message.max.bytes": 8_388_608, "queued.max.messages.kbytes": 131_072}
"""How much a reader of whole topics takes at once, and holds."""

_FENCED = {KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED}


def _producer(settings: KafkaSettings, more: Mapping[str, Any], logger: logging.Logger) -> Producer:
    try:
        return Producer(settings.librdkafka() | dict(more), logger=logger)
    except KafkaException as error:
        raise wrong_setting(error) from error


@contextlib.contextmanager
def _behind_system_errors() -> Iterator[None]:
    """Raise what librdkafka said where Python only says that it was said at a wrong moment.

    A fatal error, such as that a newer writer has taken over, is set as the exception to be raised
    when the call ends; a log line that is told before that ends it with a SystemError.
    """
    try:
        yield
    except SystemError as error:
        if isinstance(error.__cause__, KafkaException):
            raise error.__cause__ from error
        raise


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
                # the greatest `max_bytes` of a contract (schemas/stream.json), key and headers
                "message.max.bytes": 50_500_000,
                "queue.buffering.max.messages": 1_000_000,
                "queue.buffering.max.kbytes": 1_048_576,
                "retry.backoff.ms": 5,
                "reconnect.backoff.max.ms": 1_000,
                # at this level it tells of connections that broke, and of nothing that is usual
                "log_level": 6,
            },
            told_to(self._note_trouble),
        )
        if self._group is None:
            self._group = open_consumer(
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
        try:
            with _behind_system_errors():
                self._produce(producer, events)
                producer.poll(0)
        except BufferError as error:
            raise WriteFailed("the broker takes nothing any more") from error
        except KafkaException as error:
            raise self._true_failure(error) from error

    def _produce(self, producer: Producer, events: Sequence[Event]) -> None:
        produce = producer.produce
        for event in events:
            headers: Any = list(event.headers)
            try:
                produce(event.topic, event.value, event.key, headers=headers)
            except BufferError:
                producer.flush(self._timeout_ms / 1000)
                produce(event.topic, event.value, event.key, headers=headers)

    def _true_failure(self, error: KafkaException) -> WriterFenced | WriteFailed:
        """Find out what is behind a refused write: it says no more than that there was an error."""
        try:
            with _behind_system_errors():
                self._live.abort_transaction(COMMIT_SECONDS)
        except KafkaException as reason:
            return self._failure(reason)
        return self._failure(error)

    def commit(self) -> None:
        """Make everything written since `begin` visible, together."""
        producer = self._live
        try:
            # librdkafka flushes within commit too, but a failure there can't be told from an
            # uncertain end of the transaction; here it is certain that nothing was committed
            with _behind_system_errors():
                left = producer.flush(self._timeout_ms / 1000)
        except KafkaException as error:
            raise self._failure(error) from error
        if left:
            raise WriteFailed("not all events reached the broker in time")
        self._trouble = ""
        try:
            with _behind_system_errors():
                producer.commit_transaction(COMMIT_SECONDS)
                producer.poll(0)
        except KafkaException as error:
            self._raise_commit(error)
        if self._trouble:
            # librdkafka has sent the end again by itself and says that all is well; but the first
            # may still be on its way, and would end the next transaction of this producer
            raise CommitUncertain(f"the connection broke at its end: {self._trouble}")

    def _note_trouble(self, text: str) -> None:
        self._trouble = text

    def show_lag(self, next_offset: int) -> None:
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

    def follow(self, topic: str) -> ConfluentFollower:
        """Open a reader on all partitions of a topic; see `Streams.follow`."""
        return ConfluentFollower(self._settings, topic, self._group)

    def writer(self, transactional_id: str, group_topic: str, timeout_ms: int) -> ConfluentWriter:
        """Open a writer; see `Streams.writer`."""
        return ConfluentWriter(self._settings, transactional_id, group_topic, timeout_ms)

    def _reader_of_all(self, reset: str, more: Mapping[str, Any]) -> Consumer:
        """Open a consumer that tells the ends of partitions."""
        usual = {
            "group.id": self._group,
            "enable.auto.commit": False,
            "auto.offset.reset": reset,
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 50,
            "enable.partition.eof": True,
        }
        return open_consumer(self._settings, {**usual, **more})

    def read_all(self, topic: str, seconds: float = 120.0) -> Iterator[Chunk]:
        """Give all committed records of all partitions, up to the ends as they are now.

        Raises:
            StreamsFailed: the topic can't be read, or nothing came for `seconds` before its end.
        """
        consumer = self._reader_of_all("earliest", FETCH)
        try:
            yield from read_to_ends(consumer, topic, ends_of(self._settings, topic), seconds)
        except KafkaException as error:
            raise StreamsFailed(topic=topic, why=error.args[0].str()) from error
        finally:
            consumer.close()

    def tails(self, topics: Sequence[str]) -> dict[str, list[Headed]]:
        """Give the last committed records of each partition; see `Streams.tails`."""
        consumer = self._reader_of_all("earliest", {})
        try:
            return {topic: tails_of(consumer, topic) for topic in topics}
        except KafkaException as error:
            raise StreamsFailed(topic=", ".join(topics), why=error.args[0].str()) from error
        finally:
            consumer.close()

    def read_between(
        self, topic: str, ranges: Mapping[int, tuple[int, int]], seconds: float = 120.0
    ) -> Iterator[Sequence[Headed]]:
        """Give the records of stretches of a topic; see `Streams.read_between`.

        Raises:
            PositionLost: retention has dropped a part of it.
            StreamsFailed: the topic can't be read, or nothing came for `seconds`.
        """
        consumer = self._reader_of_all("error", FETCH)
        try:
            yield from read_ranges(consumer, topic, ranges, seconds)
        except KafkaException as error:
            raise StreamsFailed(topic=topic, why=error.args[0].str()) from error
        finally:
            consumer.close()
