"""What a repository is called, and which workspace speaks for the mesh."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from streammesh.cli.version_control import repository_of
from streammesh.documents.repository import Repository, governs, normalised
from streammesh.documents.workspace import load, load_mesh

SALES = "github.com/acme/sales"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://github.com/acme/sales.git", SALES),
        ("https://github.com/acme/sales", SALES),
        ("https://ann:token@GitHub.com/Acme/sales.git/", SALES),
        ("git@github.com:acme/sales.git", SALES),
        ("github.com:acme/sales.git", SALES),
        ("ssh://git@github.com:22/acme/sales.git", SALES),
        ("git://github.com/acme/sales.git\n", SALES),
        (SALES, SALES),
        ("https://git.example.com:8443/team/a/b.git", "git.example.com/team/a/b"),
        ("/srv/git/sales.git", "/srv/git/sales.git"),
        ("file:///srv/git/sales.git", "/srv/git/sales.git"),
        ("", ""),
    ],
)
def test_an_address_is_one_name_however_it_is_written(address: str, name: str) -> None:
    assert normalised(address) == name


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def test_the_remote_names_it_with_the_folder_and_without_the_token(clone: Path) -> None:
    git(clone, "remote", "add", "origin", "https://ann:sekret@github.com/acme/sales.git")
    (clone / "teams/a").mkdir(parents=True)
    assert repository_of(clone, "", {}).name == SALES
    found = repository_of(clone / "teams/a", "", {})
    assert found.name == f"{SALES}/teams/a"
    assert found.place.endswith(f":{(clone / 'teams/a').resolve()}")
    assert "sekret" not in str(found)


def test_what_mesh_toml_says_wins_then_a_variable_then_the_remote(clone: Path) -> None:
    git(clone, "remote", "add", "origin", "git@github.com:acme/other.git")
    environ = {"MESH_REPOSITORY": "https://github.com/acme/sales.git"}
    assert repository_of(clone, "github.com/Acme/said", environ).name == "github.com/acme/said"
    assert repository_of(clone, "", environ).name == SALES
    assert repository_of(clone, "", {}).name == "github.com/acme/other"


def test_without_a_remote_it_is_its_place(clone: Path) -> None:
    found = repository_of(clone, "", {})
    assert found.name == found.place
    git(clone, "remote", "add", "origin", "/srv/git/sales.git")
    assert repository_of(clone, "", {}) == found
    assert Repository(SALES, found.place).is_called(found.name)


def test_who_has_no_domain_or_a_folder_of_policies_speaks_for_the_mesh(tmp_path: Path) -> None:
    (tmp_path / "mesh.toml").write_text('[mesh]\nname = "shop"\n')
    assert load_mesh(tmp_path).governs
    assert load(tmp_path).governs
    (tmp_path / "domains/sales").mkdir(parents=True)
    assert not governs(tmp_path)
    assert not load_mesh(tmp_path).governs
    (tmp_path / "policies").mkdir()
    assert governs(tmp_path)
    assert load_mesh(tmp_path).governs
