"""Create a topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

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
        main: whether it holds a product's events or a source's log; a short plan counts others.
    """

    spec: TopicSpec
    purpose: str
    keeps: str
    main: bool = True

    usual_change: ClassVar[Change] = Change.ADD
    phase: ClassVar[Phase] = Phase.TOPICS
    kind: ClassVar[str] = "topic"
    verb: ClassVar[str] = "create topic"
    at_once: ClassVar[int] = 100

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

    @property
    def counted(self) -> tuple[str, int] | None:
        """A topic beside the main one is counted."""
        return None if self.main else ("topic", 1)

    @property
    def details(self) -> Mapping[str, Any]:
        """Give the topic."""
        return topic_details(self.spec)

    def apply(self, platform: Platform) -> None:
        """Create it."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[CreateTopic], platform: Platform) -> None:
        """Create them in one request; somebody else's that came in between stays theirs."""
        records = {
            one.spec.name: claims.resource("topic", one.spec.name, one.owner) for one in steps
        }
        try:
            with claims.claimed(platform, *records.values()):
                platform.kafka.create_topics([one.spec for one in steps])
        except AlreadyThere as error:
            foreign = {str(error.fields["name"])}
            foreign.update(map(str, cast("Iterable[object]", error.fields.get("names", ()))))
            claims.forget(platform, [records[name] for name in sorted(foreign)])
            ours = [one for name, one in records.items() if name not in foreign]
            claims.confirm(platform, ours)
            raise ForeignResource(kind="topic", name=min(foreign)) from error


def topic_details(spec: TopicSpec) -> Mapping[str, Any]:
    """Give a topic for programs; a replication factor of None is the cluster's default."""
    replicas = spec.replication_factor
    return {
        "partitions": spec.partitions,
        "replication_factor": None if replicas < 0 else replicas,
        "config": dict(sorted(spec.config.items())),
    }
