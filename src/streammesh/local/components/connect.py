"""Kafka Connect with Debezium, one distributed worker; its principal may use its own topics."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM, Signals

import httpx

from streammesh.local import jvm
from streammesh.local.components.connect_access import PRINCIPAL, grant
from streammesh.local.components.kafka import MECHANISM, PROTOCOL, scram_login
from streammesh.local.files import properties_text, write_private
from streammesh.local.ports import HOST
from streammesh.local.processes import Command
from streammesh.local.setting import Run, Setting

HEAP_MB = 768
JSON = "org.apache.kafka.connect.json.JsonConverter"
# says every 50 ms that it may not yet flush, while a capture is idle after a restart
CHATTY = ("io.debezium.connector.postgresql.PostgresStreamingChangeEventSource",)


@dataclass(frozen=True)
class Connect:
    """The component `connect`."""

    name: str = "connect"
    needs: tuple[str, ...] = ("kafka",)
    ports: tuple[str, ...] = ("connect",)
    deadline_s: float = 120
    grace_s: float = 20
    stop_signal: Signals = SIGTERM

    def mark(self, setting: Setting) -> str:
        """See `jvm.mark`."""
        return jvm.mark(setting, self.name)

    def prepare(self, setting: Setting, run: Run) -> None:  # noqa: ARG002 - nothing to run
        """Make its user, topics and ACLs; write its configuration."""
        grant(setting)
        secrets = setting.layout.connect_secrets
        if not secrets.exists():
            write_private(secrets, "")
        write_private(_properties_file(setting), properties_text(properties(setting)))

    def command(self, setting: Setting) -> Command:
        """Start the worker."""
        program = [
            *jvm.class_path(setting.tools.jars[self.name]),
            "org.apache.kafka.connect.cli.ConnectDistributed",
            str(_properties_file(setting)),
        ]
        options = [*jvm.FULL_WHEN_HOT, *jvm.log4j(setting, self.name, quiet=CHATTY)]
        argv = jvm.java(setting, self.name, heap_mb=HEAP_MB, options=options, program=program)
        return Command(argv)

    def is_ready(self, setting: Setting) -> bool:
        """Ask whether the worker has joined its group and read its topics."""
        try:
            return httpx.get(f"{url(setting)}/health", timeout=3).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


def url(setting: Setting) -> str:
    """Give the address of the REST API."""
    return f"http://{HOST}:{setting.ports['connect']}"


def properties(setting: Setting) -> dict[str, str | int]:
    """Give the worker's configuration."""
    login = {
        "security.protocol": PROTOCOL,
        "sasl.mechanism": MECHANISM,
        "sasl.jaas.config": scram_login(PRINCIPAL, setting.secrets.password_for(PRINCIPAL)),
    }
    values: dict[str, str | int] = {
        "bootstrap.servers": f"{HOST}:{setting.ports['kafka']}",
        "group.id": f"{PRINCIPAL}.workers",
        "config.storage.topic": f"_{PRINCIPAL}.configs",
        "offset.storage.topic": f"_{PRINCIPAL}.offsets",
        "status.storage.topic": f"_{PRINCIPAL}.status",
        "key.converter": JSON,
        "value.converter": JSON,
        "key.converter.schemas.enable": "false",
        "value.converter.schemas.enable": "false",
        "listeners": url(setting),
        "rest.advertised.host.name": HOST,
        "plugin.path": str(setting.tools.unpacked["debezium"]),
        "plugin.discovery": "service_load",
        "connector.client.config.override.policy": "All",
        "config.providers": "file",
        "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
        # this one file: a connector's configuration can't read any other secret through it
        "config.providers.file.param.allowed.paths": str(setting.layout.connect_secrets),
        # a killed worker is missed, and its tasks go on, after this long
        "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 2000,
        "scheduled.rebalance.max.delay.ms": 0,
        "offset.flush.interval.ms": 1000,
        "task.shutdown.graceful.timeout.ms": 5000,
    }
    return values | {f"{who}{key}": value for who in _CLIENTS for key, value in login.items()}


# the worker itself and each kind of client that it makes for connectors
_CLIENTS = ("", "producer.", "consumer.", "admin.")


def _properties_file(setting: Setting) -> Path:
    return setting.layout.secrets / "connect-worker.properties"
