"""Timing of small pieces of work."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def median_ms(work: Callable[[], object], *, seconds: float = 1.0, at_least: int = 3) -> float:
    """Run `work` for about `seconds` and give the median of its durations, milliseconds.

    Args:
        work: what is measured; run once before, unmeasured.
        seconds: stop after about that long.
        at_least: run at least so often.
    """
    work()
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while len(taken) < at_least or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def seconds_of(work: Callable[[], object]) -> float:
    """Run `work` once and give how long it took, seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def quantile(values: list[float], q: float) -> float:
    """Give the value below which the part `q` (0 to 1) of `values` lies, sorted or not."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]
