"""What others learn about the stack: where it listens, who may log in, how its parts are."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True)
class StackInfo:
    """How to reach the stack; what it shows of itself holds no password.

    Attributes:
        bootstrap_servers: Kafka's `host:port`.
        security_protocol: Kafka's.
        sasl_mechanism: Kafka's.
        admin_username: the Kafka principal that may do everything.
        admin_password: its password.
        registry_url: the Confluent-compatible API.
        connect_url: Connect's REST API.
        postgres_host: address of PostgreSQL.
        postgres_port: its port.
        postgres_superuser: its superuser.
        postgres_password: the superuser's password.
        connect_secrets_path: the file that connectors read secrets from.
    """

    bootstrap_servers: str
    security_protocol: str
    sasl_mechanism: str
    admin_username: str
    admin_password: str = field(repr=False)
    registry_url: str
    connect_url: str
    postgres_host: str
    postgres_port: int
    postgres_superuser: str
    postgres_password: str = field(repr=False)
    connect_secrets_path: Path

    def postgres_url(self, database: str) -> str:
        """Give the connection URL of a database, with the superuser's password in it."""
        login = f"{quote(self.postgres_superuser)}:{quote(self.postgres_password, safe='')}"
        address = f"{self.postgres_host}:{self.postgres_port}"
        return f"postgresql://{login}@{address}/{quote(database, safe='')}"


@dataclass(frozen=True)
class ComponentStatus:
    """How one component is.

    Attributes:
        name: the component.
        state: `healthy`; `unresponsive` (runs, but does not serve); `died` (was started and is
            gone); `stopped`.
        pid: process id, None when it does not run.
        port: the port for clients, None before the first start.
        memory_bytes: resident memory, 0 when it does not run.
        log: its log file.
    """

    name: str
    state: str
    pid: int | None
    port: int | None
    memory_bytes: int
    log: Path

    @property
    def healthy(self) -> bool:
        """Say whether it serves."""
        return self.state == "healthy"
