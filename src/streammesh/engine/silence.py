"""A log to which nothing comes: a connector writes a heartbeat every two seconds, if it can."""

from __future__ import annotations

import time
from collections.abc import Callable

SILENT_SECONDS = 30.0
"""After which somebody should look: a database that restarts is back by then, mostly."""


class Silence:
    """Tells, once for each silence, that nothing comes."""

    def __init__(
        self, told: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin as if something had just come.

        Args:
            told: told in words.
            clock: gives seconds.
        """
        self._told, self._clock = told, clock
        self._since, self._said = clock(), False

    def heard(self, records: int) -> None:
        """Note how many records a read has given."""
        now = self._clock()
        if records:
            self._since, self._said = now, False
        elif not self._said and now - self._since >= SILENT_SECONDS:
            self._said = True
            self._told(
                f"nothing has come to the private log for {SILENT_SECONDS:.0f} s, not even a"
                " heartbeat: mesh status and mesh plan say why, or the logs of Kafka and Connect"
            )
