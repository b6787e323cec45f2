"""Kafka as planning sees it: topics, their configuration, access rights, users and quotas.

`streammesh.platform.confluent_admin` talks to a real cluster, `streammesh.platform.memory` holds
the twin; both pass `tests/conformance/test_kafka_admin.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

ResourceType = Literal["topic", "group", "transactional_id", "cluster"]
Pattern = Literal["literal", "prefixed"]
Operation = Literal[
    "all",
    "alter",
    "alter_configs",
    "cluster_action",
    "create",
    "delete",
    "describe",
    "describe_configs",
    "idempotent_write",
    "read",
    "write",
]
Permission = Literal["allow", "deny"]

CLUSTER_NAME = "kafka-cluster"
"""The name that Kafka gives the one resource of type `cluster`."""


@dataclass(frozen=True)
class TopicSpec:
    """A topic to be created.

    Attributes:
        name: full name.
        partitions: at least 1.
        replication_factor: copies of each partition; -1 takes the cluster's default.
        config: topic configurations that differ from the cluster's defaults.
    """

    name: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Topic:
    """A topic as it stands.

    Attributes:
        name: full name.
        partitions: how many it has.
        replication_factor: copies of each partition.
        config: only what was set on the topic itself, never the cluster's defaults.
    """

    name: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, order=True)
class Acl:
    """One access right.

    Attributes:
        principal: the user's name; a leading `User:` is taken off.
        resource_type: what kind of thing it is about.
        pattern: whether `name` is the whole name or the beginning of it.
        name: the resource; for the cluster `CLUSTER_NAME`, for everything `*`.
        operation: what may be done.
        permission: allow or deny.
        host: from where; `*` is anywhere.
    """

    principal: str
    resource_type: ResourceType
    pattern: Pattern
    name: str
    operation: Operation
    permission: Permission = "allow"
    host: str = "*"

    def __post_init__(self) -> None:
        """Give the same right the same value, however its principal was written."""
        object.__setattr__(self, "principal", self.principal.removeprefix("User:"))

    def __str__(self) -> str:
        """Say in words what it allows or denies."""
        name = f"{self.name}*" if self.pattern == "prefixed" else self.name
        resource = self.resource_type.replace("_", " ")
        return f"{self.principal} {self.permission} {self.operation} {resource} {name}"


@dataclass(frozen=True)
class Cluster:
    """A Kafka cluster.

    Attributes:
        id: the cluster's id.
        brokers: ids of the brokers that stand.
        allowed: what our own principal may do on the cluster itself; everything when there is
            no authorizer.
    """

    id: str
    brokers: tuple[int, ...]
    allowed: frozenset[Operation]


class KafkaAdmin(Protocol):
    """What streammesh asks of a Kafka cluster.

    Every call ends within a bounded time. Errors are those of `streammesh.errors.platform`:
    `Unreachable`, `LoginFailed`, `TlsFailed`, `TooSlow`, `ActionRefused`, `RequestFailed`, and
    where named `Missing`, `AlreadyThere`. What a call has changed is seen by the next call.
    """

    def cluster(self) -> Cluster:
        """Give the cluster's id, its brokers, and what we may do."""
        ...

    def topics(
        self,
        prefixes: Collection[str] | None = None,
        *,
        configured: Collection[str] | None = None,
    ) -> Mapping[str, Topic]:
        """Give the topics whose name begins with one of `prefixes`; None gives all.

        Kafka's internal topics are left out.

        Args:
            prefixes: beginnings of names.
            configured: topics whose configuration is read; others have an empty one. Of a cluster
                with many topics that is most of the time. None reads that of all.

        Raises:
            ActionRefused: when a topic can be seen but not its configuration.
        """
        ...

    def create_topics(self, specs: Iterable[TopicSpec]) -> None:
        """Create topics; when it returns they can be written.

        Raises:
            AlreadyThere: one of them stands already; the others have been created.
        """
        ...

    def set_topic_config(self, name: str, changes: Mapping[str, str | None]) -> None:
        """Set configurations of a topic, None takes one back to the cluster's default.

        Raises:
            Missing: there is no such topic.
        """
        ...

    def add_partitions(self, name: str, total: int) -> None:
        """Raise the number of partitions to `total`.

        Raises:
            Missing: there is no such topic.
            RequestFailed: `total` is not more than it has.
        """
        ...

    def delete_topics(self, names: Iterable[str]) -> None:
        """Delete topics with all they hold; those that are gone already are no error."""
        ...

    def acls(self) -> frozenset[Acl]:
        """Give all access rights.

        Raises:
            ActionRefused: we may not see them (Kafka itself would give an empty list).
            NoAuthorizer: the cluster has no access control.
        """
        ...

    def create_acls(self, acls: Iterable[Acl]) -> None:
        """Create access rights; those that stand already are no error."""
        ...

    def delete_acls(self, acls: Iterable[Acl]) -> None:
        """Delete exactly these access rights; those that are gone already are no error."""
        ...

    def users(self) -> Mapping[str, frozenset[str]]:
        """Give the SCRAM users and for each the mechanisms, such as `SCRAM-SHA-256`."""
        ...

    def put_user(self, name: str, password: str) -> None:
        """Create a SCRAM user, or give it another password."""
        ...

    def delete_user(self, name: str) -> None:
        """Delete a SCRAM user; one that is gone already is no error."""
        ...

    def quotas(self) -> Mapping[str, float]:
        """Give what users may read at most, bytes a second from each broker, by user name.

        Only quotas of a user alone, whatever its client id; others are nobody's whom we know.

        Raises:
            ActionRefused: we may not see them.
        """
        ...

    def put_quota(self, name: str, *, consumer_byte_rate: float) -> None:
        """Set what a user may read at most, bytes a second from each broker.

        Raises:
            RequestFailed: the rate is not above zero.
        """
        ...

    def delete_quota(self, name: str) -> None:
        """Let a user read as much as the cluster's default; one without a quota is no error."""
        ...

    def end_offsets(self, topic: str) -> Mapping[int, int]:
        """Give for each partition the offset that the next record will have.

        Open transactions are included (`read_uncommitted`).

        Raises:
            Missing: there is no such topic.
        """
        ...

    def broker_config(self, name: str) -> str | None:
        """Give a configuration of the brokers, None when this version does not know it."""
        ...
