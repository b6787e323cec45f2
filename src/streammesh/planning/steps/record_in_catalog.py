"""Tell the catalog what the files say, now that it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.catalog.recording import Recorded
from streammesh.catalog.records import Registration
from streammesh.catalog.workspaces import Home
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class RecordInCatalog(Step):
    """Record products, versions, contracts, models, lineage and subscriptions, with their history.

    Attributes:
        registration: all that the catalog is told of these domains.
        recorded: what differs from what it knows.
        home: the environment, which the catalog then is of; None leaves that open.
    """

    registration: Registration
    recorded: Recorded
    home: Home | None = None

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.RECORDS
    kind: ClassVar[str] = "catalog"
    verb: ClassVar[str] = "record in the catalog:"

    @property
    def subject(self) -> str:
        """Name the domains; where there are none, it is about policies that hold everywhere."""
        told = self.registration.scope | self.registration.left
        names = ", ".join(sorted(one for one in told if one))
        return names or "policies"

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
        who, commit = platform.applied_by, platform.commit
        platform.catalog.prepare()
        if self.home is not None:
            platform.catalog.settle(self.home, who=who, commit=commit)
        platform.catalog.record(self.registration, who=who, commit=commit)
