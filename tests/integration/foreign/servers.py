"""A second set of servers, set up as a company would: TLS, users of its own, few rights.

Kafka has three listeners: for its owner, with TLS for everybody else, and one that advertises an
address where nobody is. Connect writes as a user of another name. PostgreSQL is not ready for
capture.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

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

from streammesh.local import ports
from streammesh.local.components import connect, kafka, postgres
from streammesh.local.info import StackInfo
from streammesh.local.setting import Setting
from streammesh.local.stack import Stack
from tests.integration.foreign.certificates import Certificates, make_certificates
from tests.integration.foreign.front import Front

CONNECT_USER = "connect-production"
CONNECT_TOPICS = ("production-configs", "production-offsets", "production-status")
CONNECT_GROUP = "production-workers"
ADMIN = "platform-team"

CONFIGURATION = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
wal_level = replica
max_wal_senders = 4
max_replication_slots = 1
"""

O = AclOperation  # noqa: E741 - a table of them follows
TOPIC_RIGHTS = (
    *(O.CREATE, O.DELETE, O.DESCRIBE, O.ALTER, O.READ, O.WRITE),
    *(O.DESCRIBE_CONFIGS, O.ALTER_CONFIGS),
)
"""What docs/environments.md says that the user of `apply` needs."""


@dataclass
class Servers:
    """The running set."""

    stack: Stack
    secure: str
    far: str
    certificates: Certificates
    registry: Front
    passwords: dict[str, str]

    @property
    def info(self) -> StackInfo:
        return self.stack.info()

    def password(self, user: str) -> str:
        return self.passwords.setdefault(user, secrets.token_urlsafe(12))

    @property
    def owner(self) -> AdminClient:
        return owner(self.info)

    def put_user(self, name: str) -> None:
        put_user(self.owner, name, self.password(name))

    def allow(self, rights: Iterator[AclBinding]) -> None:
        client = self.owner  # a client that nobody holds gives up its requests
        for future in client.create_acls(list(rights)).values():
            future.result()

    @property
    def connect_secrets(self) -> Path:
        return self.stack.layout.connect_secrets


def owner(info: StackInfo) -> AdminClient:
    return AdminClient(
        {
            "bootstrap.servers": info.bootstrap_servers,
            "security.protocol": info.security_protocol,
            "sasl.mechanism": info.sasl_mechanism,
            "sasl.username": info.admin_username,
            "sasl.password": info.admin_password,
        }
    )


def put_user(client: AdminClient, name: str, password: str) -> None:
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    change = UserScramCredentialUpsertion(name, info, password.encode())
    for future in client.alter_user_scram_credentials([change]).values():
        future.result()


def right(user: str, kind: ResourceType, name: str, operation: O, prefixed: bool) -> AclBinding:
    pattern = ResourcePatternType.PREFIXED if prefixed else ResourcePatternType.LITERAL
    return AclBinding(kind, name, pattern, f"User:{user}", "*", operation, AclPermissionType.ALLOW)


def admin_rights(*prefixes: str, mesh: str = "_mesh.") -> Iterator[AclBinding]:
    """Give the rights of the user that applies, as docs/environments.md has them."""
    for operation in (O.DESCRIBE, O.ALTER, O.DESCRIBE_CONFIGS, O.ALTER_CONFIGS):
        yield right(ADMIN, ResourceType.BROKER, "kafka-cluster", operation, False)
    notices = f"{mesh.removesuffix('_mesh.')}mesh.notices"
    for prefix in (*prefixes, mesh, notices):
        for operation in TOPIC_RIGHTS:
            yield right(ADMIN, ResourceType.TOPIC, prefix, operation, True)
    for operation in (O.READ, O.DESCRIBE):
        yield right(ADMIN, ResourceType.GROUP, mesh, operation, True)
    yield right(ADMIN, ResourceType.GROUP, "*", O.DESCRIBE, False)


