"""Reading one log in order, on a real cluster, by librdkafka."""

from __future__ import annotations

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from streammesh.errors.engine import LogUnreadable, PositionLost, StreamsFailed
from streammesh.platform.confluent_reading import (
    MAX_RECORDS,
    PASSING,
    chunk_of,
    ends_of_partition,
    open_consumer,
)
from streammesh.platform.settings import KafkaSettings
from streammesh.platform.streams import Chunk


class ConfluentReader:
    """Reads partition 0 of a topic."""

    def __init__(self, settings: KafkaSettings, topic: str, group: str) -> None:
        """Connect lazily; `seek` comes first."""
        self._topic = topic
        self._settings, self._group = settings, group
        self._consumer = self._open()
        self._reads = False

    def _open(self) -> Consumer:
        return open_consumer(
            self._settings,
            {
                "group.id": self._group,
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "isolation.level": "read_committed",
                # what comes is answered at once; this is how often an idle log is asked for
                "fetch.wait.max.ms": 1_000,
                "queued.min.messages": 200_000,
                "queued.max.messages.kbytes": 131_072,
                "fetch.message.max.bytes": 8_388_608,
                "fetch.queue.backoff.ms": 5,
                "reconnect.backoff.max.ms": 1_000,
            },
        )

    def seek(self, offset: int) -> None:
        """Read on from `offset`."""
        if self._reads:
            # a request for records that don't come yet would hold up the next for up to a second
            self._consumer.close()
            self._consumer = self._open()
        self._reads = True
        self._consumer.assign([TopicPartition(self._topic, 0, offset)])

    def bounds(self) -> tuple[int, int]:
        """Give the first offset that is left and the one that the next record will have."""
        try:
            return ends_of_partition(self._consumer, self._topic, 0)
        except KafkaException as error:
            raise StreamsFailed(topic=self._topic, why=error.args[0].str()) from error

    def end(self) -> int:
        """Give the offset behind the last record; see `LogReader.end`."""
        place = TopicPartition(self._topic, 0)
        # before the first answer of the broker it is a negative mark
        return max(0, self._consumer.get_watermark_offsets(place, cached=True)[1])

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
        return chunk_of(messages)

    def _check(self, error: KafkaError | None) -> None:
        if error is None or error.code() in PASSING:
            return
        if error.code() in {KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET}:
            raise PositionLost(topic=self._topic, why=error.str())
        raise LogUnreadable(topic=self._topic, why=error.str())

    def close(self) -> None:
        """Give back the connection."""
        self._consumer.close()
