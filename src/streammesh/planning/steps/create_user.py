"""Create a user on Kafka."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class CreateUser(Step):
    """Create a SCRAM user with the password that the environment keeps for it."""

    principal: str
    purpose: str

    usual_change: ClassVar[Change] = Change.ADD
    phase: ClassVar[Phase] = Phase.USERS
    kind: ClassVar[str] = "user"
    verb: ClassVar[str] = "create user"

    @property
    def subject(self) -> str:
        """Give the principal."""
        return self.principal

    @property
    def detail(self) -> str:
        """Say who it is."""
        return self.purpose

    @property
    def why(self) -> str:
        """Say why it is there."""
        return f"{self.purpose} logs in as it"

    @property
    def counted(self) -> tuple[str, int] | None:
        """Count it."""
        return "user", 1

    def apply(self, platform: Platform) -> None:
        """Create it; the password goes to Kafka alone."""
        if platform.credentials is None:
            return
        password = platform.credentials.password_for(self.principal)
        with claims.claimed(platform, claims.resource("user", self.principal, self.owner)):
            platform.kafka.put_user(self.principal, password)
