"""What streammesh itself keeps on Kafka: deployments, and which resources it created.

Both are compacted topics of one partition, JSON, one record per key, a tombstone ends one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from streammesh.deployments.deployment import Deployment
from streammesh.deployments.requests import Request

FORMAT = 1

HISTORY = "history"
"""Kind of the record that holds the digests of all deployments of a topic, with spaces between."""


@dataclass(frozen=True)
class Resource:
    """A resource that streammesh created, or is about to create.

    Attributes:
        kind: topic, acl, user, subject, connector, slot, publication, history, …
        name: unique within its kind.
        domain: the domain that it belongs to; empty for the mesh's own.
        owner: what it is there for, such as `product/sales.orders` or `source/sales.shop`.
        details: what must be remembered of it, such as `schema_id`.
        intended: written before the resource is created, false once it stands.
        applied_at: when this was written, UTC, `2026-01-31T10:00:00Z`.
        applied_by: who ran apply; empty when unknown.
    """

    kind: str
    name: str
    domain: str
    owner: str
    details: Mapping[str, str] = field(default_factory=dict, hash=False)
    intended: bool = False
    applied_at: str = ""
    applied_by: str = ""

    @property
    def key(self) -> str:
        """The record's key."""
        return f"{self.kind}/{self.name}"


class DeploymentStore(Protocol):
    """What engines run, in `_mesh.deployments`. Only apply writes it."""

    def read(self) -> Mapping[str, Deployment]:
        """Give all deployments by their key, as they stood when this was called.

        A mesh that nothing was ever applied to has none.

        Raises:
            RecordUnreadable: a record is of a format that this version does not know.
        """
        ...

    def write(self, deployments: Iterable[Deployment]) -> None:
        """Write deployments; they are safe on Kafka when this returns."""
        ...

    def remove(self, keys: Iterable[str]) -> None:
        """End deployments; a key that is not there is no error."""
        ...

    def records(self) -> Mapping[str, Deployment | Request]:
        """Give all deployments and the requests to engines beside them, by their keys.

        Raises:
            RecordUnreadable: a record is of a format that this version does not know.
        """
        ...

    def ask(self, request: Request) -> None:
        """Write a request to an engine; `remove` takes it away by its key."""
        ...


class ResourceStore(Protocol):
    """Which resources streammesh created and for whom, in `_mesh.resources`."""

    def read(self) -> Mapping[str, Resource]:
        """Give all resources by their key, as they stood when this was called.

        A mesh that nothing was ever applied to has none.

        Raises:
            RecordUnreadable: a record is of a format that this version does not know.
        """
        ...

    def write(self, resources: Iterable[Resource]) -> None:
        """Write resources; they are safe on Kafka when this returns."""
        ...

    def remove(self, keys: Iterable[str]) -> None:
        """Forget resources; a key that is not there is no error."""
        ...
