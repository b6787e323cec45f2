"""Kafka Connect, by its REST API: connectors, their tasks, and how far they have come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Task:
    """A task of a connector.

    Attributes:
        id: counts from 0.
        state: RUNNING, FAILED, PAUSED, UNASSIGNED, RESTARTING or DESTROYED.
        trace: Java's stack trace of a failed task, else empty.
    """

    id: int
    state: str
    trace: str = ""

    @property
    def cause(self) -> str:
        """The useful line of the trace: the last "Caused by", or its first line."""
        return useful_cause(self.trace)


@dataclass(frozen=True)
class Connector:
    """A connector as it stands.

    Attributes:
        name: its name.
        config: as configured; secrets stand as references only.
        state: RUNNING, PAUSED, STOPPED, FAILED, UNASSIGNED or RESTARTING.
        tasks: in the order of their ids.
        trace: Java's stack trace when the connector itself failed.
    """

    name: str
    config: Mapping[str, str] = field(hash=False)
    state: str
    tasks: tuple[Task, ...] = ()
    trace: str = ""

    @property
    def failed(self) -> bool:
        """Whether the connector or one of its tasks failed."""
        return self.state == "FAILED" or any(task.state == "FAILED" for task in self.tasks)

    @property
    def cause(self) -> str:
        """Why it failed: the connector's own cause or the first failed task's; else empty."""
        failed = (task.cause for task in self.tasks if task.state == "FAILED")
        return useful_cause(self.trace) or next(failed, "")


@dataclass(frozen=True)
class ConfigProblem:
    """What a connector's plugin says against a configuration.

    Attributes:
        field: the configuration's key.
        message: in the plugin's words.
    """

    field: str
    message: str


@dataclass(frozen=True)
class SourceOffset:
    """How far a source connector has come in one of its partitions; both are the plugin's own."""

    partition: Mapping[str, Any] = field(hash=False)
    offset: Mapping[str, Any] = field(hash=False)


class Connect(Protocol):
    """What streammesh asks of a Connect cluster.

    Every call ends within a bounded time, also while Connect rebalances. Errors are those of
    `streammesh.errors.platform`: `Unreachable`, `LoginFailed`, `TlsFailed`, `TooSlow`,
    `ActionRefused`, `RequestFailed`, and `Missing` where a named connector does not exist.
    """

    def connectors(self) -> Mapping[str, Connector]:
        """Give all connectors with their tasks, in one request."""
        ...

    def put(self, name: str, config: Mapping[str, str]) -> None:
        """Create a connector, or give it another configuration.

        Raises:
            RequestFailed: the plugin refuses the configuration, or there is no such plugin.
        """
        ...

    def validate(self, config: Mapping[str, str]) -> tuple[ConfigProblem, ...]:
        """Ask the plugin what is wrong with a configuration; empty when nothing is.

        Raises:
            Missing: there is no such plugin.
        """
        ...

    def pause(self, name: str) -> None:
        """Let the tasks stand still, but keep them."""
        ...

    def resume(self, name: str) -> None:
        """Go on after pause or stop."""
        ...

    def stop(self, name: str) -> None:
        """Take the tasks down; returns when the connector is STOPPED."""
        ...

    def restart(self, name: str, *, only_failed: bool = False) -> None:
        """Restart connector and tasks, or only those that failed."""
        ...

    def delete(self, name: str) -> None:
        """Delete a connector, not its offsets; one that is gone already is no error."""
        ...

    def offsets(self, name: str) -> tuple[SourceOffset, ...]:
        """Give how far a source connector has come."""
        ...

    def reset_offsets(self, name: str) -> None:
        """Forget how far a connector has come.

        Raises:
            RequestFailed: it is not stopped.
        """
        ...

    def plugins(self) -> frozenset[str]:
        """Give the class names of the connectors that are installed."""
        ...


def useful_cause(trace: str) -> str:
    """Give the last "Caused by" of a Java stack trace without its class, or the first line."""
    lines = trace.splitlines()
    caused = [line for line in lines if line.startswith("Caused by: ")]
    line = caused[-1].removeprefix("Caused by: ") if caused else "".join(lines[:1])
    name, colon, message = line.partition(": ")
    return message.strip() if colon and "." in name and " " not in name else line.strip()
