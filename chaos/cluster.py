"""The data directory of the stack's PostgreSQL: copied, put back, replaced by another."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import psycopg

from chaos.server import wait_until
from streammesh.local.components import postgres
from streammesh.local.stack import Stack


class Cluster:
    """The server's data directory, and PostgreSQL's own programs to work on it."""

    def __init__(self, stack: Stack) -> None:
        """Look where it lies."""
        self._stack = stack
        self._setting = stack._setting(stack._state.load())
        self._runner = postgres._runner(self._setting)
        self.folder = postgres._cluster(self._setting)
        self._servers: list[subprocess.Popen[bytes]] = []

    def backup(self, name: str, *options: str) -> Path:
        """Take a base backup beside the data directory, as one would of any server."""
        target = self.folder.with_name(name)
        shutil.rmtree(target, ignore_errors=True)
        login = ("-h", "127.0.0.1", "-p", str(self.port), "-U", postgres.SUPERUSER)
        where = ("-D", str(target), "-X", "stream", "--checkpoint=fast", "--no-sync")
        self.run("pg_basebackup", *login, *where, *options)
        return target

    @property
    def port(self) -> int:
        """Where the server listens."""
        return self._setting.ports["postgres"]

    def url(self, database: str, port: int | None = None) -> str:
        """Give the address of a database, on this server or on one beside it."""
        url = self._stack.info().postgres_url(database)
        return url if port is None else url.replace(f":{self.port}/", f":{port}/")

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs to its end; give what it prints."""
        done: subprocess.CompletedProcess[str] = subprocess.run(
            self._runner.command(program, arguments).argv,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            **self._as_user(),
        )
        if done.returncode:
            raise AssertionError(f"{program} failed\n{done.stderr[-1500:]}")
        return done.stdout

    def beside(self, folder: Path, port: int) -> subprocess.Popen[bytes]:
        """Start a server on another data directory, at another port."""
        command = self._runner.command("postgres", ("-D", str(folder), "-p", str(port)))
        with folder.with_name(f"{folder.name}.log").open("ab") as log:
            server: subprocess.Popen[bytes] = subprocess.Popen(
                command.argv,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as_user(),
            )
        self._servers.append(server)
        return server

    def close(self, *, cleanly: bool = False) -> None:
        """Stop whatever was started beside."""
        for server in self._servers:
            # PostgreSQL's own signals: SIGINT ends its sessions and writes a checkpoint
            server.send_signal(signal.SIGINT if cleanly else signal.SIGQUIT)
            server.wait(30)
        self._servers.clear()

    def clear(self) -> None:
        """Remove all data directories but the one that is used."""
        for one in ("old", "backup", "standby"):
            shutil.rmtree(self.folder.with_name(one), ignore_errors=True)
        self.folder.with_name("standby.log").unlink(missing_ok=True)

    def put(self, folder: Path) -> None:
        """Let the server go on with another data directory; the present one is kept as `old`."""
        if self._stack.status()[0].pid is not None:
            self._stack.kill("postgres")
        shutil.rmtree(self.old, ignore_errors=True)
        self.folder.rename(self.old)
        folder.rename(self.folder)
        self._stack.start_component("postgres")
        wait_until(self._takes_writes, 60, "the restored server takes writes")

    def _takes_writes(self) -> bool:
        with psycopg.connect(self.url("postgres")) as connection:
            return connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)

    @property
    def old(self) -> Path:
        """The data directory that was put away."""
        return self.folder.with_name("old")

    def make_anew(self) -> None:
        """Let the server start with nothing, as another system at the same address."""
        self._stack.kill("postgres")
        self.folder.with_name("ready").unlink()
        self._stack.start_component("postgres")

    def _environment(self) -> dict[str, str]:
        return os.environ | {"LC_ALL": "C", "PGPASSWORD": self._stack.info().postgres_password}

    def _as_user(self) -> dict[str, Any]:
        if self._runner.user is None:
            return {}
        user, group = self._runner.user
        return {"user": user, "group": group, "extra_groups": []}


def configure(folder: Path, **settings: str) -> None:
    """Add settings to a data directory whose server does not run."""
    lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
    with (folder / "postgresql.auto.conf").open("a") as file:
        file.write(lines)
