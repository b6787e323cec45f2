"""The consumer groups of a real cluster, by confluent-kafka.

Its requests are about one group each: some are under way at a time, and none waits for the one
before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future
from time import monotonic
from typing import Any

from confluent_kafka import (
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from streammesh.errors import MeshError
from streammesh.platform.groups import Group, GroupsRead, Member, Offsets
from streammesh.platform.kafka_failures import (
    REQUEST_SECONDS,
    ConnectionWatch,
    bad_setting,
    wait,
)
from streammesh.platform.settings import KafkaSettings

IN_FLIGHT = 64
"""Requests about single groups under way at a time."""

PARTITIONS = 1_000
"""Partitions whose ends are asked for in one request."""

_WITHOUT_MEMBERS = {ConsumerGroupState.EMPTY, ConsumerGroupState.DEAD}

Unread = dict[str, str]


class ConfluentGroups:
    """The `Groups` of a cluster; may be used from several threads."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Prepare a client; the connection is made by the first call.

        Raises:
            SettingWrong: no client can be made with these settings.
        """
        self._watch = ConnectionWatch(settings)
        properties: dict[str, Any] = {
            **settings.librdkafka(),
            "socket.connection.setup.timeout.ms": 5000,
            "error_cb": self._watch.on_error,
        }
        try:
            self._client = AdminClient(properties)
        except KafkaException as error:
            raise bad_setting(error, settings) from error

    def read(self, topics: Collection[str], seconds: float) -> GroupsRead:
        """See `Groups.read`."""
        wanted, deadline = frozenset(topics), monotonic() + seconds
        living, empty, unlisted = self._list()
        unread: Unread = {}
        members = dict(self._each(living, self._describe, deadline, unread))
        asked = [name for name in (*living, *empty) if name not in unread]
        offsets = dict(self._each(asked, self._committed, deadline, unread))
        found = [
            Group(
                name,
                tuple(_member(one) for one in _members_of(members.get(name))),
                _offsets(offsets[name], wanted),
            )
            for name in sorted(offsets)
        ]
        groups = tuple(one for one in found if one.offsets or _reads(one, wanted))
        return GroupsRead(groups, self._ends(groups, deadline), unread, unlisted)

    def _list(self) -> tuple[list[str], list[str], str]:
        """Give the groups with members, those without, and why others may be missing."""
        action = "list consumer groups"
        future: Any = self._client.list_consumer_groups(request_timeout=REQUEST_SECONDS)
        try:
            found = wait(future, self._client, self._watch, action)
        except KafkaException as error:
            raise self._watch.explain(error.args[0], action) from error
        errors = [_kafka_error(one) for one in found.errors or ()]
        if errors and not found.valid:
            raise self._watch.explain(errors[0], action)
        listed = sorted(found.valid or (), key=lambda one: one.group_id)
        empty = [one.group_id for one in listed if one.state in _WITHOUT_MEMBERS]
        living = [one.group_id for one in listed if one.state not in _WITHOUT_MEMBERS]
        return living, empty, errors[0].str() if errors else ""

    def _describe(self, name: str, seconds: float) -> Future[Any]:
        return self._client.describe_consumer_groups([name], request_timeout=seconds)[name]

    def _committed(self, name: str, seconds: float) -> Future[Any]:
        every = ConsumerGroupTopicPartitions(name)
        return self._client.list_consumer_group_offsets([every], request_timeout=seconds)[name]

    def _each(
        self,
        names: Iterable[str],
        ask: Callable[[str, float], Future[Any]],
        deadline: float,
        unread: Unread,
    ) -> Iterator[tuple[str, Any]]:
        """Ask about each group, and give the answers; a group that is gone meanwhile has None."""
        waiting: deque[tuple[str, Future[Any]]] = deque()
        for name in names:
            left = deadline - monotonic()
            if left <= 0:
                unread[name] = "there was no time left to ask"
                continue
            waiting.append((name, ask(name, min(REQUEST_SECONDS, max(left, 1.0)))))
            if len(waiting) >= IN_FLIGHT:
                yield from self._answer(*waiting.popleft(), unread)
        while waiting:
            yield from self._answer(*waiting.popleft(), unread)

    def _answer(self, name: str, future: Future[Any], unread: Unread) -> Iterator[tuple[str, Any]]:
        try:
            yield name, wait(future, self._client, self._watch, f"look at group `{name}`")
        except KafkaException as error:
            if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
                yield name, None
            else:
                unread[name] = error.args[0].str()
        except MeshError as error:
            unread[name] = error.what

    def _ends(self, groups: Iterable[Group], deadline: float) -> Offsets:
        """Give the ends of all partitions with committed offsets; what can't be had is left out."""
        wanted = sorted({place for one in groups for place in _places(one.offsets)})
        requests: list[Mapping[TopicPartition, Future[Any]]] = []
        ends: dict[str, dict[int, int]] = {}
        for start in range(0, len(wanted), PARTITIONS):
            left = deadline - monotonic()
            newest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
            requests.append(
                self._client.list_offsets(
                    {TopicPartition(*one): newest for one in wanted[start : start + PARTITIONS]},
                    isolation_level=IsolationLevel.READ_UNCOMMITTED,
                    request_timeout=min(REQUEST_SECONDS, max(left, 1.0)),
                )
            )
        for request in requests:
            for place, future in request.items():
                offset = self._end(future)
                if offset is not None:
                    ends.setdefault(place.topic, {})[place.partition] = offset
        return ends

    def _end(self, future: Future[Any]) -> int | None:
        try:
            return int(wait(future, self._client, self._watch, "read the ends of topics").offset)
        except (KafkaException, MeshError):
            return None


def _kafka_error(error: Any) -> KafkaError:
    found: KafkaError = error.args[0] if isinstance(error, KafkaException) else error
    return found


def _members_of(description: Any) -> Iterable[Any]:
    return () if description is None else description.members


def _member(one: Any) -> Member:
    assigned = frozenset(place.topic for place in one.assignment.topic_partitions)
    return Member(one.client_id, one.host.removeprefix("/"), assigned)


def _offsets(found: Any, wanted: Collection[str]) -> Offsets:
    offsets: dict[str, dict[int, int]] = {}
    for place in () if found is None else found.topic_partitions or ():
        if place.topic in wanted and place.error is None and place.offset >= 0:
            offsets.setdefault(place.topic, {})[place.partition] = place.offset
    return offsets


def _reads(group: Group, wanted: Collection[str]) -> bool:
    return any(topic in wanted for one in group.members for topic in one.topics)


def _places(offsets: Offsets) -> Iterator[tuple[str, int]]:
    for topic, partitions in offsets.items():
        for partition in partitions:
            yield topic, partition
