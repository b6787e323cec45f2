"""Kafka's twin: what planning asks of a cluster, in memory, with the same refusals."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from streammesh.errors.platform import AlreadyThere, Missing, RequestFailed
from streammesh.platform.kafka import Acl, Cluster, Topic, TopicSpec

_LEGAL_NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}\Z")

_TOPIC_CONFIGS = frozenset(
    [
        "cleanup.policy",
        "compression.type",
        "compression.gzip.level",
        "compression.lz4.level",
        "compression.zstd.level",
        "delete.retention.ms",
        "file.delete.delay.ms",
        "flush.messages",
        "flush.ms",
        "follower.replication.throttled.replicas",
        "index.interval.bytes",
        "leader.replication.throttled.replicas",
        "local.retention.bytes",
        "local.retention.ms",
        "max.compaction.lag.ms",
        "max.message.bytes",
        "message.timestamp.after.max.ms",
        "message.timestamp.before.max.ms",
        "message.timestamp.type",
        "min.cleanable.dirty.ratio",
        "min.compaction.lag.ms",
        "min.insync.replicas",
        "preallocate",
        "remote.log.copy.disable",
        "remote.log.delete.on.disable",
        "remote.storage.enable",
        "retention.bytes",
        "retention.ms",
        "segment.bytes",
        "segment.index.bytes",
        "segment.jitter.ms",
        "segment.ms",
        "unclean.leader.election.enable",
    ]
)


class MemoryKafkaAdmin:
    """A cluster of one broker with an authorizer, reached by a super user.

    Attributes:
        broker_configs: what `broker_config` answers; tests may change it.
        passwords: by user name, as `put_user` was given them.
    """

    def __init__(self) -> None:
        """Begin without topics, rights and users."""
        self._topics: dict[str, Topic] = {}
        self._ends: dict[str, list[int]] = {}
        self._acls: set[Acl] = set()
        self.broker_configs = {"transaction.max.timeout.ms": "900000"}
        self.passwords: dict[str, str] = {}
        self._quotas: dict[str, float] = {}

    def cluster(self) -> Cluster:
        """See `KafkaAdmin.cluster`."""
        return Cluster("memory", (1,), frozenset({"alter", "create", "describe"}))

    def topics(
        self,
        prefixes: Collection[str] | None = None,
        *,
        configured: Collection[str] | None = None,
    ) -> Mapping[str, Topic]:
        """See `KafkaAdmin.topics`."""
        wanted = ("",) if prefixes is None else tuple(prefixes)
        return {
            name: one if configured is None or name in configured else replace(one, config={})
            for name, one in self._topics.items()
            if name.startswith(wanted)
        }

    def create_topics(self, specs: Iterable[TopicSpec]) -> None:
        """See `KafkaAdmin.create_topics`."""
        there: list[str] = []
        for spec in specs:
            if spec.name in self._topics:
                there.append(spec.name)
            else:
                self._create(spec)
        if there:
            raise AlreadyThere(system="Kafka", kind="topic", name=there[-1], names=there)

    def _create(self, spec: TopicSpec) -> None:
        action = f"create topic `{spec.name}`"
        if not _LEGAL_NAME.match(spec.name) or spec.name in {".", ".."}:
            raise RequestFailed(system="Kafka", action=action, why="its name is not legal")
        folded = spec.name.replace(".", "_")
        if any(name.replace(".", "_") == folded for name in self._topics):
            raise RequestFailed(system="Kafka", action=action, why="its name collides")
        if spec.partitions < 1 or spec.replication_factor not in {-1, 1}:
            raise RequestFailed(system="Kafka", action=action, why="there is one broker")
        _check_config(action, spec.config)
        self._topics[spec.name] = Topic(spec.name, spec.partitions, 1, dict(spec.config))
        self._ends[spec.name] = [0] * spec.partitions

    def set_topic_config(self, name: str, changes: Mapping[str, str | None]) -> None:
        """See `KafkaAdmin.set_topic_config`."""
        topic = self._topic(name)
        _check_config(f"configure topic `{name}`", changes)
        merged = {**topic.config, **changes}
        config = {key: value for key, value in merged.items() if value is not None}
        self._topics[name] = replace(topic, config=config)

    def add_partitions(self, name: str, total: int) -> None:
        """See `KafkaAdmin.add_partitions`."""
        topic = self._topic(name)
        if total <= topic.partitions:
            action = f"give topic `{name}` {total} partitions"
            raise RequestFailed(system="Kafka", action=action, why=f"it has {topic.partitions}")
        self._ends[name] += [0] * (total - topic.partitions)
        self._topics[name] = replace(topic, partitions=total)

    def delete_topics(self, names: Iterable[str]) -> None:
        """See `KafkaAdmin.delete_topics`."""
        for name in names:
            self._topics.pop(name, None)
            self._ends.pop(name, None)

    def acls(self) -> frozenset[Acl]:
        """See `KafkaAdmin.acls`."""
        return frozenset(self._acls)

    def create_acls(self, acls: Iterable[Acl]) -> None:
        """See `KafkaAdmin.create_acls`."""
        self._acls.update(acls)

    def delete_acls(self, acls: Iterable[Acl]) -> None:
        """See `KafkaAdmin.delete_acls`."""
        self._acls.difference_update(acls)

    def users(self) -> Mapping[str, frozenset[str]]:
        """See `KafkaAdmin.users`."""
        return {name: frozenset({"SCRAM-SHA-256"}) for name in self.passwords}

    def put_user(self, name: str, password: str) -> None:
        """See `KafkaAdmin.put_user`."""
        self.passwords[name] = password

    def delete_user(self, name: str) -> None:
        """See `KafkaAdmin.delete_user`."""
        self.passwords.pop(name, None)

    def quotas(self) -> Mapping[str, float]:
        """See `KafkaAdmin.quotas`."""
        return dict(self._quotas)

    def put_quota(self, name: str, *, consumer_byte_rate: float) -> None:
        """See `KafkaAdmin.put_quota`."""
        if consumer_byte_rate <= 0:
            action = f"set the quota of `{name}`"
            raise RequestFailed(system="Kafka", action=action, why="it must be above zero")
        self._quotas[name] = float(consumer_byte_rate)

    def delete_quota(self, name: str) -> None:
        """See `KafkaAdmin.delete_quota`."""
        self._quotas.pop(name, None)

    def end_offsets(self, topic: str) -> Mapping[int, int]:
        """See `KafkaAdmin.end_offsets`."""
        self._topic(topic)
        return dict(enumerate(self._ends[topic]))

    def append(self, topic: str, partition: int = 0, records: int = 1) -> None:
        """Move a partition's end on, as if records had been written."""
        self._ends[topic][partition] += records

    def broker_config(self, name: str) -> str | None:
        """See `KafkaAdmin.broker_config`."""
        return self.broker_configs.get(name)

    def _topic(self, name: str) -> Topic:
        try:
            return self._topics[name]
        except KeyError:
            raise Missing(system="Kafka", kind="topic", name=name) from None


def _check_config(action: str, config: Mapping[str, str | None]) -> None:
    for key in config:
        if key not in _TOPIC_CONFIGS:
            why = f"`{key}` is no topic configuration"
            raise RequestFailed(system="Kafka", action=action, why=why)
