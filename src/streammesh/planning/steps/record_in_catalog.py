"""Tell the catalog what the files say, now that it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.catalog.recording import Recorded
from streammesh.catalog.records import Registration
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class RecordInCatalog(Step):
    """Record products, versions, contracts, models, lineage and subscriptions, with their history.

    Attributes:
        registration: all that the catalog is told of these domains.
        recorded: what differs from what it knows.
    """

    registration: Registration
    recorded: Recorded

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.RECORDS
    kind: ClassVar[str] = "catalog"
    verb: ClassVar[str] = "record in the catalog:"

    @property
    def subject(self) -> str:
        """Name the domains."""
        return ", ".join(sorted(one for one in self.registration.scope if one))

    @property
    def detail(self) -> str:
        """Count what differs."""
        words = ("added", self.recorded.added), ("changed", self.recorded.changed)
        every = (*words, ("removed", self.recorded.removed))
        return ", ".join(f"{count:,} {word}" for word, count in every if count)

    @property
    def counted(self) -> tuple[str, int] | None:
        """Count records: which ones, the other steps say."""
        changed = self.recorded
        return "catalog record", changed.added + changed.changed + changed.removed

    @property
    def why(self) -> str:
        """Say what it is there for."""
        return "search, lineage, impact and the gates of later plans read it"

    @property
    def undo(self) -> str:
        """Say how to undo it."""
        return "apply what the files said before; what was recorded stays in its history"

    def apply(self, platform: Platform) -> None:
        """Make the catalog's records those of the files, all or nothing."""
        if platform.catalog is None:  # then no plan has this step
            return
        platform.catalog.prepare()
        platform.catalog.record(self.registration, who=platform.applied_by, commit=platform.commit)
