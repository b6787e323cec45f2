"""Disable a user of Kafka: docs/decisions/0012 says why it is not deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning import claims
from streammesh.planning.owner import of_consumer
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform
from streammesh.platform.stores import Resource


@dataclass(frozen=True)
class DeleteUser(Step):
    """Give a user that streammesh made, and nothing wants, a password that nobody knows."""

    record: Resource

    usual_change: ClassVar[Change] = Change.REMOVE
    phase: ClassVar[Phase] = Phase.REMOVE_USERS
    kind: ClassVar[str] = "user"
    verb: ClassVar[str] = "disable user"

    @property
    def subject(self) -> str:
        """Give the principal."""
        return self.record.name

    @property
    def detail(self) -> str:
        """Say that its name stays on Kafka."""
        return "can't log in any more: nobody knows its new password"

    @property
    def why(self) -> str:
        """Say that nothing wants it."""
        if of_consumer(self.owner.key):
            return f"{self.owner.label} reads nothing any more"
        return f"{self.owner.label} is no longer in the files"

    @property
    def affects(self) -> str:
        """Say who notices."""
        return f"what runs as {self.record.name}"

    @property
    def counted(self) -> tuple[str, int] | None:
        """Count it."""
        return "user", 1

    def apply(self, platform: Platform) -> None:
        """Disable it, then forget it."""
        platform.kafka.delete_user(self.record.name)
        claims.forget(platform, [self.record])
