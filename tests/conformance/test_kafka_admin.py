from __future__ import annotations

from collections.abc import Iterator

import pytest

from streammesh.errors.platform import (
    ActionRefused,
    AlreadyThere,
    LoginFailed,
    Missing,
    RequestFailed,
    Unreachable,
)
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.kafka import CLUSTER_NAME, Acl, KafkaAdmin, TopicSpec
from streammesh.platform.memory import MemoryKafkaAdmin
from streammesh.platform.settings import KafkaSettings
from tests.conformance.conftest import TWIN_AND_REAL, kafka_settings


@pytest.fixture(params=TWIN_AND_REAL)
def kafka(request, info, unique) -> Iterator[KafkaAdmin]:
    if request.param == "twin":
        yield MemoryKafkaAdmin()
        return
    admin = ConfluentKafkaAdmin(kafka_settings(info()))
    yield admin
    admin.delete_topics(admin.topics([unique]))
    admin.delete_acls(acl for acl in admin.acls() if unique in acl.principal)
    for name in admin.users():
        if unique in name:
            admin.delete_user(name)


@pytest.fixture
def topic(kafka, unique) -> str:
    name = f"{unique}.orders.v1"
    kafka.create_topics([TopicSpec(name, 2, 1, {"cleanup.policy": "compact"})])
    return name


def test_a_cluster_has_an_id_brokers_and_what_we_may_do(kafka):
    cluster = kafka.cluster()
    assert cluster.id
    assert len(cluster.brokers) == 1
    assert {"create", "alter", "describe"} <= cluster.allowed


def test_a_created_topic_shows_only_its_own_configuration(kafka, topic):
    found = kafka.topics([topic])[topic]
    assert (found.name, found.partitions, found.replication_factor) == (topic, 2, 1)
    assert found.config == {"cleanup.policy": "compact"}


def test_topics_are_found_by_prefix(kafka, topic, unique):
    kafka.create_topics([TopicSpec(f"{unique}-other", 1, -1)])
    assert set(kafka.topics([f"{unique}."])) == {topic}
    assert set(kafka.topics([f"{unique}.", f"{unique}-"])) == {topic, f"{unique}-other"}
    assert {topic, f"{unique}-other"} <= set(kafka.topics())
    assert kafka.topics([]) == {}


def test_a_configuration_is_read_of_those_that_are_asked_for(kafka, topic, unique):
    kafka.create_topics([TopicSpec(f"{unique}-other", 1, -1, {"cleanup.policy": "compact"})])
    found = kafka.topics([unique], configured={topic, "not-there"})
    assert found[topic].config == {"cleanup.policy": "compact"}
    assert found[f"{unique}-other"].config == {}
    assert found[f"{unique}-other"].partitions == 1


def test_internal_topics_are_left_out(kafka):
    assert not [name for name in kafka.topics() if name.startswith("__")]


def test_creating_a_topic_again_is_refused_but_the_others_are_created(kafka, topic, unique):
    other = f"{unique}.other.v1"
    with pytest.raises(AlreadyThere, match=topic):
        kafka.create_topics([TopicSpec(topic, 1, 1), TopicSpec(other, 1, 1)])
    assert set(kafka.topics([unique])) == {topic, other}
    assert kafka.topics([topic])[topic].partitions == 2


@pytest.mark.parametrize(
    ("suffix", "copies", "config"),
    [
        (".x", 1, {"no.such.config": "1"}),
        (".x", 3, {}),
        ("/x", 1, {}),
        ("." + "x" * 249, 1, {}),
    ],
)
def test_a_topic_that_cannot_be_is_refused(kafka, unique, suffix, copies, config):
    with pytest.raises(RequestFailed):
        kafka.create_topics([TopicSpec(unique + suffix, 1, copies, config)])
    assert kafka.topics([unique]) == {}


def test_names_that_collide_are_refused(kafka, topic):
    with pytest.raises(RequestFailed):
        kafka.create_topics([TopicSpec(topic.replace(".", "_"), 1, 1)])


def test_configurations_are_set_and_taken_back(kafka, topic):
    kafka.set_topic_config(topic, {"retention.ms": "60000", "segment.ms": "60000"})
    kafka.set_topic_config(topic, {"retention.ms": None, "segment.ms": "70000"})
    kafka.set_topic_config(topic, {})
    config = kafka.topics([topic])[topic].config
    assert config == {"cleanup.policy": "compact", "segment.ms": "70000"}


