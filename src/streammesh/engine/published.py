"""How far a product's topic has come, by its own newest event, and whether it is all still there.

The state notes the position of the newest event that was published on each topic, in the
transaction that belongs to it. A topic whose newest event is older was restored, or made anew:
what is missing is published again. Looked at are the last few records of each partition, not the
last alone: one that somebody else wrote behind them doesn't make a topic a restored one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from streammesh.deployments.deployment import ProductDeployment
from streammesh.deployments.progress import Lsn, Position
from streammesh.engine.product import position_header
from streammesh.engine.state import State
from streammesh.platform.streams import Event, Streams


def newest_positions(streams: Streams, topics: Iterable[str]) -> dict[str, Position]:
    """Give the position of the newest event on each topic, as its headers tell; none if empty."""
    found: dict[str, Position] = {}
    for topic, tails in streams.tails(tuple(topics)).items():
        for record in tails:
            try:
                position = Lsn.from_header(record.headers.get("mesh.position", b""))
            except ValueError:
                continue
            found[topic] = max(position, found.get(topic, position))
    return found


def note(state: State, events: Sequence[Event], topics: Collection[str]) -> None:
    """Note the newest event of each topic, within the state's transaction.

    Args:
        state: that they came from.
        events: in the order of their positions.
        topics: of products.
    """
    missing = set(topics)
    for event in reversed(events):
        if event.topic in missing:
            missing.discard(event.topic)
            state.set_newest(event.topic, position_header(event))
            if not missing:
                return


def note_topics(state: State, streams: Streams, topics: Iterable[str]) -> None:
    """Note for each topic what it tells itself, within the state's transaction."""
    names = tuple(topics)
    found = newest_positions(streams, names) if names else {}
    for topic in names:
        position = found.get(topic)
        state.set_newest(topic, None if position is None else position.header())


def shortened(
    state: State, streams: Streams, products: Iterable[ProductDeployment]
) -> frozenset[str]:
    """Give the topics that hold less than was published on them.

    A topic of which records expire tells nothing: it is left out.
    """
    noted = {
        one.topic: newest
        for one in products
        if one.stream.cleanup == "compact" and (newest := state.newest(one.topic)) is not None
    }
    found = newest_positions(streams, noted) if noted else {}
    return frozenset(
        topic
        for topic, newest in noted.items()
        if topic not in found or found[topic].header() < newest
    )
