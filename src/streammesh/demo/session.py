"""The demo while it stands: engine, reader and guard around a mesh that is up."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from streammesh.demo.deployed import Deployed, Provers
from streammesh.demo.engine import EngineProcess
from streammesh.demo.guard import Guard, StackWatch
from streammesh.demo.publication import Waiting, wait_until_live
from streammesh.demo.reading import ProductReader
from streammesh.demo.screen import Screen
from streammesh.demo.setup import Mesh
from streammesh.demo.timeline import Timeline
from streammesh.platform.connect_rest import ConnectRest
from streammesh.platform.settings import http_settings


@dataclass(frozen=True)
class Session:
    """What runs.

    Attributes:
        mesh: up and applied.
        deployed: what apply deployed.
        provers: compare products with their source.
        connect: where the connector runs.
        engine: the engine's process.
        reader: the consumer that measures.
        guard: starts again what dies.
        screen: shows it all.
        timeline: when what happened.
    """

    mesh: Mesh
    deployed: Deployed
    provers: Provers
    connect: ConnectRest
    engine: EngineProcess
    reader: ProductReader
    guard: Guard
    screen: Screen
    timeline: Timeline

    @classmethod
    def of(cls, mesh: Mesh, screen: Screen, timeline: Timeline) -> Session:
        """Prepare a session; entering it starts everything."""
        deployed = Deployed(mesh)
        provers = Provers(mesh, deployed)
        connect = ConnectRest(http_settings("Connect", mesh.info.connect_url))
        engine = EngineProcess(mesh.root, os.environ, mesh.stack.layout.log("engine"))
        guard = Guard(engine, StackWatch(mesh.stack, connect), screen.note)
        reader = ProductReader(mesh.reader, [mesh.topic(port) for port in mesh.ports])
        return cls(mesh, deployed, provers, connect, engine, reader, guard, screen, timeline)

    def __enter__(self) -> Self:
        """Start the reader, the engine and the guard."""
        with ExitStack() as undo:
            undo.callback(self.reader.stop)
            self.reader.start()
            undo.callback(self.engine.stop)
            self.engine.start()
            self.timeline.mark("engine")
            self.guard.start()
            undo.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop them, the guard first, since it would start the engine again."""
        self.guard.stop()
        self.engine.stop()
        self.reader.stop()

    def wait_until_live(self) -> None:
        """Wait until all products are published."""
        waiting = Waiting(
            self.mesh,
            self.deployed.source,
            self.connect,
            self.reader.readings,
            self.guard.check,
        )
        wait_until_live(waiting, self.screen, self.timeline)
