"""The twin of the topic of notices."""

from __future__ import annotations

from collections.abc import Iterable


class MemoryNoticeTopic:
    """Events in a dict.

    Attributes:
        events: the newest value of each key.
        written: all keys, in the order they were written.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self.events: dict[bytes, bytes] = {}
        self.written: list[bytes] = []

    def write(self, events: Iterable[tuple[bytes, bytes]]) -> None:
        """See `NoticeTopic.write`."""
        for key, value in events:
            self.events[key] = value
            self.written.append(key)
