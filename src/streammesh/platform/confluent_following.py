"""Following all partitions of one topic on a real cluster, by librdkafka."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streammesh.errors.engine import PositionLost, StreamsFailed
from streammesh.platform.confluent_reading import (
    MAX_RECORDS,
    PASSING,
    ends_of_partition,
    open_consumer,
)
from streammesh.platform.settings import KafkaSettings
from streammesh.platform.streams import Record

SECONDS = 20.0


class ConfluentFollower:
    """Reads all partitions of a topic; how far each has been read is told by its end too."""

    def __init__(self, settings: KafkaSettings, topic: str, group: str) -> None:
        """Look up the partitions; `seek` comes before the first read.

        Raises:
            StreamsFailed: the topic is not there, or can't be read.
        """
        self._topic = topic
        usual = {"group.id": group, "enable.auto.commit": False, "auto.offset.reset": "error"}
        # ends of committed records alone would leave out what is being committed
        uncommitted = {"isolation.level": "read_uncommitted"}
        self._asker = open_consumer(settings, {**usual, **uncommitted})
        self._consumer = open_consumer(
            settings,
            {
                **usual,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                # an end without records before it is told by the answer to such a request
                "fetch.wait.max.ms": 300,
                "queued.max.messages.kbytes": 65_536,
                "reconnect.backoff.max.ms": 1_000,
            },
        )
        self._reached: dict[int, int] = {}
        self._records: set[int] = set()
        """Partitions of which a record was the last that was told of."""
        try:
            self._partitions = _partitions(self._asker, topic)
        except BaseException:
            self.close()
            raise

    def starts(self) -> Mapping[int, int]:
        """Give the first offset that is left."""
        return {number: low for number, (low, _) in self._bounds().items()}

    def ends(self) -> Mapping[int, int]:
        """Give the offset behind the last record, open transactions included.

        Behind a record that is visible stands the mark that ended its transaction: one offset that
        is left behind the last one read is that mark, and no record. (Products are written in
        transactions and no other way.)
        """
        read = {number: self._reached[number] for number in self._records}
        return {
            number: high - (read.get(number) == high - 1)
            for number, (_, high) in self._bounds().items()
        }

    def _bounds(self) -> dict[int, tuple[int, int]]:
        try:
            return {n: ends_of_partition(self._asker, self._topic, n) for n in self._partitions}
        except KafkaException as error:
            raise StreamsFailed(topic=self._topic, why=error.args[0].str()) from error

    def seek(self, offsets: Mapping[int, int]) -> None:
        """Read on from these offsets."""
        self._reached, self._records = dict(offsets), set()
        self._consumer.assign([TopicPartition(self._topic, n, at) for n, at in offsets.items()])

    def read(self, timeout: float) -> Sequence[Record]:
        """Give what is there, waiting up to `timeout` seconds for the first message."""
        first = self._consumer.poll(timeout)
        if first is None:
            return ()
        messages = [first, *self._consumer.consume(MAX_RECORDS - 1, 0)]
        return [record for one in messages if (record := self._record(one)) is not None]

    def _record(self, message: Message) -> Record | None:
        error, number = message.error(), message.partition() or 0
        offset = message.offset() or 0
        if error is None:
            self._reached[number] = offset + 1
            self._records.add(number)
            headers: Any = message.headers()
            key: Any = message.key()
            return Record(number, offset, key, message.value(), dict(headers or ()))
        if error.code() == KafkaError._PARTITION_EOF:
            # behind the marks of transactions, which are no records
            self._reached[number] = max(self._reached.get(number, 0), offset)
            self._records.discard(number)
        elif error.code() in {KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET}:
            raise PositionLost(topic=self._topic, why=error.str())
        elif error.code() not in PASSING:
            raise StreamsFailed(topic=self._topic, why=error.str())
        return None

    def reached(self) -> Mapping[int, int]:
        """Give how far everything has been read."""
        return dict(self._reached)

    def close(self) -> None:
        """Give back the connections."""
        self._consumer.close()
        self._asker.close()


def _partitions(consumer: Consumer, topic: str) -> tuple[int, ...]:
    try:
        metadata = consumer.list_topics(topic, timeout=SECONDS).topics[topic]
        if metadata.error is not None:
            raise KafkaException(metadata.error)
    except KafkaException as error:
        raise StreamsFailed(topic=topic, why=error.args[0].str()) from error
    return tuple(sorted(metadata.partitions))
