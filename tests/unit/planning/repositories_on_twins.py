"""Workspaces of several repositories, which apply to the same twins and the same catalog."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table, select

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.recording import RECORDED
from streammesh.catalog.workspaces_schema import claims, environments
from streammesh.documents.repository import Repository
from streammesh.documents.workspace import load
from streammesh.planning import service
from streammesh.planning.plan import Plan
from streammesh.planning.systems import Platform
from tests.products_mesh import ProductsMesh
from tests.unit.planning.conftest import memory_platform
from tests.unit.planning.products_on_twins import TABLES

GOVERNANCE = """\
[mesh]
name = "three"

[environments.production]
namespace = "prod"
topic_defaults = { replication_factor = 3, min_insync_replicas = 2 }
kafka = { bootstrap_servers = "kafka:9093", username = "${KAFKA_USER}", password = "${KAFKA_PW}" }
registry = { url = "https://registry.example.com" }
connect = { url = "https://connect.example.com", secrets = "${file:/run/secrets/mesh:NAME}" }
"""

_STAMPS = frozenset({"since", "by", "commit"})


def shared_platform(address: str | None = None) -> Platform:
    """Give the twins that all repositories share, with a catalog at an address."""
    platform = memory_platform()
    platform.databases.tables = dict(TABLES)  # type: ignore[attr-defined]
    return replace(platform, catalog=None if address is None else Catalog.at(address))


class Team:
    """A repository's files, and the twins as who works there reaches them."""

    def __init__(self, folder: Path, name: str, platform: Platform, *domains: str) -> None:
        self.root = folder / name
        self.name = f"git.example.com/acme/{name}"
        self.mesh = ProductsMesh(self.root)
        for one in (self.root / "domains").iterdir():
            if one.name not in domains:
                shutil.rmtree(one)
        if not domains:
            (self.root / "mesh.toml").write_text(GOVERNANCE)
        place = Repository(self.name, f"laptop:{self.root}")
        self.platform = replace(platform, repository=place, applied_by=name, commit=f"c-{name}")

    def plan(self, environment: str = "local", **options: bool) -> Plan:
        workspace = load(self.root)
        chosen = workspace.environments[environment]
        return service.plan(workspace, chosen, self.platform, **options)

    def apply(self, environment: str = "local") -> service.Applied:
        return service.apply(self.plan(environment), self.platform)

    def drop(self, domain: str) -> None:
        shutil.rmtree(self.root / "domains" / domain)

    def take_files(self, other: Team, domain: str) -> None:
        shutil.copytree(other.root / "domains" / domain, self.root / "domains" / domain)


def titles(plan: Plan) -> list[str]:
    return [one.title for one in plan.steps]


def state(platform: Platform) -> dict[str, Any]:
    """Give all that stands, without moments and without ids: they come in any order."""
    resources = platform.resources.read()
    return {
        "topics": platform.kafka.topics(),
        "acls": platform.kafka.acls(),
        "users": platform.kafka.users(),
        "subjects": {
            name: (platform.registry.latest(name).schema, platform.registry.compatibility(name))
            for name in platform.registry.subjects()
        },
        "connectors": {one.name: one.config for one in platform.connect.connectors().values()},
        "deployments": {k: _without_ids(v) for k, v in platform.deployments.read().items()},
        "resources": {k: (one.owner, one.intended) for k, one in resources.items()},
        "publications": dict(platform.databases.publications),  # type: ignore[attr-defined]
        "slots": sorted(platform.databases.slots),  # type: ignore[attr-defined]
        "catalog": catalogued(platform),
    }


def _without_ids(deployment: Any) -> Any:
    ids = {"key_schema_id": 0, "value_schema_id": 0, "digest": ""}
    return replace(deployment, **ids) if deployment.key.startswith("product/") else deployment


def catalogued(platform: Platform) -> Mapping[str, list[tuple[Any, ...]]]:
    """Give the catalog's rows; nothing of one that has no tables."""
    if platform.catalog is None or not platform.catalog.standing():
        return {}
    with platform.catalog.reading() as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(select(*_lasting(table))))
            for table in (*RECORDED, claims, environments)
        }


def _lasting(table: Table) -> list[Column[Any]]:
    return [one for one in table.columns if one.name not in _STAMPS]
