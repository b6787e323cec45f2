"""When what happened, counted from the start."""

from __future__ import annotations

import time


class Timeline:
    """Marks, in the order in which they were first made."""

    def __init__(self) -> None:
        """Start the clock."""
        self._start = time.monotonic()
        self.marks: dict[str, float] = {}

    def mark(self, name: str) -> float:
        """Note that something has happened now, if it is for the first time.

        Returns:
            When it first happened, seconds since the start.
        """
        return self.marks.setdefault(name, round(time.monotonic() - self._start, 2))

    def text(self) -> str:
        """Give all marks on a line."""
        return "   ".join(f"{name} {seconds:.1f} s" for name, seconds in self.marks.items())
