from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from streammesh.errors.platform import (
    ActionRefused,
    LoginFailed,
    NoAuthorizer,
    RequestFailed,
    TlsFailed,
    TooSlow,
    Unreachable,
)
from streammesh.platform.kafka import Acl, TopicSpec
from streammesh.platform.kafka_acls import acl_of, binding
from streammesh.platform.kafka_failures import ConnectionWatch, explain
from streammesh.platform.settings import KafkaSettings

SETTINGS = KafkaSettings("k:9092", "SASL_SSL", "PLAIN", "jo", "s3cret")


def test_a_principal_is_the_same_with_and_without_its_type():
    assert Acl("User:jo", "topic", "literal", "t", "read") == Acl(
        "jo", "topic", "literal", "t", "read"
    )


def test_rights_are_ordered_hashable_and_readable():
    rights = {
        Acl("b", "topic", "literal", "t", "read"),
        Acl("a", "transactional_id", "prefixed", "x.", "write"),
    }
    assert [str(one) for one in sorted(rights)] == [
        "a allow write transactional id x.*",
        "b allow read topic t",
    ]
    assert hash(TopicSpec("t", 1, 1, {"a": "b"})) == hash(TopicSpec("t", 1, 1, {}))


@pytest.mark.parametrize("principal", ["jo", "Group:admins"])
def test_rights_survive_the_way_to_the_client_and_back(principal):
    right = Acl(principal, "cluster", "literal", "kafka-cluster", "describe_configs", "deny", "h")
    assert acl_of(binding(right)) == right
    assert binding(right).principal == (principal if ":" in principal else f"User:{principal}")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (KafkaError._AUTHENTICATION, LoginFailed),
        (KafkaError.SASL_AUTHENTICATION_FAILED, LoginFailed),
        (KafkaError._SSL, TlsFailed),
        (KafkaError._TRANSPORT, Unreachable),
        (KafkaError._ALL_BROKERS_DOWN, Unreachable),
        (KafkaError._RESOLVE, Unreachable),
        (KafkaError._TIMED_OUT, TooSlow),
        (KafkaError.CLUSTER_AUTHORIZATION_FAILED, ActionRefused),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, ActionRefused),
        (KafkaError.SECURITY_DISABLED, NoAuthorizer),
        (KafkaError.INVALID_CONFIG, RequestFailed),
    ],
)
def test_every_failure_has_its_error(code, error):
    found = explain(KafkaError(code), SETTINGS, "list topics")
    assert type(found) is error
    assert "s3cret" not in str(found.as_dict())


def test_a_timeout_is_explained_by_what_the_connection_reported():
    watch = ConnectionWatch(SETTINGS)
    late = KafkaError(KafkaError._TIMED_OUT)
    assert isinstance(watch.explain(late, "list topics"), TooSlow)
    watch.on_error(KafkaError(KafkaError._TRANSPORT))
    assert isinstance(watch.explain(late, "list topics"), Unreachable)
    assert not watch.hopeless
    watch.on_error(KafkaError(KafkaError._AUTHENTICATION))
    watch.on_error(KafkaError(KafkaError._ALL_BROKERS_DOWN))
    assert isinstance(watch.explain(late, "list topics"), LoginFailed)
    assert watch.hopeless


def test_a_brokers_own_answer_is_not_replaced_by_an_old_cause():
    watch = ConnectionWatch(SETTINGS)
    watch.on_error(KafkaError(KafkaError._TRANSPORT))
    answer = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    assert isinstance(watch.explain(answer, "list topics"), ActionRefused)
    watch.clear()
    assert isinstance(watch.explain(KafkaError(KafkaError._TIMED_OUT), "x"), TooSlow)


@pytest.mark.parametrize(
    ("code", "words", "error", "fix"),
    [
        (
            KafkaError._TRANSPORT,
            "sasl_ssl://10.0.0.7:9092/3: Connect to ipv4#10.0.0.7:9092 failed: Connection refused",
            "BrokerUnreachable",
            "advertised.listeners",
        ),
        (
            KafkaError._TRANSPORT,
            "sasl_ssl://k:9092/bootstrap: SSL handshake failed: Disconnected: connecting to a "
            "PLAINTEXT broker listener?",
            "TlsFailed",
            "SASL_PLAINTEXT",
        ),
        (
            KafkaError._SSL,
            "ssl://k:9092/bootstrap: SSL handshake failed: certificate verify failed",
            "TlsFailed",
            "ssl_ca",
        ),
        (KafkaError._BAD_MSG, "Invalid response size 1213486160", "AnotherSystem", "port"),
        (
            KafkaError._AUTHENTICATION,
            "Unsupported SASL mechanism: broker's supported mechanisms: SCRAM-SHA-512",
            "SettingWrong",
            "",
        ),
    ],
)
def test_what_librdkafka_says_leads_to_what_has_to_be_changed(code, words, error, fix):
    found = explain(KafkaError(code, words), SETTINGS, "list topics")
    assert type(found).__name__ == error
    assert fix in (found.fix or "")


def test_a_listener_that_hangs_up_speaks_another_protocol():
    watch = ConnectionWatch(SETTINGS)
    watch.on_error(KafkaError(KafkaError._ALL_BROKERS_DOWN))
    late = KafkaError(KafkaError._TIMED_OUT)
    assert type(watch.explain(late, "x")).__name__ == "WrongProtocol"
    watch.on_error(KafkaError(KafkaError._TRANSPORT))
    assert isinstance(watch.explain(late, "x"), Unreachable)
