"""What two topics say in the end, and on the way: the engine's documents beside Flink's."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from streammesh.contracts.codec import Codec
from streammesh.platform.confluent_streams import ConfluentStreams

Document = dict[str, Any]
Event = tuple[int, Document | None]


def of_engine(streams: ConfluentStreams, topic: str, codec: Codec) -> Iterator[Event]:
    """Give the engine's events, in order for each key."""
    for key, value in _records(streams, topic):
        document = None if value is None else codec.decode_value(value)
        yield codec.decode_key(key)["order_id"], document and _plain(document)


def of_flink(streams: ConfluentStreams, topic: str) -> Iterator[Event]:
    """Give Flink's events, in order for each key.

    A document of an order that is not there (or whose customer is not) counts as none.
    """
    for key, value in _records(streams, topic):
        document = None if value is None else json.loads(value, parse_float=Decimal)
        if document and document["status"] is None:
            document = None
        yield json.loads(key)["order_id"], document and _plain(document)


def _records(streams: ConfluentStreams, topic: str) -> Iterator[tuple[bytes, bytes | None]]:
    for chunk in streams.read_all(topic):
        for key, value in zip(chunk.keys, chunk.values, strict=True):
            assert key is not None
            yield key, value


def _plain(document: Document) -> Document:
    """Write numbers and times in one way: 1.5 is 1.50, a time with `Z` is one with `+00:00`."""
    lines = document["lines"]
    return {
        **document,
        "placed_at": _time(document["placed_at"]),
        "lines": None if lines is None else [_line(one) for one in lines],
    }


def _line(line: Document) -> Document:
    return {**line, "amount": str(Decimal(line["amount"]).quantize(Decimal("0.01")))}


def _time(value: str | datetime) -> str:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.isoformat()


def unordered(document: Document) -> Document:
    """Give a document with its lines in an order that their content decides."""
    lines = document["lines"]
    if lines is None:
        return document
    return {**document, "lines": sorted(lines, key=lambda one: json.dumps(one, sort_keys=True))}


@dataclass
class View:
    """What a topic says, counted.

    Attributes:
        events: of each key.
        gone: events that say that there is no document.
        last: the last document of each key.
        states: each document that there ever was, by its hash; lines in any order.
    """

    events: Counter[int] = field(default_factory=Counter)
    gone: int = 0
    last: dict[int, Document] = field(default_factory=dict)
    states: set[int] = field(default_factory=set)

    @property
    def total(self) -> int:
        """Count all events."""
        return self.events.total()

    def take(self, key: int, document: Document | None) -> int:
        """Count an event; give the hash of what it says."""
        self.events[key] += 1
        state = state_of(key, document)
        if document is None:
            self.gone += 1
            self.last.pop(key, None)
        else:
            self.last[key] = document
        self.states.add(state)
        return state


def state_of(key: int, document: Document | None) -> int:
    """Give the hash of what an event says of its key, whatever the order of its lines."""
    content = None if document is None else json.dumps(unordered(document), sort_keys=True)
    return hash((key, content))


def view(events: Iterable[Event]) -> View:
    """Count events."""
    found = View()
    for key, document in events:
        found.take(key, document)
    return found


@dataclass(frozen=True)
class Difference:
    """How Flink's topic differs from the engine's.

    Attributes:
        keys: documents at the end.
        wrong: those that differ whatever the order of their lines, or that only one has.
        unsorted: those that differ in the order of their lines alone.
        never: Flink's events with a content that the document had at no commit.
        example: a document that is wrong, of both.
    """

    keys: int
    wrong: int
    unsorted: int
    never: int
    example: str = ""


def difference(engine: View, flink: Iterable[Event]) -> tuple[View, Difference]:
    """Count Flink's events and compare them with the engine's."""
    found, never = View(), 0
    for key, document in flink:
        never += found.take(key, document) not in engine.states
    ours, theirs = engine.last, found.last
    keys = ours.keys() | theirs.keys()
    unequal = [key for key in keys if ours.get(key) != theirs.get(key)]
    wrong = [key for key in unequal if not _same_content(ours.get(key), theirs.get(key))]
    example = f"{ours.get(wrong[0])}\n{theirs.get(wrong[0])}" if wrong else ""
    return found, Difference(len(ours), len(wrong), len(unequal) - len(wrong), never, example)


def _same_content(one: Document | None, other: Document | None) -> bool:
    return one is not None and other is not None and unordered(one) == unordered(other)
