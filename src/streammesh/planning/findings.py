"""What comparing gives: steps, problems that stop the plan, and notes for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from streammesh.errors import Location, MeshError
from streammesh.planning.owner import Owner
from streammesh.planning.steps.base import Step


@dataclass(frozen=True)
class Note:
    """A line of a plan that is no step.

    Attributes:
        owner: what it is about.
        text: in words.
        symbol: "+", "~" or "-" of a change, "!" of a warning, " " of anything else.
        where: the place in the files, if there is one.
        kind: what it is about, such as `field`; empty for a sentence.
        subject: the name of that, such as `lines[].amount`.
        standing: whether it was so before this plan; told again only beside a change of its owner.
    """

    owner: Owner
    text: str
    symbol: str = " "
    where: Location | None = None
    kind: str = ""
    subject: str = ""
    standing: bool = False

    @property
    def warns(self) -> bool:
        """Whether somebody should think about it."""
        return self.symbol == "!"


@dataclass(frozen=True)
class Findings:
    """What one comparison gives; they add up.

    Attributes:
        steps: what to do, in any order.
        problems: why it can't be done.
        notes: what people should know.
    """

    steps: tuple[Step, ...] = ()
    problems: tuple[MeshError, ...] = ()
    notes: tuple[Note, ...] = ()

    def __add__(self, other: Findings) -> Findings:
        """Give both."""
        return Findings(
            self.steps + other.steps,
            self.problems + other.problems,
            self.notes + other.notes,
        )


def added(findings: Iterable[Findings]) -> Findings:
    """Give all together."""
    all_findings = tuple(findings)
    return Findings(
        tuple(step for one in all_findings for step in one.steps),
        tuple(problem for one in all_findings for problem in one.problems),
        tuple(note for one in all_findings for note in one.notes),
    )


def problem(error: MeshError) -> Findings:
    """Give findings of one problem."""
    return Findings(problems=(error,))


def step(one: Step) -> Findings:
    """Give findings of one step."""
    return Findings(steps=(one,))
