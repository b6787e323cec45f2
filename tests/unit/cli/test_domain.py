"""`mesh domain` as it is typed, on twins."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.cli import catalogs, domain, platform
from streammesh.cli.main import run
from streammesh.documents.workspace import load
from streammesh.planning.systems import Platform
from tests.unit.planning.repositories_on_twins import Team, shared_platform


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    one = Team(tmp_path, "sales", shared_platform(f"sqlite:///{tmp_path}/catalog.db"), "sales")
    monkeypatch.setattr(domain, "applying", lambda *_: one.platform)
    monkeypatch.setattr(catalogs, "catalog_address", lambda *_: f"sqlite:///{tmp_path}/catalog.db")
    monkeypatch.chdir(one.root)
    return one


def test_nothing_is_claimed_before_the_first_apply(team, capsys):
    assert run(["domain", "list"]) == 0
    assert "no domain is claimed yet" in capsys.readouterr().err
    assert run(["domain", "transfer", "sales", "--to", "x"]) == 2


def test_claims_are_listed_and_handed_over(team, capsys):
    team.apply()
    assert run(["domain", "list"]) == 0
    assert f"sales    {team.name}" in capsys.readouterr().out
    assert (
        run(["domain", "transfer", "sales", "--to", "https://me:pw@git.example.com/a/B.git"]) == 0
    )
    said = capsys.readouterr()
    assert said.out == ""
    assert "the domain `sales` is handed over to git.example.com/a/b" in said.err
    assert run(["domain", "list", "--json"]) == 0
    (claim,) = json.loads(capsys.readouterr().out)
    assert (claim["repository"], claim["promised_to"]) == (team.name, "git.example.com/a/b")
    assert run(["domain", "transfer", "sales", "--to", team.name]) == 0
    assert "stays with" in capsys.readouterr().err


def test_the_files_of_a_domain_may_be_gone_when_it_is_handed_over(team, capsys):
    team.apply()
    team.drop("sales")
    (team.root / "domains/sales").mkdir()
    (team.root / "domains/sales/domain.yaml").write_text("name: [")
    assert run(["domain", "transfer", "sales", "--to", "git.example.com/b", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["promised_to"] == "git.example.com/b"


@pytest.mark.parametrize("arguments", [[], ["sales", "--governance"]])
def test_a_domain_or_governance_is_named(team, capsys, arguments):
    assert run(["domain", "transfer", *arguments, "--to", "x"]) == 2
    assert "a domain, or --governance?" in capsys.readouterr().err


@pytest.mark.parametrize("to", ["", " ", "https://"])
def test_a_name_that_is_none_takes_no_offer_back(team, capsys, to):
    team.apply()
    assert run(["domain", "transfer", "sales", "--to", "git.example.com/b"]) == 0
    assert run(["domain", "transfer", "sales", "--to", to]) == 2
    assert "`--to` names no repository" in capsys.readouterr().err
    assert run(["domain", "list"]) == 0
    assert "git.example.com/b" in capsys.readouterr().out


@pytest.mark.parametrize("said", [(), ("--reason", " ")])
def test_force_needs_a_reason(team, capsys, said):
    team.apply()
    assert run(["domain", "transfer", "sales", "--to", "x", "--force", *said]) == 2
    assert "needs `--reason`" in capsys.readouterr().err


def test_who_applies_to_a_shared_environment_has_a_repository_and_a_local_stack_none(
    team, monkeypatch
):
    monkeypatch.setattr(platform, "platform_of", lambda *_: shared_platform())
    monkeypatch.setenv("MESH_REPOSITORY", "git@git.example.com:acme/sales.git")
    workspace = load(team.root)
    local = workspace.environments["local"]
    assert platform.applying(workspace, local).repository is None
    found = platform.applying(workspace, replace(local, stack=None)).repository
    assert found.name == "git.example.com/acme/sales"
    said = replace(workspace, repository="git.example.com/Acme/said")
    found = platform.applying(said, replace(local, stack=None)).repository
    assert found.name == "git.example.com/acme/said"


def test_to_list_domains_needs_the_catalog_alone(team, capsys, monkeypatch):
    team.apply()

    def unknown(*_: object) -> Platform:
        raise AssertionError("the systems were asked for")

    monkeypatch.setattr(domain, "applying", unknown)
    assert run(["domain", "list"]) == 0
    assert team.name in capsys.readouterr().out
