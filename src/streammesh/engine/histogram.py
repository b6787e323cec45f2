"""Counting durations in buckets: cheap to add a batch to, and enough to tell a quantile from."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field

DELAY_SECONDS = (
    *(0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.125, 0.15, 0.2, 0.3),
    *(0.5, 0.75, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0),
)
"""Bounds for commit → published: finest around the delay that is aimed at."""

COMMIT_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Bounds for one Kafka transaction."""


@dataclass
class Histogram:
    """How many values lie in each bucket.

    Attributes:
        bounds: upper bounds of the buckets, ascending; a last bucket takes what is above them.
        counts: values in each bucket, one more than there are bounds.
        total: sum of all values.
    """

    bounds: tuple[float, ...]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        """Begin with empty buckets."""
        self.counts = self.counts or [0] * (len(self.bounds) + 1)

    @property
    def count(self) -> int:
        """How many values there are."""
        return sum(self.counts)

    def add(self, values: Sequence[float]) -> None:
        """Count values; many that are nearly in order cost little more than their sum."""
        ordered = sorted(values)
        first = 0
        for bucket, bound in enumerate(self.bounds):
            if first == len(ordered):
                break
            last = bisect.bisect_right(ordered, bound, first)
            self.counts[bucket] += last - first
            first = last
        self.counts[-1] += len(ordered) - first
        self.total += sum(ordered)

    def copy(self) -> Histogram:
        """Give the same counts, apart from what comes."""
        return Histogram(self.bounds, list(self.counts), self.total)

    def since(self, before: Histogram) -> Histogram:
        """Give what came after an earlier copy."""
        counts = [now - then for now, then in zip(self.counts, before.counts, strict=True)]
        return Histogram(self.bounds, counts, self.total - before.total)

    def quantile(self, q: float) -> float | None:
        """Estimate the value below which the part `q` (0 to 1) lies; None without any value.

        Within its bucket a value counts as evenly spread; one above all bounds as the last bound.
        """
        wanted = q * self.count
        if not self.count:
            return None
        below = 0
        for bucket, count in enumerate(self.counts[:-1]):
            if count and below + count >= wanted:
                low = self.bounds[bucket - 1] if bucket else 0.0
                return low + (self.bounds[bucket] - low) * (wanted - below) / count
            below += count
        return self.bounds[-1]
