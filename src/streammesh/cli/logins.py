"""How a command reads Kafka as somebody: the local stack's principals, or an environment's user."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from streammesh.cli.credentials import USER_PASSWORDS, file_credentials
from streammesh.documents.values import Environment
from streammesh.errors.consume import PasswordMissing
from streammesh.platform.settings import (
    HttpSettings,
    KafkaSettings,
    http_settings,
    kafka_settings,
    registry_settings,
)


@dataclass(frozen=True)
class Access:
    """What a reader of events needs.

    Attributes:
        kafka: the cluster, as the principal.
        registry: where the schemas are.
    """

    kafka: KafkaSettings
    registry: HttpSettings


def reader_access(root: Path, environment: Environment, default: str, other: str | None) -> Access:
    """Say how to read events.

    Args:
        root: the workspace.
        environment: where the mesh runs.
        default: the principal to read as where its password is known: on a local stack, or by
            MESH_USER_PASSWORDS. Elsewhere that is the environment's own user.
        other: what `--as` says. Elsewhere than locally its password is MESH_KAFKA_PASSWORD, or that
            of the file.

    Raises:
        MeshError: the stack is not up, or the principal or its password is not known.
    """
    if environment.stack == "local":
        return _local(root, other or default)
    if other is not None:
        kafka = kafka_as(other, environment, root)
    elif os.environ.get(USER_PASSWORDS):
        kafka = kafka_as(default, environment, root)
    else:
        kafka = kafka_settings(environment, os.environ, root)
    return Access(kafka, registry_settings(environment, os.environ, root))


def kafka_as(
    principal: str, environment: Environment | None, root: Path | None = None
) -> KafkaSettings:
    """Say how a principal reaches Kafka; MESH_KAFKA_USERNAME names another one in its place.

    The environment's own password is never taken for it: that is the administrator's.

    Args:
        principal: who logs in, where Kafka wants a login at all.
        environment: where; None for variables alone.
        root: the workspace.

    Raises:
        PasswordMissing: neither MESH_KAFKA_PASSWORD nor the file of MESH_USER_PASSWORDS has it.
        MeshError: see `kafka_settings`.
    """
    if not _wants_login(environment):
        return kafka_settings(environment, os.environ, root)
    environ = dict(os.environ)
    name = environ.setdefault("MESH_KAFKA_USERNAME", principal)
    known = file_credentials(environ)
    if not environ.get("MESH_KAFKA_PASSWORD"):
        if known is None:
            fix = f"export MESH_KAFKA_PASSWORD=…, or {USER_PASSWORDS}=… with a file that has it"
            where = None if environment is None else environment.where
            raise PasswordMissing(principal=name, where=where, fix=fix)
        environ["MESH_KAFKA_PASSWORD"] = known.password_for(name)
    return kafka_settings(environment, environ, root)


def _wants_login(environment: Environment | None) -> bool:
    """Tell whether the servers of an environment want a user name and a password."""
    said = None if environment is None else environment.kafka.get("security_protocol")
    protocol = os.environ.get("MESH_KAFKA_SECURITY_PROTOCOL") or (said.text if said else "")
    if protocol:
        return protocol.startswith("SASL")
    if environment is None:
        return True
    return "username" in environment.kafka or bool(os.environ.get("MESH_KAFKA_USERNAME"))


def _local(root: Path, principal: str) -> Access:
    # the local stack is an extra, which servers don't have
    from streammesh.local.environment import access  # noqa: PLC0415
    from streammesh.local.stack import Stack  # noqa: PLC0415

    found = access(Stack(root), principal)
    kafka = KafkaSettings(
        found.bootstrap_servers,
        found.security_protocol,
        found.sasl_mechanism,
        found.username,
        found.password,
    )
    return Access(kafka, http_settings("the registry", found.registry_url))
