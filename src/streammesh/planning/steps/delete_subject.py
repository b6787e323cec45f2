"""Delete a subject of the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.steps.together import each
from streammesh.planning.systems import Platform
from streammesh.platform.stores import Resource


@dataclass(frozen=True)
class DeleteSubject(Step):
    """Delete a subject that streammesh created, together with its topic."""

    record: Resource

    usual_change: ClassVar[Change] = Change.REMOVE
    phase: ClassVar[Phase] = Phase.REMOVE_TOPICS
    kind: ClassVar[str] = "schema"
    verb: ClassVar[str] = "delete subject"
    at_once: ClassVar[int] = 100

    @property
    def subject(self) -> str:
        """Give the subject's name."""
        return self.record.name

    @property
    def why(self) -> str:
        """Say that nothing wants it."""
        return f"nothing needs it for {self.owner.label} any more"

    @property
    def undo(self) -> str:
        """It can't be undone."""
        return "can't be undone"

    @property
    def reversible(self) -> bool:
        """Events that carry its ids can't be read any more."""
        return False

    def apply(self, platform: Platform) -> None:
        """Delete it, then forget it."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[DeleteSubject], platform: Platform) -> None:
        """Delete them, several at a time, then forget them."""
        gone = each(steps, lambda one: platform.registry.delete_subject(one.record.name))
        claims.forget(platform, [one.record for one, _ in gone.done])
        gone.check()
