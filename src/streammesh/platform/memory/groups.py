"""The twin of a cluster's consumer groups."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from streammesh.platform.groups import Group, GroupsRead, Member, Offsets
from streammesh.platform.kafka import KafkaAdmin


class MemoryGroups:
    """Groups in memory, on the topics of a Kafka twin.

    Attributes:
        refused: groups that can't be read, and why; tests fill it.
        unlisted: what `read` says of groups that could not be listed; tests change it.
        failing: raised by `read` where a test sets it.
    """

    def __init__(self, kafka: KafkaAdmin) -> None:
        """Begin without groups.

        Args:
            kafka: has the topics and their ends.
        """
        self._kafka = kafka
        self._groups: dict[str, Group] = {}
        self.refused: dict[str, str] = {}
        self.unlisted = ""
        self.failing: Exception | None = None

    def commit(self, group: str, topic: str, offsets: Mapping[int, int]) -> None:
        """Let a group commit offsets of a topic, by partition."""
        old = self._group(group)
        merged = {**old.offsets.get(topic, {}), **offsets}
        self._groups[group] = replace(old, offsets={**old.offsets, topic: merged})

    def join(self, group: str, client_id: str, topics: Collection[str]) -> None:
        """Let a client on this machine join a group; it is assigned all of these topics."""
        old = self._group(group)
        member = Member(client_id, "127.0.0.1", frozenset(topics))
        self._groups[group] = replace(old, members=(*old.members, member))

    def leave(self, group: str) -> None:
        """Let all members leave a group; its offsets stay."""
        self._groups[group] = replace(self._group(group), members=())

    def forget(self, group: str) -> None:
        """Let a group expire."""
        self._groups.pop(group, None)

    def read(self, topics: Collection[str], seconds: float) -> GroupsRead:  # noqa: ARG002
        """See `Groups.read`."""
        if self.failing is not None:
            raise self.failing
        standing = self._kafka.topics().keys() & set(topics)
        found = [self._seen(one, standing) for one in self._groups.values()]
        groups = [
            one
            for one in sorted(found, key=lambda one: one.name)
            if one.name not in self.refused
            and (one.offsets or any(member.topics & standing for member in one.members))
        ]
        unread = {name: why for name, why in self.refused.items() if name in self._groups}
        return GroupsRead(tuple(groups), self._ends(groups), unread, self.unlisted)

    def _group(self, name: str) -> Group:
        return self._groups.get(name, Group(name))

    def _seen(self, group: Group, topics: Collection[str]) -> Group:
        """Leave out other topics; Kafka forgets the offsets of those that are deleted."""
        return replace(
            group, offsets={name: at for name, at in group.offsets.items() if name in topics}
        )

    def _ends(self, groups: Collection[Group]) -> Offsets:
        topics = {topic for one in groups for topic in one.offsets}
        return {topic: self._kafka.end_offsets(topic) for topic in sorted(topics)}
