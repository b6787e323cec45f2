"""A domain lives in one repository: claimed, refused to others, handed over."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.catalog.workspaces import GOVERNANCE
from streammesh.documents.repository import Repository
from streammesh.errors import MeshErrors
from streammesh.errors.planning import StepFailed
from streammesh.errors.workspaces import (
    DomainHandedOver,
    DomainHeldElsewhere,
    DomainNotHeld,
    DomainUnknown,
    ReasonMissing,
)
from streammesh.planning import service
from streammesh.planning.showing.render import text
from streammesh.planning.transferring import standing, transfer
from tests.unit.planning.repositories_on_twins import Team, shared_platform, state, titles
from tests.unit.policies.meshes import written


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/catalog.db"


@pytest.fixture
def teams(tmp_path: Path, address: str) -> tuple[Team, Team]:
    """Give one that has applied `sales`, and one that has the same files."""
    platform = shared_platform(address)
    one, other = (Team(tmp_path, name, platform, "sales") for name in ("one", "other"))
    one.apply()
    return one, other


def test_the_first_apply_claims_and_says_who_and_from_which_commit(teams, tmp_path, address):
    one, _ = teams
    claim = standing(one.platform)["sales"]
    assert (claim.repository, claim.by, claim.commit) == (one.name, "one", "c-one")
    assert claim.since.startswith("20")
    assert one.platform.catalog.claims() == {"sales": claim}
    record = one.platform.resources.read()["domain/sales"]
    assert (record.domain, record.owner) == ("sales", "domain/sales")
    assert record.details["repository"] == one.name
    fresh = Team(tmp_path / "fresh", "one", shared_platform(f"{address}2"), "sales")
    assert "1 claim" in text(fresh.plan())
    assert "claim domain sales" in titles(fresh.plan())


def test_another_repository_is_told_who_holds_it_since_when_and_what_to_do(teams):
    one, other = teams
    before = state(other.platform)
    plan = other.plan()
    (problem,) = plan.problems
    assert isinstance(problem, DomainHeldElsewhere)
    assert one.name in problem.what
    assert "by one" in problem.why
    assert f"mesh domain transfer sales --to {other.name}" in problem.fix
    assert str(problem.where).startswith("domains/sales/domain.yaml")
    assert plan.steps == ()
    with pytest.raises(MeshErrors):
        other.apply()
    assert state(other.platform) == before


def test_a_move_removes_and_makes_nothing(teams):
    one, other = teams
    before = state(one.platform)
    transfer(one.platform, "sales", other.name)
    (refused,) = one.plan().problems
    assert isinstance(refused, DomainHandedOver)
    assert other.name in refused.what
    assert titles(other.plan()) == ["claim domain sales"]
    (step,) = other.plan().steps
    assert f"takes it from {one.name}" in step.detail
    assert step.details == {"repository": other.name, "before": one.name}
    other.apply()
    assert other.plan().empty
    after = state(other.platform)
    assert after.pop("catalog") != (catalog := before.pop("catalog"))
    assert after == before
    assert [row for row in catalog["claims"] if other.name in row] == []
    assert isinstance(one.plan().problems[0], DomainHeldElsewhere)
    one.drop("sales")
    assert one.plan().empty
    changes = [one.record for one in other.platform.catalog.history("sales", limit=2)]
    assert changes == ["claims", "claims"]


def test_only_the_holder_hands_over_or_somebody_with_a_reason_that_is_recorded(teams):
    one, other = teams
    with pytest.raises(DomainNotHeld, match="held by"):
        transfer(other.platform, "sales", other.name)
    with pytest.raises(ReasonMissing):
        transfer(other.platform, "sales", other.name, force=True)
    transfer(other.platform, "sales", other.name, force=True, reason="its repository is gone")
    (problem,) = one.plan().problems
    assert "by other: its repository is gone" in problem.why
    before = other.platform.catalog.claims()["sales"]
    assert before.reason == "its repository is gone"
    other.apply()
    past = other.platform.catalog.history("sales", limit=1)[0].before
    assert "its repository is gone" in past


def test_an_offer_is_taken_back(teams):
    one, other = teams
    transfer(one.platform, "sales", other.name)
    transfer(one.platform, "sales", one.name)
    assert one.plan().empty
    assert isinstance(other.plan().problems[0], DomainHeldElsewhere)


def test_nobody_can_hand_over_what_nobody_has(teams):
    with pytest.raises(DomainUnknown, match="crm"):
        transfer(teams[0].platform, "crm", "x")


def test_a_workspace_that_gets_a_remote_is_the_same_repository(tmp_path, address):
    team = Team(tmp_path, "one", shared_platform(address), "sales")
    named, place = team.platform.repository, f"laptop:{team.root}"
    team.platform = replace(team.platform, repository=Repository(place, place))
    team.apply()
    team.platform = replace(team.platform, repository=named)
    assert titles(team.plan()) == ["claim domain sales"]
    team.apply()
    assert team.plan().empty
    assert standing(team.platform)["sales"].repository == team.name


def test_claims_come_back_where_catalog_or_kafka_lost_them(teams, tmp_path, address):
    one, other = teams
    empty = shared_platform(f"{address}-new").catalog
    one.platform = replace(one.platform, catalog=empty)
    assert "claim domain sales" in titles(one.plan())
    one.apply()
    assert one.plan().empty
    one.platform.resources.remove(["domain/sales"])
    other.platform = replace(other.platform, catalog=empty)
    assert isinstance(other.plan().problems[0], DomainHeldElsewhere)
    assert titles(one.plan()) == ["claim domain sales"]
    one.apply()
    assert "domain/sales" in one.platform.resources.read()


def test_without_a_catalog_the_records_on_kafka_are_enough(tmp_path):
    platform = shared_platform()
    one, other = (Team(tmp_path, name, platform, "sales") for name in ("one", "other"))
    one.apply()
    assert one.plan().empty
    assert isinstance(other.plan().problems[0], DomainHeldElsewhere)


def test_the_problem_of_one_domain_leaves_the_other_ones_steps(tmp_path, address):
    platform = shared_platform(address)
    one = Team(tmp_path, "one", platform, "sales")
    one.apply()
    both = Team(tmp_path, "both", platform, "sales", "crm")
    plan = both.plan()
    assert plan.blocked
    assert {step.owner.domain for step in plan.steps} <= {"crm", ""}
    assert any(step.owner.domain == "crm" for step in plan.steps)


def test_a_failed_claim_of_the_catalog_is_completed_by_the_next_apply(
    tmp_path, address, monkeypatch
):
    team = Team(tmp_path, "one", shared_platform(address), "sales")
    away = shared_platform(f"sqlite:///{tmp_path}").catalog
    with monkeypatch.context() as patch:
        patch.setattr(team.platform.catalog, "claim", away.claim)
        with pytest.raises(StepFailed, match="claim domain sales"):
            service.apply(team.plan(), team.platform)
    assert team.platform.catalog.claims() == {}
    team.apply()
    assert team.plan().empty
    assert team.platform.catalog.claims()["sales"] == standing(team.platform)["sales"]


def test_there_is_one_governance(tmp_path, address):
    platform = shared_platform(address)
    one, other = (Team(tmp_path, name, platform) for name in ("governance", "rival"))
    assert "share the mesh's environments" in titles(one.plan())
    first, second = one.plan(), other.plan()
    assert first.basis == second.basis
    one.apply()
    assert one.plan().basis != first.basis
    (problem,) = other.plan().problems
    assert "the mesh's governance is held by" in problem.what
    assert other.plan().steps == ()
    transfer(one.platform, GOVERNANCE, other.name)
    other.apply()
    assert other.plan().empty
    assert other.platform.catalog.environments()["production"].repository == other.name


def test_governance_shares_what_mesh_toml_says_and_never_a_secret(tmp_path, address, monkeypatch):
    monkeypatch.setenv("KAFKA_PW", "hunter2-the-password")
    team = Team(tmp_path, "governance", shared_platform(address))
    team.apply()
    assert team.plan().empty
    found = team.platform.catalog.environments()
    assert list(found) == ["production"]
    assert "${KAFKA_PW}" in found["production"].document
    assert (found["production"].mesh, found["production"].by) == ("three", "governance")
    assert b"hunter2" not in (tmp_path / "catalog.db").read_bytes()
    file = team.root / "mesh.toml"
    file.write_text(file.read_text().replace("= 3,", "= 2,"))
    (step,) = team.plan().steps
    assert step.detail == "~ production"
    team.apply()
    assert '"replication_factor":2' in team.platform.catalog.environments()["production"].document
    file.write_text(
        '[mesh]\nname = "three"\n[environments.stage]\nkafka = { bootstrap_servers = "k" }'
    )
    assert team.plan().steps[0].detail == "+ stage, - production"


def govern(team: Team, *names: str) -> None:
    """Give a repository that has domains a folder of policies for all."""
    folder = team.root / "policies"
    folder.mkdir(exist_ok=True)
    for one in folder.iterdir():
        one.unlink()
    for name in names:
        query = "SELECT subject FROM domains WHERE false"
        (folder / f"{name}.policy.yaml").write_text(written(query, name=name))


def policies_of(team: Team) -> list[str]:
    return [file for file, _ in team.platform.catalog.global_policies()]


@pytest.mark.parametrize("names", [("theirs",), ()])
def test_two_with_a_folder_of_policies_overwrite_nothing_of_each_other(tmp_path, address, names):
    platform = shared_platform(address)
    one, other = (Team(tmp_path, name, platform, name) for name in ("sales", "crm"))
    govern(one, "ours")
    one.apply()
    assert policies_of(one) == ["policies/ours.policy.yaml"]
    govern(other, *names)
    problems = other.plan().problems
    assert ["the mesh's governance is held by" in problem.what for problem in problems] == [True]
    with pytest.raises(MeshErrors):
        other.apply()
    assert policies_of(one) == ["policies/ours.policy.yaml"]
    shutil.rmtree(other.root / "policies")
    other.apply()
    assert policies_of(one) == ["policies/ours.policy.yaml"]


def test_an_empty_folder_takes_the_last_policy_back(tmp_path, address):
    team = Team(tmp_path, "sales", shared_platform(address), "sales")
    govern(team, "ours")
    team.apply()
    govern(team)
    team.apply()
    assert policies_of(team) == []
    assert team.plan().empty


def test_a_domain_shares_no_environments(teams):
    one, _ = teams
    (one.root / "mesh.toml").write_text(
        '[mesh]\nname = "three"\n[environments.stage]\nkafka = { bootstrap_servers = "k" }\n'
    )
    assert one.plan().empty
