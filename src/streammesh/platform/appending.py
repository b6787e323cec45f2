"""Appending records to topics of Kafka: in order, each once, without transactions.

`streammesh.platform.confluent_appending` talks to a real cluster,
`streammesh.platform.memory.appending` holds the twin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from streammesh.platform.streams import Headers


@dataclass(frozen=True)
class Record:
    """A record to be appended.

    Attributes:
        topic: full name.
        partition: of that topic.
        key: bytes, or none.
        value: bytes.
        headers: names and values.
    """

    topic: str
    partition: int
    key: bytes | None
    value: bytes
    headers: Headers = ()


MAX_BYTES = 33_554_432
"""Largest record, as the topics' max.message.bytes."""

Delivered = Callable[[int, int], None]
"""Told partition and offset of a record once it stands; called from any thread."""


class Appender(Protocol):
    """Appends records; may be used from several threads.

    What went wrong with any record is raised by a later call of `append` or `flush`.
    """

    def append(self, record: Record, delivered: Delivered | None = None) -> None:
        """Append a record, waiting while too much is on its way.

        Raises:
            MeshError: Kafka refuses records, or is gone.
        """
        ...

    def flush(self) -> None:
        """Wait until every record stands.

        Raises:
            MeshError: one of them doesn't, and never will.
        """
        ...

    def close(self) -> None:
        """Give back the connection; what was not flushed may be lost."""
        ...


class Appending(Protocol):
    """Opens appenders."""

    def appender(self) -> Appender:
        """Connect."""
        ...
