"""Looks after everything that runs, and starts again what somebody killed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from streammesh.demo.engine import EngineProcess
from streammesh.errors import MeshError
from streammesh.local.stack import Stack
from streammesh.platform.connect import Connect

EVERY_SECONDS = 1.0
CONNECTORS_EVERY = 5
"""Connectors are looked at in every fifth round."""


class Watched(Protocol):
    """Something that can be looked after."""

    def revive(self) -> str | None:
        """Start again what has died, and say so in words; None when all is well."""
        ...


class StackWatch:
    """The stack's components, and the connectors in Connect."""

    def __init__(self, stack: Stack, connect: Connect) -> None:
        """Watch a stack that is up."""
        self._stack = stack
        self._connect = connect
        self._round = 0

    def revive(self) -> str | None:
        """Start the components that died, then the connectors that failed."""
        self._round += 1
        died = [one.name for one in self._stack.status() if one.state == "died"]
        for component in died:
            self._stack.start_component(component)
        if died:
            return f"{' and '.join(died)} had died; started again"
        if self._round % CONNECTORS_EVERY:
            return None
        return self._restart_failed()

    def _restart_failed(self) -> str | None:
        failed = [one for one in self._connect.connectors().values() if one.failed]
        for connector in failed:
            self._connect.restart(connector.name, only_failed=True)
        return "; ".join(f"connector {one.name} failed ({one.cause}); restarted" for one in failed)


class Guard:
    """A thread that looks at everything once a second."""

    def __init__(
        self, engine: EngineProcess, stack: StackWatch, say: Callable[[str], None]
    ) -> None:
        """Prepare; `start` begins.

        Args:
            engine: started.
            stack: up.
            say: hears what was started again.
        """
        self.failure: MeshError | None = None
        self._engine = engine
        self._stack = stack
        self._say = say
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)

    def start(self) -> None:
        """Start looking."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking, and wait for that: nothing is started any more when this returns."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def check(self) -> None:
        """Fail when something can't be started again.

        Raises:
            MeshError: the engine stopped for good.
        """
        if self.failure is not None:
            raise self.failure

    def _watch(self) -> None:
        while not self._stopping.wait(EVERY_SECONDS):
            try:
                self._look(self._engine)
            except MeshError as error:
                self.failure = error
                return
            try:
                self._look(self._stack)
            except MeshError as error:  # Connect is still starting, say: the next round tells
                self._say(error.what.splitlines()[0])

    def _look(self, watched: Watched) -> None:
        if words := watched.revive():
            self._say(words)
