"""What a component needs to know to prepare, start and answer for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import Protocol

from streammesh.local.layout import Layout
from streammesh.local.processes import Command
from streammesh.local.secrets import Secrets


@dataclass(frozen=True)
class Tools:
    """Programs and files that every workspace shares.

    Attributes:
        java: the `java` program.
        postgres: the folder that holds `pginstall/`.
        jars: class path by component.
        unpacked: folder of each unpacked archive, by component.
    """

    java: Path
    postgres: Path
    jars: Mapping[str, tuple[Path, ...]]
    unpacked: Mapping[str, Path]


@dataclass(frozen=True)
class Setting:
    """One workspace's stack, as its components see it."""

    layout: Layout
    secrets: Secrets
    tools: Tools
    ports: Mapping[str, int]
    cluster_id: str
    postgres_home: Path | None = None


class Component(Protocol):
    """One supervised process of the stack."""

    @property
    def name(self) -> str:
        """What commands and logs call it."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Components that have to be ready before it is prepared."""

    @property
    def ports(self) -> tuple[str, ...]:
        """Names of its ports; the first is the one that clients use."""

    @property
    def deadline_s(self) -> float:
        """Seconds in which it has to become ready."""

    @property
    def grace_s(self) -> float:
        """Seconds in which it has to stop."""

    @property
    def stop_signal(self) -> Signals:
        """What asks it to stop cleanly."""

    def mark(self, setting: Setting) -> str:
        """Give one of its arguments, which no other process of the machine has."""

    def prepare(self, setting: Setting, run: Run) -> None:
        """Write its configuration; initialise its data if there is none. Repeatable."""

    def command(self, setting: Setting) -> Command:
        """Say how to start it."""

    def is_ready(self, setting: Setting) -> bool:
        """Ask it, for some seconds at most, whether it serves."""


class Run(Protocol):
    """Runs a helper program to its end, its output to the component's log."""

    def __call__(self, command: Command) -> None:
        """Run it; a failure is the component's failure."""


Progress = Callable[[str, str, str], None]
"""Called with component, state and detail: `("kafka", "starting", "")`."""
