"""Do the steps of a plan, one after the other, and stop at the first that fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from streammesh.errors import MeshError
from streammesh.errors.planning import StepFailed
from streammesh.planning.steps.base import Step
from streammesh.planning.systems import Platform
from streammesh.platform.lock import HeldLock


@dataclass(frozen=True)
class Progress:
    """How far an apply has come: about to do `step`, with `done` of `total` behind it.

    Attributes:
        step: the step; None when all are done.
        done: how many are done.
        total: how many there are.
    """

    step: Step | None
    done: int
    total: int


@dataclass(frozen=True)
class Applied:
    """What an apply did.

    Attributes:
        steps: in the order in which they were done.
    """

    steps: tuple[Step, ...]


OnProgress = Callable[[Progress], None]


def execute(
    steps: Sequence[Step], platform: Platform, held: HeldLock, progress: OnProgress
) -> Applied:
    """Do the steps in their order.

    Args:
        steps: as ordered by the plan.
        platform: the systems.
        held: the right to apply; looked at before every step.
        progress: told before every step, and at the end.

    Raises:
        StepFailed: a step did not succeed; what was done before it stays, the next apply goes on.
        ApplyLockLost: the right to apply was lost.
    """
    total = len(steps)
    for done, step in enumerate(steps):
        progress(Progress(step, done, total))
        held.check()
        try:
            step.apply(platform)
        except MeshError as error:
            raise StepFailed(error, step=step.title, done=done, left=total - done - 1) from error
    progress(Progress(None, total, total))
    return Applied(tuple(steps))
