"""What an engine is doing: written by the engine batch by batch, read by whoever shows it.

Another thread may read it at any time: values are replaced, never changed half.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from streammesh.deployments.deployment import ProductDeployment
from streammesh.deployments.progress import Input, ProductProgress, Progress
from streammesh.engine.counters import Counters, Snapshot
from streammesh.engine.histogram import COMMIT_SECONDS, Histogram
from streammesh.engine.log import Transaction
from streammesh.platform.streams import Chunk, LogReader

STEPS = ("read", "align", "evaluate", "produce", "commit Kafka", "commit state")
"""What a run of transactions goes through, in this order."""

STUCK = 5
"""After so many beginnings of one transaction without its end it is told."""

Published = Callable[[Sequence[Transaction], Mapping[str, int]], None]
"""Told of a run that was published, and when it ended each step: nanoseconds since 1970."""


@dataclass
class Activity:
    """What an engine is doing.

    Attributes:
        doing: in words.
        trouble: what it is waiting for, in words; empty while nothing is in its way.
        position: last position committed.
        time_ms: when the source committed it, milliseconds since 1970.
        log_offset: where the log is to be read on.
        log_end: the offset behind the last record of the log, as last heard.
        marks: offsets at the log's end that are no records: where it is written in transactions,
            the mark of the last one.
        counters: since the start.
        kafka: how long Kafka transactions took, from begin to committed; seconds.
        products: what runs, by topic.
        progress: how far each product is, by topic.
        published: told of each run of transactions; None when nobody wants to know.
    """

    doing: str = "starting"
    trouble: str = ""
    position: str = ""
    time_ms: int = 0
    log_offset: int = 0
    log_end: int = 0
    marks: int = 0
    counters: Counters = field(default_factory=Counters)
    kafka: Histogram = field(default_factory=lambda: Histogram(COMMIT_SECONDS))
    products: Mapping[str, ProductDeployment] = field(default_factory=dict)
    progress: Mapping[str, ProductProgress] = field(default_factory=dict)
    published: Published | None = None
    _run: Sequence[Transaction] = ()
    _steps: dict[str, int] = field(default_factory=dict)
    _certain: Snapshot = field(default_factory=lambda: Counters().snapshot())

    @property
    def lag(self) -> int:
        """How many records of the log are not processed yet."""
        return max(0, self.log_end - self.marks - self.log_offset)

    def lag_seconds(self, now: float) -> float:
        """Give how far behind the source it is at most: 0 where nothing is left to be read.

        Args:
            now: seconds since 1970.
        """
        return max(0.0, now - self.time_ms / 1000) if self.lag and self.time_ms else 0.0

    def read(self, reader: LogReader, timeout: float) -> Chunk:
        """Read the log on, and note how long it is by now."""
        chunk = reader.read(timeout)
        self.log_end = reader.end()
        if len(chunk):
            self.mark("read")
        return chunk

    def begin(self, run: Sequence[Transaction]) -> None:
        """Note that a run of transactions is taken up; `committed` is its end."""
        self._run = run
        self.mark("align")

    def mark(self, step: str) -> None:
        """Note that the present run has come to the end of a step."""
        self._steps[step] = time.time_ns()

    def committed(self, progress: Progress, source: Input) -> None:
        """Note what is committed, and that nothing is in the way."""
        self.position = str(source.position)
        self.time_ms = source.time_ms
        self.log_offset = source.log_offset
        self.progress = progress.deployments
        self.trouble = ""
        self._certain = self.counters.snapshot()
        if self.published is not None and self._run:
            self.published(self._run, self._steps)
        self._run = ()

    def begun(self, times: int) -> None:
        """Note how often capture has begun one transaction, without ending any since."""
        if times >= STUCK:
            self.trouble = (
                "capture begins one transaction again and again and can't end it: a value that"
                " Debezium doesn't read, such as a huge interval (docs/types.md); Connect's log"
                " names it"
            )

    def passed(self, one: Transaction) -> None:
        """Note a heartbeat that is to be committed later: nothing is to be done for it."""
        self.position = str(one.position)
        self.time_ms = one.time_ms
        self.log_offset = one.next_offset

    def dropped(self) -> None:
        """Go back to the counts of what is certainly committed: the rest is done again."""
        self._run = ()
        self.counters.restore(self._certain)
