"""The systems of an environment, ready for planning: the local stack's, or those of mesh.toml."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.notices import Recipient
from streammesh.catalog.opening import catalog_address
from streammesh.cli.credentials import file_credentials
from streammesh.cli.version_control import commit_of, repository_of
from streammesh.documents.repository import Repository
from streammesh.documents.values import Environment, Workspace
from streammesh.errors.planning import ConnectSecretsMissing
from streammesh.notices.channels import Channels
from streammesh.notices.events import NoticeEvents
from streammesh.notices.message import Message
from streammesh.notices.sending import Notifier
from streammesh.planning.observing.databases import PostgresDatabases
from streammesh.planning.observing.engines import KafkaEngines
from streammesh.planning.observing.snapshots import PostgresSnapshots
from streammesh.planning.systems import ConnectSecrets, Credentials, Platform
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.confluent_appending import ConfluentAppending
from streammesh.platform.confluent_groups import ConfluentGroups
from streammesh.platform.confluent_registry import ConfluentRegistry
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.connect_rest import ConnectRest
from streammesh.platform.kafka_lock import KafkaApplyLock
from streammesh.platform.kafka_stores import KafkaDeploymentStore, KafkaResourceStore
from streammesh.platform.notice_topic import KafkaNoticeTopic
from streammesh.platform.settings import (
    HttpSettings,
    KafkaSettings,
    connect_settings,
    http_settings,
    kafka_settings,
    registry_settings,
)


def platform_of(root: Path, environment: Environment) -> Platform:
    """Assemble the systems of an environment; connections are made when they are used.

    Args:
        root: the workspace.
        environment: one of its environments.

    Raises:
        MeshError: the local stack is not up, or mesh.toml doesn't say how to reach something.
    """
    if environment.stack == "local":
        return _local(root, environment)
    environ = os.environ
    return _assembled(
        root,
        environment,
        kafka_settings(environment, environ, root),
        registry_settings(environment, environ, root),
        connect_settings(environment, environ, root),
        PatternSecrets(environment),
        file_credentials(environ),
    )


def applying(workspace: Workspace, environment: Environment) -> Platform:
    """Assemble the systems of an environment for who applies a workspace to them.

    A local stack is its workspace's own: nobody else could claim a domain there.

    Raises:
        MeshError: the local stack is not up, or mesh.toml doesn't say how to reach something.
    """
    platform = platform_of(Path(workspace.root), environment)
    return replace(platform, repository=claimant(workspace, environment))


def claimant(workspace: Workspace, environment: Environment) -> Repository | None:
    """Say for which repository a workspace speaks; None on a local stack, where nothing is claimed.

    Args:
        workspace: the files, mesh.toml at least.
        environment: where they are applied.
    """
    if environment.stack == "local":
        return None
    return repository_of(Path(workspace.root), workspace.repository, os.environ)


def _local(root: Path, environment: Environment) -> Platform:
    from streammesh.local.stack import Stack  # noqa: PLC0415 - an extra that servers don't have

    stack = Stack(root)
    info = stack.info()
    return _assembled(
        root,
        environment,
        admin_kafka(root, environment),
        http_settings("the registry", info.registry_url),
        http_settings("Connect", info.connect_url),
        LocalSecrets(info.connect_secrets_path, stack.secrets.put_connect),
        stack.secrets,
    )


def admin_kafka(root: Path, environment: Environment) -> KafkaSettings:
    """Say how apply itself reaches Kafka.

    Args:
        root: the workspace.
        environment: one of its environments.

    Raises:
        MeshError: the local stack is not up, or mesh.toml doesn't say how to reach it.
    """
    if environment.stack != "local":
        return kafka_settings(environment, os.environ, root)
    from streammesh.local.stack import Stack  # noqa: PLC0415 - an extra that servers don't have

    info = Stack(root).info()
    return KafkaSettings(
        info.bootstrap_servers,
        info.security_protocol,
        info.sasl_mechanism,
        info.admin_username,
        info.admin_password,
    )


def _assembled(
    root: Path,
    environment: Environment,
    kafka: KafkaSettings,
    registry: HttpSettings,
    connect: HttpSettings,
    secrets: ConnectSecrets,
    credentials: Credentials | None,
) -> Platform:
    names = environment.names
    return Platform(
        kafka=ConfluentKafkaAdmin(kafka),
        registry=ConfluentRegistry(registry),
        connect=ConnectRest(connect),
        deployments=KafkaDeploymentStore(kafka, names),
        resources=KafkaResourceStore(kafka, names),
        lock=KafkaApplyLock(kafka, names),
        databases=PostgresDatabases(os.environ),
        snapshots=PostgresSnapshots(os.environ, ConfluentAppending(kafka)),
        engines=KafkaEngines(ConfluentStreams(kafka, "_mesh.plan")),
        connect_secrets=secrets,
        credentials=credentials,
        applied_by=whoami(),
        commit=commit_of(root, os.environ),
        groups=ConfluentGroups(kafka),
        catalog=Catalog.at(catalog_address(root, environment, os.environ)),
        principal=kafka.username,
        notifier=Notifier(
            KafkaNoticeTopic(kafka, names),
            NoticeEvents(ConfluentRegistry(registry), names),
            Channels(environment, os.environ, _deliver),
        ),
    )


def _deliver(channel: str, address: str, recipient: Recipient, message: Message) -> str:
    from streammesh.notices.by_apprise import deliver  # noqa: PLC0415 - its import takes long

    return deliver(channel, address, recipient, message)


def forget_passwords(root: Path, environment: Environment, principals: Iterable[str]) -> None:
    """Forget the passwords of users that are gone; nothing where a local stack doesn't keep them.

    Args:
        root: the workspace.
        environment: one of its environments.
        principals: the users.
    """
    if environment.stack != "local":
        return
    from streammesh.local.stack import Stack  # noqa: PLC0415 - an extra that servers don't have

    for one in principals:
        Stack(root).secrets.forget(one)


class LocalSecrets:
    """Connect's secrets in the file that the local stack's Connect reads."""

    def __init__(self, path: Path, put: Callable[[str, str], str]) -> None:
        """Refer to entries of `path`, which `put` writes."""
        self._path = path
        self._put = put

    @property
    def standing(self) -> bool:
        """See `ConnectSecrets.standing`."""
        return False

    def reference(self, name: str) -> str:
        """See `ConnectSecrets.reference`."""
        return f"${{file:{self._path}:{name}}}"

    def put(self, name: str, secret: str) -> None:
        """See `ConnectSecrets.put`."""
        self._put(name, secret)


class PatternSecrets:
    """Connect's secrets where somebody else puts them; mesh.toml has the pattern of a reference."""

    def __init__(self, environment: Environment) -> None:
        """Take `connect.secrets`, such as `${file:/run/secrets/mesh.properties:NAME}`."""
        self._environment = environment

    @property
    def standing(self) -> bool:
        """See `ConnectSecrets.standing`."""
        return True

    def reference(self, name: str) -> str:
        """See `ConnectSecrets.reference`.

        Raises:
            ConnectSecretsMissing: the environment has no pattern, or one without NAME.
        """
        pattern = self._environment.connect.get("secrets")
        if pattern is None or "NAME" not in pattern.text:
            where = self._environment.where if pattern is None else pattern.where
            raise ConnectSecretsMissing(environment=self._environment.name, name=name, where=where)
        return pattern.text.replace("NAME", name)

    def put(self, name: str, secret: str) -> None:
        """Do nothing: the secret is there already, and not ours to write."""


def whoami() -> str:
    """Name who runs the command, for records: `user@host`."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # a user id without a name, as in many containers
        return f"{os.getuid()}@{socket.gethostname()}"
