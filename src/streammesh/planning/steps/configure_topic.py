"""Change the configuration of a topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.steps.together import each
from streammesh.planning.systems import Platform
from streammesh.planning.wanting.product_wants import span


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
        """Give `retention.ms 7 days → 1 day`."""
        return f"{self.name} {_plain(self.name, self.before)} → {_plain(self.name, self.after)}"


def _plain(name: str, value: str | None) -> str:
    """Give a value as people say it: times with their unit, -1 as what it means."""
    if value is None:
        return "the broker's default"
    if value == "-1" and name.startswith("retention."):
        return "unlimited"
    if not value.isdigit():
        return value
    return span(int(value)) if name.endswith(".ms") else f"{int(value):,}"


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
    at_once: ClassVar[int] = 100

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

    @property
    def details(self) -> Mapping[str, Any]:
        """Give each setting, before and after."""
        settings = {one.name: {"before": one.before, "after": one.after} for one in self.settings}
        return {"config": settings}

    def apply(self, platform: Platform) -> None:
        """Set them all at once."""
        platform.kafka.set_topic_config(self.topic, {one.name: one.after for one in self.settings})

    @classmethod
    def apply_all(cls, steps: Sequence[ConfigureTopic], platform: Platform) -> None:
        """Configure several topics at a time."""
        each(steps, lambda one: one.apply(platform)).check()
