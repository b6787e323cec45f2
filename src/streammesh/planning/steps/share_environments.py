"""Hand the mesh's environments to all repositories, through the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from streammesh.catalog.workspaces import SharedEnvironment
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.steps.claim_domains import now
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class ShareEnvironments(Step):
    """Make the environments of mesh.toml those of the mesh: settings, and references to secrets.

    Attributes:
        environments: all of them, those that did not change as they are.
        changed: what becomes of which, such as `+ production`.
    """

    environments: tuple[SharedEnvironment, ...]
    changed: tuple[str, ...]

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.RECORDS
    kind: ClassVar[str] = "environments"
    verb: ClassVar[str] = "share"

    @property
    def subject(self) -> str:
        """Name them."""
        return "the mesh's environments"

    @property
    def detail(self) -> str:
        """Say which change."""
        return ", ".join(self.changed)

    @property
    def why(self) -> str:
        """Say who uses them."""
        return "the mesh.toml of a domain then needs no more than the catalog's address"

    @property
    def affects(self) -> str:
        """Say who notices."""
        return "every repository of the mesh, at its next command"

    @property
    def details(self) -> Mapping[str, Any]:
        """Name all that there will be."""
        return {"environments": [one.environment for one in self.environments]}

    @property
    def undo(self) -> str:
        """Say how to undo it."""
        return "apply mesh.toml as it was"

    def apply(self, platform: Platform) -> None:
        """Write them."""
        if platform.catalog is None:  # then no plan has this step
            return
        stamp = {"since": now(), "by": platform.applied_by, "commit": platform.commit}
        made = [one if one.since else one.stamped(**stamp) for one in self.environments]
        platform.catalog.share(made, who=platform.applied_by, commit=platform.commit)