def test_an_unknown_configuration_is_refused(kafka, topic):
    with pytest.raises(RequestFailed):
        kafka.set_topic_config(topic, {"no.such.config": "1"})


def test_what_concerns_a_missing_topic_says_so(kafka, unique):
    with pytest.raises(Missing, match=unique):
        kafka.set_topic_config(unique, {"retention.ms": "60000"})
    with pytest.raises(Missing, match=unique):
        kafka.add_partitions(unique, 2)
    with pytest.raises(Missing, match=unique):
        kafka.end_offsets(unique)


def test_partitions_can_only_be_added(kafka, topic):
    kafka.add_partitions(topic, 3)
    assert kafka.topics([topic])[topic].partitions == 3
    with pytest.raises(RequestFailed):
        kafka.add_partitions(topic, 3)


def test_deleting_topics_twice_is_no_error(kafka, topic):
    kafka.delete_topics([topic])
    assert kafka.topics([topic]) == {}
    kafka.delete_topics([topic])


def test_an_empty_topic_ends_at_zero_in_every_partition(kafka, topic):
    assert kafka.end_offsets(topic) == {0: 0, 1: 0}


def acls_of(kafka, principal):
    return {acl for acl in kafka.acls() if acl.principal == principal}


def test_access_rights_come_back_as_they_were_created(kafka, unique):
    wanted = {
        Acl(unique, "topic", "prefixed", f"{unique}.", "read"),
        Acl(unique, "topic", "literal", unique, "write"),
        Acl(unique, "group", "literal", "*", "read", "deny"),
        Acl(unique, "transactional_id", "literal", unique, "describe", host="127.0.0.1"),
        Acl(unique, "cluster", "literal", CLUSTER_NAME, "idempotent_write"),
    }
    kafka.create_acls(wanted)
    kafka.create_acls(wanted)
    assert acls_of(kafka, unique) == wanted


def test_only_the_exact_access_right_is_deleted(kafka, unique):
    literal = Acl(unique, "topic", "literal", unique, "read")
    prefixed = Acl(unique, "topic", "prefixed", unique, "read")
    kafka.create_acls([literal, prefixed])
    kafka.delete_acls([literal])
    assert acls_of(kafka, unique) == {prefixed}
    kafka.delete_acls([literal])
    kafka.delete_acls([])


def test_users_are_created_changed_and_deleted(kafka, unique):
    kafka.put_user(unique, "first")
    kafka.put_user(unique, "second")
    assert kafka.users()[unique] == {"SCRAM-SHA-256"}
    kafka.delete_user(unique)
    assert unique not in kafka.users()
    kafka.delete_user(unique)


def test_brokers_tell_their_configuration(kafka):
    assert kafka.broker_config("transaction.max.timeout.ms") == "900000"
    assert kafka.broker_config("no.such.config") is None


@pytest.fixture
def stranger(info, unique) -> Iterator[ConfluentKafkaAdmin]:
    settings = kafka_settings(info())
    admin = ConfluentKafkaAdmin(settings)
    admin.put_user(unique, "pass")
    yield ConfluentKafkaAdmin(settings.with_user(unique, "pass"))
    admin.delete_user(unique)


@pytest.mark.real
def test_who_has_no_rights_is_told_so_and_sees_nothing(stranger, unique):
    assert stranger.topics() == {}
    assert stranger.cluster().allowed == frozenset()
    for forbidden in (stranger.acls, stranger.users):
        with pytest.raises(ActionRefused, match=unique):
            forbidden()
    with pytest.raises(ActionRefused, match=unique):
        stranger.create_topics([TopicSpec(unique, 1, 1)])
    with pytest.raises(ActionRefused, match=unique):
        stranger.put_user(unique, "other")
    with pytest.raises(ActionRefused, match=unique):
        stranger.create_acls([Acl(unique, "topic", "literal", unique, "read")])


@pytest.mark.real
def test_a_wrong_password_is_named_at_once_and_never_shown(info, unique):
    settings = kafka_settings(info()).with_user(unique, "s3cret-word")
    admin = ConfluentKafkaAdmin(settings)
    for call in (admin.cluster, admin.topics, admin.acls, admin.users):
        with pytest.raises(LoginFailed, match=unique) as failure:
            call()
        assert "s3cret-word" not in str(failure.value.as_dict())


def test_a_server_that_is_not_there_is_named(capfd):
    admin = ConfluentKafkaAdmin(KafkaSettings("127.0.0.1:1"))
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1"):
        admin.cluster()
    assert capfd.readouterr() == ("", "")
