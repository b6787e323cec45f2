"""A consumer of the products, as any other: it counts events and how late they come."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from streammesh.platform.settings import KafkaSettings

WINDOW_SECONDS = 10.0
PATIENCE = 10.0
BATCH = 10_000
KEPT = 200_000


@dataclass
class Reading:
    """What came on one product's topic; written by one thread, read by others.

    Attributes:
        events: how many events came since the reader started.
        in_parts: how many of them came of a first snapshot or a rebuild, not of a transaction.
        first: when the first of all came, seconds since 1970; None before.
        delays: of the events of transactions, newest last: when it came, and how long after its
            commit in the source that was; seconds.
    """

    events: int = 0
    in_parts: int = 0
    first: float | None = None
    delays: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def take(self, messages: Sequence[Message], now: float) -> None:
        """Count messages that came at `now`."""
        self.first = now if self.first is None else self.first
        self.events += len(messages)
        for message in messages:
            headers = dict(message.headers() or ())
            committed = headers.get("mesh.time")
            if "mesh.tx" in headers and isinstance(committed, bytes) and committed.isdigit():
                self.delays.append((now, now - int(committed) / 1000))
            elif "mesh.part" in headers:
                self.in_parts += 1

    def recent(self, now: float) -> list[float]:
        """Give the delays of the last seconds (`WINDOW_SECONDS`), in seconds."""
        recent = []
        for came, delay in reversed(self.delays.copy()):
            if came < now - WINDOW_SECONDS:
                break
            recent.append(delay)
        return recent


class ProductReader:
    """Reads product topics from their ends, committed events only, until stopped."""

    def __init__(self, kafka: KafkaSettings, topics: Sequence[str]) -> None:
        """Prepare; nothing is read yet.

        Args:
            kafka: the cluster, as a principal that may read the topics.
            topics: full names.
        """
        options: dict[str, str | int | float | bool] = {
            "group.id": f"{kafka.username}.demo",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "fetch.queue.backoff.ms": 5,
            "reconnect.backoff.max.ms": 1_000,
        }
        self.readings = {topic: Reading() for topic in topics}
        self._consumer = Consumer(kafka.librdkafka() | options)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._read, name="reader", daemon=True)

    def start(self) -> None:
        """Start at what is the end now.

        Raises:
            KafkaException: the cluster does not answer.
        """
        self._consumer.assign([end for topic in self.readings for end in self._ends(topic)])
        self._thread.start()

    def stop(self) -> None:
        """Stop reading, and wait for that."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._consumer.close()

    def wait(self, done: Callable[[], bool], seconds: float) -> bool:
        """Wait until `done`, for at most so long, and say whether it is."""
        deadline = time.monotonic() + seconds
        while not done() and time.monotonic() < deadline:
            time.sleep(0.05)
        return done()

    def _ends(self, topic: str) -> list[TopicPartition]:
        found = self._consumer.list_topics(topic, timeout=PATIENCE).topics[topic]
        if found.error is not None:
            raise KafkaException(found.error)
        places = [TopicPartition(topic, number) for number in found.partitions]
        for place in places:
            place.offset = self._consumer.get_watermark_offsets(place, timeout=PATIENCE)[1]
        return places

    def _read(self) -> None:
        while not self._stopping.is_set():
            first = self._consumer.poll(0.2)
            if first is None:
                continue
            now = time.time()
            by_topic: dict[str, list[Message]] = {}
            for message in (first, *self._consumer.consume(BATCH, 0)):
                topic = message.topic()
                # errors are passing ones: the broker is away, and the client tries again
                if message.error() is None and topic is not None:
                    by_topic.setdefault(topic, []).append(message)
            for topic, messages in by_topic.items():
                self.readings[topic].take(messages, now)
