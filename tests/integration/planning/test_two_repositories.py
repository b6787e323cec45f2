"""Domains and governance in repositories of their own: one cluster, one PostgreSQL catalog."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from streammesh.cli.platform import applying
from streammesh.documents.workspace import load
from streammesh.local.stack import Stack
from streammesh.planning.systems import Platform
from streammesh.platform.kafka import Acl
from tests.products_mesh import SCHEMA, ProductsMesh

HOST = "git.example.com/acme"


class Company:
    """The repositories of a company, and a namespace and databases on the stack."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack, self.folder = stack, folder
        self.suffix = secrets.token_hex(3)
        self.namespace = f"n{self.suffix}"
        info = stack.info()
        self.domains = {one: f"{one}{self.suffix}" for one in ("crm", "sales", "marketing")}
        self.catalog = f"catalog{self.suffix}"
        self.databases = [self.domains["crm"], self.domains["sales"], self.catalog]
        self.variables = {
            "MESH_CATALOG_URL": info.postgres_url(self.catalog),
            "CRM_DATABASE_URL": info.postgres_url(self.domains["crm"]),
            "SALES_DATABASE_URL": info.postgres_url(self.domains["sales"]),
            "ADMIN": info.admin_username,
            "ADMIN_PASSWORD": info.admin_password,
        }
        self.environment = (
            "[environments.shared]\n"
            f'namespace = "{self.namespace}"\n'
            f'registry = {{ url = "{info.registry_url}" }}\n'
            f'connect = {{ url = "{info.connect_url}", principal = "mesh.connect", '
            f'secrets = "${{file:{info.connect_secrets_path}:NAME}}" }}\n'
            "[environments.shared.kafka]\n"
            f'bootstrap_servers = "{info.bootstrap_servers}"\n'
            f'security_protocol = "{info.security_protocol}"\n'
            f'sasl_mechanism = "{info.sasl_mechanism}"\n'
            'username = "${ADMIN}"\npassword = "${ADMIN_PASSWORD}"\n'
        )

    def repository(self, name: str, *domains: str) -> Path:
        """Write a repository that has some of the domains; without any it is governance."""
        root = self.folder / name
        ProductsMesh(root, self.suffix)
        for one in (root / "domains").iterdir():
            if one.name not in {self.domains[each] for each in domains}:
                shutil.rmtree(one)
        (root / "mesh.toml").write_text(
            f'[mesh]\nname = "three"\nrepository = "{HOST}/{name}"\n'
            'catalog = { url = "${MESH_CATALOG_URL}" }\n' + ("" if domains else self.environment)
        )
        return root

    def start(self, root: Path, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "streammesh.cli.main", *arguments]
        return subprocess.Popen(
            [*command, "--env", "shared"],
            cwd=root,
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def mesh(self, root: Path, *arguments: str, status: int = 0) -> str:
        """Run a command there, and give what it printed on stdout."""
        process = self.start(root, *arguments)
        out, err = process.communicate(timeout=180)
        assert process.returncode == status, out + err
        return out if not status else out + err

    def apply(self, root: Path, *options: str) -> None:
        self.mesh(root, "apply", "--yes", *options)

    def nothing_to_do(self, *roots: Path) -> None:
        for root in roots:
            self.mesh(root, "plan", "--detailed-exitcode")

    def steps(self, root: Path) -> list[dict[str, Any]]:
        return json.loads(self.mesh(root, "plan", "--json"))["steps"]

    def platform(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
        for name, value in self.variables.items():
            monkeypatch.setenv(name, value)
        workspace = load(root)
        return applying(workspace, workspace.environments["shared"])

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        url = self.stack.info().postgres_url(database)
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def remove_all(self, root: Path) -> None:
        """Remove what a repository's domains have; of one that doesn't hold them, nothing."""
        for domain in (root / "domains").iterdir():
            for kind in ("products", "sources"):
                shutil.rmtree(domain / kind, ignore_errors=True)
        self.start(root, "apply", "--yes", "--delete-data").communicate(timeout=180)


@pytest.fixture
def company(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    one = Company(stack, tmp_path)
    for database in one.databases:
        one.sql(f'CREATE DATABASE "{database}"')
    for domain in ("crm", "sales"):
        one.sql(SCHEMA[domain], one.domains[domain])
        source = {"crm": "people", "sales": "shop"}[domain]
        name = f"{one.domains[domain]}.{source}.password"
        stack.secrets.put_connect(name, stack.info().postgres_password)
    try:
        yield one
    finally:
        clean_up(one, monkeypatch)


def clean_up(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    root = company.folder / "governance"
    for name in ("marketing", "rival", "sales", "crm"):
        if (company.folder / name).exists():
            company.remove_all(company.folder / name)
    platform = company.platform(root, monkeypatch)
    mine = [one for one in platform.kafka.topics() if one.startswith(f"{company.namespace}-")]
    platform.kafka.delete_topics(mine)
    start = f"{company.namespace}-"
    for subject in platform.registry.subjects(start):
        platform.registry.delete_subject(subject)
    platform.kafka.delete_acls(
        [one for one in platform.kafka.acls() if one.principal.startswith(start)]
    )
    for database in company.databases:
        company.sql(f'DROP DATABASE "{database}" WITH (FORCE)')


def test_repositories_share_a_mesh(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    crm, sales = (company.repository(name, name) for name in ("crm", "sales"))
    said = company.mesh(crm, "plan", status=2)
    assert "neither mesh.toml nor the mesh's catalog has an environment `shared`" in said

    governance = company.repository("governance")
    company.apply(governance)
    together = [company.start(root, "apply", "--yes") for root in (crm, sales)]
    for process in together:
        assert process.communicate(timeout=180)[1]
        assert process.returncode == 0
    company.nothing_to_do(governance, crm, sales)

    marketing = company.repository("marketing", "marketing")
    company.apply(marketing)
    company.nothing_to_do(governance, crm, sales, marketing)
    assert company.variables["ADMIN_PASSWORD"] not in str(
        company.sql("SELECT * FROM environments", company.catalog)
    )
    move(company, sales)
    company.nothing_to_do(governance, crm, marketing)
    repair(company, crm, marketing, company.platform(governance, monkeypatch))


def move(company: Company, sales: Path) -> None:
    """Hand a domain over: another repository is refused until then, and has one step after it."""
    domain = company.domains["sales"]
    rival = company.repository("rival", "sales")
    assert f"is held by {HOST}/sales" in company.mesh(rival, "plan", status=3)
    company.mesh(sales, "domain", "transfer", domain, "--to", f"https://{HOST}/rival.git")
    assert f"was handed over to {HOST}/rival" in company.mesh(sales, "plan", status=3)
    assert [one["what"] for one in company.steps(rival)] == [f"claim domain {domain}"]
    company.apply(rival)
    company.nothing_to_do(rival)
    listed = json.loads(company.mesh(rival, "domain", "list", "--json"))
    holders = {one["domain"]: one["repository"] for one in listed}
    assert holders[domain] == f"{HOST}/rival"
    assert holders[""] == f"{HOST}/governance"


def repair(company: Company, crm: Path, marketing: Path, platform: Platform) -> None:
    """Damage what stands by hand; each repository's apply repairs what is its own."""
    start = f"{company.namespace}-"
    topic, log = (f"{start}{one}{company.domains['crm']}" for one in ("", "_cdc."))
    topic, log = f"{topic}.customers.v1", f"{log}.people"
    rights = [one for one in platform.kafka.acls() if one.name == topic]
    platform.kafka.delete_acls(rights)
    platform.registry.set_compatibility(f"{topic}-value", "NONE")
    platform.connect.pause(f"{start}{company.domains['crm']}.people")
    platform.kafka.delete_topics([log])
    stranger = Acl("bob", "topic", "literal", topic, "read")
    platform.kafka.create_acls([stranger])
    try:
        said = " ".join(company.mesh(crm, "plan", "-v").split())
        for words in ("rights were taken away", "compatibility was changed", "private log is gone"):
            assert words in said
        assert "bob" in said
        company.apply(crm)
        company.nothing_to_do(crm)
        assert len(company.steps(marketing)) == 1
        company.apply(marketing)
        assert set(rights) <= platform.kafka.acls()
    finally:
        platform.kafka.delete_acls([stranger])
