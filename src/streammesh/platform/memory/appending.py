"""Appending records in memory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from streammesh.errors.appending import RecordTooLarge
from streammesh.platform.appending import MAX_BYTES, Delivered, Record


@dataclass
class MemoryAppending:
    """An `Appending` and its `Appender` at once: topics are lists, by name and partition."""

    topics: dict[tuple[str, int], list[Record]] = field(default_factory=lambda: defaultdict(list))

    def appender(self) -> MemoryAppending:
        """See `Appending.appender`."""
        return self

    def append(self, record: Record, delivered: Delivered | None = None) -> None:
        """See `Appender.append`."""
        if len(record.value) > MAX_BYTES:
            raise RecordTooLarge(topic=record.topic, most=f"{MAX_BYTES:,}")
        records = self.topics[record.topic, record.partition]
        records.append(record)
        if delivered is not None:
            delivered(record.partition, len(records) - 1)

    def flush(self) -> None:
        """See `Appender.flush`."""

    def close(self) -> None:
        """See `Appender.close`."""
