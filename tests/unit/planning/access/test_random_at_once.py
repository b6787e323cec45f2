"""The same random sequences, with plans that wait while somebody else applies or decides.

What was planned is done as it was planned or not at all, so the model is told of it as of an apply
at the moment of its plan.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter

import pytest

from streammesh.errors.planning import PlanOutdated
from streammesh.planning import service
from streammesh.planning.access import reading
from tests.unit.planning.access.test_random import DECISIONS, SEED, Sequence, light, template
from tests.unit.planning.access.world import ENVIRONMENT, REPOSITORIES

__all__ = ["light", "template"]

EXAMPLES = int(os.environ.get("STREAMMESH_EXAMPLES", "40"))


class AtOnce(Sequence):
    """A sequence in which plans wait; nothing is killed."""

    waiting = False

    def after(self) -> int:
        return 0

    def apply(self, repository: str, after: int) -> None:
        if self.waiting or self.chance.random() < 0.4:
            super().apply(repository, after)
            return
        seen = self.world.versions if repository == "owners" else self.world.recorded()
        seen, files, today = dict(seen), dict(self.world.subscriptions), self.world.today
        platform = self.world.seen_by(repository)
        planned = service.plan(self.world.workspace(repository), ENVIRONMENT, platform)
        self.note(f"plan {repository}")
        self.meanwhile()
        if planned.blocked or not planned.steps:
            return
        before = self.world.platform.kafka.acls()
        try:
            service.apply(planned, platform)
        except PlanOutdated:
            assert self.world.platform.kafka.acls() == before
            self.count["outdated"] += 1
            self.note(f"apply {repository} outdated")
        else:
            self.model.applied(repository, files, seen, today, whole=True)
            self.count["waited"] += 1
            self.note(f"apply {repository} as it was planned")

    def meanwhile(self) -> None:
        self.waiting = True
        if self.chance.random() < 0.5:
            self.apply(self.chance.choice(list(REPOSITORIES)), 0)
        else:
            self.decide(self.chance.choice(DECISIONS), 0)
        self.waiting = False


@pytest.mark.slow
def test_no_plan_that_waited_lets_anybody_read_what_was_not_granted(
    tmp_path, template, light, monkeypatch
):
    count: Counter[str] = Counter()
    for seed in range(SEED, SEED + EXAMPLES):
        one = AtOnce(tmp_path, template, seed)
        monkeypatch.setattr(reading, "today", lambda one=one: one.world.today)
        with contextlib.closing(one.world):
            one.run()
            one.waiting = True  # what waited and was outdated is applied in the end
            for repository in ("owners", "marketing", "finance", "owners"):
                one.apply(repository, 0)
            one.check_exact()
        count += one.count
    if EXAMPLES >= 40:
        assert min(count["outdated"], count["waited"]) > EXAMPLES / 10, count
