"""A compacted topic of one partition as a small table: read it whole, write some of its keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from streammesh.errors.platform import Missing, StoreWriteFailed, TooSlow
from streammesh.platform.kafka_failures import REQUEST_SECONDS, SYSTEM, ConnectionWatch, bad_setting
from streammesh.platform.settings import KafkaSettings

READ_SECONDS = 60.0
"""How long reading may take as a whole."""

WRITE_SECONDS = 20.0
"""How long a record may take until all brokers that must have it do."""

MAX_RECORD_BYTES = 8_388_608
"""How long a record may be; the topics are created with the same bound."""

_NO_TOPIC = {
    KafkaError._UNKNOWN_PARTITION,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
}


class CompactedTopic:
    """Keys and values of a compacted topic that nobody writes in transactions."""

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        """Name the topic; connections are made by each call and closed after.

        Args:
            settings: who reads and writes.
            topic: has one partition.
        """
        self._settings = settings
        self.topic = topic

    def read(self) -> Mapping[str, bytes]:
        """Give all keys that have a value, with what stood last when this was called.

        A topic that does not exist holds nothing; nor does one that our user may not see, since
        Kafka gives the same answer for both.

        Raises:
            MeshError: what `ConnectionWatch.explain` gives.
        """
        found: dict[str, bytes] = {}
        with self._consumer() as (consumer, watch):
            end = self._end(consumer, watch)
            for message in self._until(end, consumer, watch) if end else ():
                key, value = (message.key() or b"").decode(), message.value()
                if value is None:
                    found.pop(key, None)
                else:
                    found[key] = value
        return found

    @contextmanager
    def _consumer(self) -> Iterator[tuple[Consumer, ConnectionWatch]]:
        watch = ConnectionWatch(self._settings)
        properties = {
            **self._settings.librdkafka(),
            "group.id": f"{self._settings.username or 'mesh'}.unused",  # never joined
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "error_cb": watch.on_error,
        }
        try:
            consumer = Consumer(properties)
        except KafkaException as error:
            raise bad_setting(error, self._settings) from error
        try:
            yield consumer, watch
        finally:
            consumer.close()

    def _end(self, consumer: Consumer, watch: ConnectionWatch) -> int:
        """Give the end of the topic, open transactions included; 0 when there is no topic."""
        place = TopicPartition(self.topic, 0)
        deadline = monotonic() + REQUEST_SECONDS
        while True:
            try:
                return consumer.get_watermark_offsets(place, timeout=1.0)[1]
            except KafkaException as error:
                consumer.poll(0)
                if error.args[0].code() in _NO_TOPIC:
                    return 0
                if watch.hopeless or monotonic() > deadline:
                    raise watch.explain(error.args[0], f"read topic `{self.topic}`") from error

    def _until(self, end: int, consumer: Consumer, watch: ConnectionWatch) -> Iterator[Message]:
        action = f"read topic `{self.topic}`"
        consumer.assign([TopicPartition(self.topic, 0, OFFSET_BEGINNING)])
        deadline = monotonic() + READ_SECONDS
        while monotonic() < deadline:
            message = consumer.poll(0.5)
            if message is None:
                continue
            error = message.error()
            if error is None:
                yield message
            elif error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
                continue  # the client looks for a group that we never join, nor need rights on
            elif error.code() != KafkaError._PARTITION_EOF:
                raise watch.explain(error, action)
            # What stood last may have been compacted away: then the end of the partition is
            # reported without a record at `end - 1`.
            if (message.offset() or 0) >= (end if error else end - 1):
                return
        raise TooSlow(system=SYSTEM, seconds=READ_SECONDS, action=action)

    def write(self, records: Iterable[tuple[str | bytes, bytes | None]]) -> None:
        """Write records in order, None ends a key; all are safe when this returns.

        Raises:
            Missing: there is no such topic.
            StoreWriteFailed: naming the first key that was not written.
            MeshError: what `ConnectionWatch.explain` gives.
        """
        watch = ConnectionWatch(self._settings)
        failed: list[tuple[str, KafkaError]] = []

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is None:
                watch.clear()
            else:
                failed.append((_shown(message.key() or b""), error))

        producer = self._producer(watch)
        for key, value in records:
            try:
                producer.produce(self.topic, value, key, partition=0, on_delivery=delivered)
            except KafkaException as error:
                failed.append((_shown(key), error.args[0]))
            producer.poll(0)
        while producer.flush(0.5):
            if watch.hopeless:
                raise watch.explain(KafkaError(KafkaError._TIMED_OUT), f"write `{self.topic}`")
        if failed:
            raise self._write_failure(*failed[0], watch)

    def _producer(self, watch: ConnectionWatch) -> Producer:
        properties = {
            **self._settings.librdkafka(),
            "acks": "all",
            # One request at a time keeps the order, and writing a value twice does no harm: an
            # idempotent producer would only add the half second that it needs to begin.
            "max.in.flight.requests.per.connection": 1,
            "linger.ms": 1,
            "topic.metadata.propagation.max.ms": 2000,
            "compression.type": "lz4",
            "message.max.bytes": MAX_RECORD_BYTES,
            "delivery.timeout.ms": int(WRITE_SECONDS * 1000),
            "error_cb": watch.on_error,
        }
        try:
            return Producer(properties)
        except KafkaException as error:
            raise bad_setting(error, self._settings) from error

    def _write_failure(self, key: str, error: KafkaError, watch: ConnectionWatch) -> Exception:
        if error.code() in _NO_TOPIC:
            return Missing(system=SYSTEM, kind="topic", name=self.topic)
        if error.code() == KafkaError._MSG_TIMED_OUT:
            return TooSlow(system=SYSTEM, seconds=WRITE_SECONDS, action=f"write `{key}`")
        why = watch.explain(error, f"write `{key}`")
        return StoreWriteFailed(key=key, topic=self.topic, why=why.what, fix=why.fix)


def _shown(key: str | bytes) -> str:
    """Give a key as an error names it; one of Avro holds bytes that are no text."""
    text = key if isinstance(key, str) else key.decode(errors="replace")
    return "".join(one if one.isprintable() else "·" for one in text)
