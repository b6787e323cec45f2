"""Where the time of an event goes, from the engine's own traces and the times of the log's records.

Traces are what anyone can ask an engine for (docs/metrics.md); here a part of all transactions.
"""

from __future__ import annotations

import os
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bench.clock import quantile
from bench.collector import Collector, collecting
from bench.results import Result, plain
from streammesh.engine.activity import STEPS

PART = float(os.environ.get("BENCH_TRACES", "0.01"))
WORDS = {
    "read": "in the log → read by the engine",
    "align": "taken up: earlier transactions go first",
    "evaluate": "evaluated: rows into the state, documents made, compared and encoded",
    "produce": "handed to Kafka's client",
    "commit Kafka": "Kafka's transaction: flushed and committed",
}
"""What a step of a trace is; the state's own commit is behind what consumers wait for."""


@contextmanager
def traced() -> Iterator[Collector]:
    """Let engines that are started meanwhile send traces of a part of all transactions."""
    with collecting() as collector:
        ours = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_TRACES_SAMPLER": "traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": str(PART),
        }
        before = {name: os.environ.get(name) for name in ours}
        os.environ.update(ours)
        try:
            yield collector
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


def by_step(
    captured: Mapping[str, Sequence[float]],
    spans: Iterable[Any],
    seen: Sequence[float],
    between: tuple[float, float],
) -> list[Result]:
    """Give mean, p50 and p99 of each step, in its order.

    Args:
        captured: seconds of the steps before the engine, by what they are.
        spans: of the engine's traces.
        seen: for each transaction, seconds from the source's commit until consumers had it all.
        between: when it was measured, seconds since 1970.
    """
    engine, total = _durations(spans, between)
    # the trace's first span begins with the source's commit, so the log's part is in it
    logged = sum(statistics.fmean(times) for times in captured.values())
    steps = dict(captured)
    steps[WORDS["read"]] = [max(0.0, one - logged) for one in engine["read"]]
    steps |= {words: engine[name] for name, words in WORDS.items() if name != "read"}
    published = statistics.fmean(total)
    steps["all until published"] = total
    steps["fetched by the consumer"] = [statistics.fmean(seen) - published]
    size = f"{len(total):,} transactions"
    return [result for words, times in steps.items() for result in _result(words, times, size)]


def _result(words: str, times: Sequence[float], size: str) -> Iterator[Result]:
    yield plain(f"delay: {words}, mean", statistics.fmean(times) * 1000, "ms", size)
    if len(times) > 1:
        for name, part in (("p50", 0.5), ("p99", 0.99)):
            value = quantile(list(times), part) * 1000
            yield plain(f"delay: {words}, {name}", value, "ms", size)


def _durations(
    spans: Iterable[Any], between: tuple[float, float]
) -> tuple[dict[str, list[float]], list[float]]:
    """Give the seconds of each step, and from the source's commit until Kafka's transaction."""
    start, end = (round(one * 1e9) for one in between)
    found: dict[str, list[float]] = defaultdict(list)
    traces: dict[bytes, dict[str, Any]] = defaultdict(dict)
    for span in spans:
        if span.name in STEPS and start <= span.start_time_unix_nano < end:
            traces[span.trace_id][span.name] = span
    whole = [one for one in traces.values() if len(one) == len(STEPS)]
    for one in whole:
        for name, span in one.items():
            found[name].append((span.end_time_unix_nano - span.start_time_unix_nano) / 1e9)
    published = "commit Kafka"
    total = [
        (one[published].end_time_unix_nano - one["read"].start_time_unix_nano) / 1e9
        for one in whole
    ]
    return found, total
