"""Tell the engine of a source what is captured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from streammesh.deployments.deployment import SourceDeployment
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class WriteSource(Step):
    """Write a source's deployment.

    Attributes:
        deployment: the new one, with its digest.
        differences: what differs from the one before, in words; empty for a new source.
        first: whether the source is new.
        after_reading: whether tables are read before: until that is done, the engine goes on with
            the deployment that it has.
    """

    deployment: SourceDeployment
    differences: tuple[str, ...] = ()
    first: bool = False
    after_reading: bool = False

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.SOURCE
    kind: ClassVar[str] = "deployment"
    verb: ClassVar[str] = "deploy source"
    at_once: ClassVar[int] = 50

    @property
    def when(self) -> Phase:
        """It waits for tables that are read."""
        return Phase.CHANGED_SOURCE if self.after_reading else self.phase

    @property
    def change(self) -> Change:
        """A first deployment adds the source."""
        return Change.ADD if self.first else Change.CHANGE

    @property
    def subject(self) -> str:
        """Give the source's name."""
        return f"{self.deployment.domain}.{self.deployment.source}"

    @property
    def detail(self) -> str:
        """Say what changes, or what is captured."""
        count = len(self.deployment.tables)
        if self.deployment.inputs and not self.differences:
            return f"{count} product{'' if count == 1 else 's'}"
        tables = f"{count} table{'' if count == 1 else 's'}"
        return ", ".join(self.differences) or tables

    @property
    def why(self) -> str:
        """Say who reads it."""
        return "its engine runs what is deployed, never files"

    @property
    def affects(self) -> str:
        """Say who notices."""
        return "" if self.first else f"the engine of {self.subject}"

    @property
    def undo(self) -> str:
        """Say how to undo it."""
        return "apply the files as they were"

    @property
    def brief(self) -> tuple[str, str] | None:
        """Say what is captured."""
        if not self.first:
            return "engine", f"takes over: {self.detail}"
        if self.deployment.inputs:
            return "products", "read: " + ", ".join(one.topic for one in self.deployment.inputs)
        names = ", ".join(sorted(str(one.name) for one in self.deployment.tables))
        return "tables", f"{len(self.deployment.tables)} captured: {names}"

    @property
    def details(self) -> Mapping[str, Any]:
        """Give what is captured."""
        return {
            "tables": [str(one.name) for one in self.deployment.tables],
            "retention_ms": self.deployment.retention_ms,
            "changes": list(self.differences),
        }

    def apply(self, platform: Platform) -> None:
        """Write it."""
        platform.deployments.write([self.deployment])

    @classmethod
    def apply_all(cls, steps: Sequence[WriteSource], platform: Platform) -> None:
        """Write them all."""
        platform.deployments.write([one.deployment for one in steps])
