"""Reading the events of one topic: committed ones only, all partitions, from any point."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from streammesh.errors import MeshError
from streammesh.platform.kafka_failures import ConnectionWatch, bad_setting
from streammesh.platform.settings import KafkaSettings

MAX_BATCH = 10_000
"""Messages taken at once: bounds memory, and the time to a Ctrl-C."""

PATIENCE = 10.0
"""Seconds that the cluster may take to answer."""

LATE = 100
"""So many offsets before a partition's end are looked at for a late event; marks take some too."""

Start = str | datetime
"""`beginning`, `end`, or the time of the first event wanted."""


class TopicReader:
    """Reads a topic's partitions itself: no group is joined, nothing is committed."""

    def __init__(self, settings: KafkaSettings, group: str) -> None:
        """Make a client; it connects when first asked.

        Args:
            settings: the cluster, and as whom.
            group: named to the cluster, though nothing is kept under it.

        Raises:
            MeshError: the settings are not ones that a client can be made with.
        """
        self._watch = ConnectionWatch(settings)
        own = {"group.id": group, "error_cb": self._watch.on_error}
        try:
            self._consumer = Consumer(settings.librdkafka() | _OPTIONS | own)
        except KafkaException as error:
            raise bad_setting(error, settings) from error

    def __enter__(self) -> Self:
        """Give the reader itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self._consumer.close()

    def topics(self) -> frozenset[str]:
        """Give the topics that the principal may see.

        Raises:
            MeshError: the cluster can't be reached, or refuses the login.
        """
        try:
            return frozenset(self._metadata().topics)
        except KafkaException as error:
            raise self._explained(error.args[0], "list topics") from error

    def read(self, topic: str, start: Start, *, follow: bool) -> Iterator[Sequence[Message]]:
        """Give batches of messages: what is there, without waiting for more to fill a batch.

        Args:
            topic: full name.
            start: where to begin.
            follow: go on at the end; else stop at what is committed now.

        Raises:
            MeshError: the topic can't be read.
        """
        try:
            bounds = self._bounds(topic)
            positions = self._positions(topic, bounds, start)
            self._consumer.assign(positions)
            ends = {one.partition: (one.offset, bounds[one.partition][1]) for one in positions}
            rest = _Rest({one: end for one, (begin, end) in ends.items() if begin < end})
            yield from self._batches(rest, follow=follow)
        except KafkaException as error:
            raise self._explained(error.args[0], f"read topic `{topic}`") from error

    def last(self, topic: str, seconds: float) -> Message | None:
        """Give a late event of a topic that has a value: the newest of each partition's last ones.

        Where the last ones have none (deleted documents, transactions that were undone), it is one
        of the first from the beginning.

        Args:
            topic: full name.
            seconds: how long it may take.

        Returns:
            None when there is none, or none was found in that time.

        Raises:
            MeshError: the topic can't be read.
        """
        deadline = time.monotonic() + seconds
        try:
            bounds = self._bounds(topic, deadline)
            ends = {one: end for one, (begin, end) in bounds.items() if begin < end}
            late = {one: max(bounds[one][0], ends[one] - LATE) for one in ends}
            found = self._with_value(topic, late, ends, (time.monotonic() + deadline) / 2)
            if not found and any(late[one] > bounds[one][0] for one in ends):
                first = {one: bounds[one][0] for one in ends}
                found = self._with_value(topic, first, ends, deadline, enough=1)
        except KafkaException as error:
            raise self._explained(error.args[0], f"read topic `{topic}`") from error
        return max(found, key=_age, default=None)

    def _with_value(
        self,
        topic: str,
        begins: Mapping[int, int],
        ends: Mapping[int, int],
        deadline: float,
        enough: float = math.inf,
    ) -> list[Message]:
        """Give events that have a value: all up to the ends, or as many as are enough."""
        self._consumer.assign([TopicPartition(topic, one, at) for one, at in begins.items()])
        rest, found = _Rest(dict(ends)), list[Message]()
        while rest and len(found) < enough and time.monotonic() < deadline:
            messages = self._consumer.consume(LATE, 0.05)
            for message in messages:
                _is_event(message)
            found += [one for one in rest.before_the_ends(messages) if one.value() is not None]
        return found

    def _metadata(self, topic: str | None = None, deadline: float | None = None) -> Any:
        """Ask for topics in short turns, to notice early that a connection won't come about."""
        self._watch.waits()
        deadline = time.monotonic() + PATIENCE if deadline is None else deadline
        named = {} if topic is None else {"topic": topic}
        while True:
            try:
                return self._consumer.list_topics(timeout=0.5, **named)
            except KafkaException:
                self._consumer.poll(0)
                if self._watch.hopeless or time.monotonic() > deadline:
                    raise

    def _bounds(self, topic: str, deadline: float | None = None) -> dict[int, tuple[int, int]]:
        """Give the first offset and the one behind the last, by partition."""
        metadata = self._metadata(topic, deadline).topics[topic]
        if metadata.error is not None:
            raise KafkaException(metadata.error)
        places = [TopicPartition(topic, one) for one in metadata.partitions]
        return {
            one.partition: self._consumer.get_watermark_offsets(one, timeout=_left(deadline))
            for one in places
        }

    def _positions(
        self, topic: str, bounds: Mapping[int, tuple[int, int]], start: Start
    ) -> list[TopicPartition]:
        first = {partition: low for partition, (low, _) in bounds.items()}
        last = {partition: high for partition, (_, high) in bounds.items()}
        if isinstance(start, datetime):
            moment = int(start.timestamp() * 1000)
            wanted = [TopicPartition(topic, one, moment) for one in bounds]
            found = self._consumer.offsets_for_times(wanted, timeout=PATIENCE)
            # a partition without an event since then has no offset for it
            offsets = {one.partition: one.offset for one in found if one.offset >= 0}
            return [TopicPartition(topic, one, offsets.get(one, last[one])) for one in bounds]
        chosen = last if start == "end" else first
        return [TopicPartition(topic, one, offset) for one, offset in chosen.items()]

    def _batches(self, rest: _Rest, *, follow: bool) -> Iterator[Sequence[Message]]:
        self._watch.waits()
        deadline = time.monotonic() + PATIENCE
        while follow or rest:
            first = self._consumer.poll(0.2)
            if first is None:
                late = not follow and time.monotonic() > deadline
                if late or self._watch.hopeless:
                    raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
                continue
            messages = [first, *self._consumer.consume(MAX_BATCH - 1, 0)]
            deadline = time.monotonic() + PATIENCE
            events = [message for message in messages if _is_event(message)]
            wanted = events if follow else rest.before_the_ends(messages)
            if wanted:
                self._watch.clear()
                yield wanted

    def _explained(self, error: KafkaError, action: str) -> MeshError:
        self._consumer.poll(0)  # hands over what the client has complained of
        return self._watch.explain(error, action)


