"""Brings the demo's mesh up: stack, database, and what the workspace's files say."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from streammesh.demo import database
from streammesh.demo.database import ShopDatabase
from streammesh.demo.scene import Step
from streammesh.demo.screen import Screen
from streammesh.demo.timeline import Timeline
from streammesh.documents import workspace as documents
from streammesh.documents.values import Environment, Port, Source, Workspace
from streammesh.local.files import write_private
from streammesh.local.info import StackInfo
from streammesh.local.stack import Stack
from streammesh.platform.settings import KafkaSettings

URL_VARIABLE = "SHOP_DATABASE_URL"
TITLES = {"postgres": "PostgreSQL", "kafka": "Kafka", "registry": "registry", "connect": "Connect"}
STEPS = ("downloads", *TITLES.values())

Deploy = Callable[[Path, Workspace, Environment, Callable[[str], None]], None]
"""Plans and applies the workspace in a folder, and tells what it is doing."""


@dataclass(frozen=True)
class Mesh:
    """What stands, once it is up and applied.

    Attributes:
        root: the workspace's folder.
        stack: the local stack.
        info: how to reach it.
        workspace: the files.
        environment: the local one.
        database: the shop's.
    """

    root: Path
    stack: Stack
    info: StackInfo
    workspace: Workspace
    environment: Environment
    database: ShopDatabase

    @property
    def ports(self) -> tuple[Port, ...]:
        """The products' ports."""
        return self.workspace.ports

    @property
    def domain(self) -> str:
        """The domain that the example has."""
        return self.ports[0].domain

    @property
    def source(self) -> Source:
        """The source that the example has."""
        return self.workspace.domains[self.domain].sources[0]

    def topic(self, port: Port) -> str:
        """Name a port's topic."""
        return port.topic(self.environment.names)

    @property
    def admin(self) -> KafkaSettings:
        """How to reach Kafka as the one who may do everything."""
        info = self.info
        return KafkaSettings(
            info.bootstrap_servers,
            info.security_protocol,
            info.sasl_mechanism,
            info.admin_username,
            info.admin_password,
        )

    @property
    def reader(self) -> KafkaSettings:
        """How to reach Kafka as a consumer of the domain's products."""
        principal = self.environment.names.reader_principal(self.domain)
        return self.admin.with_user(principal, self.stack.secrets.password_for(principal))


def bring_up(root: Path, screen: Screen, timeline: Timeline, deploy: Deploy) -> Mesh:
    """Start the stack, make the database while the rest of it starts, and apply the workspace.

    Args:
        root: the workspace.
        screen: shows the steps.
        timeline: gets a mark for each.
        deploy: plans and applies.

    Raises:
        MeshError: what did not work.
    """
    stack = Stack(root)
    with ThreadPoolExecutor(1, "database") as pool:
        starting = Starting(stack, root, screen, timeline, pool)
        info = stack.up(starting.progress)
        found = starting.database().result()
    os.environ[URL_VARIABLE] = found.url
    remember(stack, {URL_VARIABLE: found.url})
    starting.tell(info, found)
    workspace = documents.load(root)
    mesh = Mesh(root, stack, info, workspace, workspace.environments["local"], found)
    screen.show(doing="compares the files with what stands, and applies them")
    deploy(root, workspace, mesh.environment, screen.working)
    timeline.mark("applied")
    return mesh


def remember(stack: Stack, variables: dict[str, str]) -> None:
    """Keep variables for the commands that somebody runs in this workspace meanwhile."""
    path = stack.layout.secrets / "environment.json"
    write_private(path, json.dumps(variables))


class Starting:
    """Shows the stack's progress, and makes the database as soon as its server answers."""

    def __init__(
        self,
        stack: Stack,
        root: Path,
        screen: Screen,
        timeline: Timeline,
        pool: ThreadPoolExecutor,
    ) -> None:
        """Prepare; `progress` is what the stack calls."""
        self._stack = stack
        self._root = root
        self._screen = screen
        self._timeline = timeline
        self._pool = pool
        self._database: Future[ShopDatabase] | None = None

    def progress(self, component: str, state: str, detail: str) -> None:
        """Show one step of the stack."""
        if component == "stack":
            self._screen.note(detail)
            return
        if state == "moved":
            self._screen.note(f"{TITLES.get(component, component)} {detail}")
            return
        if state in {"ready", "running"}:
            self._timeline.mark(component)
        done = state == "ready" and component not in {"postgres"}
        notes = {"kafka": "SASL/SCRAM, ACLs on"} if done else {}
        step = Step(
            TITLES.get(component, component),
            "done" if done else "working",
            detail if component != "downloads" or not done else "",
            notes.get(component, detail if component == "downloads" and done else ""),
        )
        self._screen.step(step)
        if component == "postgres" and state == "ready":
            self.database()

    def database(self) -> Future[ShopDatabase]:
        """Make the database, once, in the background."""
        if self._database is None:
            self._database = self._pool.submit(self._prepare)
        return self._database

    def tell(self, info: StackInfo, found: ShopDatabase) -> None:
        """Show what stands in the database."""
        where = f"{info.postgres_host}:{info.postgres_port}"
        rows = f"shop: {found.tables} tables, {found.rows:,} rows"
        self._screen.step(Step(TITLES["postgres"], "done", where, rows))

    def _prepare(self) -> ShopDatabase:
        password = self._stack.secrets.internal(f"database {database.NAME}")
        found = database.prepare(self._stack.info(), self._root, password)
        self._timeline.mark("database")
        return found
