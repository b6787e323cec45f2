"""`mesh init`: valid at once, and nothing that is there is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streammesh.cli.main import run
from streammesh.documents.names import NAME
from streammesh.scaffold.naming import name_from


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".mesh" not in path.parts
    }


@pytest.mark.parametrize("options", [(), ("--example",)])
def test_a_new_workspace_is_valid(here: Path, options: tuple[str, ...], capsys) -> None:
    assert run(["init", "library", *options]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in files(here / "library"))
    assert "next:" in told
    assert run(["-C", "library", "validate"]) == 0


def test_no_placeholder_is_left(here: Path) -> None:
    for number, option in enumerate(([], ["--example"])):
        assert run(["init", f"shop{number}", *option]) == 0
    assert [name for name, text in files(here).items() if "__" in name + text] == []


def test_editors_find_the_schemas(here: Path) -> None:
    run(["init", "one", "--example"])
    named = 0
    for path in (here / "one").rglob("*.*ml"):
        first = path.read_text().splitlines()[0]
        schema = first.rpartition("=" if path.suffix == ".yaml" else " ")[2]
        assert (path.parent / schema).is_file(), first
        named += 1
    assert named == 5


def test_the_local_stack_is_kept_out_of_version_control(here: Path) -> None:
    run(["init", "."])
    assert ".mesh/" in (here / ".gitignore").read_text().splitlines()


def test_a_repository_keeps_what_it_has(here: Path, capsys) -> None:
    (here / "README.md").write_text("mine")
    (here / ".gitignore").write_text("*.pyc\n")
    assert run(["init", "."]) == 0
    assert (here / "README.md").read_text() == "mine"
    assert (here / ".gitignore").read_text() == "*.pyc\n"
    told = capsys.readouterr().out
    assert "README.md   was there" in told
    assert "add `.mesh/` to .gitignore" in told
    assert run(["validate"]) == 0


def test_a_workspace_is_never_written_over(here: Path, capsys) -> None:
    run(["init", "one"])
    before = files(here)
    assert run(["init", "one", "--example"]) == 2
    assert files(here) == before
    assert "already" in capsys.readouterr().err


def test_where_nothing_can_be_written_it_says_so(here: Path, capsys) -> None:
    (here / "file").touch()
    assert run(["init", "file"]) == 1
    assert run(["init", "file/below"]) == 1
    assert "file" in capsys.readouterr().err


def test_a_given_name_is_checked(here: Path, capsys) -> None:
    assert run(["init", "one", "--name", "My Mesh"]) == 1
    assert "write `my-mesh`" in capsys.readouterr().err
    assert files(here) == {}
    assert run(["init", "one", "--name", "my-mesh", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["mesh"] == "my-mesh"


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("library", "library"),
        ("My Shop (2026)", "my-shop-2026"),
        ("Übung_1", "ubung-1"),
        ("2026", "mesh-2026"),
        ("engine", "mesh-engine"),
        ("日本", "mesh"),
        ("", "mesh"),
        ("x" * 80, "x" * 49),
        ("a" * 48 + "-b", "a" * 48),
    ],
)
def test_names_are_made_of_folders(folder: str, name: str) -> None:
    assert name_from(folder) == name
    assert NAME.match(name)
