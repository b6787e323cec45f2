"""Who reads topics: the consumer groups of a cluster, how far they are, and who is in them.

`streammesh.platform.confluent_groups` talks to a real cluster, `streammesh.platform.memory` holds
the twin; both pass `tests/conformance/test_groups.py`.

A reader that joins no group and commits nothing leaves no trace that Kafka shows: it is not here.
Nor are share groups (KIP-932) and streams groups (KIP-1071), which librdkafka does not list.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

Offsets = Mapping[str, Mapping[int, int]]
"""By topic and partition, the offset of the record that comes next."""


@dataclass(frozen=True)
class Member:
    """One client that is in a group now.

    Attributes:
        client_id: what the client calls itself; clients that say nothing share their library's.
        host: its address, as the broker sees it.
        topics: those of which it is assigned partitions.
    """

    client_id: str
    host: str
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Group:
    """A consumer group.

    Attributes:
        name: its id: any text.
        members: who is in it now.
        offsets: what it has committed; a reader may keep its offsets elsewhere.
    """

    name: str
    members: tuple[Member, ...] = ()
    offsets: Offsets = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class GroupsRead:
    """The groups that read some topics.

    Attributes:
        groups: those with an offset or a member at one of the topics, by name.
        ends: the ends of the partitions that have committed offsets, as far as they are known.
        unread: groups of which nothing is known now, and why.
        unlisted: why there may be groups that were not even listed; empty when all were.
    """

    groups: tuple[Group, ...]
    ends: Offsets = field(default_factory=dict, hash=False)
    unread: Mapping[str, str] = field(default_factory=dict, hash=False)
    unlisted: str = ""


class Groups(Protocol):
    """The consumer groups of a Kafka cluster, of the classic and the new protocol (KIP-848)."""

    def read(self, topics: Collection[str], seconds: float) -> GroupsRead:
        """Give the groups that read one of these topics.

        What fails for one group stands in `unread`, what fails for one broker in `unlisted`.

        Args:
            topics: full names.
            seconds: after these, groups that were not asked yet are `unread`; those with members
                are asked first.

        Raises:
            MeshError: no broker could be asked; see `KafkaAdmin`.
        """
        ...
