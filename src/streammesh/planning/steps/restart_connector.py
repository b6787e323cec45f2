"""Restart a connector that failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class RestartConnector(Step):
    """Restart what failed of a connector, or let one go on that somebody paused.

    Attributes:
        name: the connector's name.
        state: what state it is in.
        cause: why it failed, in its own words.
    """

    name: str
    state: str
    cause: str

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.CONNECTOR
    kind: ClassVar[str] = "connector"
    verb: ClassVar[str] = "restart connector"

    @property
    def subject(self) -> str:
        """Give the connector's name."""
        return self.name

    @property
    def detail(self) -> str:
        """Say why it stands still."""
        if self.state != "FAILED":
            return f"is {self.state.lower()}, and goes on"
        return f"failed, and is restarted{': ' if self.cause else ''}{self.cause}"

    @property
    def why(self) -> str:
        """Say what stands still."""
        return f"no change of {self.owner.label} is captured while it does not run"

    @property
    def undo(self) -> str:
        """Nothing to undo."""
        return "nothing to undo"

    def apply(self, platform: Platform) -> None:
        """Let it run again."""
        if self.state in ("PAUSED", "STOPPED"):
            platform.connect.resume(self.name)
        else:
            platform.connect.restart(self.name, only_failed=True)
