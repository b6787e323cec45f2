from pathlib import Path

import pytest

from streammesh.demo import example
from streammesh.documents import workspace
from streammesh.errors.demo import NotTheExample


def test_a_copy_of_the_example_is_a_valid_workspace(tmp_path: Path) -> None:
    root = example.place(tmp_path / "demo")
    assert [port.label for port in workspace.load(root).ports if port.name == "orders"]
    assert (root / "database" / "seed.sql").is_file()


def test_no_running_stack_is_copied(tmp_path: Path) -> None:
    assert not (example.place(tmp_path / "demo") / ".mesh").exists()


def test_a_copy_that_was_edited_stays_as_it_is(tmp_path: Path) -> None:
    root = example.place(tmp_path)
    (root / "mesh.toml").write_text("[mesh]\nname = 'mine'\n")
    assert example.place(tmp_path) == root
    assert "mine" in (root / "mesh.toml").read_text()


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(NotTheExample):
        example.place(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.txt"]


def test_another_workspace_is_not_taken_for_the_example(tmp_path: Path) -> None:
    (tmp_path / "mesh.toml").write_text("[mesh]\nname = 'other'\n")
    with pytest.raises(NotTheExample):
        example.place(tmp_path)
