"""The example shop in a domain and a database of its own, on the real stack."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.opening import catalog_address
from streammesh.cli.platform import platform_of
from streammesh.documents.values import Environment
from streammesh.documents.workspace import load
from streammesh.local.stack import Stack
from streammesh.planning import service
from streammesh.planning.plan import Plan
from streammesh.planning.systems import Platform

EXAMPLE = Path(__file__).parents[3] / "examples" / "shop"

APPLY = """
import sys
from pathlib import Path
from tests.integration.planning.conftest import Shop
from streammesh.local.stack import Stack
Shop(Stack(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3]).apply(
    lambda progress: print(progress.done, flush=True)
)
"""


def systems_of(stack: Stack, root: Path, environment: Environment) -> Platform:
    """Give the stack's systems, with a catalog of the workspace's own."""
    systems = platform_of(stack.layout.home.parent, environment)
    return replace(systems, catalog=Catalog.at(catalog_address(root, environment, os.environ)))


class Shop:
    """A workspace, its database, and the stack that it is applied to."""

    def __init__(self, stack: Stack, root: Path, domain: str) -> None:
        self.stack = stack
        self.root = root
        self.domain = domain
        self.url = stack.info().postgres_url(domain)
        os.environ["SHOP_DATABASE_URL"] = self.url

    @property
    def environment(self) -> Environment:
        return load(self.root).environments["local"]

    @property
    def platform(self) -> Platform:
        return systems_of(self.stack, self.root, self.environment)

    def plan(self, *, delete_data: bool = False) -> Plan:
        return service.plan(
            load(self.root), self.environment, self.platform, delete_data=delete_data
        )

    def apply(self, progress: Any = lambda _: None, *, delete_data: bool = False) -> None:
        service.apply(self.plan(delete_data=delete_data), self.platform, progress)

    def apply_elsewhere(self) -> subprocess.Popen[str]:
        """Apply in a process of its own; it writes how many steps are done, one line each."""
        arguments = [str(self.stack.layout.home.parent), str(self.root), self.domain]
        return subprocess.Popen(
            [sys.executable, "-c", APPLY, *arguments], stdout=subprocess.PIPE, text=True
        )

    def run(self, statement: str, database: str | None = None) -> Any:
        url = self.stack.info().postgres_url(database or self.domain)
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def edit(self, name: str, old: str, new: str) -> None:
        path = next(self.root.rglob(name))
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def remove(self, name: str) -> None:
        shutil.rmtree(self.root / "domains" / self.domain / "products" / name)

    def remove_everything(self) -> None:
        shutil.rmtree(self.root / "domains" / self.domain / "products", ignore_errors=True)
        for path in self.root.rglob("*.source.yaml"):
            path.unlink()


def renamed(root: Path, domain: str) -> None:
    """Copy the example with its domain `sales` called `domain`."""
    shutil.copytree(EXAMPLE, root)
    (root / "domains" / "sales").rename(root / "domains" / domain)
    for path in (root / "domains").rglob("*.*"):
        if path.is_file():
            text = path.read_text().replace("sales.", f"{domain}.")
            path.write_text(text.replace(": sales\n", f": {domain}\n"))


@pytest.fixture
def shop(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Give the example shop, not applied yet; everything it made is removed again."""
    domain = f"plan{secrets.token_hex(3)}"
    monkeypatch.setenv("SHOP_DATABASE_URL", "")
    renamed(tmp_path / "shop", domain)
    one = Shop(stack, tmp_path / "shop", domain)
    one.run(f'CREATE DATABASE "{domain}"', "postgres")
    one.run((EXAMPLE / "database" / "schema.sql").read_text())
    try:
        yield one
    finally:
        one.remove_everything()
        one.apply(delete_data=True)
        one.run(f'DROP DATABASE "{domain}" WITH (FORCE)', "postgres")
