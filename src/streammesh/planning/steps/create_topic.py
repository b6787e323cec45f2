"""Create a topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.errors.planning import ForeignResource
from streammesh.errors.platform import AlreadyThere
from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform
from streammesh.platform.kafka import TopicSpec


@dataclass(frozen=True)
class CreateTopic(Step):
    """Create a topic that nobody has yet.

    Attributes:
        spec: the topic.
        purpose: what it holds.
        keeps: how it is partitioned and kept, in words.
    """

    spec: TopicSpec
    purpose: str
    keeps: str

    usual_change: ClassVar[Change] = Change.ADD
    phase: ClassVar[Phase] = Phase.TOPICS
    kind: ClassVar[str] = "topic"
    verb: ClassVar[str] = "create topic"

    @property
    def subject(self) -> str:
        """Give the topic's name."""
        return self.spec.name

    @property
    def detail(self) -> str:
        """Say how it is partitioned and kept."""
        return self.keeps

    @property
    def why(self) -> str:
        """Say what it holds."""
        return f"holds {self.purpose}"

    def apply(self, platform: Platform) -> None:
        """Create it; somebody else's that came in between stays theirs."""
        record = claims.resource("topic", self.spec.name, self.owner)
        try:
            with claims.claimed(platform, record):
                platform.kafka.create_topics([self.spec])
        except AlreadyThere as error:
            claims.forget(platform, [record])
            raise ForeignResource(kind="topic", name=self.spec.name) from error
