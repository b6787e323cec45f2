"""`mesh access` as people run it, on twins."""

from __future__ import annotations

import json
import stat

import pytest

from streammesh.cli import access as access_command
from streammesh.cli import plan as plan_command
from streammesh.cli.main import run
from tests.unit.planning.access.conftest import CLOSED, OPEN

LOADER = "mesh.finance.loader"
CATALOG = "catalog = { url = 'sqlite:///%s' }\n"


@pytest.fixture
def shared(mesh, monkeypatch):
    """Stand in a workspace whose environment is no local stack."""
    monkeypatch.chdir(mesh.root)
    for module in (access_command, plan_command):
        monkeypatch.setattr(
            module,
            "applying" if module is plan_command else "platform_of",
            lambda *_: mesh.platform,
        )
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
    assert (
        f"cut off: {LOADER} (read group {LOADER}.*; describe, read crm.customers.v1, mesh.notices)"
        in err
    )
    assert f"user {LOADER} can't log in any more" in err
    assert run(["access", "revoke", "finance/loads"]) == 0
    assert "nothing to do" in capfd.readouterr().err


def test_who_waits_and_who_may_is_listed(shared, capfd):
    assert run(["access", "list", "--waiting"]) == 0
    assert "waits for crm" in capfd.readouterr().out
    run(["access", "deny", "finance/loads", "--reason", "use totals"])
    capfd.readouterr()
    assert run(["access", "list", "--waiting"]) == 0
    assert "nobody has asked" in capfd.readouterr().err
    assert run(["access", "list", "crm", "--json"]) == 0
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


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["approve", "finance/load"], 2),
        (["approve", "finance/loads", "--expires", "yesterday"], 2),
        (["approve", "finance/loads", "--field", "nam"], 1),
        (["revoke", "finance/loads"], 4),
        (["request", "finance/other"], 2),
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
