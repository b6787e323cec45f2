"""The engine of one source, kept running: sessions one after another, until it has to stop."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from streammesh.deployments.deployment import Deployment
from streammesh.deployments.requests import Request
from streammesh.engine.activity import Activity
from streammesh.engine.deployed import Deployed, Reconfigured, deployed, named
from streammesh.engine.gathering.keeping import Keeping
from streammesh.engine.session import Session
from streammesh.engine.state import State, StateDamaged
from streammesh.errors.base import MeshError, RemoteFailed
from streammesh.errors.engine import EngineFenced, SourceStopped
from streammesh.platform.streams import (
    CommitUncertain,
    LogReader,
    Streams,
    WriteFailed,
    WriterFenced,
)

LONGEST_WAIT_SECONDS = 5.0


YOUNG_OBJECTS = 100_000
"""New objects after which Python looks for cycles among them; a run of transactions has many."""


def look_for_cycles_rarely() -> None:
    """Tell Python that this process makes many objects and hardly a cycle: an eighth less work.

    For a process that is an engine and nothing else, once, before it runs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 100)


class Engine:
    """Runs one source's engine; thread-safe only in `stop`."""

    def __init__(  # noqa: PLR0913 - what a process is started with
        self,
        domain: str,
        source: str,
        *,
        streams: Streams,
        load: Callable[[], Mapping[str, Deployment | Request]],
        deployments_topic: str,
        state_path: Path,
        trouble: Callable[[str], None] = lambda _: None,
        rebuild: Collection[str] = (),
    ) -> None:
        """Keep what is needed; `run` does it.

        Args:
            domain: owning domain.
            source: the source's name.
            streams: Kafka, as the engine's principal.
            load: reads all deployments, and the requests beside them.
            deployments_topic: where they stand; a new record there makes the engine load again.
            state_path: the state's file.
            trouble: told, in words, what the engine is waiting for.
            rebuild: products (`orders`, `sales.orders` or their topics) whose documents are all to
                be compared with their topics when it starts; what differs is published.
        """
        self._domain, self._name = domain, source
        self._streams, self._load = streams, load
        self._topic = deployments_topic
        self._path = state_path
        self._trouble = trouble
        self._rebuild = frozenset(rebuild)
        self._stop = threading.Event()
        self._session: Session | None = None
        self._newest: Deployed | None = None
        self._gathering: Keeping | None = None
        self.activity = Activity()

    def stop(self) -> None:
        """Ask the engine to stop at the next transaction boundary."""
        self._stop.set()

    def run(self) -> None:
        """Run until stopped.

        Raises:
            EngineFenced: a newer engine of the source has taken over.
            SourceStopped: the source can't go on.
            NothingDeployed: there is nothing to run.
        """
        wait = 0.2
        watcher = self._watch()
        try:
            while not self._stop.is_set():
                began = time.monotonic()
                try:
                    self._run_session()
                except Reconfigured:
                    continue
                except WriterFenced as error:
                    raise EngineFenced(source=f"{self._domain}.{self._name}") from error
                except SourceStopped as error:
                    if self._gathering is None:
                        raise
                    self._in_trouble(f"{error}; the products are read anew")
                    self._gathering.again()
                    self._stop.wait(LONGEST_WAIT_SECONDS)
                except StateDamaged as error:
                    self._in_trouble(f"the state is damaged ({error}); it is rebuilt")
                    State.remove(self._path)
                except (CommitUncertain, WriteFailed, RemoteFailed) as error:
                    if time.monotonic() - began > 60:
                        wait = 0.2
                    self._in_trouble(f"{error}; trying again in {wait:.1f} s")
                    self._stop.wait(wait)
                    wait = min(LONGEST_WAIT_SECONDS, wait * 2)
        finally:
            self._stop.set()
            watcher.join()
            if self._gathering is not None:
                self._gathering.join()

    def _in_trouble(self, what: str) -> None:
        self.activity.dropped()
        self.activity.trouble = what
        self._trouble(what)

    def _run_session(self) -> None:
        self._session = None
        deployments = self._deployed()
        if deployments.source.inputs and self._gathering is None:
            self._gathering = Keeping(
                self._streams,
                lambda: self._newest or deployments,
                lambda: self._session is not None and self._session.lacks_snapshot,
                self._stop,
                self._trouble,
            )
        self._session = session = Session(
            deployments,
            self._streams,
            self._path,
            self.activity,
            self._stop,
            told=self._trouble,
            compare=named(deployments, self._rebuild),
        )
        try:
            session.run()
        finally:
            self._rebuild = frozenset() if session.compared else self._rebuild

    def _deployed(self) -> Deployed:
        found = deployed(self._load(), self._domain, self._name)
        self.activity.products = found.products
        self.activity.marks = 1 if found.source.inputs else 0
        self._newest = found
        return found

    def _watch(self) -> threading.Thread:
        """Follow the topic of deployments in a thread of its own."""
        reader = self._streams.reader(self._topic)
        reader.seek(reader.bounds()[1])
        thread = threading.Thread(target=self._follow, args=(reader,), name="deployments")
        thread.daemon = True
        thread.start()
        return thread

    def _follow(self, reader: LogReader) -> None:
        pending = False
        while not self._stop.is_set():
            try:
                pending = len(reader.read(1.0)) > 0 or pending
                session = self._session
                if pending and session is not None:
                    # apply writes several records: take them together
                    self._stop.wait(0.2)
                    session.deploy(self._deployed())
                    pending = session is not self._session
            except MeshError as error:
                self._trouble(str(error))
                self._stop.wait(LONGEST_WAIT_SECONDS)
        reader.close()
