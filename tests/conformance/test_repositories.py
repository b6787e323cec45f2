"""Two domains and governance, each in a repository of its own, on one mesh and one catalog."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from streammesh.catalog.workspaces import Claim, SharedEnvironment
from streammesh.errors import ExitCode, MeshError
from streammesh.errors.catalog import CatalogOfAnother
from streammesh.errors.planning import PlanOutdated, StepFailed
from streammesh.errors.platform import ApplyRunning
from streammesh.planning import service
from streammesh.planning.observing.use import look
from streammesh.platform.kafka import Cluster
from streammesh.platform.lock import ApplyLock, HeldLock
from streammesh.platform.memory.groups import MemoryGroups
from tests.conformance.catalogs import DATABASES, database
from tests.unit.planning.repositories_on_twins import Team, shared_platform, state

TEAMS = {"crm": ("crm",), "sales": ("sales",), "governance": ()}
ORDERS = list(permutations(TEAMS))


@pytest.fixture(params=DATABASES)
def addresses(request, tmp_path) -> Iterator[tuple[str, str]]:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with (
        database(request, tmp_path / "a") as one,
        database(request, tmp_path / "b") as other,
    ):
        yield one, other


def teams(folder: Path, address: str) -> dict[str, Team]:
    platform = shared_platform(address)
    return {name: Team(folder, name, platform, *domains) for name, domains in TEAMS.items()}


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_every_order_leads_to_the_same_mesh_and_leaves_nothing_to_do(addresses, tmp_path, order):
    one, other = (
        teams(tmp_path / name, address) for name, address in zip("xy", addresses, strict=True)
    )
    for name in ORDERS[0]:
        one[name].apply()
    for name in order:
        assert other[name].plan().steps
        other[name].apply()
        assert other[name].plan().empty
    for name in order:
        assert other[name].plan().empty
    assert state(other["crm"].platform) == state(one["crm"].platform)


def test_what_reads_others_is_applied_last_and_touches_nothing_of_theirs(addresses, tmp_path):
    found = teams(tmp_path, addresses[0])
    marketing = Team(tmp_path, "marketing", found["crm"].platform, "marketing")
    stopped = [one.fields["product"] for one in marketing.plan().problems]
    assert stopped == ["crm.customers.v1", "sales.orders.v1"]
    for one in (*found.values(), marketing):
        one.apply()
    before = state(marketing.platform)
    marketing.drop("marketing")
    owner = "owner: { team: m, email: m@example.com }\n"
    marketing.mesh.write("marketing/domain.yaml", marketing.mesh.own("Domain", "marketing") + owner)
    marketing.apply()
    after = state(marketing.platform)
    ended = {key for key in before["deployments"] if key not in after["deployments"]}
    assert ended == {"product/marketing.portraits.v1", "source/marketing.others"}
    for key, owner in before["resources"].items():
        if "marketing" not in str(owner):
            assert after["resources"][key] == owner
    assert all(one.plan().empty for one in found.values())


def test_two_teams_apply_different_domains_at_once(addresses, tmp_path):
    """Their plans were made before either of them had done anything."""
    found = teams(tmp_path / "x", addresses[0])
    planned = [(found[name], found[name].plan()) for name in ("crm", "sales")]
    together, failures = threading.Barrier(2), []

    def run(team, plan) -> None:
        together.wait()
        try:
            service.apply(plan, team.platform)
        except MeshError as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=one) for one in planned]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert failures == []
    found["governance"].apply()
    assert all(one.plan().empty for one in found.values())
    alone = teams(tmp_path / "y", addresses[1])
    for one in alone.values():
        one.apply()
    assert state(found["crm"].platform) == state(alone["crm"].platform)


def test_of_two_who_claim_a_domain_at_once_one_is_told_to_plan_again(addresses, tmp_path):
    platform = shared_platform(addresses[0])
    one, other = (Team(tmp_path, name, platform, "sales") for name in ("one", "other"))
    first, second = one.plan(), other.plan()
    service.apply(first, one.platform)
    with pytest.raises(PlanOutdated):
        service.apply(second, other.platform)
    (problem,) = other.plan().problems
    assert problem.fields["repository"] == one.name
    assert other.plan().steps == ()


class Impatient:
    """The lock of a mesh, for which nobody waits long."""

    def __init__(self, lock: ApplyLock) -> None:
        self._lock = lock

    def hold(self) -> AbstractContextManager[HeldLock]:
        return self._lock.hold(wait_seconds=0.05)


def test_who_comes_while_another_applies_is_told_and_changes_nothing(addresses, tmp_path):
    platform = shared_platform(addresses[0])
    team = Team(tmp_path, "sales", platform, "sales")
    planned, before = team.plan(), state(platform)
    waiting = replace(team.platform, lock=Impatient(platform.lock))
    with platform.lock.hold(), pytest.raises(ApplyRunning):
        service.apply(planned, waiting)
    assert state(platform) == before
    service.apply(planned, waiting)
    assert team.plan().empty


def test_a_claim_and_its_move_are_kept_with_their_history(addresses):
    catalog = shared_platform(addresses[0]).catalog
    assert catalog.claims() == {}
    first = Claim("sales", "git.example.com/a", "2026-11-23T10:00:00+00:00", "ann", "c1")
    catalog.claim([first], who="ann", commit="c1")
    catalog.claim([first], who="ann", commit="c2")
    second = Claim("sales", "git.example.com/b", "2026-11-24T10:00:00+00:00", "bob", "c3")
    catalog.claim([second, Claim("", "git.example.com/g")], who="bob", commit="c3")
    assert catalog.claims() == {"sales": second, "": Claim("", "git.example.com/g")}
    past = [(one.change, one.who, one.commit) for one in catalog.history("sales")]
    assert past == [("changed", "bob", "c3"), ("added", "ann", "c1")]
    assert '"repository":"git.example.com/a"' in catalog.history("sales")[0].before


def test_environments_are_replaced_as_a_whole(addresses):
    catalog = shared_platform(addresses[0]).catalog
    assert catalog.environments() == {}
    said = SharedEnvironment("production", "three", "{}", "g")
    catalog.share([said, SharedEnvironment("stage", "three", "{}", "g")], who="g", commit="")
    catalog.share([said], who="g", commit="")
    assert catalog.environments() == {"production": said}


ELSEWHERE = Cluster("another", (1,), frozenset({"alter", "create", "describe"}))


def move(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the brokers be another cluster's."""
    monkeypatch.setattr(team.platform.kafka, "cluster", lambda: ELSEWHERE)


