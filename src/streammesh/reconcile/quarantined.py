"""What is in quarantine, as the topics tell it: the newest record of each key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from streammesh.platform.streams import Streams


@dataclass(frozen=True)
class Held:
    """A key in quarantine.

    Attributes:
        key_bytes: as the product's topic has it.
        key: its values by field.
        state_key: its values as the engine's state has them.
        field: dotted path of what is wrong; empty for the whole document.
        reason: what is wrong with it.
        time: when the source committed it; None when the record doesn't tell.
        discarded: who took it off the list, when and why; empty when it stands on it.
        record: all that the record says.
    """

    key_bytes: bytes
    key: Mapping[str, Any]
    state_key: tuple[Any, ...]
    field: str
    reason: str
    time: datetime | None
    discarded: Mapping[str, str]
    record: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The key as a person types it: its values, with commas between."""
        return ",".join(_plain(value) for value in self.key.values())

    @property
    def said(self) -> str:
        """What is wrong, with the field."""
        return f"`{self.field}` {self.reason}" if self.field else f"the document {self.reason}"

    def means(self, text: str) -> bool:
        """Tell whether that is how a person names this key.

        Args:
            text: `17`, `17,eu`, `order_id=17,region=eu`, or JSON: `[17, "eu"]`.
        """
        named = ",".join(f"{name}={_plain(value)}" for name, value in self.key.items())
        if text in (self.name, named):
            return True
        try:
            return bool(json.loads(text) in (list(self.key.values()), dict(self.key)))
        except ValueError:
            return False


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def held(streams: Streams, topic: str, *, documents: bool = True) -> list[Held]:
    """Give what is in quarantine, discarded keys too, in the order of their records.

    Args:
        streams: Kafka, as somebody who may read it.
        topic: of the quarantine.
        documents: whether the records are to have their documents, which may be large.
    """
    newest: dict[bytes, Held] = {}
    for chunk in streams.read_all(topic):
        for key, value in zip(chunk.keys, chunk.values, strict=True):
            if key is None:
                continue
            newest.pop(key, None)
            if value is not None:
                newest[key] = _held(key, value, documents=documents)
    return list(newest.values())


def _held(key: bytes, value: bytes, *, documents: bool) -> Held:
    try:
        record = json.loads(value)
        if not documents:
            record.pop("document", None)
        return Held(
            key_bytes=key,
            key=dict(record["key"]),
            state_key=tuple(record["state_key"]),
            field=str(record.get("field", "")),
            reason=str(record.get("reason", "")),
            time=_time(record.get("time")),
            discarded=dict(record.get("discarded") or {}),
            record=record,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        said = "has a record in quarantine that no engine of this version wrote"
        return Held(key, {"": key.hex()}, (), "", said, None, {}, {})


def _time(said: object) -> datetime | None:
    try:
        return datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
