"""A newcomer's workspace: the example, a database of their own, and `mesh` in a terminal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop"
MESH = [sys.executable, "-m", "streammesh.cli.main"]
PASSWORD = "a-password-that-nobody-prints"
ORDERS = 500
ADDRESS = "SHOP_DATABASE_URL"


@dataclass(frozen=True)
class Done:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Terminal:
    """A shell in the workspace, with the database's address in its environment."""

    workspace: Path
    variables: dict[str, str] = field(default_factory=dict)

    def mesh(self, *arguments: str, seconds: float = 120) -> Done:
        done = subprocess.run(
            [*MESH, *arguments],
            cwd=self.workspace,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*MESH, *arguments],
            cwd=self.workspace,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def _environment(self) -> dict[str, str]:
        """The tests' own, without what the demo's tests have left in it."""
        inherited = {name: value for name, value in os.environ.items() if name != ADDRESS}
        return inherited | self.variables


def new_terminal(folder: Path) -> Terminal:
    """Copy the example, as it is in version control, into a folder."""
    workspace = folder / "shop"
    shutil.copytree(EXAMPLE, workspace, ignore=shutil.ignore_patterns(".mesh"))
    return Terminal(workspace)


def make_database(server: str, workspace: Path) -> str:
    """Do what a domain team has done long ago; gives the database's address."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE shop LOGIN REPLICATION PASSWORD '{PASSWORD}'")
        connection.execute("CREATE DATABASE shop OWNER shop")
    host = urlsplit(server).netloc.rpartition("@")[2]
    url = f"postgresql://shop:{PASSWORD}@{host}/shop"
    with psycopg.connect(url) as connection:
        connection.execute(f"SET shop.orders = '{ORDERS}'")
        for name in ("schema.sql", "seed.sql"):
            connection.execute((workspace / "database" / name).read_text())
    return url


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that takes its time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(1)
