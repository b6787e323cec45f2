"""Set what a consumer may read at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class PutQuota(Step):
    """Set the quota of a user.

    Attributes:
        principal: the user.
        rate: bytes a second from each broker.
        before: what it is; None when there is none.
    """

    principal: str
    rate: int
    before: float | None = None

    usual_change: ClassVar[Change] = Change.ADD
    phase: ClassVar[Phase] = Phase.USERS
    kind: ClassVar[str] = "quota"
    verb: ClassVar[str] = "set the quota of"

    @property
    def change(self) -> Change:
        """Tell a new quota from another one."""
        return Change.ADD if self.before is None else Change.CHANGE

    @property
    def subject(self) -> str:
        """Give the principal."""
        return self.principal

    @property
    def detail(self) -> str:
        """Say how much, and where that stands."""
        before = "" if self.before is None else f", instead of {rate_in_words(self.before)}"
        return f"{rate_in_words(self.rate)} (`consumer_quota` of the environment){before}"

    @property
    def why(self) -> str:
        """Say what it is there for."""
        return "no consumer takes so much that others wait"

    @property
    def details(self) -> Mapping[str, Any]:
        """Give the rate."""
        return {"consumer_byte_rate": self.rate}

    def apply(self, platform: Platform) -> None:
        """Set it."""
        with claims.claimed(platform, claims.resource("quota", self.principal, self.owner)):
            platform.kafka.put_quota(self.principal, consumer_byte_rate=self.rate)


def rate_in_words(rate: float) -> str:
    """Give a rate as `at most 20 MB/s from each broker`."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if rate >= size:
            return f"at most {rate / size:g} {unit}/s from each broker"
    return f"at most {rate:g} B/s from each broker"
