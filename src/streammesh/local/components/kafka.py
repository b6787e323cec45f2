"""Kafka: one node, broker and controller, SASL/SCRAM on, nothing allowed unless granted."""

from __future__ import annotations

import shutil
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM, Signals

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streammesh.errors.local import SecretsLost
from streammesh.local import jvm
from streammesh.local.files import properties_text, write_private
from streammesh.local.layout import Layout
from streammesh.local.ports import HOST, answers
from streammesh.local.processes import Command
from streammesh.local.secrets import Secrets
from streammesh.local.setting import Run, Setting

ADMIN = "admin"
PROTOCOL = "SASL_PLAINTEXT"
MECHANISM = "SCRAM-SHA-256"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
HEAP_MB = 512


@dataclass(frozen=True)
class Kafka:
    """The component `kafka`."""

    name: str = "kafka"
    needs: tuple[str, ...] = ()
    ports: tuple[str, ...] = ("kafka", "kafka_controller")
    deadline_s: float = 90
    grace_s: float = 30
    stop_signal: Signals = SIGTERM

    def mark(self, setting: Setting) -> str:
        """See `jvm.mark`."""
        return jvm.mark(setting, self.name)

    def prepare(self, setting: Setting, run: Run) -> None:
        """Write its configuration and format its storage once."""
        place = setting.layout.data(self.name)
        ready = place / "ready"
        if ready.exists() and not setting.secrets.principals_file.exists():
            raise SecretsLost(file=setting.secrets.principals_file, component=self.name)
        write_private(_properties_file(setting), properties_text(properties(setting)))
        options = [*jvm.NEVER_FULL, *jvm.log4j(setting, self.name)]
        if ready.exists():
            return
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        run(_format(setting, options))
        _format_arguments(setting).unlink()
        ready.write_text(setting.cluster_id + "\n")

    def command(self, setting: Setting) -> Command:
        """Start the broker."""
        program = [
            *jvm.class_path(setting.tools.jars[self.name]),
            "kafka.Kafka",
            str(_properties_file(setting)),
        ]
        options = [*jvm.FULL_WHEN_HOT, *jvm.log4j(setting, self.name)]
        argv = jvm.java(setting, self.name, heap_mb=HEAP_MB, options=options, program=program)
        return Command(argv)

    def is_ready(self, setting: Setting) -> bool:
        """Log in as admin and ask for the brokers."""
        if not answers(setting.ports["kafka"]):
            return False
        try:
            return bool(admin_client(setting).list_topics(timeout=3).brokers)
        except KafkaException:
            return False


def cluster_id_of(layout: Layout) -> str:
    """Give the id of the cluster whose data is here, or a new one."""
    try:
        return (layout.data("kafka") / "ready").read_text().strip()
    except FileNotFoundError:
        # Kafka wants 16 bytes in URL-safe Base64 without padding, not beginning with a dash
        text = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        return text if text[0] != "-" else "A" + text[1:]


def admin_client(setting: Setting) -> AdminClient:
    """Give a client that may do everything."""
    return AdminClient(
        {
            "bootstrap.servers": f"{HOST}:{setting.ports['kafka']}",
            "security.protocol": PROTOCOL,
            "sasl.mechanism": MECHANISM,
            "sasl.username": ADMIN,
            "sasl.password": setting.secrets.password_for(ADMIN),
            "log_level": 0,
        }
    )


def scram_login(principal: str, password: str) -> str:
    """Give the JAAS line of a client."""
    return f'{SCRAM} required username="{principal}" password="{password}";'


def properties(setting: Setting) -> dict[str, str | int]:
    """Give the broker's configuration."""
    client, controller = (f"{HOST}:{setting.ports[p]}" for p in ("kafka", "kafka_controller"))
    values: dict[str, str | int] = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{controller}",
        "listeners": f"CLIENT://{client},CONTROLLER://{controller}",
        "advertised.listeners": f"CLIENT://{client}",
        "listener.security.protocol.map": f"CLIENT:{PROTOCOL},CONTROLLER:{PROTOCOL}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "CLIENT",
        "log.dirs": str(setting.layout.data("kafka") / "log"),
    }
    return values | _security(setting.secrets) | SMALL


def _security(secrets: Secrets) -> dict[str, str | int]:
    admin = scram_login(ADMIN, secrets.password_for(ADMIN))
    password = secrets.internal("kafka-controller")
    login = f'username="controller" password="{password}" user_controller="{password}"'
    return {
        "sasl.enabled.mechanisms": MECHANISM,
        "sasl.mechanism.inter.broker.protocol": MECHANISM,
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.client.scram-sha-256.sasl.jaas.config": admin,
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": f"{PLAIN} required {login};",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:{ADMIN};User:controller",
    }


# one node, one user, a laptop: no replicas, few threads, no waiting for members that never come
SMALL: dict[str, str | int] = {
    "auto.create.topics.enable": "false",
    "auto.leader.rebalance.enable": "false",
    "default.replication.factor": 1,
    "min.insync.replicas": 1,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    "group.initial.rebalance.delay.ms": 0,
    "num.network.threads": 2,
    "num.io.threads": 4,
    "background.threads": 2,
    "log.cleaner.dedupe.buffer.size": 16_777_216,
}


def _format(setting: Setting, options: list[str]) -> Command:
    """Format the storage, with admin's login; by a file: a command line shows to all."""
    password = setting.secrets.password_for(ADMIN)
    program = [
        *jvm.class_path(setting.tools.jars["kafka"]),
        "kafka.tools.StorageTool",
        *("format", "-t", setting.cluster_id, "-c", str(_properties_file(setting))),
        *("--add-scram", f"{MECHANISM}=[name={ADMIN},password={password}]"),
    ]
    full = jvm.java(setting, "kafka", heap_mb=128, options=options, program=program)
    java, mark, *rest = full
    arguments = _format_arguments(setting)
    write_private(arguments, "".join(f'"{_quoted(one)}"\n' for one in rest))
    return Command([java, mark, f"@{arguments}"])


def _format_arguments(setting: Setting) -> Path:
    return setting.layout.secrets / "kafka-format.args"


def _quoted(argument: str) -> str:
    return argument.replace("\\", "\\\\").replace('"', '\\"')


def _properties_file(setting: Setting) -> Path:
    return setting.layout.secrets / "kafka-server.properties"
