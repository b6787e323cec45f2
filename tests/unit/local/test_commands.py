import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from streammesh.cli import main
from streammesh.cli.stack_progress import StackProgress
from streammesh.errors import ExitCode
from streammesh.local.info import ComponentStatus
from streammesh.local.stack import COMPONENTS, Stack

WITHOUT = """
import sys
sys.modules[sys.argv[1]] = None
from streammesh.cli.main import run
sys.exit(run(["up"]))
"""


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    (tmp_path / "mesh.toml").write_text('[mesh]\nname = "test"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def healthy(name: str, state: str = "healthy") -> ComponentStatus:
    return ComponentStatus(name, state, 7, 1234, 197_000_000, Path.cwd() / ".mesh/logs/x.log")


def test_status_of_what_was_never_started(workspace, capsys):
    assert main.run(["status"]) == ExitCode.CHECK_SAID_NO
    assert capsys.readouterr().out.count("stopped") == len(COMPONENTS)
    assert not (workspace / ".mesh").exists()


@pytest.mark.parametrize(
    ("state", "code"), [("healthy", 0), ("died", 3), ("unresponsive", 3), ("stopped", 3)]
)
def test_status_exits_by_health(workspace, monkeypatch, capsys, state, code):
    monkeypatch.setattr(Stack, "status", lambda _: (healthy("kafka"), healthy("connect", state)))
    assert main.run(["status"]) == code
    assert "197 MB" in capsys.readouterr().out
    main.run(["status", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [one["state"] for one in told["stack"]] == ["healthy", state]
    assert (told["reached"], told["sources"]) == (False, [])


def test_env_of_a_stack_that_is_down(workspace, capsys):
    assert main.run(["env"]) == ExitCode.CHECK_SAID_NO
    assert "fix: mesh up" in capsys.readouterr().err


def test_data_is_not_deleted_unasked(workspace, capsys):
    (workspace / ".mesh" / "data").mkdir(parents=True)
    assert main.run(["down", "--delete-data"]) == ExitCode.USAGE
    assert (workspace / ".mesh" / "data").exists()
    assert main.run(["down", "--delete-data", "--yes"]) == ExitCode.OK
    assert not (workspace / ".mesh" / "data").exists()


@pytest.mark.parametrize("package", ["psutil", "jgo"])
def test_without_the_extra_it_says_how_to_install_it(workspace, package):
    command = [sys.executable, "-c", WITHOUT, package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.FAILED
    assert f"needs the Python package `{package}`" in done.stderr
    assert "pip install 'streammesh[local]'" in done.stderr


def test_progress_in_plain_lines(capsys):
    with StackProgress(Console(file=sys.stdout, width=100)) as progress:
        for percent in range(0, 101, 5):
            progress("downloads", "fetching", f"{percent} %  of 259 MB")
        progress("downloads", "ready", "Kafka 4.4.0")
        progress("kafka", "starting", "")
        progress("kafka", "ready", "127.0.0.1:19092")
        progress("connect", "failed", "")
    lines = capsys.readouterr().out.splitlines()
    assert lines[-4:] == [
        "  … downloads     100 %  of 259 MB",
        "  ✓ downloads     Kafka 4.4.0",
        "  ✓ Kafka         127.0.0.1:19092       SASL/SCRAM, ACLs on",
        "  ✗ Connect       did not start",
    ]
    assert len(lines) == 8
