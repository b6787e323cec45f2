"""Events as JSON lines: key, value, headers, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from confluent_kafka import Message

from streammesh.platform.decoding import Decoder, Undecodable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class JsonLines:
    """Turns messages into lines, and counts those that can't be decoded.

    Such an event's line has `error` instead of its value, and the bytes in hexadecimal: one bad
    event must not hide the good ones behind it.
    """

    def __init__(self, decoder: Decoder) -> None:
        """Decode with `decoder`."""
        self._decode: Any = decoder.decode
        self._encode = msgspec.json.Encoder().encode_lines
        self.unreadable = 0

    def lines(self, messages: Sequence[Message]) -> bytes:
        """Give one line per event, each with its newline.

        Raises:
            MeshError: the registry doesn't answer.
        """
        return self._encode([self.event(message) for message in messages])

    def event(self, message: Message) -> dict[str, Any]:
        """Give what a line says.

        Raises:
            MeshError: the registry doesn't answer.
        """
        headers: Any = message.headers() or ()
        try:
            shown = {"key": self._decode(message.key()), "value": self._decode(message.value())}
        except Undecodable as error:
            self.unreadable += 1
            key, value = _hex(message.key()), _hex(message.value())
            shown = {"error": str(error), "key_bytes": key, "value_bytes": value}
        shown["headers"] = {name: _text(content) for name, content in headers}
        shown["partition"] = message.partition()
        shown["offset"] = message.offset()
        shown["time"] = _time(message.timestamp()[1])
        return shown


def _hex(content: Any) -> str | None:
    return None if content is None else bytes(content).hex()


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode(errors="replace")


@lru_cache(4096)  # a batch that was written together has few different times
def _time(millis: int) -> str:
    moment = _EPOCH + timedelta(milliseconds=millis)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
