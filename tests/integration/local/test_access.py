"""What Connect's principal may do, and what connectors can read."""

from __future__ import annotations

import httpx
import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

PRINCIPAL = "mesh.connect"


def connect_client(stack) -> AdminClient:
    info = stack.info()
    return AdminClient(
        {
            "bootstrap.servers": info.bootstrap_servers,
            "security.protocol": info.security_protocol,
            "sasl.mechanism": info.sasl_mechanism,
            "sasl.username": PRINCIPAL,
            "sasl.password": stack.secrets.password_for(PRINCIPAL),
        }
    )


def test_connect_sees_its_own_topics_only(stack):
    seen = set(connect_client(stack).list_topics(timeout=10).topics)
    assert {f"_mesh.connect.{kind}" for kind in ("configs", "offsets", "status")} <= seen
    assert "__consumer_offsets" not in seen


def test_connect_can_create_no_topic(stack):
    client = connect_client(stack)
    future = client.create_topics([NewTopic("of-connect", 1, 1)])["of-connect"]
    with pytest.raises(KafkaException, match="TOPIC_AUTHORIZATION_FAILED"):
        future.result(10)


def test_a_wrong_password_is_refused(stack):
    info = stack.info()
    client = AdminClient(
        {
            "bootstrap.servers": info.bootstrap_servers,
            "security.protocol": info.security_protocol,
            "sasl.mechanism": info.sasl_mechanism,
            "sasl.username": info.admin_username,
            "sasl.password": "wrong",
            "log_level": 0,
        }
    )
    with pytest.raises(KafkaException):
        client.list_topics(timeout=3)


def test_a_connector_reads_its_secret_by_reference(stack):
    name = "integration-local.password"
    good = stack.secrets.put_connect(name, stack.info().postgres_password)
    assert problems(stack, good) == []
    assert any("password" in one for one in problems(stack, good.replace(name, f"{name}-none")))


def test_a_connector_reads_no_other_file(stack):
    reference = f"${{file:{stack.secrets.internal_file}:postgres}}"
    assert problems(stack, reference) != []


def problems(stack, password: str) -> list[str]:
    """Give what Connect finds wrong with a Debezium connector that logs in with `password`."""
    info = stack.info()
    config = {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "name": "integration-local",
        "topic.prefix": "integration-local",
        "plugin.name": "pgoutput",
        "database.hostname": info.postgres_host,
        "database.port": str(info.postgres_port),
        "database.user": info.postgres_superuser,
        "database.password": password,
        "database.dbname": "postgres",
    }
    url = f"{info.connect_url}/connector-plugins/PostgresConnector/config/validate"
    answer = httpx.put(url, json=config, timeout=60)
    answer.raise_for_status()
    return [e for one in answer.json()["configs"] for e in one["value"]["errors"]]
