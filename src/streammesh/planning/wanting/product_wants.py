"""What a product's port wants of Kafka: its topics and who may use them. Values only."""

from __future__ import annotations

from collections.abc import Mapping

from streammesh.documents.names import Names
from streammesh.documents.values import Port, StreamOptions
from streammesh.platform.kafka import Acl, TopicSpec

DAY_MS = 86_400_000
TOMBSTONES_MS = 30 * DAY_MS
"""A consumer that was away longer may have missed a deletion, and starts anew."""

COMPACTION_LAG_MS = 7 * DAY_MS
"""What was deleted or overwritten is really gone after this and one segment."""

KAFKA_MAX_MESSAGE_BYTES = 1_048_588
RECORD_OVERHEAD_BYTES = 65_536
"""Key, headers and the batch around a document."""

STORE_MESSAGE_BYTES = 8 * 1024 * 1024
"""A deployment holds the tables of a whole source."""


def product_topic(port: Port, names: Names, defaults: Mapping[str, int]) -> TopicSpec:
    """Give the topic of a port: current state compacted, or facts kept for ever."""
    stream = port.contract.stream
    config = _safety(defaults) | {
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "max.message.bytes": str(_message_bytes(stream)),
        # what deletes and compacts leaves the active segment alone: a quiet topic would keep
        # a deleted row for ever
        "segment.ms": str(DAY_MS),
    }
    config |= _kept_for_ever() if stream.cleanup == "append" else _compacted()
    return TopicSpec(port.topic(names), stream.partitions, _replicas(defaults), config)


def quarantine_topic(port: Port, names: Names, defaults: Mapping[str, int]) -> TopicSpec:
    """Give the topic that keeps what can't be published.

    Its newest record of a key says what is in quarantine now, so it is compacted like a product:
    what has been mended or deleted is gone when compaction has come by.
    """
    config = _safety(defaults) | {
        **_compacted(),
        "segment.ms": str(DAY_MS),
        "max.message.bytes": str(_message_bytes(port.contract.stream)),
    }
    return TopicSpec(names.quarantine(port.topic(names)), 1, _replicas(defaults), config)


def store_topics(names: Names, defaults: Mapping[str, int]) -> dict[str, TopicSpec]:
    """Give the mesh's own topics by what they hold."""
    config = _safety(defaults) | {
        "cleanup.policy": "compact",
        "max.message.bytes": str(STORE_MESSAGE_BYTES),
        "delete.retention.ms": str(TOMBSTONES_MS),
    }
    replicas = _replicas(defaults)
    return {
        "what streammesh created, and for whom": TopicSpec(names.resources, 1, replicas, config),
        "what engines run": TopicSpec(names.deployments, 1, replicas, config),
        "notices of versions that end": TopicSpec(
            names.notices, 1, replicas, config | _compacted() | {"segment.ms": str(DAY_MS)}
        ),
    }


def product_acls(topic: str, quarantine: str, engine: str, reader: str) -> tuple[Acl, ...]:
    """Give the rights of the engine, which writes both topics, and of the domain's own reader.

    The engine reads both as well: a rebuild compares with the last event of every key.
    """
    return (
        Acl(engine, "topic", "literal", topic, "write"),
        Acl(engine, "topic", "literal", topic, "read"),
        Acl(engine, "topic", "literal", quarantine, "write"),
        Acl(engine, "topic", "literal", quarantine, "read"),
        Acl(reader, "topic", "literal", topic, "read"),
        Acl(reader, "topic", "literal", topic, "describe"),
    )


def reader_acls(reader: str) -> tuple[Acl, ...]:
    """Give the reader its consumer groups: those that begin with its name and a dot."""
    return (Acl(reader, "group", "prefixed", f"{reader}.", "read"),)


def keeps(spec: TopicSpec) -> str:
    """Say how a topic is partitioned and kept."""
    count = f"{spec.partitions} partition{'' if spec.partitions == 1 else 's'}"
    if spec.config.get("cleanup.policy") == "compact":
        return f"{count}, compacted: the last event of a key stays"
    retention = int(spec.config.get("retention.ms", -1))
    kept = "every event is kept for ever" if retention < 0 else f"kept {span(retention)}"
    return f"{count}, {kept}"


def span(milliseconds: int) -> str:
    """Give a time span in the largest unit that fits: `7 days`, `36 hours`."""
    for unit, size in (("day", DAY_MS), ("hour", 3_600_000), ("minute", 60_000)):
        if milliseconds >= size and milliseconds % size == 0:
            count = milliseconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{milliseconds / 1000:g} s"


def _compacted() -> dict[str, str]:
    return {
        "cleanup.policy": "compact",
        "delete.retention.ms": str(TOMBSTONES_MS),
        "max.compaction.lag.ms": str(COMPACTION_LAG_MS),
    }


def _kept_for_ever() -> dict[str, str]:
    return {"cleanup.policy": "delete"}


def _message_bytes(stream: StreamOptions) -> int:
    return max(KAFKA_MAX_MESSAGE_BYTES, stream.max_bytes + RECORD_OVERHEAD_BYTES)


def _safety(defaults: Mapping[str, int]) -> dict[str, str]:
    wanted = defaults.get("min_insync_replicas")
    return {} if wanted is None else {"min.insync.replicas": str(wanted)}


def _replicas(defaults: Mapping[str, int]) -> int:
    return defaults.get("replication_factor", -1)
