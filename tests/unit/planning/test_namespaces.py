"""Two environments on one cluster, told apart by their namespaces."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.documents.workspace import load
from streammesh.planning import service
from streammesh.planning.plan import Plan
from streammesh.planning.showing.render import text
from streammesh.planning.systems import Platform
from streammesh.platform.memory import (
    MemoryApplyLock,
    MemoryDeploymentStore,
    MemoryResourceStore,
)
from tests.unit.planning.repositories_on_twins import Team, shared_platform


class Environments:
    """A workspace, and environments on the same twins; stores, lock and catalog are each's own."""

    def __init__(self, folder: Path) -> None:
        shared = shared_platform()
        self.team = Team(folder, "both", shared, "crm", "sales")
        self.platforms = {
            name: replace(
                self.team.platform,
                deployments=MemoryDeploymentStore(),
                resources=MemoryResourceStore(),
                lock=MemoryApplyLock(),
                catalog=Catalog.at(f"sqlite:///{folder}/{name}.db"),
            )
            for name in ("one", "two", "")
        }

    def plan(self, namespace: str, **options: Any) -> Plan:
        workspace = load(self.team.root)
        local = workspace.environments["local"]
        environment = replace(local, name=namespace or "plain", namespace=namespace)
        return service.plan(workspace, environment, self.platforms[namespace], **options)

    def apply(self, namespace: str, **options: Any) -> None:
        service.apply(self.plan(namespace, **options), self.platforms[namespace])


@pytest.fixture
def both(tmp_path: Path) -> Environments:
    return Environments(tmp_path)


def standing(platform: Platform) -> dict[str, dict[str, object]]:
    """Give everything on the cluster by its name."""
    groups = [one for one in platform.kafka.acls() if one.resource_type == "group"]
    return {
        "topics": dict(platform.kafka.topics()),
        "rights": {str(one): one for one in platform.kafka.acls()},
        "principals": {one.principal: "" for one in platform.kafka.acls()},
        "groups": {one.name: "" for one in groups},
        "users": dict(platform.kafka.users()),
        "subjects": {one: platform.registry.latest(one) for one in platform.registry.subjects()},
        "connectors": dict(platform.connect.connectors()),
        "publications": dict(platform.databases.publications),  # type: ignore[attr-defined]
        "slots": dict(platform.databases.slots),  # type: ignore[attr-defined]
    }


def test_neither_touches_anything_of_the_other(both: Environments) -> None:
    both.apply("one")
    first = standing(both.platforms["one"])
    both.apply("two")
    after = standing(both.platforms["two"])
    for kind, things in first.items():
        assert things, kind
        assert {name: one for name, one in after[kind].items() if name in things} == things
        new = after[kind].keys() - things.keys()
        assert len(new) == len(things), kind
        mark = "mesh_two_" if kind in ("publications", "slots") else "two-"
        assert all(name.startswith(mark) for name in new), kind
    assert both.plan("one").empty
    assert both.plan("two").empty
    for store in ("deployments", "resources"):
        assert getattr(both.platforms["one"], store).read()


def test_removing_all_of_one_leaves_the_other(both: Environments) -> None:
    both.apply("two")
    before = standing(both.platforms["two"])
    both.apply("one")
    kept = both.team.root.parent / "kept"
    shutil.copytree(both.team.root / "domains", kept)
    for domain in ("crm", "sales"):
        shutil.rmtree(both.team.root / "domains" / domain / "products")
        shutil.rmtree(both.team.root / "domains" / domain / "sources")
    both.apply("one", delete_data=True)
    after = standing(both.platforms["two"])
    for kind, things in before.items():
        assert {name: one for name, one in after[kind].items() if name in things} == things
    shutil.rmtree(both.team.root / "domains")
    kept.rename(both.team.root / "domains")
    assert both.plan("two").empty


@pytest.mark.parametrize("namespace", ["one", ""])
def test_what_goes_is_called_as_in_the_files(both: Environments, namespace: str) -> None:
    both.apply(namespace)
    (contract,) = both.team.root.glob("domains/crm/products/customers/*.odcs.yaml")
    contract.write_text(contract.read_text().replace("status: active", "status: retired"))
    heads = [one for one in text(both.plan(namespace)).splitlines() if "   retired" in one]
    assert heads == ["crm.customers v1   retired"]


def test_one_lock_is_not_the_others(both: Environments) -> None:
    with both.platforms["one"].lock.hold():
        both.apply("two")
    assert both.plan("two").empty


@pytest.mark.parametrize(("first", "then"), [("", "one"), ("one", "")])
def test_an_environment_without_a_namespace_on_the_same_cluster_is_told(
    both: Environments, first: str, then: str
) -> None:
    both.apply(first)
    words = " ".join(text(both.plan(then)).split())
    assert "is on this cluster: give both one" in words
    assert (f"the namespace `{first}`" if first else "no namespace") in words


def test_environments_that_are_known_to_share_a_cluster_are_refused(both: Environments) -> None:
    servers = 'kafka = { bootstrap_servers = "k:1" }\nregistry = { url = "http://r" }\n'
    connect = 'connect = { url = "http://c", secrets = "${file:/s:NAME}" }\n'
    (both.team.root / "mesh.toml").write_text(
        '[mesh]\nname = "three"\n'
        f"[environments.plain]\n{servers}{connect}"
        f'[environments.stage]\nnamespace = "stage"\n{servers}{connect}'
    )
    for name, other in (("plain", "stage"), ("stage", "plain")):
        (problem,) = both.team.plan(name).problems
        assert problem.what == f"the environments `{name}` and `{other}` are on one Kafka cluster"
        assert "namespace" in (problem.fix or "")
