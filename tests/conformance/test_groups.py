"""Who reads topics, on the twin and on a real cluster with clients of both protocols."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from streammesh.errors.platform import LoginFailed, Unreachable
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.confluent_groups import IN_FLIGHT, ConfluentGroups
from streammesh.platform.groups import Group, GroupsRead
from streammesh.platform.kafka import CLUSTER_NAME, Acl, TopicSpec
from streammesh.platform.memory import MemoryGroups, MemoryKafkaAdmin
from streammesh.platform.settings import KafkaSettings
from tests.conformance.conftest import kafka_settings

SECONDS = 20.0


class Twin:
    """Clients of the twin."""

    def __init__(self) -> None:
        self.kafka = MemoryKafkaAdmin()
        self.groups = MemoryGroups(self.kafka)
        self.commit, self.join, self.leave = (
            self.groups.commit,
            self.groups.join,
            self.groups.leave,
        )

    def commit_all(self, groups: Collection[str], topic: str) -> None:
        for one in groups:
            self.commit(one, topic, {0: 0})

    def append(self, topic: str, records: int) -> None:
        self.kafka.append(topic, 0, records)

    def close(self) -> None:
        pass


class Real:
    """Clients of a cluster, in this process."""

    def __init__(self, settings: KafkaSettings, protocol: str) -> None:
        self.settings, self.protocol = settings, protocol
        self.kafka, self.groups = ConfluentKafkaAdmin(settings), ConfluentGroups(settings)
        self.consumers: dict[str, Consumer] = {}

    def commit(self, group: str, topic: str, offsets: Mapping[int, int]) -> None:
        consumer = self._consumer(group, {})
        places = [TopicPartition(topic, *one) for one in offsets.items()]
        consumer.commit(offsets=places, asynchronous=False)
        consumer.close()

    def commit_all(self, groups: Collection[str], topic: str) -> None:
        """Set offsets by the admin's request: a client for each group would take minutes."""
        admin, place = AdminClient(self.settings.librdkafka()), TopicPartition(topic, 0, 0)
        requests = [
            admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(one, [place])])
            for one in groups
        ]
        for request in requests:
            for future in request.values():
                future.result(30)

    def join(self, group: str, client_id: str, topics: Collection[str]) -> None:
        more = {"client.id": client_id, "group.protocol": self.protocol}
        consumer = self.consumers[group] = self._consumer(group, more)
        consumer.subscribe(list(topics))
        deadline = time.monotonic() + 30
        while not consumer.assignment():
            consumer.poll(0.1)
            assert time.monotonic() < deadline, "no partitions were assigned"

    def leave(self, group: str) -> None:
        self.consumers.pop(group).close()

    def append(self, topic: str, records: int) -> None:
        producer = Producer(self.settings.librdkafka())
        for _ in range(records):
            producer.produce(topic, b"x", partition=0)
        assert producer.flush(30) == 0

    def close(self) -> None:
        for consumer in self.consumers.values():
            consumer.close()

    def _consumer(self, group: str, more: Mapping[str, str]) -> Consumer:
        own = {"group.id": group, "enable.auto.commit": False, **more}
        return Consumer(self.settings.librdkafka() | own)


@pytest.fixture(
    params=["twin", *(pytest.param(one, marks=pytest.mark.real) for one in ("classic", "consumer"))]
)
def world(request, info, unique) -> Iterator[Twin | Real]:
    if request.param == "twin":
        yield Twin()
        return
    made = Real(kafka_settings(info()), request.param)
    yield made
    made.close()
    made.kafka.delete_topics(made.kafka.topics([unique]))


@pytest.fixture
def topic(world, unique) -> str:
    name = f"{unique}.orders.v1"
    world.kafka.create_topics([TopicSpec(name, 2, 1)])
    return name


def read(world: Twin | Real, *topics: str) -> GroupsRead:
    return world.groups.read(topics, SECONDS)


def until(world: Twin | Real, topic: str, seen: Callable[[GroupsRead], bool]) -> GroupsRead:
    """Look again until the brokers show what clients did: a group's end takes a moment."""
    deadline = time.monotonic() + 30
    while not seen(found := read(world, topic)):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


def test_nobody_reads_a_new_topic(world, topic):
    assert read(world, topic).groups == ()
    assert read(world).groups == ()


def test_who_has_committed_is_there_with_offsets_and_ends(world, topic, unique):
    world.append(topic, 5)
    world.commit(f"{unique}.a", topic, {0: 3, 1: 0})
    found = read(world, topic)
    (group,) = found.groups
    assert (group.name, group.members) == (f"{unique}.a", ())
    assert group.offsets == {topic: {0: 3, 1: 0}}
    assert found.ends[topic] == {0: 5, 1: 0}
    assert (found.unread, found.unlisted) == ({}, "")


def test_a_member_is_there_before_it_commits_and_until_it_leaves(world, topic, unique):
    world.join(f"{unique}.a", "loader-1", [topic])
    (group,) = until(world, topic, lambda found: bool(found.groups)).groups
    (member,) = group.members
    assert (member.client_id, member.host) == ("loader-1", "127.0.0.1")
    assert member.topics == {topic}
    assert group.offsets == {}
    world.leave(f"{unique}.a")
    assert until(world, topic, lambda found: not found.groups).unread == {}


