"""How busy a simulated shop is, and what keeps each of its writers to that."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

CATCH_UP_SECONDS = 1.0
"""What a writer missed for longer than this, because something stalled, is not made up."""


@dataclass(frozen=True)
class Workload:
    """How busy the shop is.

    Attributes:
        writers: connections that write at the same time.
        per_second: how many transactions (or row changes) a second, by all writers; None for as
            many as they manage.
        counts: what `per_second` counts, "transactions" or "changes".
        transactions: stop after so many commits; None to go on until stopped.
        seed: the same seed rolls the same dice; what the writers meet also depends on each other.
    """

    writers: int = 4
    per_second: float | None = None
    counts: str = "transactions"
    transactions: int | None = None
    seed: int = 1

    def share(self, writer: int) -> int | None:
        """Give how many of the transactions are those of one writer; None for no bound."""
        if self.transactions is None:
            return None
        return self.transactions // self.writers + (writer < self.transactions % self.writers)


class Pace:
    """Keeps one writer to its part of the rate."""

    def __init__(self, workload: Workload, stopping: threading.Event) -> None:
        """Prepare; the clock starts at the first deed. `stopping` ends any wait."""
        rate = workload.per_second
        self._seconds_each = None if rate is None else workload.writers / rate
        self._by_change = workload.counts == "changes"
        self._stopping = stopping
        self._due: float | None = None

    def spend(self, changes: int) -> None:
        """Wait until the next transaction is due, after one that changed so many rows."""
        if self._seconds_each is None:
            return
        now = time.monotonic()
        due = now if self._due is None else max(self._due, now - CATCH_UP_SECONDS)
        self._due = due + self._seconds_each * (changes if self._by_change else 1)
        if self._due > now:
            self._stopping.wait(self._due - now)