@dataclass
class _Rest:
    """Partitions that are not read to their ends yet, and those ends."""

    ends: dict[int, int]

    def __bool__(self) -> bool:
        return bool(self.ends)

    def before_the_ends(self, messages: Sequence[Message]) -> list[Message]:
        """Give the messages before the ends, and note which partitions are done.

        A partition's end is the high watermark at the beginning, or, where a transaction is open,
        what is committed before it: the client tells the latter by an event of its own.
        """
        wanted = []
        for message in messages:
            error, partition, offset = message.error(), message.partition(), message.offset() or 0
            at_end = error is not None and error.code() == KafkaError._PARTITION_EOF
            if partition is None or partition not in self.ends or (error and not at_end):
                continue
            inside = not at_end and offset < self.ends[partition]
            if inside:
                wanted.append(message)
            if not inside or offset + 1 == self.ends[partition]:
                del self.ends[partition]
        return wanted


def _age(message: Message) -> tuple[int, int]:
    """Give what orders events by when they were written; of one moment, by their offset."""
    return message.timestamp()[1], message.offset() or 0


def _left(deadline: float | None) -> float:
    """Give the seconds that an answer may take: all our patience, or what is left of a time."""
    return PATIENCE if deadline is None else max(0.05, deadline - time.monotonic())


def _is_event(message: Message) -> bool:
    """Tell events from what the client says of itself.

    Raises:
        KafkaException: the partition can't be read.
    """
    error = message.error()
    if error is None or error.code() in _PASSING:
        return error is None
    raise KafkaException(error)


_PASSING = {
    KafkaError._PARTITION_EOF,
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._RESOLVE,
}

_OPTIONS: dict[str, str | int | float | bool] = {
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
    # with a full queue the client else sleeps for a second, which costs most of the throughput
    "fetch.queue.backoff.ms": 5,
    "queued.max.messages.kbytes": 65_536,
    # that a partition is at its end is only told when such a wait is over
    "fetch.wait.max.ms": 100,
    "reconnect.backoff.max.ms": 1_000,
}
