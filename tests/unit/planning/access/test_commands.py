"""`mesh access` as people run it, on twins."""

from __future__ import annotations

import json
import stat
from dataclasses import replace

import pytest

from streammesh.catalog.workspaces import GOVERNANCE, Claim
from streammesh.cli import access as access_command
from streammesh.cli import plan as plan_command
from streammesh.cli.main import run
from streammesh.documents.repository import Repository
from tests.unit.planning.access.conftest import CLOSED, OPEN

LOADER = "mesh.finance.loader"
CATALOG = "catalog = { url = 'sqlite:///%s' }\n"


@pytest.fixture
def shared(mesh, monkeypatch):
    """Stand in a workspace whose environment is no local stack."""
    monkeypatch.chdir(mesh.root)
    for module in (access_command, plan_command):
        monkeypatch.setattr(module, "applying", lambda *_: mesh.platform)
    mesh.root.joinpath("mesh.toml").write_text(
        '[mesh]\nname = "three"\n[environments.local]\nkafka = { bootstrap_servers = "k:9092" }\n'
        + CATALOG % (mesh.root / "catalog.db")
    )
    mesh.subscribe(CLOSED)
    mesh.apply()
    return mesh


def test_the_password_is_all_that_stdout_has_and_stands_nowhere_else(shared, capfd, caplog):
    assert run(["access", "approve", "finance/loads", "--reason", "go", "--expires", "90d"]) == 0
    out, err = capfd.readouterr()
    password = out.strip()
    assert shared.platform.kafka.passwords[LOADER] == password
    assert password not in err + caplog.text
    everything = str(shared.platform.resources.read()) + str(shared.catalog.access())
    everything += (shared.root / "catalog.db").read_bytes().decode("latin-1")
    assert password not in everything
    assert "its password went to stdout" in err
    assert "granted until" in err


def test_the_password_goes_to_a_file_of_mode_0600_if_one_is_named(shared, capfd, tmp_path):
    file = tmp_path / "loads.secret"
    assert run(["access", "approve", "finance/loads", "--secret-to", str(file)]) == 0
    assert capfd.readouterr().out == ""
    assert shared.platform.kafka.passwords[LOADER] == file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run(["access", "approve", "finance/loads", "--secret-to", str(file)]) == 2


def test_revoking_says_what_it_cut(shared, capfd):
    run(["access", "approve", "finance/loads"])
    capfd.readouterr()
    assert run(["access", "revoke", "finance/loads", "--reason", "enough"]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert max(map(len, err.splitlines())) <= 100
    assert (
        f"cut off: {LOADER} (read group {LOADER}.*; "
        "describe, read crm.customers.v1, mesh.notices.v1)" in " ".join(err.split())
    )
    assert f"user {LOADER} can't log in any more" in err
    assert run(["access", "revoke", "finance/loads"]) == 0
    assert "nothing to do" in capfd.readouterr().err


def test_who_waits_and_who_may_is_listed(shared, capfd):
    assert run(["access", "list", "--waiting"]) == 0
    assert "waits for crm" in capfd.readouterr().out
    run(["access", "deny", "finance/loads", "--reason", "use totals"])
    run(["access", "deny", "marketing/others.crm.customers"])
    capfd.readouterr()
    assert run(["access", "list", "--waiting"]) == 0
    assert "no request waits" in capfd.readouterr().err
    assert run(["access", "list", "nosuch"]) == 0
    assert "nosuch has asked for no access" in capfd.readouterr().err
    assert run(["access", "list", "finance", "--json"]) == 0
    (listed,) = json.loads(capfd.readouterr().out)
    assert (listed["name"], listed["state"], listed["reason"]) == (
        "finance/loads",
        "denied",
        "use totals",
    )
    assert run(["access", "request", "finance/loads", "--reason", "please"]) == 0
    assert "it was refused before" in capfd.readouterr().err
    assert run(["access", "history", "finance/loads", "--json"]) == 0
    states = [one["state"] for one in json.loads(capfd.readouterr().out)]
    assert states == ["requested", "denied", "requested"]
    assert run(["access", "history", "finance/loads"]) == 0
    assert "please" in capfd.readouterr().out


def test_what_is_granted_is_revoked_and_not_denied(shared, capfd):
    run(["access", "approve", "finance/loads", "--expires", "90d"])
    capfd.readouterr()
    assert run(["access", "deny", "finance/loads"]) == 4
    assert "fix: mesh access revoke finance/loads" in capfd.readouterr().err
    run(["access", "revoke", "finance/loads"])
    capfd.readouterr()
    assert run(["access", "list"]) == 0
    listed = capfd.readouterr().out
    assert "revoked" in listed
    assert "until" not in listed


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["approve", "finance/load"], 2),
        (["approve", "finance/loads", "--expires", "yesterday"], 2),
        (["approve", "finance/loads", "--field", "nam"], 1),
        (["revoke", "finance/loads"], 4),
        (["request", "finance/other"], 2),
        (["history", "finance/load"], 2),
    ],
)
def test_what_can_not_be_is_told_with_the_right_exit_status(shared, capfd, arguments, code):
    assert run(["access", *arguments]) == code
    assert "error: " in capfd.readouterr().err


