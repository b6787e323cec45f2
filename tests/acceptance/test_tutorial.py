"""The story of a breaking change, word for word, on a stack of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.shell import Shell
from tests.acceptance.tutorial import Command, File, agrees, steps
from tests.unit.notices.receivers import mail_server, webhook

PAGE = Path(__file__).parents[2] / "docs/tutorials/breaking-change.md"


def test_a_page_is_files_and_commands():
    page = "`a/b.yaml`:\n\n```yaml\nx: 1\n```\n\n```console\n$ one\nsays\n…\n$ two\n```\n"
    assert steps(page) == (
        File("a/b.yaml", "x: 1\n"),
        Command("one", ("says", "…")),
        Command("two", None),
    )


@pytest.mark.parametrize(
    ("expected", "said", "right"),
    [
        (("a", "b"), "a\nb\n", True),
        (("a", "b"), "a\nc\n", False),
        (("a",), "a\nb\n", False),
        (("a", "…"), "a\nb\nc\n", True),
        (("…", "c"), "a\nb\nc\n", True),
        (("a …, b",), "a 2027, b\n", True),
        (("a …, b",), "a 2027, c\n", False),
        (("a.c",), "abc\n", False),
        (("a", "…", "d"), "a\nd\n", True),
        (("seen just now   b",), "seen 3 s ago    b\n", True),
        (("seen just now   b",), "seen 3 days ago   b\n", False),
        (None, "whatever\n", True),
    ],
)
def test_what_is_said_is_compared(expected, said, right):
    assert agrees(expected, said) is right


def test_the_story_has_all_its_parts():
    lines = [
        one.line for one in steps(PAGE.read_text(encoding="utf-8")) if isinstance(one, Command)
    ]
    for command in (
        *("plan", "apply", "consume", "consumers", "access approve"),
        *("release", "deprecate", "notices", "ack", "retire"),
    ):
        assert any(one.startswith(f"mesh {command}") for one in lines), command


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_story_is_true(tmp_path):
    with mail_server() as mails, webhook() as hook:
        shell = Shell(tmp_path)
        try:
            shell.type(f"export SMTP_URL='{mails.url}'")
            shell.type(f"export NOTICES_WEBHOOK=http://127.0.0.1:{hook.port}/mesh")
            for one in steps(PAGE.read_text(encoding="utf-8")):
                follow(one, shell, tmp_path)
        finally:
            with contextlib.suppress(AssertionError):
                shell.type("kill $(jobs -p)")
            shell.close()
            down = ("-m", "streammesh.cli.main", "down", "--delete-data", "--yes")
            subprocess.run([sys.executable, *down], cwd=tmp_path / "library", check=True)
        assert {address for address, _ in mails.got} == {
            "site@example.com",
            "shelves@example.com",
        }
        assert len(mails.got) == len(hook.got) == 2
        assert all("ends on" in body["title"] for _, body in hook.got)


def follow(step: File | Command, shell: Shell, folder: Path) -> None:
    """Do a step as a reader does, and compare what comes."""
    if isinstance(step, File):
        path = folder / step.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.text, encoding="utf-8")
        return
    background = step.line.endswith("&")
    line = f"{{ {step.line} }}" if background else step.line
    status, said = shell.type(line, 600)
    if step.says is None:
        assert status == 0, f"{step.line}\n{said}"
    else:
        assert agrees(step.says, said), f"{step.line}\n{said}"
