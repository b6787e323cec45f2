"""Take the catalog along with an environment that has moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from streammesh.catalog.workspaces import Home
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class MoveCatalog(Step):
    """Record that the catalog is now that of this environment.

    Attributes:
        home: the environment.
        before: where it was.
    """

    home: Home
    before: Home

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.CLAIMS
    kind: ClassVar[str] = "catalog"
    verb: ClassVar[str] = "move"

    @property
    def subject(self) -> str:
        """Name it."""
        return "the catalog"

    @property
    def detail(self) -> str:
        """Say from where to where."""
        return f"of {self.before} is that of {self.home} from now on"

    @property
    def why(self) -> str:
        """Say who asked for it."""
        return (
            "--catalog-moved says that the environment has moved, and what is known of it with it"
        )

    @property
    def details(self) -> Mapping[str, Any]:
        """Give both."""
        return {"before": str(self.before), "after": str(self.home)}

    @property
    def undo(self) -> str:
        """Say how to undo it."""
        return "`mesh apply --catalog-moved` where it was before"

    def apply(self, platform: Platform) -> None:
        """Record it."""
        if platform.catalog is None:  # then no plan has this step
            return
        who, commit = platform.applied_by, platform.commit
        platform.catalog.settle(self.home, who=who, commit=commit, moved=True)
