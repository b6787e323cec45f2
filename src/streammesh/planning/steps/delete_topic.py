"""Delete a topic and all it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform
from streammesh.platform.stores import HISTORY, Resource


@dataclass(frozen=True)
class DeleteTopic(Step):
    """Delete a topic that streammesh created and nothing wants any more.

    Attributes:
        record: of the topic.
        retired: whether its product is still in the files, as a retired one.
    """

    record: Resource
    retired: bool = False

    usual_change: ClassVar[Change] = Change.REMOVE
    phase: ClassVar[Phase] = Phase.REMOVE_TOPICS
    kind: ClassVar[str] = "topic"
    verb: ClassVar[str] = "delete topic"
    at_once: ClassVar[int] = 100

    @property
    def subject(self) -> str:
        """Give the topic's name."""
        return self.record.name

    @property
    def detail(self) -> str:
        """Say what goes with it."""
        return "with all its events"

    @property
    def why(self) -> str:
        """Say that nothing wants it."""
        return f"{self.owner.label} is {'retired' if self.retired else 'no longer in the files'}"

    @property
    def affects(self) -> str:
        """Say who notices."""
        return "everybody who reads it"

    @property
    def undo(self) -> str:
        """It can't be undone."""
        return "can't be undone"

    @property
    def reversible(self) -> bool:
        """What it held is lost."""
        return False

    def apply(self, platform: Platform) -> None:
        """Delete it, then forget it."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[DeleteTopic], platform: Platform) -> None:
        """Delete them in one request, then forget them."""
        records = [one.record for one in steps]
        platform.kafka.delete_topics([one.name for one in records])
        histories = [replace(one, kind=HISTORY) for one in records]
        claims.forget(platform, [*records, *histories])
