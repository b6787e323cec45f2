"""Who made a resource: recorded around its creation, so that a crash never leaves it without owner.

The intent is recorded first. A resource that stands and has an intent of ours is ours; one that
stood before has none, and is never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from streammesh.deployments.deployment import ProductDeployment
from streammesh.planning.owner import Owner
from streammesh.planning.systems import Platform
from streammesh.platform.kafka import Acl
from streammesh.platform.stores import HISTORY, Resource


def resource(kind: str, name: str, owner: Owner, details: Mapping[str, str] = {}) -> Resource:
    """Give the record of a resource, not yet stamped with a time."""
    return Resource(kind, name, owner.domain, owner.key, dict(details))


@contextmanager
def claimed(platform: Platform, *resources: Resource) -> Iterator[None]:
    """Record that the block is about to create these resources, and after it that they stand."""
    intend(platform, resources)
    yield
    confirm(platform, resources)


def intend(platform: Platform, resources: Iterable[Resource]) -> None:
    """Record that these resources are about to be created."""
    platform.resources.write([stamped(platform, one, intended=True) for one in resources])


def confirm(platform: Platform, resources: Iterable[Resource]) -> None:
    """Record that these resources stand."""
    platform.resources.write([stamped(platform, one) for one in resources])


def stamped(platform: Platform, one: Resource, *, intended: bool = False) -> Resource:
    """Give the record with the time and the person of this apply."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return replace(one, intended=intended, applied_at=now, applied_by=platform.applied_by)


def deployed(
    known: Mapping[str, Resource], deployment: ProductDeployment, owner: Owner
) -> Resource:
    """Give the history of a product's topic with one more deployment.

    Events name the deployment that made them; by the history a proof knows those of earlier ones.
    """
    before = known.get(f"{HISTORY}/{deployment.topic}")
    digests = [] if before is None else before.details["digests"].split()
    every = dict.fromkeys([*digests, deployment.digest])
    return resource(HISTORY, deployment.topic, owner, {"digests": " ".join(every)})


def forget(platform: Platform, resources: Iterable[Resource]) -> None:
    """Record that these resources are gone."""
    platform.resources.remove([one.key for one in resources])


_ACL = tuple(one.name for one in fields(Acl))


def acl_resource(acl: Acl, owner: Owner) -> Resource:
    """Give the record of an access right."""
    details = {name: getattr(acl, name) for name in _ACL}
    return resource("acl", "|".join(details.values()), owner, details)


def recorded_acl(one: Resource) -> Acl:
    """Read an access right from its record."""
    details: dict[str, Any] = dict(one.details)
    return Acl(**details)
