"""The topic of the product `mesh.notices`, which tells consumers of versions that end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from streammesh.documents.names import Names
from streammesh.platform.compacted import CompactedTopic
from streammesh.platform.settings import KafkaSettings


class NoticeTopic(Protocol):
    """Takes notices as events; the newest of a key is what holds."""

    def write(self, events: Iterable[tuple[bytes, bytes]]) -> None:
        """Write events by their keys; they are safe on Kafka when this returns.

        Raises:
            MeshError: Kafka refuses, is away, or has no such topic.
        """
        ...


class KafkaNoticeTopic:
    """The topic on a cluster."""

    def __init__(self, settings: KafkaSettings, names: Names) -> None:
        """Name the environment; connections are made by each call."""
        self._topic = CompactedTopic(settings, names.notices)

    def write(self, events: Iterable[tuple[bytes, bytes]]) -> None:
        """See `NoticeTopic.write`."""
        self._topic.write(events)
