"""Follows the first snapshot and the first publication, until the products are live."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from streammesh.demo.reading import Reading
from streammesh.demo.scene import Step
from streammesh.demo.screen import Screen
from streammesh.demo.setup import Mesh
from streammesh.demo.timeline import Timeline
from streammesh.deployments.deployment import SourceDeployment
from streammesh.deployments.progress import Progress
from streammesh.engine.recovery import read_progress
from streammesh.errors.demo import CaptureFailed, NothingPublished
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.connect import Connect

PATIENCE_SECONDS = 240.0
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Waiting:
    """What is needed to follow a publication.

    Attributes:
        mesh: up and applied.
        source: what apply deployed for the source.
        connect: where the connector runs.
        readings: what came on each product topic, by its name; a reader keeps them up to date.
        check: fails when the engine has stopped for good.
    """

    mesh: Mesh
    source: SourceDeployment
    connect: Connect
    readings: Mapping[str, Reading]
    check: Callable[[], None]


def wait_until_live(waiting: Waiting, screen: Screen, timeline: Timeline) -> Progress:
    """Wait until every product is live, and show the way there.

    Returns:
        How far the engine has come.

    Raises:
        NothingPublished: it took too long.
        CaptureFailed: the connector failed.
        MeshError: the engine stopped for good.
    """
    follower = _Follower(waiting, screen, timeline)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        waiting.check()
        follower.look()
        if follower.live is not None:
            return follower.live
        time.sleep(LOOK_SECONDS)
    raise NothingPublished(seconds=int(PATIENCE_SECONDS))


class _Follower:
    def __init__(self, waiting: Waiting, screen: Screen, timeline: Timeline) -> None:
        mesh = waiting.mesh
        self.live: Progress | None = None
        self._waiting = waiting
        self._screen = screen
        self._timeline = timeline
        self._streams = ConfluentStreams(mesh.admin, f"{mesh.admin.username}.demo")
        self._resumed: bool | None = None
        self._seen = -1
        self._shown: dict[str, int] = {}
        self._captured = False

    def look(self) -> None:
        """Look once, and show what was found."""
        progress = read_progress(self._streams, self._waiting.source)
        if self._resumed is None:
            self._resumed = progress is not None
        if not self._captured:
            self._show_capture()
        if any(one.first is not None for one in self._waiting.readings.values()):
            self._timeline.mark("first event")
        if progress is None:
            self._check_connector()
        else:
            self._show_products(progress)

    def _show_capture(self) -> None:
        source = self._waiting.source
        name = f"{source.domain}.{source.source}"
        if self._resumed:
            self._captured = True
            self._screen.step(Step(name, "done", "captured", "goes on where it was"))
            return
        # apply has read them; the engine takes them in now
        self._captured = True
        self._timeline.mark("captured")
        rows = self._waiting.mesh.database.rows
        self._screen.step(Step(name, "done", "captured", f"snapshot of {rows:,} rows"))

    def _check_connector(self) -> None:
        for connector in self._waiting.connect.connectors().values():
            if connector.failed:
                raise CaptureFailed(connector=connector.name, why=connector.cause)

    def _show_products(self, progress: Progress) -> None:
        mesh, live = self._waiting.mesh, True
        for port in mesh.ports:
            topic = mesh.topic(port)
            found = progress.deployments.get(topic)
            reading = self._waiting.readings[topic]
            ready = found is not None and found.status == "live"
            live = live and ready
            if not ready or (not self._resumed and reading.in_parts > self._shown.get(topic, -1)):
                self._shown[topic] = reading.in_parts
                self._screen.step(
                    Step(port.label, "working", "is published", f"{reading.in_parts:,} documents")
                )
            else:
                detail = f"{reading.in_parts:,} documents" if reading.in_parts else "up to date"
                self._screen.step(Step(port.label, "done", "published", detail))
        # progress is visible before the last events have been read: the count would be short
        seen = sum(one.in_parts for one in self._waiting.readings.values())
        if live and (self._resumed or seen == self._seen):
            self._timeline.mark("published")
            self.live = progress
        self._seen = seen