def test_apply_prints_no_password(shared, capfd):
    shared.subscribe(OPEN, "second", consumer="second")
    assert run(["apply", "--yes"]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    for password in shared.platform.kafka.passwords.values():
        assert password not in err


def held_elsewhere(shared, domain, *, governance=""):
    """Let this be a repository that does not hold the domain."""
    shared.platform = replace(shared.platform, repository=Repository("here", "here"))
    claims = [Claim(domain, "git.example.com/acme/theirs")]
    claims += [Claim(GOVERNANCE, governance)] if governance else []
    shared.catalog.claim(claims, who="ann", commit="")


@pytest.mark.parametrize("action", ["approve", "deny"])
def test_access_is_decided_by_the_repository_that_holds_the_product(shared, capfd, action):
    held_elsewhere(shared, "crm")
    before = shared.subscribed()
    assert run(["access", action, "finance/loads"]) == 4
    said = capfd.readouterr().err
    assert "git.example.com/acme/theirs holds the domain `crm`" in said
    assert shared.subscribed() == before
    assert LOADER not in shared.platform.kafka.passwords


def test_who_governs_the_mesh_decides_too(shared, capfd):
    held_elsewhere(shared, "crm", governance="here")
    assert run(["access", "approve", "finance/loads"]) == 0
    held_elsewhere(shared, "crm", governance="git.example.com/acme/governance")
    assert run(["access", "revoke", "finance/loads"]) == 4
    assert LOADER in shared.platform.kafka.passwords


def test_only_the_repository_of_a_subscription_asks_for_it(shared, capfd):
    run(["access", "deny", "finance/loads"])
    held_elsewhere(shared, "finance")
    assert run(["access", "request", "finance/loads"]) == 4
    assert [one.state for one in shared.subscribed()] == ["denied"]


def test_access_is_not_decided_by_the_catalog_of_another_environment(shared, monkeypatch, capfd):
    other = replace(shared.platform.kafka.cluster(), id="another")
    monkeypatch.setattr(shared.platform.kafka, "cluster", lambda: other)
    assert run(["access", "approve", "finance/loads"]) == 3
    assert "is that of another environment" in capfd.readouterr().err
    assert LOADER not in shared.platform.kafka.passwords


def test_a_plan_says_how_to_apply_what_it_shows(shared, capfd):
    shared.root.joinpath("domains/finance/subscriptions/loads.subscription.yaml").unlink()
    assert run(["plan", "--delete-data"]) == 0
    assert "Apply with `mesh apply --delete-data`." in capfd.readouterr().err
