"""Take away what a consumer could read at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform
from streammesh.platform.stores import Resource


@dataclass(frozen=True)
class DeleteQuota(Step):
    """Delete the quota of a user that streammesh set and nothing wants any more."""

    record: Resource

    usual_change: ClassVar[Change] = Change.REMOVE
    phase: ClassVar[Phase] = Phase.REMOVE_QUOTAS
    kind: ClassVar[str] = "quota"
    verb: ClassVar[str] = "delete the quota of"

    @property
    def subject(self) -> str:
        """Give the principal."""
        return self.record.name

    @property
    def why(self) -> str:
        """Say that nothing wants it."""
        return f"{self.owner.label} reads nothing any more"

    def apply(self, platform: Platform) -> None:
        """Delete it, then forget it."""
        platform.kafka.delete_quota(self.record.name)
        claims.forget(platform, [self.record])
