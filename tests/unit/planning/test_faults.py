"""A system that fails at any step of a first apply: the next one completes it."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.errors import RemoteFailed
from streammesh.errors.planning import StepFailed
from streammesh.planning import service
from streammesh.planning.build import build_all
from streammesh.planning.systems import Platform
from tests.unit.planning.repositories_on_twins import Team, shared_platform, state

CHANGES = {
    "kafka": ["create_topics", "create_acls", "put_user"],
    "registry": ["register", "set_compatibility"],
    "connect": ["put"],
    "deployments": ["write"],
    "resources": ["write"],
    "databases": ["put_publication", "create_slot"],
    "snapshots": ["mark", "take"],
    "catalog": ["prepare", "claim", "record"],
}
"""What changes something outside, by the system that does it."""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Give a catalog with tables and nothing in them: to make them takes long."""
    file = tmp_path / "template.db"
    Catalog.open(f"sqlite:///{file}").close()
    return file


class Fault:
    """Fails at one change, once: before it is made, or when it has been made."""

    def __init__(self, number: int, *, late: bool) -> None:
        self.number, self.late, self.count = number, late, 0
        self.hit = ""

    def into(self, platform: Platform, patch: pytest.MonkeyPatch) -> None:
        for system, methods in CHANGES.items():
            twin = getattr(platform, system)
            for method in methods:
                name = f"{system}.{method}"
                patch.setattr(twin, method, self._failing(name, getattr(twin, method)))

    def _failing(self, name: str, change: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            self.count += 1
            failing = self.count == self.number
            if failing and not self.late:
                self._fail(name)
            result = change(*args, **options)
            if failing:
                self._fail(name)
            return result

        return call

    def _fail(self, name: str) -> None:
        self.hit = name
        raise RemoteFailed(what=f"{name} went away")


def build_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile the models once: the files don't change here."""
    built: list[Any] = []

    def build(*args: Any) -> Any:
        built.extend([] if built else [build_all(*args)])
        return built[0]

    monkeypatch.setattr(service, "build_all", build)


def fresh(tmp_path: Path, template: Path, name: str) -> Team:
    file = tmp_path / f"{name}.db"
    shutil.copy(template, file)
    return Team(tmp_path / name, "both", shared_platform(f"sqlite:///{file}"), "crm", "sales")


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_whatever_fails_at_whichever_change_the_next_apply_completes_it(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    build_once(monkeypatch)
    clean = fresh(tmp_path, template, "clean")
    clean.apply()
    wanted, hit = state(clean.platform), set[str]()
    for number in range(1, 300):
        team, fault = fresh(tmp_path, template, f"broken-{number}"), Fault(number, late=late)
        with monkeypatch.context() as patch:
            fault.into(team.platform, patch)
            with contextlib.suppress(StepFailed):
                team.apply()
        if not fault.hit:
            break
        hit.add(fault.hit)
        team.apply()
        assert state(team.platform) == wanted, f"{fault.hit}, change {number}"
        assert team.plan().empty
        shutil.rmtree(team.root)
    assert hit == {f"{system}.{one}" for system, methods in CHANGES.items() for one in methods}
