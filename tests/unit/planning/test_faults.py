"""A system that fails at any step of a first apply: the next one completes it."""

from __future__ import annotations

import contextlib
import copy
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.documents.workspace import load
from streammesh.errors import RemoteFailed
from streammesh.errors.planning import StepFailed
from streammesh.planning import stages
from streammesh.planning.systems import Platform
from streammesh.planning.wanting.build import build_all
from tests.unit.planning import repositories_on_twins
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


def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the files and compile the models once: they don't change here."""
    monkeypatch.setattr(stages, "build_all", _remembered(build_all))
    monkeypatch.setattr(repositories_on_twins, "load", _remembered(load))


def _remembered(call: Any) -> Any:
    results: list[Any] = []

    def remembered(*args: Any) -> Any:
        results.extend([] if results else [call(*args)])
        return results[0]

    return remembered


class Fresh:
    """Gives the same files and a mesh to which nothing was ever applied."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder, self.template, self.count = folder, template, 0
        self.team = Team(folder, "both", shared_platform(), "crm", "sales")

    def __call__(self) -> Team:
        self.count += 1
        file = self.folder / f"catalog-{self.count}.db"
        shutil.copy(self.template, file)
        repository, catalog = self.team.platform.repository, Catalog.at(f"sqlite:///{file}")
        made = copy.copy(self.team)
        made.platform = replace(shared_platform(), repository=repository, catalog=catalog)
        return made


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_whatever_fails_at_whichever_change_the_next_apply_completes_it(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    read_once(monkeypatch)
    fresh = Fresh(tmp_path, template)
    clean = fresh()
    clean.apply()
    wanted, hit = state(clean.platform), set[str]()
    for number in range(1, 300):
        team, fault = fresh(), Fault(number, late=late)
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
    assert hit == {f"{system}.{one}" for system, methods in CHANGES.items() for one in methods}
