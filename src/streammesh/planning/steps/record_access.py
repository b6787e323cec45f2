"""Tell the catalog who asks for access, who gets it, and whose ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from streammesh.catalog.access import AccessChange, State
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform

_VERBS = {
    State.REQUESTED: "ask for access of",
    State.GRANTED: "grant access to",
    State.DENIED: "deny access to",
    State.REVOKED: "revoke access of",
    State.EXPIRED: "end access of",
    State.WITHDRAWN: "withdraw",
}


@dataclass(frozen=True)
class RecordAccess(Step):
    """Record a request or a decision, before Kafka is told: what stands there was granted.

    Attributes:
        changed: the record, and how it stood when this was planned.
        because: why, in words.
    """

    changed: AccessChange
    because: str

    usual_change: ClassVar[Change] = Change.ADD
    phase: ClassVar[Phase] = Phase.GRANTS
    kind: ClassVar[str] = "access"
    verb: ClassVar[str] = "record access of"
    at_once: ClassVar[int] = 1000

    @property
    def change(self) -> Change:
        """Tell what begins from what ends."""
        before, state = self.changed.before, self.changed.record.state
        if state is State.GRANTED:
            return Change.ADD
        if state is State.REQUESTED:
            return Change.CHANGE if before and before.state is State.GRANTED else Change.ADD
        return Change.REMOVE

    @property
    def subject(self) -> str:
        """Name the subscription."""
        return self.changed.record.name

    @property
    def detail(self) -> str:
        """Name the version, and say why."""
        record = self.changed.record
        return f"{record.asset} {record.state.value}: {self.because}"

    @property
    def why(self) -> str:
        """Say what it is there for."""
        return "nobody reads what was not granted, and the catalog remembers who decided"

    @property
    def title(self) -> str:
        """Say what becomes of it: `grant access to marketing/loads (sales.orders.v1)`."""
        record = self.changed.record
        return f"{_VERBS[record.state]} {record.name} ({record.asset})"

    @property
    def undo(self) -> str:
        """Say how to undo it."""
        if self.change is not Change.REMOVE:
            return f"`mesh access revoke {self.subject}` ends access"
        if self.changed.record.state is State.WITHDRAWN:
            return "name that version in the subscription again, and apply"
        return f"`mesh access request {self.subject}` asks again"

    @property
    def details(self) -> Mapping[str, Any]:
        """Give the record."""
        record = self.changed.record
        return {
            "subscription": record.name,
            "asset": record.asset,
            "state": record.state.value,
            "because": self.because,
            "expires": record.expires or None,
            "fields": list(record.fields),
        }

    def apply(self, platform: Platform) -> None:
        """Record it."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[RecordAccess], platform: Platform) -> None:
        """Record all or none."""
        if platform.catalog is None:  # then no plan has this step
            return
        platform.catalog.prepare()
        changes = [one.changed for one in steps]
        platform.catalog.decide_access(changes, who=platform.applied_by)
