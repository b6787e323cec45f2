"""Between our values and confluent-kafka's, for topics, configurations and mechanisms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigSource,
    NewTopic,
    ScramMechanism,
)

from streammesh.platform.kafka import TopicSpec


def copies(topic: Any) -> int:
    """Give how many copies a topic has of each partition."""
    return max((len(one.replicas) for one in topic.partitions.values()), default=0)


def own(entries: Iterable[Any]) -> dict[str, str]:
    """Give the configurations that were set on the topic itself."""
    dynamic = ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    return {one.name: one.value for one in entries if one.source == dynamic}


def new_topic(spec: TopicSpec) -> NewTopic:
    """Give confluent-kafka's value for a topic to be created."""
    return NewTopic(spec.name, spec.partitions, spec.replication_factor, config=dict(spec.config))


def change(key: str, value: str | None) -> ConfigEntry:
    """Give its value for a configuration to be set, or with None taken back."""
    kind = AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
    return ConfigEntry(key, value or "", incremental_operation=kind)


def mechanism_name(mechanism: ScramMechanism) -> str:
    """Give the name of a SCRAM mechanism as Kafka has it."""
    return mechanism.name.replace("_", "-")
