"""What a person sees, and what a script gets, when a command doesn't end well."""

import errno
import json
import os
import stat
from pathlib import Path

import click
import pytest

from streammesh.cli import failures, main
from streammesh.errors import ExitCode, Location, MeshErrors, RemoteFailed, UsageError


@pytest.fixture
def run_raising(monkeypatch: pytest.MonkeyPatch):
    """Give a function that runs a command which raises, or returns, what it is told."""

    def run(outcome: BaseException | int | None, *arguments: str) -> int:
        @click.command
        @click.option("--json", is_flag=True)
        def command(json: bool) -> int | None:
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        monkeypatch.setattr(main.Commands, "get_command", lambda *_: command)
        return main.run(["plan", *arguments])

    return run


def test_bytes_that_are_no_text_are_the_users_and_no_bug(capsys) -> None:
    error = UnicodeEncodeError("utf-8", "a\udcff", 1, 2, "surrogates not allowed")
    assert failures.report(error, ["deny", "a\udcff"]) == 2
    assert "`a?` holds bytes that are no UTF-8" in capsys.readouterr().err
    assert failures.report(error, ["deny", "a"]) == 1
    assert "this is a bug in streammesh" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("outcome", "status"), [(None, 0), (0, 0), (ExitCode.PLAN_HAS_CHANGES, 10)]
)
def test_a_command_gives_its_exit_status(run_raising, outcome, status) -> None:
    assert run_raising(outcome) == status


def test_an_error_is_rendered_on_stderr(run_raising, capsys) -> None:
    error = UsageError(what="no", where=Location("a.yaml", 1, 2), why="so", fix="that")
    assert run_raising(error) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "error: no\n  a.yaml:1:2\n  so\n  fix: that\n"


def test_with_json_errors_are_json(run_raising, capsys) -> None:
    errors = MeshErrors([UsageError(what="a"), RemoteFailed(what="b", fix="c")])
    assert run_raising(errors, "--json") == 5
    captured = capsys.readouterr()
    assert captured.out == ""
    found = json.loads(captured.err)["errors"]
    assert [one["what"] for one in found] == ["a", "b"]
    assert found[1]["fix"] == "c"


def test_an_interrupt_is_quiet(run_raising, capsys) -> None:
    assert run_raising(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err.strip() == ""


def test_an_answer_that_never_came_is_a_failure(run_raising) -> None:
    assert run_raising(click.Abort()) == 1


def test_the_status_of_exit_is_kept(run_raising) -> None:
    assert run_raising(SystemExit(7)) == 7


def test_a_gone_reader_is_quiet(run_raising, capsys) -> None:
    assert run_raising(OSError(errno.EPIPE, "broken")) in (1, 141)
    assert capsys.readouterr().err == ""


def test_a_bug_is_one_that_says_so_without_a_traceback(run_raising, capsys) -> None:
    assert run_raising(ValueError("boom\nsecond line")) == 1
    err = capsys.readouterr().err
    assert "this is a bug in streammesh (ValueError: boom)" in err
    assert "Traceback" not in err
    path = Path(err.split("details: ")[1].split("\n")[0])
    assert "Traceback" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.unlink()


def test_a_bug_without_words(run_raising, capsys) -> None:
    assert run_raising(AssertionError()) == 1
    err = capsys.readouterr().err
    assert "AssertionError" in err
    os.unlink(err.split("details: ")[1].split("\n")[0])


def test_whoever_debugs_sees_the_traceback(run_raising, capsys, monkeypatch) -> None:
    monkeypatch.setenv("MESH_DEBUG", "1")
    assert run_raising(ValueError("boom")) == 1
    assert "Traceback" in capsys.readouterr().err
