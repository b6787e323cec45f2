"""Delete a connector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.capture.generation import remove_connector
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
        """Delete it with its offsets; a later one of that name must not go on from there."""
        remove_connector(platform.connect, self.record.name)
        claims.forget(platform, [self.record])
