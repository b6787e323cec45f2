"""How a command reads Kafka as somebody: the local stack's principals, or an environment's user."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

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
        default: the principal to read as on a local stack. Elsewhere that is the environment's own
            user, since streammesh keeps no passwords there.
        other: what `--as` says. Elsewhere than locally its password is MESH_KAFKA_PASSWORD.

    Raises:
        MeshError: the stack is not up, or the principal or its password is not known.
    """
    if environment.stack == "local":
        return _local(root, other or default)
    if other is None:
        kafka = kafka_settings(environment, os.environ)
    else:
        kafka = kafka_settings(environment, {**os.environ, "MESH_KAFKA_USERNAME": other})
        if not os.environ.get("MESH_KAFKA_PASSWORD"):
            raise PasswordMissing(principal=other, fix="export MESH_KAFKA_PASSWORD=…")
    return Access(kafka, registry_settings(environment, os.environ))


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
