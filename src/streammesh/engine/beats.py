"""Heartbeats of an idle source: each is looked at, a few together are committed.

They come every two seconds, and a Kafka transaction for each would be most of what an idle engine
costs. Everything else, a proof's message included, is committed at once and takes them with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from streammesh.deployments.progress import Generation
from streammesh.engine.activity import Activity
from streammesh.engine.identity import identified
from streammesh.engine.ledger import Ledger
from streammesh.engine.log import Transaction

HELD_SECONDS = 10.0
"""How long the progress record may stay behind heartbeats."""


class Beats:
    """Holds runs of transactions back that are nothing but heartbeats."""

    def __init__(
        self,
        ledger: Ledger,
        activity: Activity,
        name: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with none.

        Args:
            ledger: what is committed.
            activity: to be kept up to date.
            name: of the input.
            clock: gives seconds.
        """
        self._ledger, self._activity, self._name = ledger, activity, name
        self._clock = clock
        self._run: list[Transaction] = []
        self._since: float | None = None
        self._generation: Generation | None = None

    def hold(self, run: list[Transaction]) -> bool:
        """Hold a run back if it can wait; tell whether it does.

        Raises:
            DatabaseReplaced: a heartbeat comes from another database.
        """
        if not self._can_wait(run):
            self._run, self._since = [], None
            return False
        if self._since is None:
            self._since, self._generation = self._clock(), self._ledger.input.generation
        self._run = run
        self._activity.passed(run[-1])
        return True

    def _can_wait(self, run: list[Transaction]) -> bool:
        source = self._ledger.input
        if self._ledger.pending or source.parts is not None:
            return False
        if any(one.heartbeat is None for one in run):
            return False
        return identified(source, run, self._name) == source and not self._late

    @property
    def _late(self) -> bool:
        return self._since is not None and self._clock() - self._since >= HELD_SECONDS

    def due(self, *, now: bool = False) -> list[Transaction]:
        """Give the heartbeats that have to be committed by now; mostly none.

        Args:
            now: don't wait any longer.
        """
        if not self._run or not (now or self._late):
            return []
        run, self._run = self._run, []
        source = self._ledger.input
        passed = run[-1].position <= source.position or self._generation != source.generation
        return [] if passed else run
