"""Apicurio Registry, which speaks Confluent's API; data in an H2 file, no login, loopback only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM, Signals

import httpx

from streammesh.local import jvm
from streammesh.local.ports import HOST
from streammesh.local.processes import Command
from streammesh.local.setting import Run, Setting

HEAP_MB = 256
API = "/apis/ccompat/v7"


@dataclass(frozen=True)
class Registry:
    """The component `registry`."""

    name: str = "registry"
    needs: tuple[str, ...] = ()
    ports: tuple[str, ...] = ("registry", "registry_management")
    deadline_s: float = 120
    grace_s: float = 20
    stop_signal: Signals = SIGTERM

    def mark(self, setting: Setting) -> str:
        """See `jvm.mark`."""
        return jvm.mark(setting, self.name)

    def prepare(self, setting: Setting, run: Run) -> None:  # noqa: ARG002 - nothing to run
        """Make the folder of its database."""
        setting.layout.data(self.name).mkdir(mode=0o700, exist_ok=True)

    def command(self, setting: Setting) -> Command:
        """Start it."""
        program = ["-jar", str(_jar(setting))]
        options = [
            *jvm.NEVER_FULL,
            *(f"-D{key}={value}" for key, value in properties(setting).items()),
        ]
        argv = jvm.java(setting, self.name, heap_mb=HEAP_MB, options=options, program=program)
        return Command(argv)

    def is_ready(self, setting: Setting) -> bool:
        """Ask for the subjects."""
        try:
            return httpx.get(f"{url(setting)}/subjects", timeout=3).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


def url(setting: Setting) -> str:
    """Give the address of the Confluent-compatible API."""
    return f"http://{HOST}:{setting.ports['registry']}{API}"


def properties(setting: Setting) -> dict[str, str | int]:
    """Give its configuration."""
    database = setting.layout.data("registry") / "registry"
    return {
        "quarkus.http.host": HOST,
        "quarkus.http.port": setting.ports["registry"],
        # else it listens on all addresses
        "quarkus.management.host": HOST,
        "quarkus.management.port": setting.ports["registry_management"],
        "quarkus.log.console.color": "false",
        "quarkus.banner.enabled": "false",
        "apicurio.storage.kind": "sql",
        "apicurio.storage.sql.kind": "h2",
        "apicurio.datasource.url": f"jdbc:h2:file:{database};DB_CLOSE_ON_EXIT=FALSE",
        "apicurio.rest.deletion.artifact.enabled": "true",
        "apicurio.rest.deletion.artifact-version.enabled": "true",
        "apicurio.rest.deletion.group.enabled": "true",
    }


def _jar(setting: Setting) -> Path:
    return next(setting.tools.unpacked["registry"].glob("**/quarkus-run.jar"))
