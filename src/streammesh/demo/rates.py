"""How fast a count grows."""

from __future__ import annotations

from collections import deque

WINDOW_SECONDS = 5.0


class Rate:
    """The growth of a count over the last seconds."""

    def __init__(self) -> None:
        """Begin without any count."""
        self._counts: deque[tuple[float, int]] = deque()

    def at(self, now: float, count: int) -> float:
        """Take the count at a time (seconds), and give its growth per second."""
        counts = self._counts
        counts.append((now, count))
        while len(counts) > 2 and counts[1][0] <= now - WINDOW_SECONDS:
            counts.popleft()
        (start, before), (end, after) = counts[0], counts[-1]
        return (after - before) / (end - start) if end > start else 0.0


def quantile(values: list[float], part: float) -> float | None:
    """Give the value that `part` (0 to 1) of the values lie below; None when there are none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
