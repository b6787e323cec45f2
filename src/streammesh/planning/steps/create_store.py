"""Create the mesh's own topics: what it deployed, what it owns, what it tells consumers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from streammesh.errors.platform import AlreadyThere
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.steps.create_topic import topic_details
from streammesh.planning.systems import Platform
from streammesh.platform.kafka import TopicSpec


@dataclass(frozen=True)
class CreateStore(Step):
    """Create `_mesh.resources`, `_mesh.deployments` or `mesh.notices`.

    No intent can be recorded before the topic of records stands; the names are the mesh's own.
    """

    spec: TopicSpec
    purpose: str

    usual_change: ClassVar[Change] = Change.ADD
    phase: ClassVar[Phase] = Phase.STORES
    kind: ClassVar[str] = "topic"
    verb: ClassVar[str] = "create topic"
    at_once: ClassVar[int] = 10

    @property
    def subject(self) -> str:
        """Give the topic's name."""
        return self.spec.name

    @property
    def detail(self) -> str:
        """Say what it holds."""
        return self.purpose

    @property
    def why(self) -> str:
        """Say why the mesh has it."""
        return "streammesh keeps there what it deployed, what it owns, and what it tells consumers"

    @property
    def undo(self) -> str:
        """It stays."""
        return "stays as long as the mesh"

    @property
    def details(self) -> Mapping[str, Any]:
        """Give the topic."""
        return topic_details(self.spec)

    def apply(self, platform: Platform) -> None:
        """Create it."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[CreateStore], platform: Platform) -> None:
        """Create them in one request; an apply of another domain may have been first."""
        with suppress(AlreadyThere):
            platform.kafka.create_topics([one.spec for one in steps])
