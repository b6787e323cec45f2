"""The program itself: what `mesh --help` lists, and what it costs to ask."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from streammesh import __version__
from streammesh.cli import main

MESH = [sys.executable, "-m", "streammesh.cli.main"]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main.run(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "--help")
    assert status == 0
    for name, entry in main.COMMANDS.items():
        assert f"  {name} " in out
        assert entry.summary in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 100


def test_help_imports_no_command_and_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from streammesh.cli import main\n"
        "main.run(['--help'])\n"
        "print(*sorted(sys.modules), sep='\\n', file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    loaded = set(done.stderr.split())
    commands = {f"streammesh.cli.{name}" for name in main.COMMANDS}
    assert not loaded & commands
    assert not loaded & {"rich", "confluent_kafka", "httpx", "sqlglot", "psycopg", "pydantic"}


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_is_there_and_explains_itself(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    module = importlib.import_module(f"streammesh.cli.{name}")
    assert isinstance(module.command, click.Command)
    status, out, err = said(capsys, name, "--help")
    assert (status, err) == (0, "")
    assert out.startswith(f"Usage: mesh {name}")
    documented = [one for one in module.command.params if isinstance(one, click.Option)]
    assert [one.name for one in documented if not one.help] == []


@pytest.mark.parametrize("entry", main.COMMANDS.values(), ids=main.COMMANDS)
def test_summaries_are_one_sentence(entry: main.Entry) -> None:
    assert len(entry.summary) <= 80
    assert entry.summary.endswith(".")
    assert entry.summary[0].isupper()


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "--version")
    assert (status, __version__ in out) == (0, True)


def test_a_mistyped_command_is_met_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, "consme")
    assert (status, out) == (2, "")
    assert "`consme`" in err
    assert "fix: mesh consume" in err


def test_without_arguments_the_help_is_shown_and_the_status_is_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out, err = said(capsys)
    assert (status, out) == (2, "")
    assert "consume" in err


def test_a_wrong_option_is_an_error_of_four_parts(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = said(capsys, "consume", "sales.orders", "-n", "many")
    assert status == 2
    assert err.startswith("error: ")
    assert "fix: see mesh consume --help" in err


def test_work_in_another_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [*MESH, "-C", str(tmp_path), "consume", "sales.orders"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr


def test_a_reader_that_goes_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*MESH, "--help"], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert done.stderr == ""
    assert done.returncode != 0
