"""Record that resources stand whose creation an interrupted apply had begun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform
from streammesh.platform.stores import Resource


@dataclass(frozen=True)
class Confirm(Step):
    """Complete records that say "about to be created" of what stands already."""

    records: tuple[Resource, ...]

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.RECORDS
    kind: ClassVar[str] = "record"
    verb: ClassVar[str] = "record ownership of"

    @property
    def subject(self) -> str:
        """Give the resources' names."""
        return ", ".join(f"{one.kind} {one.name}" for one in self.records)

    @property
    def detail(self) -> str:
        """Say what happened."""
        return "created by an apply that was interrupted"

    @property
    def why(self) -> str:
        """Say what the record is for."""
        return "only what is recorded is ever changed or removed"

    def apply(self, platform: Platform) -> None:
        """Write the records anew."""
        platform.resources.write([claims.stamped(platform, one) for one in self.records])
