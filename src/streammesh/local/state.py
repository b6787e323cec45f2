"""What the stack remembers between commands: ports, processes, cluster id."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from streammesh.local.files import write_private

FORMAT = 1


@dataclass(frozen=True)
class ProcessRecord:
    """A process that the stack started.

    Attributes:
        pid: process id.
        started: start time, seconds since the epoch; with the pid it names one process for ever.
    """

    pid: int
    started: float


@dataclass(frozen=True)
class StackState:
    """The content of `stack.json`.

    Attributes:
        wanted: the last command was `up`, not `down`.
        cluster_id: Kafka's; empty before the first start.
        ports: port by name (see `ports.PREFERRED`).
        processes: process by component.
        postgres_home: where PostgreSQL lies when not below `.mesh`; empty otherwise.
    """

    wanted: bool = False
    cluster_id: str = ""
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, ProcessRecord] = field(default_factory=dict)
    postgres_home: str = ""

    def with_process(self, component: str, record: ProcessRecord | None) -> StackState:
        """Give the state with this process, or without any, for the component."""
        others = {name: one for name, one in self.processes.items() if name != component}
        return replace(self, processes=others if record is None else others | {component: record})


class StateFile:
    """The state on disk; several threads may change it."""

    def __init__(self, path: Path) -> None:
        """Read and write `path`."""
        self._path = path
        self._lock = threading.Lock()

    def load(self) -> StackState:
        """Read the state; an empty one when there is none.

        A file that can't be read is put aside as `stack.json.broken`: what it says can be found
        out again, and the data does not depend on it.
        """
        try:
            return _parse(json.loads(self._path.read_text()))
        except FileNotFoundError:
            return StackState()
        except (ValueError, KeyError, TypeError):
            os.replace(self._path, self._path.with_name(self._path.name + ".broken"))
            return StackState()

    def change(self, change: Callable[[StackState], StackState]) -> StackState:
        """Replace the state by what `change` makes of it, and give that."""
        with self._lock:
            changed = change(self.load())
            write_private(self._path, _show(changed))
        return changed


def _show(state: StackState) -> str:
    return json.dumps({"format": FORMAT} | asdict(state), indent=1) + "\n"


def _parse(content: dict[str, object]) -> StackState:
    content = dict(content)
    if content.pop("format") != FORMAT:
        raise ValueError("written by another version")
    processes = content.pop("processes")
    if not isinstance(processes, dict):
        raise TypeError("processes")
    records = {name: ProcessRecord(**record) for name, record in processes.items()}
    return StackState(**content, processes=records)  # type: ignore[arg-type]
