"""Forget resources that somebody else has removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform
from streammesh.platform.stores import Resource


@dataclass(frozen=True)
class Forget(Step):
    """Drop the records of resources that nothing wants and that are gone."""

    records: tuple[Resource, ...]

    usual_change: ClassVar[Change] = Change.REMOVE
    phase: ClassVar[Phase] = Phase.RECORDS
    kind: ClassVar[str] = "record"
    verb: ClassVar[str] = "forget"
    at_once: ClassVar[int] = 1000

    @property
    def subject(self) -> str:
        """Give the resources' names."""
        return ", ".join(f"{one.kind} {one.name}" for one in self.records)

    @property
    def detail(self) -> str:
        """Say what happened."""
        return "gone already"

    @property
    def why(self) -> str:
        """Say that nothing wants them."""
        return f"nothing in the files needs it for {self.owner.label} any more"

    @property
    def counted(self) -> tuple[str, int] | None:
        """Count the records."""
        return "record", len(self.records)

    def apply(self, platform: Platform) -> None:
        """Write them anew, or remove them."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[Forget], platform: Platform) -> None:
        """Do all records at once."""
        claims.forget(platform, [record for one in steps for record in one.records])
