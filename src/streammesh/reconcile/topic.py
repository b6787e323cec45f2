"""A product topic as of a fence: the last event of each key at or before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from streammesh.deployments.progress import Lsn
from streammesh.errors.engine import StreamsFailed
from streammesh.platform.confluent_reading import ended, ends_of
from streammesh.platform.settings import KafkaSettings

BATCH = 10_000


@dataclass(frozen=True)
class Seen:
    """An event of a product topic.

    Attributes:
        value: its bytes; None for a tombstone.
        position: what its header says; None when it has no valid headers.
        deployment: digest of what made it, as its header says.
        place: `partition:offset`.
    """

    value: bytes | None
    position: Lsn | None
    deployment: str
    place: str


def seen(value: bytes | None, headers: Iterable[tuple[str, Any]] | None, place: str) -> Seen:
    """Read an event's headers; whoever writes without them is not our engine."""
    found = dict(headers or ())
    try:
        position = Lsn.from_header(found["mesh.position"])
        deployment = found["mesh.deployment"].decode()
        marked = "mesh.tx" in found or "mesh.part" in found
    except (KeyError, ValueError, AttributeError):
        return Seen(value, None, "", place)
    return Seen(value, position if marked else None, deployment, place)


@dataclass
class TopicView:
    """The newest events by key, up to a fence; later ones wait for the next fence.

    Attributes:
        latest: the last event at or before the fence, by key bytes.
        later: events behind it, in order.
        forged: events without valid headers; they count as differences for ever.
    """

    latest: dict[bytes, Seen] = field(default_factory=dict)
    later: list[tuple[bytes, Seen]] = field(default_factory=list)
    forged: dict[bytes, Seen] = field(default_factory=dict)

    def take(self, events: Iterable[tuple[bytes, Seen]], fence: Lsn) -> None:
        """Take more events of the topic, and move the fence there.

        Args:
            events: those not taken yet, in the order of their partitions.
            fence: at or behind the one before.
        """
        waiting, self.later = self.later, []
        for key, event in (*waiting, *events):
            if event.position is None:
                self.forged[key] = event
            elif event.position <= fence:
                self.latest[key] = event
            else:
                self.later.append((key, event))

    def keys_later(self) -> Set[bytes]:
        """Give the keys that have an event behind the fence."""
        return {key for key, _ in self.later}


class TopicReader:
    """Reads a product topic from its beginning, each time up to its present end."""

    def __init__(self, settings: KafkaSettings, topic: str, group: str) -> None:
        """Connect lazily.

        Args:
            settings: the cluster, as a principal that may read the topic.
            topic: the product's.
            group: a consumer group that the principal may name; no offsets are kept in it.
        """
        self._settings = settings
        self._topic = topic
        self._offsets: dict[int, int] = {}
        self._consumer = Consumer(
            settings.librdkafka()
            | {
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 50,
            }
        )

    def new_events(self) -> Iterator[tuple[bytes, Seen]]:
        """Give the committed events since the last call.

        Raises:
            StreamsFailed: the topic can't be read.
        """
        for message in self._messages():
            place = f"{message.partition()}:{message.offset()}"
            headers: Any = message.headers()
            yield message.key() or b"", seen(message.value(), headers, place)

    def new_records(self) -> Iterator[tuple[bytes, dict[str, Any], bytes | None, int]]:
        """Give key, headers, value and partition of the committed events since the last call.

        Raises:
            StreamsFailed: the topic can't be read.
        """
        for message in self._messages():
            headers: Any = message.headers()
            yield message.key() or b"", dict(headers or ()), message.value(), message.partition()

    def _messages(self) -> Iterator[Any]:
        try:
            yield from self._read()
        except KafkaException as error:
            raise StreamsFailed(topic=self._topic, why=error.args[0].str()) from error

    def _read(self) -> Iterator[Message]:
        ends = ends_of(self._settings, self._topic)
        unread = {partition for partition, (low, high) in ends.items() if high > low}
        self._consumer.assign(
            [TopicPartition(self._topic, p, self._offsets.get(p, ends[p][0])) for p in unread]
        )
        while unread:
            messages = self._consumer.consume(BATCH, 0.02)
            for message in messages:
                if message.error() is None:
                    self._offsets[message.partition() or 0] = (message.offset() or 0) + 1
                    yield message
            unread -= ended(messages, ends, self._topic)

    def close(self) -> None:
        """Give back the connection."""
        self._consumer.close()
