"""The documents of a model over products as they are now: computed once, nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streammesh.contracts.violations import Violation
from streammesh.deployments.codecs import codec_of
from streammesh.deployments.deployment import ProductDeployment
from streammesh.engine.counters import Counters
from streammesh.engine.deployed import Deployed
from streammesh.engine.documents import Evaluation
from streammesh.engine.gathering.gatherer import Gatherer
from streammesh.engine.log import Item, LogDecoder, SnapshotEnded, SnapshotStarted, Transaction
from streammesh.engine.shard import Shard
from streammesh.engine.state import State
from streammesh.platform.streams import Chunk, Event, Follower, Headed, Streams


@dataclass(frozen=True)
class Computed:
    """A document.

    Attributes:
        key: canonical values by field.
        value: canonical; as the model gives it where it violates the contract.
        violation: why it can't be published, in words; None when it can.
    """

    key: Mapping[str, Any]
    value: Any
    violation: str | None


def computed(
    deployed: Deployed, product: ProductDeployment, streams: Streams, folder: Path
) -> Iterator[Computed]:
    """Read all products that a source reads, and compute the documents of one model over them.

    Args:
        deployed: the source, and the schemas of what it reads.
        product: the model and its contract, deployed or not.
        streams: Kafka, as somebody who may read these products.
        folder: where rows may be kept meanwhile; its files are left there.

    Raises:
        MeshError: a product can't be read.
    """
    state = State(folder / "preview.sqlite", deployed.source)
    try:
        state.begin()
        shard = Shard(state, [product], Counters())
        gatherer = Gatherer(deployed.source, deployed.schemas, _Kept(streams, shard))
        try:
            gatherer.read_all()
        finally:
            gatherer.close()
        shard.prepare()
        yield from _documents(state, shard, product)
    finally:
        state.rollback()
        state.close(clean=False)


def _documents(state: State, shard: Shard, product: ProductDeployment) -> Iterator[Computed]:
    evaluation, codec = Evaluation(state, product, texts=True), codec_of(product)
    names = [part.field for part in product.model.key]
    number, last = 0, False
    while not last:
        keys, last = shard.keys(product, number)
        number += 1
        found = evaluation.evaluate(keys)
        for key, value in zip(found.keys, found.values, strict=True):
            if value is None:
                continue
            shown = dict(zip(names, codec.canonical_key(key), strict=True))
            if isinstance(value, Violation):
                yield Computed(shown, codec.given(found.texts[key]), str(value))
            else:
                yield Computed(shown, codec.decode_value(value), None)


class _Kept:
    """Kafka to read from; what is written goes into a state's tables."""

    def __init__(self, streams: Streams, shard: Shard) -> None:
        self._streams, self._shard = streams, shard

    def follow(self, topic: str) -> Follower:
        return self._streams.follow(topic)

    def tails(self, topics: Sequence[str]) -> Mapping[str, Sequence[Headed]]:
        return dict.fromkeys(topics, ())

    def writer(self, transactional_id: str, group_topic: str, timeout_ms: int) -> _IntoTables:
        del transactional_id, timeout_ms
        return _IntoTables(self._shard, group_topic)


class _IntoTables:
    """Takes the records of a log as the engine would."""

    def __init__(self, shard: Shard, topic: str) -> None:
        self._shard = shard
        self._decoder = LogDecoder(topic)

    def start(self) -> None:
        """Nobody else writes."""

    def begin(self) -> None:
        """All counts at once."""

    def commit(self) -> None:
        """All counts at once."""

    def close(self) -> None:
        """Nothing to give back."""

    def write(self, events: Sequence[Event]) -> None:
        count = len(events)
        chunk = Chunk(range(count), [None] * count, [one.value for one in events])
        for item in self._decoder.feed(chunk):
            self._take(item)

    def _take(self, item: Item) -> None:
        if isinstance(item, SnapshotStarted):
            self._shard.start_generation()
        elif isinstance(item, SnapshotEnded):
            self._shard.adopt_generation()
        elif isinstance(item, Transaction) and item.heartbeat is None:
            self._shard.apply([item])
