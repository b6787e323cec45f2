"""The stack of one workspace: up, down, status, and how to reach it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from streammesh.errors.local import StackNotUp, UnknownComponent
from streammesh.local import processes, tools
from streammesh.local.components import connect, kafka, postgres, registry
from streammesh.local.exclusive import exclusive
from streammesh.local.info import ComponentStatus, StackInfo
from streammesh.local.layout import Layout
from streammesh.local.ports import HOST, assign
from streammesh.local.postgres_user import home_for
from streammesh.local.secrets import Secrets
from streammesh.local.setting import Component, Progress, Setting
from streammesh.local.starting import start_all
from streammesh.local.state import ProcessRecord, StackState, StateFile
from streammesh.local.supervisor import Supervisor

COMPONENTS: tuple[Component, ...] = (
    postgres.Postgres(),
    kafka.Kafka(),
    registry.Registry(),
    connect.Connect(),
)
"""In the order of starting: each after those that it needs."""


def ignore(_component: str, _state: str, _detail: str) -> None:
    """Take no notice of progress."""


class Stack:
    """PostgreSQL, Kafka, registry and Connect of one workspace."""

    def __init__(self, workspace_root: Path) -> None:
        """Manage the stack below `<workspace_root>/.mesh`; nothing happens yet."""
        self.layout = Layout.of(workspace_root)
        self.secrets = Secrets(self.layout)
        self._state = StateFile(self.layout.state_file)

    def up(self, progress: Progress = ignore, *, move_ports: bool = False) -> StackInfo:
        """Start what does not run, and wait until everything serves.

        Args:
            progress: called with component, state and detail, from several threads. States are
                `fetching` (its detail begins with the percentage), `waiting`, `moved`, `starting`,
                `ready` (its detail is the address), `skipped`, `failed`.
            move_ports: take another port also where deployed connectors depend on the old one.

        Raises:
            MeshError: what did not work, see `errors.local`; what did start keeps running, and the
                next `up` starts the rest.
        """
        self.layout.create()
        with self._exclusive(progress):
            tools.ensure(lambda here, all_: progress("downloads", "fetching", _amount(here, all_)))
            progress("downloads", "ready", tools.versions())
            self._first_time()
            supervisor = self._supervisor()
            self._assign_ports(supervisor, progress, move_ports=move_ports)
            self._start(COMPONENTS, self._supervisor(), progress)
        return self.info()

    def down(self, progress: Progress = ignore) -> None:
        """Stop everything that this stack started; the data stays."""
        if not self.layout.home.exists():
            return
        with self._exclusive(progress):
            self._down(progress)

    def delete_data(self, progress: Progress = ignore) -> None:
        """Stop everything, and delete all its data together with the engine's state."""
        if not self.layout.home.exists():
            return
        with self._exclusive(progress):
            self._down(progress)
            self._delete()

    def status(self) -> tuple[ComponentStatus, ...]:
        """Say how each component is, in the order of starting."""
        state = self._state.load()
        with ThreadPoolExecutor(len(COMPONENTS)) as pool:
            return tuple(pool.map(lambda one: self._status(one, state), COMPONENTS))

    def info(self) -> StackInfo:
        """Say how to reach the stack.

        Raises:
            StackNotUp: it was never started, was stopped, or nothing of it runs any more.
        """
        state = self._state.load()
        setting = self._setting(state)
        if not state.wanted or not any(_process(c, setting, state) for c in COMPONENTS):
            raise StackNotUp
        return StackInfo(
            bootstrap_servers=f"{HOST}:{state.ports['kafka']}",
            security_protocol=kafka.PROTOCOL,
            sasl_mechanism=kafka.MECHANISM,
            admin_username=kafka.ADMIN,
            admin_password=self.secrets.password_for(kafka.ADMIN),
            registry_url=registry.url(setting),
            connect_url=connect.url(setting),
            postgres_host=HOST,
            postgres_port=state.ports["postgres"],
            postgres_superuser=postgres.SUPERUSER,
            postgres_password=self.secrets.internal("postgres"),
            connect_secrets_path=self.layout.connect_secrets,
        )

    def kill(self, component: str) -> None:
        """Kill a component and its children at once (SIGKILL); for tests of faults.

        Raises:
            UnknownComponent: there is no such component.
            StackNotUp: it does not run.
        """
        state = self._state.load()
        process = _process(_component(component), self._setting(state), state)
        if process is None:
            raise StackNotUp
        processes.kill_tree(process)

    def start_component(self, component: str) -> None:
        """Start one component if it does not run, and wait until it serves.

        Raises:
            UnknownComponent: there is no such component.
            StackNotUp: the stack as a whole is not up.
            ComponentFailed: it did not start.
        """
        if not self._state.load().wanted:
            raise StackNotUp
        with self._exclusive(ignore):
            self._start([_component(component)], self._supervisor(), ignore)

    def _first_time(self) -> None:
        def begin(state: StackState) -> StackState:
            home = state.postgres_home
            if not state.cluster_id:
                home = str(home_for(self.layout.home) or "")
            cluster_id = state.cluster_id or kafka.cluster_id_of(self.layout)
            return replace(state, wanted=True, cluster_id=cluster_id, postgres_home=home)

        self._state.change(begin)

    def _assign_ports(
        self, supervisor: Supervisor, progress: Progress, *, move_ports: bool
    ) -> None:
        state = self._state.load()
        idle = [c for c in COMPONENTS if not supervisor.find(c, state.processes.get(c.name))]
        for one in idle:
            supervisor.clear(one)
        # the connectors of a database with data know its port
        movable = move_ports or not postgres.has_data(supervisor.setting)
        fixed = () if movable else postgres.Postgres.ports
        assigned, moved = assign(state.ports, {one.name: one.ports for one in idle}, fixed)
        for name, detail in moved.items():
            progress(name, "moved", detail)
        self._state.change(lambda before: replace(before, ports=assigned))
        for component in COMPONENTS:
            if set(component.needs) & set(moved):
                supervisor.stop(component, state.processes.get(component.name))

    def _start(
        self, components: Sequence[Component], supervisor: Supervisor, progress: Progress
    ) -> None:
        records = self._state.load().processes
        start_all(
            components,
            lambda one: supervisor.ensure(one, records.get(one.name)),
            progress,
            supervisor.cancelled,
        )

    def _down(self, progress: Progress) -> None:
        state = self._state.change(lambda before: replace(before, wanted=False))
        supervisor = self._supervisor()
        last = [c for c in COMPONENTS if c.needs]
        for group in (last, [c for c in COMPONENTS if not c.needs]):
            with ThreadPoolExecutor(len(group)) as pool:
                list(pool.map(lambda one: self._stop(one, supervisor, state, progress), group))

    def _stop(
        self, one: Component, supervisor: Supervisor, state: StackState, progress: Progress
    ) -> None:
        progress(one.name, "stopping", "")
        supervisor.stop(one, state.processes.get(one.name))
        progress(one.name, "stopped", "")

    def _delete(self) -> None:
        """Delete engine state first, then the rest at once: none of it may outlive Kafka's data."""
        home = self._state.load().postgres_home
        shutil.rmtree(self.layout.engine_state, ignore_errors=True)
        doomed = self.layout.home / "deleting"
        shutil.rmtree(doomed, ignore_errors=True)
        if self.layout.all_data.exists():
            self.layout.all_data.rename(doomed)
        self._state.change(lambda before: StackState(ports=before.ports))
        for folder in (doomed, self.layout.secrets, *([Path(home)] if home else [])):
            shutil.rmtree(folder, ignore_errors=True)

    def _status(self, component: Component, state: StackState) -> ComponentStatus:
        setting = self._setting(state)
        process = _process(component, setting, state)
        if process is None:
            wanted = state.wanted and component.name in state.ports
            name = "died" if wanted else "stopped"
        else:
            name = "healthy" if component.is_ready(setting) else "unresponsive"
        return ComponentStatus(
            name=component.name,
            state=name,
            pid=None if process is None else process.pid,
            port=state.ports.get(component.ports[0]),
            memory_bytes=0 if process is None else processes.memory_of(process),
            log=self.layout.log(component.name),
        )

    def _exclusive(self, progress: Progress) -> AbstractContextManager[None]:
        return exclusive(self.layout.lock_file, lambda who: progress("stack", "waiting", who))

    def _supervisor(self) -> Supervisor:
        return Supervisor(self._setting(self._state.load()), self._record, threading.Event())

    def _record(self, component: str, record: ProcessRecord | None) -> None:
        self._state.change(lambda state: state.with_process(component, record))

    def _setting(self, state: StackState) -> Setting:
        home = Path(state.postgres_home) if state.postgres_home else None
        found = tools.locate()
        return Setting(self.layout, self.secrets, found, state.ports, state.cluster_id, home)


def _amount(here: int, wanted: int) -> str:
    return f"{100 * here // wanted} %  {here // 1_000_000} of {wanted // 1_000_000} MB"


def _component(name: str) -> Component:
    for component in COMPONENTS:
        if component.name == name:
            return component
    raise UnknownComponent(component=name)


def _process(component: Component, setting: Setting, state: StackState) -> processes.Process | None:
    return processes.find(state.processes.get(component.name), component.mark(setting))
