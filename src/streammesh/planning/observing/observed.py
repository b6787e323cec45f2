"""What stands, as values; read by `observe`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from streammesh.deployments.deployment import Deployment
from streammesh.deployments.progress import Input
from streammesh.planning.observing.use import Look
from streammesh.planning.systems import DatabaseState
from streammesh.platform.connect import Connector
from streammesh.platform.kafka import Acl, Topic
from streammesh.platform.registry import RegisteredSchema
from streammesh.platform.stores import Resource


@dataclass(frozen=True)
class SubjectState:
    """A subject of the registry, looked at with the schema that the files want.

    Attributes:
        latest: its newest version; None when there is no such subject.
        registered: the version that is exactly the wanted schema; None when it has none.
        compatibility: as set on the subject; None when it is not.
        refused: why it would not take the wanted schema; empty when it would.
    """

    latest: RegisteredSchema | None = None
    registered: RegisteredSchema | None = None
    compatibility: str | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Observed:
    """All that stands and concerns a plan.

    Attributes:
        topics: by name, all that we can see.
        acls: all.
        users: names of all SCRAM users; None where they are made by somebody else.
        connectors: by name.
        captured: connectors that have already read something from their database.
        deployments: what engines run.
        resources: what streammesh created, by key.
        databases: by domain and source.
        subjects: by name, those that the files want.
        max_transaction_ms: longest transaction that the brokers allow; None when unknown.
        brokers: how many stand; 0 when unknown.
        cluster: the id of the Kafka cluster; empty when unknown.
        engines: how far the engines of sources are, by domain and source.
        quotas: what users may read at most, by name; read only where something is consumed.
        look: what could not be seen of who reads products.
    """

    topics: Mapping[str, Topic] = field(hash=False)
    acls: frozenset[Acl]
    users: frozenset[str] | None
    connectors: Mapping[str, Connector] = field(hash=False)
    captured: frozenset[str]
    deployments: Mapping[str, Deployment] = field(hash=False)
    resources: Mapping[str, Resource] = field(hash=False)
    databases: Mapping[tuple[str, str], DatabaseState] = field(hash=False)
    subjects: Mapping[str, SubjectState] = field(hash=False)
    max_transaction_ms: int | None = None
    brokers: int = 0
    cluster: str = ""
    engines: Mapping[tuple[str, str], Input] = field(default_factory=dict, hash=False)
    quotas: Mapping[str, int] = field(default_factory=dict, hash=False)
    look: Look = field(default_factory=Look)

    def record(self, kind: str, name: str) -> Resource | None:
        """Give the record of a resource that streammesh created; None when it did not."""
        return self.resources.get(f"{kind}/{name}")
