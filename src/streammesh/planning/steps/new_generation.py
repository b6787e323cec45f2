"""Take a new snapshot of a whole source, which replaces all that was captured before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from streammesh.capture.generation import begin_generation
from streammesh.documents.values import Secret
from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.steps.put_connector import about_rows, snapshot_details
from streammesh.planning.systems import Platform
from streammesh.planning.wanting.capturing import Capture

BEGUN = "generation"
"""In the details of a connector's record while a new generation is being begun."""


@dataclass(frozen=True)
class NewGeneration(Step):
    """Begin a new generation: connector and slot forget how far they came, and all is read anew.

    Attributes:
        name: the connector's name.
        config: its configuration; secrets are references only.
        url: reference to the database's address.
        slot: the replication slot.
        holds: what the snapshot will hold, for the record.
        snapshot_rows: how many rows it will have, as the database estimates; -1 when unknown.
        reason: why it is needed.
        capture: where streammesh reads the tables, by a later step; None where the connector does.
    """

    name: str
    config: Mapping[str, str] = field(hash=False, repr=False)
    url: Secret
    slot: str
    holds: Mapping[str, str] = field(hash=False)
    snapshot_rows: int
    reason: str
    capture: Capture | None = field(default=None, hash=False, repr=False)

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.CONNECTOR
    kind: ClassVar[str] = "snapshot"
    verb: ClassVar[str] = "take a new snapshot of"

    @property
    def subject(self) -> str:
        """Give the source."""
        return self.owner.label

    @property
    def detail(self) -> str:
        """Say how much is read."""
        if self.capture is not None:
            return f"connector and slot begin anew: {self.reason}"
        return f"the whole source, {about_rows(self.snapshot_rows)}: {self.reason}"

    @property
    def why(self) -> str:
        """Say why."""
        return self.reason

    @property
    def affects(self) -> str:
        """Say who notices."""
        return "products stand still until it is complete, then publish differences only"

    @property
    def undo(self) -> str:
        """It can't be undone."""
        return "can't be undone, and loses nothing"

    @property
    def counted(self) -> tuple[str, int] | None:
        """A short plan shows what is read, by whomever."""
        return None if self.capture is None else ("connector", 1)

    @property
    def brief(self) -> tuple[str, str] | None:
        """Say how much is read, and why."""
        return "snapshot", self.detail

    @property
    def rows(self) -> int:
        """Give how many rows are read."""
        return self.snapshot_rows if self.capture is None else 0

    @property
    def details(self) -> Mapping[str, Any]:
        """Give how much is read, and why."""
        read = {} if self.capture is not None else snapshot_details(self.snapshot_rows)
        return {**read, "reason": self.reason}

    def apply(self, platform: Platform) -> None:
        """Stop, forget, start; each part may be done again after an interruption."""
        begun = claims.resource("connector", self.name, self.owner, {**self.holds, BEGUN: "begun"})
        platform.resources.write([claims.stamped(platform, begun, intended=True)])
        if self.capture is not None:
            self.capture.start(platform, self.config)
            return
        begin_generation(
            platform.connect,
            self.name,
            self.config,
            lambda: platform.databases.drop_slot(self.url, self.slot),
        )
        done = claims.resource("connector", self.name, self.owner, self.holds)
        platform.resources.write([claims.stamped(platform, done)])
