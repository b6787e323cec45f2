"""Set which changes a subject allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.steps.register_schema import COMPATIBILITY
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class SetCompatibility(Step):
    """Set the compatibility of a product's subject back to what streammesh wants."""

    subject_name: str
    before: str | None

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.SCHEMAS
    kind: ClassVar[str] = "schema"
    verb: ClassVar[str] = "set compatibility of"

    @property
    def subject(self) -> str:
        """Give the subject's name."""
        return self.subject_name

    @property
    def detail(self) -> str:
        """Give the change."""
        return f"compatibility {self.before or 'not set'} → {COMPATIBILITY}"

    @property
    def why(self) -> str:
        """Say what it is for."""
        return "history is kept for ever, and producers move first"

    def apply(self, platform: Platform) -> None:
        """Set it."""
        platform.registry.set_compatibility(self.subject_name, COMPATIBILITY)
