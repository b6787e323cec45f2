"""README's way to a mesh of one's own: its files and commands, typed word for word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streammesh.cli.main import run
from tests.acceptance.newcomer import Terminal, wait_until
from tests.acceptance.shell import Shell

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r"^## Your own database\n(.*?)^## ", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"(?:^`([\w./-]+)`:\n\n)?((?:^    .*\n|^\n(?=    ))+)", re.MULTILINE)

Step = tuple[str, str]
"""A path and the file's text, or nothing and a command."""


def steps() -> list[Step]:
    """Read what the page says to write and to type, in its order."""
    section = SECTION.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert section
    found: list[Step] = []
    for path, block in BLOCK.findall(section[1]):
        lines = [line[4:] for line in block.splitlines()]
        if path:
            found.append((path, "\n".join(lines) + "\n"))
        else:
            found += [("", line[2:]) for line in lines if line.startswith("$ ")]
    return found


def test_the_page_has_files_and_commands() -> None:
    paths = [path for path, _ in steps() if path]
    commands = [text for path, text in steps() if not path]
    assert len(paths) == 5
    for name in ("init", "up", "validate", "preview", "plan", "apply", "run", "consume"):
        assert any(one.startswith(f"mesh {name}") for one in commands), name


def test_the_example_has_the_files_of_the_page(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path / "library"), "--example"]) == 0
    for path, text in steps():
        if path:
            written = (tmp_path / "library" / path).read_text()
            assert re.sub(r"\A# yaml-language-server: .*\n", "", written) == text


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Do what the page says; `said` has what stood on the terminal after each command."""
    folder = tmp_path_factory.mktemp("own")
    workspace = folder / "library"
    told = SimpleNamespace(said={}, workspace=workspace, engine=None)
    shell = Shell(folder)
    try:
        for path, text in steps():
            if path:
                (workspace / path).parent.mkdir(parents=True, exist_ok=True)
                (workspace / path).write_text(text)
            elif text == "mesh run":
                told.engine = Terminal(workspace).start("run")
                wait_for_documents(shell)
            else:
                status, said = shell.type(text, 600)
                assert status == 0, f"{text}\n{said}"
                told.said[text] = said
        yield told
    finally:
        if told.engine is not None:
            told.engine.terminate()
            told.engine.communicate(timeout=60)
        shell.type("mesh down --delete-data --yes", 120)
        shell.close()


def wait_for_documents(shell: Shell) -> None:
    """Be as patient as the person who looks at the other terminal until something comes."""
    wait_until(lambda: len(documents(shell.type("mesh consume library.books")[1])) == 3, 120)


def documents(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


slow = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(900)]


class TestTheWay:
    pytestmark = slow

    def test_the_files_are_valid(self, story: SimpleNamespace) -> None:
        assert "no errors" in story.said["mesh validate"]

    def test_the_preview_is_what_the_product_says(self, story: SimpleNamespace) -> None:
        shown = documents(story.said["mesh preview library.books"])
        events = documents(story.said["mesh consume library.books"])
        assert len(shown) == 3
        assert {str(one["key"]): one["value"] for one in shown} == {
            str(one["key"]): one["value"] for one in events
        }

    def test_the_plan_says_what_will_be(self, story: SimpleNamespace) -> None:
        plan = story.said["mesh plan"]
        assert "library.books" in plan
        assert "stock" in plan
        assert max(map(len, plan.splitlines())) <= 100

    def test_a_change_arrives(self, story: SimpleNamespace) -> None:
        last = documents(story.said["mesh consume library.books --from 1m"])[-1]
        assert last["key"] == {"isbn": "9780140449266"}
        assert last["value"]["copies"] == [{"number": 3, "shelf": "C1", "lent": True}]

    def test_no_line_is_a_traceback(self, story: SimpleNamespace) -> None:
        assert [one for one in story.said.values() if "Traceback" in one] == []

    def test_what_is_kept_secret_stays_so(self, story: SimpleNamespace) -> None:
        for path in story.workspace.rglob("*.yaml"):
            assert "postgresql://" not in path.read_text()
