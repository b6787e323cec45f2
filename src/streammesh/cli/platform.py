"""The systems of an environment, ready for planning: the local stack's, or those of mesh.toml."""

from __future__ import annotations

import getpass
import json
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from streammesh.documents.values import Environment
from streammesh.errors.planning import ConnectSecretsMissing, PasswordsUnreadable, UserPassword
from streammesh.planning.databases import PostgresDatabases
from streammesh.planning.systems import ConnectSecrets, Credentials, Platform
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.confluent_registry import ConfluentRegistry
from streammesh.platform.connect_rest import ConnectRest
from streammesh.platform.kafka_lock import KafkaApplyLock
from streammesh.platform.kafka_stores import KafkaDeploymentStore, KafkaResourceStore
from streammesh.platform.settings import (
    HttpSettings,
    KafkaSettings,
    connect_settings,
    http_settings,
    kafka_settings,
    registry_settings,
)

USER_PASSWORDS = "MESH_USER_PASSWORDS"
"""Names a JSON file, principal → password: apply makes Kafka users with these.

When it is not set, somebody else makes the users of that environment.
"""


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
        environment,
        kafka_settings(environment, environ),
        registry_settings(environment, environ),
        connect_settings(environment, environ),
        PatternSecrets(environment),
        _file_credentials(environ),
    )


def _local(root: Path, environment: Environment) -> Platform:
    from streammesh.local.stack import Stack  # noqa: PLC0415 - an extra that servers don't have

    stack = Stack(root)
    info = stack.info()
    return _assembled(
        environment,
        KafkaSettings(
            info.bootstrap_servers,
            info.security_protocol,
            info.sasl_mechanism,
            info.admin_username,
            info.admin_password,
        ),
        http_settings("the registry", info.registry_url),
        http_settings("Connect", info.connect_url),
        LocalSecrets(info.connect_secrets_path, stack.secrets.put_connect),
        stack.secrets,
    )


def _assembled(
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
        connect_secrets=secrets,
        credentials=credentials,
        applied_by=_whoami(),
    )


class LocalSecrets:
    """Connect's secrets in the file that the local stack's Connect reads."""

    def __init__(self, path: Path, put: Callable[[str, str], str]) -> None:
        """Refer to entries of `path`, which `put` writes."""
        self._path = path
        self._put = put

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


class FileCredentials:
    """Passwords of Kafka users from a file."""

    def __init__(self, path: Path) -> None:
        """Read them from `path` when they are needed."""
        self._path = path

    def password_for(self, principal: str) -> str:
        """See `Credentials.password_for`.

        Raises:
            PasswordsUnreadable: the file can't be read.
            UserPassword: it doesn't have this principal.
        """
        try:
            known = dict(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise PasswordsUnreadable(path=self._path, why=type(error).__name__) from None
        if not known.get(principal):
            raise UserPassword(principal=principal, path=self._path)
        return str(known[principal])


def _file_credentials(environ: Mapping[str, str]) -> Credentials | None:
    path = environ.get(USER_PASSWORDS)
    return FileCredentials(Path(path)) if path else None


def _whoami() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # a user id without a name, as in many containers
        return f"{os.getuid()}@{socket.gethostname()}"
