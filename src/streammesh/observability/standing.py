"""How each source stands, from Kafka alone: right wherever its engine runs, and when none does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from streammesh.deployments.deployment import Deployment, ProductDeployment, SourceDeployment
from streammesh.deployments.progress import Input, ProductProgress
from streammesh.errors import MeshError
from streammesh.platform.progress_topic import newest_progress
from streammesh.platform.streams import Streams

THREADS = 8

SILENT_SECONDS = 60.0
"""A captured database writes a heartbeat every few seconds: after so long nothing comes from it."""

HELD_SECONDS = 15.0
"""An engine may leave heartbeats uncommitted for some seconds (`engine.beats`): that is no lag."""

MOVES_SECONDS = 2.0
"""An engine that has something to do commits more often than that."""


@dataclass(frozen=True)
class ProductStanding:
    """How far a product is.

    Attributes:
        product: its topic.
        version: the contract's, as deployed.
        status: "live", "publishing" and so on; "waiting" before its first commit; "not taken up
            yet" while the engine runs an earlier deployment.
        parts_done: of a product that is being published.
        parts: how many there are.
    """

    product: str
    version: str
    status: str
    parts_done: int = 0
    parts: int = 0


@dataclass(frozen=True)
class SourceStanding:
    """How far a source is.

    Attributes:
        source: `domain.source`.
        state: "following", "behind" (it moves), "standing" (it has something to do and doesn't
            move: no engine runs, or it is stuck), "silent" (nothing comes from the database, not
            even heartbeats), "waiting for a snapshot" or "unknown".
        position: last position published; empty before the first.
        position_time: when the source committed it, seconds since 1970; 0 before the first.
        lag_records: records of the private log behind it.
        lag_seconds: how far behind at most; 0 when it follows.
        products: by topic.
        why: why it is unknown, in words.
    """

    source: str
    state: str
    position: str = ""
    position_time: float = 0.0
    lag_records: int = 0
    lag_seconds: float = 0.0
    products: tuple[ProductStanding, ...] = ()
    why: str = ""

    @property
    def well(self) -> bool:
        """Whether nobody has to look after it."""
        return self.state in {"following", "behind"}


def standings(
    deployments: Mapping[str, Deployment],
    streams: Streams,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[SourceStanding, ...]:
    """Say how all deployed sources stand, by name.

    Args:
        deployments: by key.
        streams: Kafka, as a principal who may read private logs and progress.
        clock: gives seconds since 1970.
        sleep: waits so many seconds, to see whether a source moves.
    """
    sources = sorted(
        (one for one in deployments.values() if isinstance(one, SourceDeployment)),
        key=lambda one: (one.domain, one.source),
    )
    products = [one for one in deployments.values() if isinstance(one, ProductDeployment)]

    def look(one: SourceDeployment) -> SourceStanding:
        own = [p for p in products if (p.domain, p.source) == (one.domain, one.source)]
        return _standing(one, own, streams, clock())

    with ThreadPoolExecutor(THREADS) as pool:
        first = list(pool.map(look, sources))
        if not any(one.state == "behind" for one in first):
            return tuple(first)
        # the second look tells those that move from those that don't
        sleep(MOVES_SECONDS)
        second = pool.map(look, sources)
        return tuple(_moved(*both) for both in zip(first, second, strict=True))


def _moved(before: SourceStanding, now: SourceStanding) -> SourceStanding:
    same = (before.position, before.products) == (now.position, now.products)
    stands = before.state == now.state == "behind" and same
    return replace(now, state="standing") if stands else now


def _standing(
    source: SourceDeployment, products: Sequence[ProductDeployment], streams: Streams, now: float
) -> SourceStanding:
    name = f"{source.domain}.{source.source}"
    try:
        progress = newest_progress(streams, source)
        reader = streams.reader(source.log)
        try:
            _, end = reader.bounds()
        finally:
            reader.close()
    except MeshError as error:
        return SourceStanding(name, "unknown", why=error.what)
    known = {} if progress is None else progress.deployments
    shown = tuple(_product(one, known.get(one.topic)) for one in sorted(products, key=_topic))
    if progress is None:
        return SourceStanding(name, "waiting for a snapshot", lag_records=end, products=shown)
    first = SourceStanding(name, "following", products=shown)
    if not source.inputs:
        return _placed(first, progress.inputs[name], end, now)
    # an engine that gathers writes its log in transactions, whose last mark is no record; and
    # heartbeats, which end when it ends
    placed = _placed(first, progress.inputs[name], end - 1, now)
    return replace(placed, state="standing") if placed.state == "silent" else placed


def _topic(one: ProductDeployment) -> str:
    return one.topic


def _placed(one: SourceStanding, place: Input, end: int, now: float) -> SourceStanding:
    age = max(0.0, now - place.time_ms / 1000)
    lag = max(0, end - place.log_offset)
    state = "following" if age < SILENT_SECONDS else "silent"
    behind = lag > 0 and age > HELD_SECONDS
    return replace(
        one,
        state="behind" if behind else state,
        position=str(place.position),
        position_time=place.time_ms / 1000,
        lag_records=lag,
        lag_seconds=age if behind else 0.0,
    )


def _product(one: ProductDeployment, its: ProductProgress | None) -> ProductStanding:
    if its is None:
        return ProductStanding(one.topic, one.version, "waiting")
    status = its.status if its.digest == one.digest else "not taken up yet"
    return ProductStanding(one.topic, one.version, status, its.parts_done, its.parts)
