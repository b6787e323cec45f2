"""Tell engines to stop running something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class RemoveDeployment(Step):
    """End a deployment whose product or source is no longer wanted.

    Attributes:
        key: the deployment's key.
        reason: why it ends.
    """

    key: str
    reason: str

    usual_change: ClassVar[Change] = Change.REMOVE
    phase: ClassVar[Phase] = Phase.REMOVE_DEPLOYMENT
    kind: ClassVar[str] = "deployment"
    verb: ClassVar[str] = "end deployment"
    at_once: ClassVar[int] = 1000

    @property
    def subject(self) -> str:
        """Give what it is of."""
        return self.key.partition("/")[2]

    @property
    def detail(self) -> str:
        """Say what stops."""
        product = self.key.startswith("product/")
        return "nothing is published any more" if product else "its engine stops"

    @property
    def brief(self) -> tuple[str, str] | None:
        """Say what stops."""
        return ("documents" if self.key.startswith("product/") else "engine"), self.detail

    @property
    def why(self) -> str:
        """Say why it ends."""
        return self.reason

    @property
    def affects(self) -> str:
        """Say who notices."""
        return "its consumers get no further events" if self.key.startswith("product/") else ""

    @property
    def undo(self) -> str:
        """Say how to undo it."""
        return "put it back into the files and apply again"

    def apply(self, platform: Platform) -> None:
        """Write its tombstone."""
        platform.deployments.remove([self.key])

    @classmethod
    def apply_all(cls, steps: Sequence[RemoveDeployment], platform: Platform) -> None:
        """Write their tombstones."""
        platform.deployments.remove([one.key for one in steps])
