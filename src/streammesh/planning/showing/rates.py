"""How long things take, from what was measured (docs/performance.md): a rough word, no promise.

Measured on two cores with everything on them, from the end of an apply: a machine of its own for
each part is faster, a large row or document slower.
"""

from __future__ import annotations

SNAPSHOT_ROWS_A_SECOND = 20_000
"""From the database into the private log and into the engine's state."""

COPIED_ROWS_A_SECOND = 100_000
"""From the database by COPY into the topic of rows, and from there into the engine's state."""

DOCUMENTS_A_SECOND = 15_000
"""Evaluated, encoded and published."""


def snapshot_seconds(rows: int) -> float | None:
    """Estimate how long a snapshot takes, in seconds; None when `rows` is -1, unknown."""
    return None if rows < 0 else rows / SNAPSHOT_ROWS_A_SECOND


def copying_seconds(rows: int) -> float | None:
    """Estimate how long reading by COPY takes, in seconds; None when `rows` is -1, unknown."""
    return None if rows < 0 else rows / COPIED_ROWS_A_SECOND


def publishing_seconds(documents: int) -> float | None:
    """Estimate how long publishing takes, in seconds; None when `documents` is -1, unknown."""
    return None if documents < 0 else documents / DOCUMENTS_A_SECOND


def about(seconds: float | None) -> str:
    """Give an estimate in words: `about 9 s`, `about 4 min`, `about 3 h`."""
    if seconds is None:
        return "nobody knows how long"
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"about {round(seconds / size):,} {unit}"
    return f"about {max(1, round(seconds))} s"
