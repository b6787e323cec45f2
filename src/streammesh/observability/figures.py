"""What an engine did since somebody last looked, as values that can be shown or written down."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from streammesh.engine.activity import Activity
from streammesh.engine.histogram import DELAY_SECONDS, Histogram

PHASES = {
    "starting": "starting",
    "publishing": "publishing",
    "reading": "recovering",
    "taking": "snapshot",
    "waiting": "waiting",
    "following": "following",
}
"""What an engine is doing, by the first word of how it says so; all else is "recovering"."""


def phase(doing: str) -> str:
    """Give one word of a few for what an engine is doing."""
    return PHASES.get(doing.partition(" ")[0].rstrip(":,"), "recovering")


@dataclass(frozen=True)
class ProductFigures:
    """A product's figures; counts are since the engine started.

    Attributes:
        product: its topic.
        status: "live", "publishing" and so on; empty while nothing of it was committed.
        events_per_second: since the last look.
        delay_p50: commit → committed in Kafka, of what came since the last look; seconds; None
            when nothing came.
        delay_p99: the same.
        documents: evaluated ("in").
        events: published ("out").
        unchanged: as published before.
        filtered: without a document.
        quarantined: not publishable.
        skipped: not evaluated, since the product is blocked.
        warned: of the events, how many violate the contract.
        news: whether anything of this came since the last look.
        told: what went to quarantine last, in words.
    """

    product: str
    status: str
    events_per_second: float
    delay_p50: float | None
    delay_p99: float | None
    documents: int
    events: int
    unchanged: int
    filtered: int
    quarantined: int
    skipped: int = 0
    warned: int = 0
    news: bool = False
    told: str = ""


@dataclass(frozen=True)
class SourceFigures:
    """A source's figures; counts are since the engine started.

    Attributes:
        source: `domain.source`.
        time: when this was so, seconds since 1970.
        doing: in words.
        trouble: what it is waiting for; empty while nothing is in its way.
        changes_per_second: rows, since the last look.
        transactions: of the source, processed.
        changes: rows in them.
        lag_records: records of the log that are not processed yet.
        lag_seconds: how far behind the source at most.
        state_bytes: size of the state's files.
        position: last position committed; empty before the first.
        position_time: when the source committed it, seconds since 1970; 0 before the first.
        products: one for each, by topic.
    """

    source: str
    time: float
    doing: str
    trouble: str
    changes_per_second: float
    transactions: int
    changes: int
    lag_records: int
    lag_seconds: float
    state_bytes: int
    position: str
    position_time: float
    products: tuple[ProductFigures, ...] = ()


class Looker:
    """Looks at an engine again and again; rates and delays are those since the look before."""

    def __init__(
        self,
        source: str,
        activity: Activity,
        state: Path,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Begin to look.

        Args:
            source: `domain.source`.
            activity: what the engine tells of itself.
            state: the state's file.
            clock: gives seconds since 1970.
        """
        self._source, self._activity, self._state = source, activity, state
        self._clock = clock
        self._at = clock()
        self._changes = 0
        self._products: dict[str, tuple[int, int, Histogram]] = {}

    def look(self) -> SourceFigures:
        """Give the figures of now."""
        activity, now = self._activity, self._clock()
        seconds = max(1e-3, now - self._at)
        changes = activity.counters.changes
        figures = SourceFigures(
            source=self._source,
            time=now,
            doing=activity.doing,
            trouble=activity.trouble,
            # what is done again after a failure counts back
            changes_per_second=max(0, changes - self._changes) / seconds,
            transactions=activity.counters.transactions,
            changes=changes,
            lag_records=activity.lag,
            lag_seconds=activity.lag_seconds(now),
            state_bytes=state_bytes(self._state),
            position=activity.position,
            position_time=activity.time_ms / 1000,
            products=tuple(self._product(topic, seconds) for topic in sorted(activity.products)),
        )
        self._at, self._changes = now, changes
        return figures

    def _product(self, topic: str, seconds: float) -> ProductFigures:
        counters = self._activity.counters.of(topic)
        nothing = (0, 0, Histogram(DELAY_SECONDS))
        events, quarantined, delays = self._products.get(topic, nothing)
        self._products[topic] = (counters.published, counters.quarantined, counters.delays.copy())
        news = (counters.published, counters.quarantined) != (events, quarantined)
        new_delays = counters.delays.since(delays)
        progress = self._activity.progress.get(topic)
        return ProductFigures(
            product=topic,
            status="" if progress is None else progress.status,
            events_per_second=max(0, counters.published - events) / seconds,
            delay_p50=new_delays.quantile(0.5),
            delay_p99=new_delays.quantile(0.99),
            documents=counters.documents,
            events=counters.published,
            unchanged=counters.unchanged,
            filtered=counters.filtered,
            quarantined=counters.quarantined,
            skipped=counters.skipped,
            warned=counters.warned,
            news=news,
            told=counters.told,
        )


def state_bytes(path: Path) -> int:
    """Give the size of a state's files; 0 when there are none."""
    found = 0
    for suffix in ("", "-wal", "-shm"):
        try:
            found += path.with_name(path.name + suffix).stat().st_size
        except OSError:
            continue
    return found
