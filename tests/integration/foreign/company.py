"""A workspace with an environment of foreign servers, and the people who answer for these."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from streammesh.scaffold.workspace import write_workspace
from tests.acceptance.newcomer import Terminal, wait_until
from tests.integration.foreign import front
from tests.integration.foreign.servers import ADMIN, CONNECT_USER, Servers

CAPTURE_PASSWORD = "p@ss:w/rd#100%?&"


class Company:
    """The servers, a workspace, and a database whose tables belong to an application."""

    def __init__(self, servers: Servers, folder: Path) -> None:
        self.servers = servers
        self.root = folder / "library"
        write_workspace(self.root, "library", example=True)
        (self.root / "certificates").mkdir()
        certificate = servers.certificates.authority.read_text()
        (self.root / "certificates" / "ca.pem").write_text(certificate)
        self.terminal = Terminal(self.root)
        self.terminal.variables = {
            "MESH_ENV": "production",
            "KAFKA_USER": ADMIN,
            "KAFKA_PASSWORD": servers.password(ADMIN),
            "REGISTRY_PASSWORD": front.PASSWORD,
            "LIBRARY_DATABASE_URL": self.url,
        }
        self.write_mesh()

    def write_mesh(
        self,
        changes: Mapping[str, Mapping[str, str | None]] | None = None,
        environment: str = "production",
    ) -> None:
        """Write mesh.toml with one environment.

        Args:
            changes: other keys for its parts; None leaves a key out.
            environment: its name.
        """
        parts: dict[str, dict[str, str]] = {
            "": {},
            "kafka": {
                "bootstrap_servers": self.servers.secure,
                "security_protocol": "SASL_SSL",
                "sasl_mechanism": "SCRAM-SHA-512",
                "username": "${KAFKA_USER}",
                "password": "${KAFKA_PASSWORD}",
                "ssl_ca": "certificates/ca.pem",
            },
            "registry": {
                "url": self.servers.registry.url,
                "username": front.USER,
                "password": "${REGISTRY_PASSWORD}",
                "ssl_ca": "certificates/ca.pem",
            },
            "connect": {
                "url": self.servers.info.connect_url,
                "secrets": f"${{file:{self.servers.connect_secrets}:NAME}}",
                "principal": CONNECT_USER,
            },
        }
        lines = ["[mesh]", 'name = "company"']
        for part, keys in parts.items():
            merged = {**keys, **(changes or {}).get(part, {})}
            lines.append(f"[environments.{environment}{'.' if part else ''}{part}]")
            lines += [f"{key} = {_toml(one)}" for key, one in merged.items() if one is not None]
        (self.root / "mesh.toml").write_text("\n".join(lines) + "\n")

    @property
    def url(self) -> str:
        info = self.servers.info
        login = f"capture:{quote(CAPTURE_PASSWORD, safe='')}"
        return f"postgresql://{login}@{info.postgres_host}:{info.postgres_port}/library"

    def sql(self, statement: str, database: str = "library") -> list[Any]:
        """Run a statement as the database's administrator."""
        with psycopg.connect(self.servers.info.postgres_url(database), autocommit=True) as own:
            cursor = own.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def make_database(self) -> None:
        """Make what stood before anybody thought of streammesh, and a role that may do nothing."""
        self.sql("CREATE ROLE app", "postgres")
        literal = CAPTURE_PASSWORD.replace("'", "''")
        self.sql(f"CREATE ROLE capture LOGIN PASSWORD '{literal}'", "postgres")
        self.sql("CREATE DATABASE library OWNER app", "postgres")
        self.sql("REVOKE CONNECT ON DATABASE library FROM PUBLIC", "postgres")
        self.sql("SET ROLE app; " + (self.root / "database" / "schema.sql").read_text())
        self.sql("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
        self.sql("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
        self.sql("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC", "postgres")
        self.sql("ALTER TABLE copies ENABLE ROW LEVEL SECURITY")

    def restart_database(self) -> None:
        self.servers.stack.kill("postgres")
        self.servers.stack.start_component("postgres")

    def problems(self) -> list[dict[str, Any]]:
        """Give what a plan says stands in the way."""
        done = self.terminal.mesh("plan", "--json")
        if done.out:
            return list(done.json["problems"])
        return list(json.loads(done.err)["errors"])

    def wait_for_documents(self, count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []

        def there() -> bool:
            found[:] = self.terminal.mesh("consume", "library.books").lines
            return len({str(one["key"]) for one in found}) >= count

        wait_until(there, 120)
        return found


def _toml(value: str) -> str:
    return value if value.startswith("{") else json.dumps(value)


def statements(fix: str) -> Iterator[str]:
    """Give the SQL of an error's fix, as an administrator copies it."""
    for line in fix.splitlines():
        statement = line.partition("  --")[0].strip()
        if statement.endswith(";") and not statement.startswith("--"):
            yield statement
