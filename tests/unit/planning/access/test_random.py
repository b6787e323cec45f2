"""Random sequences of grant, revoke, apply, release and retire against a simple model.

At no time does a principal have read on what it was not granted; and where nothing was killed, once
everything is applied, each has exactly what it was granted. STREAMMESH_EXAMPLES=1000 tries 1,000
sequences, STREAMMESH_SEED says with which one to begin.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from streammesh.catalog.access import State
from streammesh.catalog.catalog import Catalog
from streammesh.planning import stages
from streammesh.planning.access import reading
from streammesh.planning.access.doing import lets_read
from streammesh.planning.findings import Findings
from tests.unit.planning.access.model import Model
from tests.unit.planning.access.world import REPOSITORIES, Deeds, World

EXAMPLES = int(os.environ.get("STREAMMESH_EXAMPLES", "100"))
SEED = int(os.environ.get("STREAMMESH_SEED", "0"))
AT_ONCE = 100
DEEDS = 14
FILES = ("subscribe", "subscribe", "unsubscribe", "move", "release", "age", "classify", "sleep")
DECISIONS = ("approve", "approve", "revoke", "deny")

CHANGES = {
    "kafka": ["create_acls", "delete_acls", "put_user", "delete_user", "put_quota", "delete_quota"],
    "resources": ["write", "remove"],
    "catalog": ["decide_access", "record"],
}


class Killed(Exception):
    """Stands for a kill: nothing catches it."""


class Killer:
    """Lets the nth change of any system be the last, before or after it is done."""

    def __init__(self, platform, chance: random.Random) -> None:
        self.left, self.chance = 0, chance
        for system, methods in CHANGES.items():
            twin = getattr(platform, system)
            for method in methods:
                setattr(twin, method, self._wrapped(getattr(twin, method)))

    def _wrapped(self, change):
        def call(*args, **said):
            self.left -= 1
            if self.left == 0 and self.chance.random() < 0.5:
                raise Killed
            result = change(*args, **said)
            if self.left == 0:
                raise Killed
            return result

        return call

    def run(self, deed, after: int) -> bool:
        """Do something; false when it was killed at its nth change (0 for never)."""
        self.left = after
        try:
            deed()
        except Killed:
            return False
        finally:
            self.left = 0
        return True


class Sequence:
    """One sequence: the world, its model, and what is said of both after each deed."""

    def __init__(self, folder: Path, template: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World(folder, template)
        self.model = Model()
        self.deeds = Deeds(self.world, self.chance)
        self.killer = Killer(self.world.platform, self.chance)
        self.kills = seed % 2 == 1
        self.done: list[str] = []
        self.before: set[tuple[str, str]] = set()
        self.count: Counter[str] = Counter()

    def after(self) -> int:
        return self.chance.randint(1, 7) if self.kills and self.chance.random() < 0.6 else 0

    def run(self) -> None:
        for deed in ("classify", "classify", "release", "subscribe", "subscribe", "subscribe"):
            getattr(self.deeds, deed)()
            self.note(deed)
        for repository in REPOSITORIES:
            self.apply(repository, 0)
            self.check()
        for _ in range(DEEDS):
            kind = self.chance.random()
            if kind < 0.3:
                self.edit()
            elif kind < 0.6:
                self.apply(self.chance.choice(list(REPOSITORIES)), self.after())
            else:
                self.decide(self.chance.choice(DECISIONS), self.after())
            self.check()
        for repository in ("owners", "marketing", "finance", "owners"):
            self.apply(repository, 0)
            self.check()

    def edit(self) -> None:
        deed = self.chance.choice(FILES)
        getattr(self.deeds, deed)()
        self.note(deed)

    def apply(self, repository: str, after: int) -> None:
        applied: list[bool] = []
        seen = self.world.versions if repository == "owners" else self.world.recorded()
        whole = self.killer.run(lambda: applied.append(self.world.apply(repository)), after)
        if applied != [False]:  # else its plan was stopped
            today, files = self.world.today, self.world.subscriptions
            self.model.applied(repository, files, dict(seen), today, whole=whole)
        self.note(f"apply {repository} {'stopped' if applied == [False] else whole}")
        self.count["killed" if not whole else "stopped" if applied == [False] else "applied"] += 1

    def decide(self, deed: str, after: int) -> None:
        key, approval = self.deeds.record(deed), self.deeds.approval()
        if not self.clear(key):
            return
        said = (approval,) if deed == "approve" else ()
        outcome: list[bool] = []
        whole = self.killer.run(
            lambda: outcome.append(getattr(self.world, deed)(key, *said)), after
        )
        self.note(f"{deed} {key} {said} {outcome} {whole}")
        if outcome == [False]:
            return
        self.count[deed if whole else "killed"] += 1
        if whole:
            self.model.expire(key[0], self.world.today)
        if deed == "approve":
            self.model.approved(key, self.consumer(key), approval, whole=whole)
        elif whole and deed == "revoke":
            self.model.revoked(key)
        elif whole:
            self.model.decided(key, refused=True)

    def clear(self, key: tuple[str, str, str]) -> bool:
        """Tell whether name and major version mean one record only."""
        assert self.world.platform.catalog is not None
        records = self.world.platform.catalog.access({key[0]})
        major = key[2].rpartition(".")[2]
        same = [one.key for one in records if one.key[:2] == key[:2] and one.asset.endswith(major)]
        return set(same) <= {key}

    def consumer(self, key: tuple[str, str, str]) -> str:
        """Give the application that a record is about: the one that asked."""
        assert self.world.platform.catalog is not None
        records = self.world.platform.catalog.access({key[0]})
        return next(one.consumer for one in records if one.key == key)

    def reads(self) -> set[tuple[str, str]]:
        """Ask the twin who may read which version, every principal that ever was."""
        acls = self.world.platform.kafka.acls()
        principals = {one.principal for one in acls if one.principal.startswith("mesh.")}
        return {
            (principal, topic)
            for principal in principals
            for topic in self.world.versions
            if any(lets_read(acl, principal, topic) for acl in acls)
        }

    def check(self) -> None:
        reads = self.reads()
        assert reads <= self.model.may_read(), "\n".join(self.done)
        # what is killed after the rights and before the record would be nobody's grant
        assert reads - self.before <= self.recorded(), "\n".join(self.done)
        self.before = reads

    def recorded(self) -> set[tuple[str, str]]:
        """Ask the catalog whom it says that it was granted."""
        assert self.world.platform.catalog is not None
        records = self.world.platform.catalog.access()
        return {
            (f"mesh.{one.domain}.{one.consumer}", one.asset)
            for one in records
            if one.state is State.GRANTED
        }

    def check_exact(self) -> None:
        assert self.reads() == self.model.may_read(), "\n".join(self.done)

    def note(self, deed: str) -> None:
        self.done.append(f"{self.world.today} {deed}")


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("catalog") / "template.db"
    Catalog.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def light(monkeypatch) -> None:
    """Leave out what has nothing to do with access: compiling, policies, records of no versions."""
    recording = stages.recording

    def of_versions(told, *rest, **options):
        return recording(told, *rest, **options) if told.versions else ()

    monkeypatch.setattr(stages, "build_all", lambda *_: ((), ()))
    monkeypatch.setattr(stages, "recording", of_versions)
    monkeypatch.setattr(stages, "governed", lambda *_: Findings())


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SEED, SEED + EXAMPLES, AT_ONCE))
def test_no_principal_ever_reads_what_it_was_not_granted(
    tmp_path, template, light, monkeypatch, first
):
    count: Counter[str] = Counter()
    read, seeds = 0, range(first, min(first + AT_ONCE, SEED + EXAMPLES))
    for seed in seeds:
        one = Sequence(tmp_path, template, seed)
        monkeypatch.setattr(reading, "today", lambda one=one: one.world.today)
        with contextlib.closing(one.world):
            one.run()
            if not one.kills:
                one.check_exact()
        count += one.count
        read += len(one.reads())
    if len(seeds) == AT_ONCE:
        # the sequences are of some use: things were granted, refused, killed
        assert read > AT_ONCE / 2
        for deed in ("applied", "approve", "revoke", "deny", "killed"):
            assert count[deed] > AT_ONCE / 10, count
