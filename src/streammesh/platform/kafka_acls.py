"""Access rights between our words and confluent-kafka's."""

from __future__ import annotations

from typing import Any, cast

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

from streammesh.platform import kafka
from streammesh.platform.kafka import Acl

_RESOURCE_TYPES: dict[kafka.ResourceType, ResourceType] = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional_id": ResourceType.TRANSACTIONAL_ID,
    "cluster": ResourceType.BROKER,
}
_OUR_RESOURCE_TYPES = {theirs: ours for ours, theirs in _RESOURCE_TYPES.items()}

_ANYTHING: Any = None

EVERY_ACL = AclBindingFilter(
    ResourceType.ANY,
    _ANYTHING,
    ResourcePatternType.ANY,
    _ANYTHING,
    _ANYTHING,
    AclOperation.ANY,
    AclPermissionType.ANY,
)


def operation_of(operation: Any) -> kafka.Operation:
    """Give our word for an operation."""
    return cast("kafka.Operation", operation.name.lower())


def binding(acl: Acl) -> AclBinding:
    """Give confluent-kafka's value for a right to be created."""
    return AclBinding(
        _RESOURCE_TYPES[acl.resource_type],
        acl.name,
        ResourcePatternType[acl.pattern.upper()],
        _principal(acl),
        acl.host,
        AclOperation[acl.operation.upper()],
        AclPermissionType[acl.permission.upper()],
    )


def exact_filter(acl: Acl) -> AclBindingFilter:
    """Give the filter that matches this right and no other."""
    return AclBindingFilter(
        _RESOURCE_TYPES[acl.resource_type],
        acl.name,
        ResourcePatternType[acl.pattern.upper()],
        _principal(acl),
        acl.host,
        AclOperation[acl.operation.upper()],
        AclPermissionType[acl.permission.upper()],
    )


def acl_of(found: Any) -> Acl | None:
    """Give a right that a cluster has; None when it is about something that we don't know."""
    resource_type = _OUR_RESOURCE_TYPES.get(found.restype)
    if resource_type is None:
        return None
    return Acl(
        found.principal,
        resource_type,
        cast("kafka.Pattern", found.resource_pattern_type.name.lower()),
        found.name,
        operation_of(found.operation),
        cast("kafka.Permission", found.permission_type.name.lower()),
        found.host,
    )


def _principal(acl: Acl) -> str:
    """Put `User:` before a user's name; a principal of another kind has its own."""
    return acl.principal if ":" in acl.principal else f"User:{acl.principal}"
