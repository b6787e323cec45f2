"""Appending records to a real cluster, by librdkafka."""

from __future__ import annotations

import time
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from streammesh.errors.appending import RecordTooLarge
from streammesh.platform.appending import MAX_BYTES, Delivered, Record
from streammesh.platform.kafka_failures import ConnectionWatch, bad_setting, explain
from streammesh.platform.librdkafka_log import QUIET
from streammesh.platform.settings import KafkaSettings

GIVE_UP_SECONDS = 120
"""How long a record is tried: a broker that restarts is waited for."""

_TOO_LARGE = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE}


class ConfluentAppender:
    """An `Appender` on a cluster."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Connect lazily."""
        self._settings = settings
        self._watch = ConnectionWatch(settings)
        self._failure: tuple[str, KafkaError] | None = None
        properties: dict[str, Any] = settings.librdkafka() | {
            "enable.idempotence": True,
            "acks": "all",
            "compression.type": "lz4",
            "linger.ms": 5,
            "batch.size": 1_048_576,
            "message.max.bytes": MAX_BYTES,
            # what waits in memory: enough to keep the broker busy
            "queue.buffering.max.kbytes": 131_072,
            "message.timeout.ms": GIVE_UP_SECONDS * 1000,
            "retry.backoff.ms": 50,
            "error_cb": self._watch.on_error,
        }
        try:
            self._producer = Producer(properties, logger=QUIET)
        except KafkaException as error:
            raise bad_setting(error, settings) from error

    def append(self, record: Record, delivered: Delivered | None = None) -> None:
        """See `Appender.append`."""

        def told(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                self._failure = self._failure or (record.topic, error)
            elif delivered is not None:
                delivered(message.partition() or 0, message.offset() or 0)

        self._check()
        while True:
            try:
                self._producer.produce(
                    record.topic,
                    record.value,
                    record.key,
                    partition=record.partition,
                    headers=list(record.headers),
                    on_delivery=told,
                )
            except BufferError:
                self._producer.poll(0.05)
                self._check()
            except KafkaException as error:
                self._failure = self._failure or (record.topic, error.args[0])
                self._check()
            else:
                self._producer.poll(0)
                return

    def flush(self) -> None:
        """See `Appender.flush`."""
        deadline = time.monotonic() + GIVE_UP_SECONDS + 5
        while self._producer.flush(0.5):
            self._check()
            if time.monotonic() > deadline:
                self._failure = ("", KafkaError(KafkaError._MSG_TIMED_OUT))
        self._check()

    def _check(self) -> None:
        if self._failure is None:
            if self._watch.hopeless:
                raise self._watch.explain(KafkaError(KafkaError._TIMED_OUT), "take records")
            return
        topic, error = self._failure
        if error.code() in _TOO_LARGE:
            raise RecordTooLarge(topic=topic, most=f"{MAX_BYTES:,}")
        raise explain(error, self._settings, f"write to topic `{topic}`")

    def close(self) -> None:
        """See `Appender.close`."""
        self._producer.purge()
        self._producer.flush(1)


class ConfluentAppending:
    """Opens appenders on a cluster."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Keep what is needed to connect."""
        self._settings = settings

    def appender(self) -> ConfluentAppender:
        """See `Appending.appender`."""
        return ConfluentAppender(self._settings)
