"""Tell the catalog that a forced retirement has been done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.catalog.notice_book import NoticeBook
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class EndForce(Step):
    """Keep that a version that was retired by force is gone: the force holds for nothing later."""

    asset: str

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.NOTICES
    kind: ClassVar[str] = "retired"
    verb: ClassVar[str] = "keep in the catalog that it was forced:"

    @property
    def subject(self) -> str:
        """Name the version."""
        return self.asset

    @property
    def detail(self) -> str:
        """Say why it ends although somebody may read it."""
        return "by force; the catalog keeps the reason"

    @property
    def why(self) -> str:
        """Say what it is there for."""
        return "who was cut off, by whom and why stays known"

    @property
    def undo(self) -> str:
        """It stays."""
        return "what was recorded stays"

    def apply(self, platform: Platform) -> None:
        """Record it."""
        if platform.catalog is not None:  # else no plan has this step
            NoticeBook(platform.catalog).applied(self.asset)
