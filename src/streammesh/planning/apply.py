"""Do the steps of a plan, those of one kind together, and stop at the first that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from time import monotonic

from streammesh.capture.copying.taking import Advance, Tell
from streammesh.errors import MeshError
from streammesh.errors.planning import StepFailed
from streammesh.planning.observing.use import PLAN_SECONDS, look
from streammesh.planning.steps.base import Step
from streammesh.planning.steps.delete_access import DeleteAccess
from streammesh.planning.systems import Platform
from streammesh.platform.lock import HeldLock


@dataclass(frozen=True)
class Progress:
    """How far an apply has come: before and after each batch of steps, and at the end.

    Attributes:
        step: the first step of the batch; None at the end of all.
        done: how many steps are done.
        total: how many there are.
        batch: the steps that are done together.
        seconds: how long they took; None before they begin, and while they are done.
        advance: how far the rows of tables have been read, while that is done.
    """

    step: Step | None
    done: int
    total: int
    batch: tuple[Step, ...] = ()
    seconds: float | None = None
    advance: Advance | None = None

    @property
    def title(self) -> str:
        """Say what is done, in one line."""
        return title(self.batch)


@dataclass(frozen=True)
class Applied:
    """What an apply did.

    Attributes:
        steps: in the order in which they were done.
        seconds: how long it took.
    """

    steps: tuple[Step, ...]
    seconds: float = 0.0


OnProgress = Callable[[Progress], None]


def execute(
    steps: Sequence[Step], platform: Platform, held: HeldLock, progress: OnProgress
) -> Applied:
    """Do the steps in their order.

    Args:
        steps: as ordered by the plan.
        platform: the systems.
        held: the right to apply; looked at before every batch.
        progress: told before and after every batch, and at the end.

    Raises:
        StepFailed: a step did not succeed; what was done before it stays, the next apply goes on.
        ApplyLockLost: the right to apply was lost.
    """
    begun, done, total = monotonic(), 0, len(steps)
    for batch in batches(steps):
        progress(Progress(batch[0], done, total, batch))
        held.check()
        started = monotonic()
        told = replace(
            platform, tell=_teller(Progress(batch[0], done, total, batch), held, progress)
        )
        try:
            type(batch[0]).apply_all(batch, told)
        except MeshError as error:
            left = steps[done + len(batch) :]
            raise StepFailed(
                error,
                step=title(batch),
                done=done,
                left=len(left),
                waiting=owners(left),
            ) from error
        done += len(batch)
        progress(Progress(batch[0], done, total, batch, monotonic() - started))
    if any(isinstance(one, DeleteAccess) for one in steps):
        # what was read until now was read with leave: only what is read after it was not
        look(platform.catalog, platform.groups, platform.kafka, PLAN_SECONDS)
    progress(Progress(None, total, total))
    return Applied(tuple(steps), monotonic() - begun)


def _teller(now: Progress, held: HeldLock, progress: OnProgress) -> Tell:
    """Give what a step that takes long calls now and then."""

    def tell(advance: Advance) -> None:
        held.check()
        progress(replace(now, advance=advance))

    return tell


def batches(steps: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    """Cut the steps into runs that are done together: of one class, and not too many."""
    for _, run in groupby(steps, key=type):
        members = tuple(run)
        together = members[0].at_once
        for start in range(0, len(members), together):
            yield members[start : start + together]


def title(batch: Sequence[Step]) -> str:
    """Say what a batch does: `create topic a`, or `create topic a and 11 more`."""
    first, *rest = batch
    return f"{first.title} and {len(rest):,} more" if rest else first.title


def owners(steps: Iterable[Step]) -> tuple[str, ...]:
    """Name for whom steps are, each once, in their order."""
    return tuple(dict.fromkeys(one.owner.label for one in steps))
