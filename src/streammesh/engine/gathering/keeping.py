"""A gatherer kept running beside the engine that follows its log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from streammesh.engine.deployed import Deployed
from streammesh.engine.gathering.gatherer import Gatherer
from streammesh.errors.base import MeshError
from streammesh.platform.streams import CommitUncertain, Streams, WriteFailed, WriterFenced

LONGEST_WAIT_SECONDS = 5.0

LACKING_SECONDS = 10.0
"""How long an engine has to lack a snapshot until one is taken: its log may hold one."""

SNAPSHOT_SECONDS = 60.0
"""How long an engine is given to take a snapshot in until another one is taken."""


class Keeping:
    """Gathers in a thread of its own until it is stopped, or a newer engine takes over."""

    def __init__(
        self,
        streams: Streams,
        deployed: Callable[[], Deployed],
        lacks_snapshot: Callable[[], bool],
        stop: threading.Event,
        told: Callable[[str], None],
    ) -> None:
        """Start.

        Args:
            streams: Kafka, as the engine's principal.
            deployed: gives what is deployed at the moment; it is taken up when it changes.
            lacks_snapshot: tells whether the engine waits for one.
            stop: set when to stop.
            told: told, in words, what is waited for.
        """
        self._streams, self._deployed = streams, deployed
        self._lacks, self._stop, self._told = lacks_snapshot, stop, told
        self._anew, self._asked = False, float("-inf")
        self._lacking_since: float | None = None
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="gathering", daemon=True)
        self._thread.start()

    def again(self) -> None:
        """Read all products anew, once in a while."""
        now = time.monotonic()
        if now - self._asked > SNAPSHOT_SECONDS:
            self._anew, self._asked = True, now

    def join(self) -> None:
        """Wait until it has stopped.

        Raises:
            Exception: what it failed with, that nobody had thought of.
        """
        self._thread.join()
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        try:
            self._keep_on()
        except Exception as error:
            self._failed = error
            self._stop.set()

    def _keep_on(self) -> None:
        wait = 0.2
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._gather()
            except WriterFenced:
                return  # the engine finds out by its own writer
            except (CommitUncertain, WriteFailed, MeshError) as error:
                wait = 0.2 if time.monotonic() - began > SNAPSHOT_SECONDS else wait
                why = getattr(error, "fix", None)
                self._told(f"{error}{f' ({why})' if why else ''}; trying again in {wait:.1f} s")
                self._stop.wait(wait)
                wait = min(LONGEST_WAIT_SECONDS, wait * 2)

    def _gather(self) -> None:
        """Gather with what is deployed now, until something else is."""
        deployed = self._deployed()
        gatherer = Gatherer(
            deployed.source, deployed.schemas, self._streams, stopped=self._stop.is_set
        )
        try:
            anew, self._anew = self._anew, False
            gatherer.start(anew=anew)
            while not self._stop.is_set() and self._same(deployed) and not self._lacking():
                gatherer.step()
        finally:
            gatherer.close()

    def _same(self, deployed: Deployed) -> bool:
        now = self._deployed()
        return (now.source, now.schemas) == (deployed.source, deployed.schemas)

    def _lacking(self) -> bool:
        """Tell whether all is to be read anew."""
        now = time.monotonic()
        if not self._lacks():
            self._lacking_since = None
        elif self._lacking_since is None:
            self._lacking_since = now
        elif now - self._lacking_since > LACKING_SECONDS:
            self._anew, self._lacking_since = True, now + SNAPSHOT_SECONDS
        return self._anew
