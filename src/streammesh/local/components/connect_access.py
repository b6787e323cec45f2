"""What Connect's own principal is and may do on Kafka, before any connector exists."""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from streammesh.local.components.kafka import admin_client
from streammesh.local.setting import Setting

PRINCIPAL = "mesh.connect"
GROUP = f"{PRINCIPAL}.workers"
TOPICS = {f"_{PRINCIPAL}.configs": 1, f"_{PRINCIPAL}.offsets": 1, f"_{PRINCIPAL}.status": 1}
SCRAM_ITERATIONS = 4096
TIMEOUT_S = 30


def grant(setting: Setting) -> None:
    """Make Connect's user, its topics and its ACLs; what is there already stays."""
    client = admin_client(setting)
    _make_user(client, setting.secrets.password_for(PRINCIPAL))
    _make_topics(client)
    for future in client.create_acls(acls(), request_timeout=TIMEOUT_S).values():
        future.result()


def acls() -> list[AclBinding]:
    """Give Connect's rights: its topics and its group, no right to create anything."""
    operations = (
        AclOperation.READ,
        AclOperation.WRITE,
        AclOperation.DESCRIBE,
        AclOperation.DESCRIBE_CONFIGS,
    )
    topics = [_allow(ResourceType.TOPIC, topic, op) for topic in TOPICS for op in operations]
    group = [
        _allow(ResourceType.GROUP, GROUP, op) for op in (AclOperation.READ, AclOperation.DESCRIBE)
    ]
    return topics + group


def _allow(kind: ResourceType, name: str, operation: AclOperation) -> AclBinding:
    return AclBinding(
        kind,
        name,
        ResourcePatternType.LITERAL,
        f"User:{PRINCIPAL}",
        "*",
        operation,
        AclPermissionType.ALLOW,
    )


def _make_user(client: AdminClient, password: str) -> None:
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, SCRAM_ITERATIONS)
    upsertion = UserScramCredentialUpsertion(PRINCIPAL, info, password.encode())
    for future in client.alter_user_scram_credentials([upsertion]).values():
        future.result(TIMEOUT_S)


def _make_topics(client: AdminClient) -> None:
    wanted = [
        NewTopic(name, partitions, 1, config={"cleanup.policy": "compact"})
        for name, partitions in TOPICS.items()
    ]
    for future in client.create_topics(wanted, request_timeout=TIMEOUT_S).values():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
