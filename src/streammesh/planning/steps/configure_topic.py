"""Change the configuration of a topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class Setting:
    """A configuration that is not what it should be.

    Attributes:
        name: Kafka's name for it.
        before: what is set on the topic; None when nothing is.
        after: what it becomes.
    """

    name: str
    before: str | None
    after: str

    def __str__(self) -> str:
        """Give `retention.ms 604800000 → 86400000`."""
        before = "the broker's default" if self.before is None else self.before
        return f"{self.name} {before} → {self.after}"


@dataclass(frozen=True)
class ConfigureTopic(Step):
    """Set configurations of a topic that streammesh created."""

    topic: str
    settings: tuple[Setting, ...]
    purpose: str

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.TOPICS
    kind: ClassVar[str] = "topic"
    verb: ClassVar[str] = "configure topic"

    @property
    def subject(self) -> str:
        """Give the topic's name."""
        return self.topic

    @property
    def detail(self) -> str:
        """Give each change."""
        return ", ".join(map(str, self.settings))

    @property
    def why(self) -> str:
        """Say what the topic holds."""
        return f"holds {self.purpose}; its configuration is not what the files say"

    @property
    def undo(self) -> str:
        """Say how to undo it, and what stays."""
        return "set it back; what a shorter retention has deleted stays deleted"

    def apply(self, platform: Platform) -> None:
        """Set them all at once."""
        platform.kafka.set_topic_config(self.topic, {one.name: one.after for one in self.settings})
