"""Topics as confluent-kafka has them, and as we do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigSource, NewTopic

from streammesh.platform.kafka import TopicSpec


def copies_of(topic: Any) -> int:
    """Count the copies of a topic's partitions."""
    return max((len(one.replicas) for one in topic.partitions.values()), default=0)


def own_config(entries: Iterable[Any]) -> dict[str, str]:
    """Give what was set on the topic itself."""
    dynamic = ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    return {one.name: one.value for one in entries if one.source == dynamic}


def new_topic(spec: TopicSpec) -> NewTopic:
    """Give a topic to be made."""
    return NewTopic(spec.name, spec.partitions, spec.replication_factor, config=dict(spec.config))


def config_change(key: str, value: str | None) -> ConfigEntry:
    """Give a change of a topic's configuration; None takes it back to the cluster's default."""
    kind = AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
    return ConfigEntry(key, value or "", incremental_operation=kind)