def away(team: Team, name: str = "stage", namespace: str = "") -> None:
    """Give a repository an environment that is no local stack."""
    said = f'\n[environments.{name}]\nkafka = {{ bootstrap_servers = "{name}:9093" }}\n'
    said += f'namespace = "{namespace}"\n' if namespace else ""
    file = team.root / "mesh.toml"
    file.write_text(file.read_text() + said)


def test_a_catalog_is_that_of_the_first_environment(addresses, tmp_path):
    team = Team(tmp_path, "sales", shared_platform(addresses[0]), "sales")
    away(team, "production")
    catalog = team.platform.catalog
    assert catalog.home() is None
    team.apply("production")
    home = catalog.home()
    assert (home.mesh, home.environment, home.cluster) == ("three", "production", "memory")
    assert (home.by, home.commit, home.namespace) == ("sales", "c-sales", "")
    assert team.plan("production").empty
    away(team, "live")  # another name for the same
    assert team.plan("live").problems == ()


@pytest.mark.parametrize("other", ["namespace", "cluster", "local", "mesh"])
def test_another_environment_is_refused_and_changes_nothing(
    addresses, tmp_path, monkeypatch, other
):
    platform = shared_platform(addresses[0])
    team = Team(tmp_path, "sales", platform, "sales")
    away(team, "production")
    team.apply("production")
    before = state(platform)
    away(team, "stage", namespace="stage" if other == "namespace" else "")
    if other == "cluster":
        move(team, monkeypatch)
    if other == "mesh":
        file = team.root / "mesh.toml"
        file.write_text(file.read_text().replace('name = "three"', 'name = "four"'))
    with pytest.raises(CatalogOfAnother, match="`production` of mesh `three`") as caught:
        team.plan("local" if other == "local" else "stage")
    assert "a `catalog` of its own" in caught.value.fix
    assert ('write `name = "three"`' in caught.value.fix) is (other == "mesh")
    assert caught.value.exit_code == ExitCode.CHECK_SAID_NO
    assert state(platform) == before


def test_of_two_environments_that_come_first_at_once_one_is_refused(addresses, tmp_path):
    one = Team(tmp_path, "one", shared_platform(addresses[0]), "sales")
    other = Team(tmp_path, "other", replace(shared_platform(), catalog=one.platform.catalog), "crm")
    away(one, "production")
    away(other, "stage", namespace="stage")
    first, second = one.plan("production"), other.plan("stage")
    service.apply(first, one.platform)
    with pytest.raises(StepFailed, match="record in the catalog"):
        service.apply(second, other.platform)
    assert one.platform.catalog.versions({"crm"}) == {}


def test_an_environment_that_moved_takes_its_catalog_along(addresses, tmp_path, monkeypatch):
    team = Team(tmp_path, "sales", shared_platform(addresses[0]), "sales")
    away(team, "production")
    team.apply("production")
    move(team, monkeypatch)
    plan = team.plan("production", catalog_moved=True)
    assert "move the catalog" in [one.title for one in plan.steps]
    service.apply(plan, team.platform)
    assert team.platform.catalog.home().cluster == "another"
    assert team.plan("production").empty
    past = [one for one in team.platform.catalog.history("") if one.record == "homes"]
    assert [one.change for one in past] == ["changed", "added"]
    assert '"cluster":"memory"' in past[0].before
    monkeypatch.undo()
    with pytest.raises(CatalogOfAnother):
        team.plan("production")


def test_who_reads_on_another_cluster_is_not_taken_for_a_consumer_here(
    addresses, tmp_path, monkeypatch
):
    team = Team(tmp_path, "sales", shared_platform(addresses[0]), "sales")
    away(team, "production")
    team.apply("production")
    catalog, kafka = team.platform.catalog, team.platform.kafka
    groups = MemoryGroups(kafka)
    assert look(catalog, groups, kafka, 1).failed is None
    seen = catalog.looked()
    move(team, monkeypatch)
    assert isinstance(look(catalog, groups, kafka, 1).failed, CatalogOfAnother)
    assert catalog.looked() == seen