def _connect_rights() -> Iterator[AclBinding]:
    for topic in CONNECT_TOPICS:
        for operation in (O.READ, O.WRITE, O.DESCRIBE, O.DESCRIBE_CONFIGS):
            yield right(CONNECT_USER, ResourceType.TOPIC, topic, operation, False)
    for operation in (O.READ, O.DESCRIBE):
        yield right(CONNECT_USER, ResourceType.GROUP, CONNECT_GROUP, operation, False)


@contextmanager
def running(folder: Path) -> Iterator[Servers]:
    """Start the set; it is stopped again, and nothing of it stays."""
    certificates = make_certificates(folder / "certificates")
    workspace = folder / "servers"
    workspace.mkdir()
    (workspace / "mesh.toml").write_text('[mesh]\nname = "servers"\n')
    stack = Stack(workspace)
    numbers = _free(2)
    passwords = {CONNECT_USER: secrets.token_urlsafe(12)}
    with ExitStack() as during:
        for patched in _set_up(*numbers, certificates, passwords):
            during.enter_context(patched)
        try:
            info = stack.up()
            secure, far = (f"127.0.0.1:{one}" for one in numbers)
            front = during.enter_context(Front(info.registry_url, certificates))
            yield Servers(stack, secure, far, certificates, front, passwords)
        finally:
            stack.delete_data()


def _free(count: int) -> list[int]:
    numbers: list[int] = []
    while len(numbers) < count:
        numbers.append(ports.choose("kafka", [*numbers, *ports.PREFERRED.values()]))
    return numbers


def _set_up(secure: int, far: int, certificates: Certificates, passwords: dict[str, str]):
    usual_kafka, usual_connect = kafka.properties, connect.properties

    def kafka_properties(setting: Setting) -> dict[str, str | int]:
        usual = usual_kafka(setting)
        admin = usual["listener.name.client.scram-sha-256.sasl.jaas.config"]
        more: dict[str, str | int] = {
            "listeners": f"SECURE://127.0.0.1:{secure},FAR://127.0.0.1:{far}",
            "advertised.listeners": f"SECURE://127.0.0.1:{secure},FAR://127.0.0.1:9",
            "listener.security.protocol.map": "SECURE:SASL_SSL,FAR:SASL_PLAINTEXT",
        }
        more = {key: f"{usual[key]},{one}" for key, one in more.items()}
        more |= {
            "listener.name.secure.ssl.keystore.type": "PEM",
            "listener.name.secure.ssl.keystore.location": str(certificates.server),
        }
        for name, mechanism in (("secure", "SCRAM-SHA-512"), ("far", "SCRAM-SHA-256")):
            more[f"listener.name.{name}.sasl.enabled.mechanisms"] = mechanism
            more[f"listener.name.{name}.{mechanism.lower()}.sasl.jaas.config"] = str(admin)
        return usual | more

    def connect_properties(setting: Setting) -> dict[str, str | int]:
        login = {
            "bootstrap.servers": f"127.0.0.1:{secure}",
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.jaas.config": kafka.scram_login(CONNECT_USER, passwords[CONNECT_USER]),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(certificates.authority),
        }
        configs, offsets, status = CONNECT_TOPICS
        own = {
            "group.id": CONNECT_GROUP,
            "config.storage.topic": configs,
            "offset.storage.topic": offsets,
            "status.storage.topic": status,
        }
        clients = {f"{who}{key}": one for who in connect._CLIENTS for key, one in login.items()}
        return usual_connect(setting) | own | clients

    def grant(setting: Setting) -> None:
        client = kafka.admin_client(setting)
        put_user(client, CONNECT_USER, passwords[CONNECT_USER])
        topics = [
            NewTopic(one, 1, 1, config={"cleanup.policy": "compact"}) for one in CONNECT_TOPICS
        ]
        for future in client.create_topics(topics).values():
            future.result()
        for future in client.create_acls(list(_connect_rights())).values():
            future.result()

    yield patch.object(kafka, "properties", kafka_properties)
    yield patch.object(connect, "properties", connect_properties)
    yield patch.object(connect, "grant", grant)
    yield patch.object(postgres, "CONFIGURATION", CONFIGURATION)
