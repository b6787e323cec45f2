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
        self._decode = decoder.decode
        self._encode = msgspec.json.Encoder().encode_lines
        self.unreadable = 0

    def lines(self, messages: Sequence[Message]) -> bytes:
        """Give one line per event, each with its newline.

        Raises:
            MeshError: the registry doesn't answer.
        """
        return self._encode([self._event(message) for message in messages])

    def _event(self, message: Message) -> dict[str, Any]:
        key, value = message.key(), message.value()
        try:
            shown = {"key": self._decode(_bytes(key)), "value": self._decode(_bytes(value))}
        except Undecodable as error:
            self.unreadable += 1
            shown = {"error": str(error), "key_bytes": _hex(key), "value_bytes": _hex(value)}
        return shown | {
            "headers": {name: _text(content) for name, content in _headers(message)},
            "partition": message.partition(),
            "offset": message.offset(),
            "time": _time(message.timestamp()[1]),
        }


def _bytes(content: Any) -> bytes | None:
    return content if content is None or isinstance(content, bytes) else content.encode()


def _hex(content: Any) -> str | None:
    return None if content is None else (_bytes(content) or b"").hex()


def _text(content: Any) -> str | None:
    return content.decode(errors="replace") if isinstance(content, bytes) else content


@lru_cache(4096)  # a batch that was written together has few different times
def _time(millis: int) -> str:
    moment = _EPOCH + timedelta(milliseconds=millis)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _headers(message: Message) -> list[tuple[str, Any]]:
    found: Any = message.headers()
    return found or []
