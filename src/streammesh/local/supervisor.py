"""Starting and stopping single components, and waiting until they serve."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from streammesh.errors.base import MeshError
from streammesh.errors.local import ComponentFailed
from streammesh.local import processes
from streammesh.local.ports import HOST
from streammesh.local.processes import Command
from streammesh.local.setting import Component, Setting
from streammesh.local.state import ProcessRecord

POLL_S = 0.1
PATIENCE_S = 15.0
PREPARE_DEADLINE_S = 120.0
LOG_LINES = 20


class Cancelled(Exception):
    """The whole start was given up."""


@dataclass(frozen=True)
class Supervisor:
    """Starts and stops components of one workspace.

    Attributes:
        setting: the stack.
        record: called as soon as a process has started or is gone (None).
        cancelled: set when starting shall be given up.
    """

    setting: Setting
    record: Callable[[str, ProcessRecord | None], None]
    cancelled: threading.Event

    def ensure(self, component: Component, started: ProcessRecord | None) -> str:
        """Start a component unless it runs, and wait until it serves.

        Returns:
            Where it serves, for people.
        """
        if started is None or self.find(component, started) is None:
            self.start(component)
        elif not self._serves_soon(component):
            self.stop(component, started)
            self.start(component)
        return f"{HOST}:{self.setting.ports[component.ports[0]]}"

    def start(self, component: Component) -> None:
        """Start a component and wait until it serves.

        Raises:
            ComponentFailed: it ended or did not serve in time; says what its log says last.
        """
        self.clear(component)
        try:
            component.prepare(self.setting, lambda command: self._run(component, command))
        except (MeshError, Cancelled):
            raise
        except Exception as error:
            raise self._failure(component, f"{type(error).__name__}: {error}") from error
        started = processes.spawn(component.command(self.setting), self._log(component))
        self.record(component.name, started)
        self.wait(component, started)

    def wait(self, component: Component, started: ProcessRecord) -> None:
        """Wait until a started component serves; raises as `start`."""
        deadline = time.monotonic() + component.deadline_s
        while not component.is_ready(self.setting):
            if self.find(component, started) is None:
                self.record(component.name, None)
                raise self._failure(component, "its process ended")
            if time.monotonic() > deadline:
                raise self._failure(component, f"no answer within {component.deadline_s:.0f} s")
            self._pause()

    def find(self, component: Component, started: ProcessRecord | None) -> processes.Process | None:
        """Give the component's process if it runs."""
        return processes.find(started, component.mark(self.setting))

    def stop(self, component: Component, started: ProcessRecord | None) -> None:
        """Stop a component, and whatever else of it still runs."""
        running = self.find(component, started)
        if running is not None:
            processes.stop(running, component.stop_signal, component.grace_s)
        self.clear(component)
        self.record(component.name, None)

    def clear(self, component: Component) -> None:
        """End processes that an interrupted command left behind, and what they left in the way."""
        for orphan in processes.find_marked(component.mark(self.setting)):
            processes.stop(orphan, component.stop_signal, component.grace_s)
        temporary = self.setting.layout.temporary(component.name)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(mode=0o700, parents=True)

    def _serves_soon(self, component: Component) -> bool:
        """Give a running component, perhaps just started by an interrupted command, a while."""
        deadline = time.monotonic() + PATIENCE_S
        while not component.is_ready(self.setting):
            if time.monotonic() > deadline:
                return False
            self._pause()
        return True

    def _run(self, component: Component, command: Command) -> None:
        """Run a helper to its end; see `setting.Run`."""
        helper = processes.launch(command, self._log(component))
        deadline = time.monotonic() + PREPARE_DEADLINE_S
        try:
            while helper.poll() is None and time.monotonic() < deadline:
                self._pause()
        finally:
            if helper.poll() is None:
                helper.kill()
                helper.wait()
        if helper.returncode != 0:
            raise self._failure(component, "its data could not be initialised")

    def _log(self, component: Component) -> Path:
        return self.setting.layout.log(component.name)

    def _pause(self) -> None:
        if self.cancelled.wait(POLL_S):
            raise Cancelled

    def _failure(self, component: Component, reason: str) -> ComponentFailed:
        log = self._log(component)
        last = "\n".join(tail(log, LOG_LINES))
        why = f"the end of its log:\n{last}" if last else "its log is empty"
        fix = f"see {log}; then `mesh up` again starts what is missing"
        return ComponentFailed(component=component.name, reason=reason, why=why, fix=fix)


def tail(log: Path, lines: int) -> list[str]:
    """Give the last lines of a log; none when there is no log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 20_000))
            return file.read().decode(errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        return []
