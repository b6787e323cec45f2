"""Delete a subject of the registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
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

    @property
    def subject(self) -> str:
        """Give the subject's name."""
        return self.record.name

    @property
    def why(self) -> str:
        """Say that nothing wants it."""
        return f"{self.owner.label} is no longer in the files"

    @property
    def undo(self) -> str:
        """It can't be undone."""
        return "can't be undone"

    def apply(self, platform: Platform) -> None:
        """Delete it, then forget it."""
        platform.registry.delete_subject(self.record.name)
        claims.forget(platform, [self.record])
