"""Record that resources stand whose creation an interrupted apply had begun."""

from __future__ import annotations

from collections.abc import Sequence
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
    at_once: ClassVar[int] = 1000

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

    @property
    def counted(self) -> tuple[str, int] | None:
        """Count the records."""
        return "record", len(self.records)

    def apply(self, platform: Platform) -> None:
        """Write them anew, or remove them."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[Confirm], platform: Platform) -> None:
        """Do all records at once."""
        claims.confirm(platform, [record for one in steps for record in one.records])
