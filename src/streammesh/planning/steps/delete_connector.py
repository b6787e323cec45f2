"""Delete a connector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.errors.platform import Missing
from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform
from streammesh.platform.stores import Resource


@dataclass(frozen=True)
class DeleteConnector(Step):
    """Delete a connector that streammesh created and nothing wants any more."""

    record: Resource

    usual_change: ClassVar[Change] = Change.REMOVE
    phase: ClassVar[Phase] = Phase.REMOVE_CONNECTOR
    kind: ClassVar[str] = "connector"
    verb: ClassVar[str] = "delete connector"

    @property
    def subject(self) -> str:
        """Give the connector's name."""
        return self.record.name

    @property
    def detail(self) -> str:
        """Say what goes with it."""
        return "and how far it has come"

    @property
    def why(self) -> str:
        """Say that nothing wants it."""
        return f"{self.owner.label} is no longer in the files"

    @property
    def undo(self) -> str:
        """Say what undoing costs."""
        return "put the source back; it starts with a new snapshot"

    def apply(self, platform: Platform) -> None:
        """Stop it, forget its offsets (else a later one of that name goes on there), delete it."""
        try:
            platform.connect.stop(self.record.name)
            platform.connect.reset_offsets(self.record.name)
        except Missing:
            pass
        platform.connect.delete(self.record.name)
        claims.forget(platform, [self.record])