def test_a_member_that_commits_has_both(world, topic, unique):
    world.append(topic, 2)
    world.commit(f"{unique}.a", topic, {0: 1})
    world.join(f"{unique}.a", "loader-1", [topic])
    (group,) = until(world, topic, lambda found: bool(found.groups[0].members)).groups
    assert group.offsets == {topic: {0: 1}}
    world.leave(f"{unique}.a")
    until(world, topic, lambda found: found.groups == (Group(group.name, (), group.offsets),))


def test_only_the_topics_asked_for_count(world, topic, unique):
    other = f"{unique}.other.v1"
    world.kafka.create_topics([TopicSpec(other, 1, 1)])
    world.commit(f"{unique}.a", topic, {0: 0})
    world.commit(f"{unique}.a", other, {0: 0})
    world.commit(f"{unique}.b", other, {0: 0})
    (group,) = read(world, topic).groups
    assert (group.name, set(group.offsets)) == (f"{unique}.a", {topic})
    assert [one.name for one in read(world, topic, other).groups] == [f"{unique}.a", f"{unique}.b"]


def test_an_offset_beyond_the_end_is_given_as_it_is(world, topic, unique):
    world.commit(f"{unique}.a", topic, {0: 1_000})
    found = read(world, topic)
    assert found.groups[0].offsets[topic] == {0: 1_000}
    assert found.ends[topic][0] == 0


def test_groups_may_be_called_anything(world, topic, unique):
    name = f"{unique} größe 注文 '\"`%s{{}} \t/; DROP TABLE groups"
    world.commit(name, topic, {0: 0})
    assert [one.name for one in read(world, topic).groups] == [name]


def test_a_topic_that_is_gone_is_no_error(world, topic, unique):
    world.commit(f"{unique}.a", topic, {0: 0})
    world.kafka.delete_topics([topic])
    until(world, topic, lambda found: not found.groups)


def test_many_groups_are_read_in_one_go(world, topic, unique):
    names = [f"{unique}.{number:03}" for number in range(2 * IN_FLIGHT + 1)]
    world.commit_all(names, topic)
    assert [one.name for one in read(world, topic).groups] == names


@pytest.fixture
def stranger(info, unique) -> Iterator[ConfluentGroups]:
    settings = kafka_settings(info())
    admin = ConfluentKafkaAdmin(settings)
    admin.put_user(unique, "pass")
    yield ConfluentGroups(settings.with_user(unique, "pass"))
    admin.delete_user(unique)


@pytest.mark.real
def test_who_has_no_rights_sees_no_groups(stranger, info, unique):
    real = Real(kafka_settings(info()), "classic")
    topic = f"{unique}.orders.v1"
    real.kafka.create_topics([TopicSpec(topic, 1, 1)])
    try:
        real.commit(f"{unique}.a", topic, {0: 0})
        assert stranger.read([topic], SECONDS).groups == ()
    finally:
        real.kafka.delete_topics([topic])


@pytest.mark.real
def test_groups_that_may_be_listed_but_not_read_are_named(stranger, info, unique):
    real = Real(kafka_settings(info()), "classic")
    topic = f"{unique}.orders.v1"
    right = Acl(unique, "cluster", "literal", CLUSTER_NAME, "describe")
    real.kafka.create_topics([TopicSpec(topic, 1, 1)])
    real.kafka.create_acls([right])
    try:
        real.commit(f"{unique}.a", topic, {0: 0})
        real.join(f"{unique}.b", "loader-1", [topic])
        found = stranger.read([topic], SECONDS)
        assert found.groups == ()
        unread = {name: why for name, why in found.unread.items() if unique in name}
        assert set(unread) == {f"{unique}.a", f"{unique}.b"}
        assert all("authorization failed" in why.lower() for why in unread.values()), unread
    finally:
        real.close()
        real.kafka.delete_acls([right])
        real.kafka.delete_topics([topic])


@pytest.mark.real
def test_with_no_time_left_groups_are_unread(info, unique):
    real = Real(kafka_settings(info()), "classic")
    topic = f"{unique}.orders.v1"
    real.kafka.create_topics([TopicSpec(topic, 1, 1)])
    try:
        real.commit(f"{unique}.a", topic, {0: 0})
        found = real.groups.read([topic], 0.0)
        assert found.groups == ()
        assert "no time left" in found.unread[f"{unique}.a"]
    finally:
        real.kafka.delete_topics([topic])


@pytest.mark.real
def test_a_wrong_password_is_named(info, unique):
    settings = kafka_settings(info()).with_user(unique, "s3cret-word")
    with pytest.raises(LoginFailed, match=unique):
        ConfluentGroups(settings).read(["x"], SECONDS)


def test_a_server_that_is_not_there_is_named(capfd):
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1"):
        ConfluentGroups(KafkaSettings("127.0.0.1:1")).read(["x"], SECONDS)
    assert capfd.readouterr() == ("", "")
