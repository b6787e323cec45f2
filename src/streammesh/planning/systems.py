"""What planning works on: the systems outside, bundled, each behind its protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from streammesh.capture.copying.taking import Advance, Order, Tell
from streammesh.capture.publication import Publication, Slot
from streammesh.capture.server import DatabaseIdentity
from streammesh.capture.settings import DatabaseAddress
from streammesh.catalog.catalog import Catalog
from streammesh.deployments.deployment import SourceDeployment
from streammesh.deployments.marks import Mark, TableCopied
from streammesh.deployments.progress import Input
from streammesh.documents.repository import Repository
from streammesh.documents.values import Secret, Source
from streammesh.errors import MeshError
from streammesh.models.compiled import CompiledModel
from streammesh.models.tables import Table
from streammesh.notices.sending import Notifier
from streammesh.planning.sizes.values import Sizes
from streammesh.platform.connect import Connect
from streammesh.platform.groups import Groups
from streammesh.platform.kafka import KafkaAdmin
from streammesh.platform.lock import ApplyLock
from streammesh.platform.registry import Registry
from streammesh.platform.stores import DeploymentStore, ResourceStore


class Credentials(Protocol):
    """Where the passwords of the mesh's own Kafka users come from."""

    def password_for(self, principal: str) -> str:
        """Give a principal's password, made up when it has none yet."""
        ...


class ConnectSecrets(Protocol):
    """Where Connect finds the secrets that connectors refer to."""

    @property
    def standing(self) -> bool:
        """Whether somebody else has put them there already."""
        ...

    def reference(self, name: str) -> str:
        """Give what stands in a connector's configuration for the secret of that name."""
        ...

    def put(self, name: str, secret: str) -> None:
        """Store a secret where Connect reads it; nothing where somebody else does that."""
        ...


@dataclass(frozen=True)
class DatabaseState:
    """A source's database as it stands.

    Attributes:
        address: where it is, and as whom it is read.
        tables: the captured tables; empty when they can't be read.
        server_version: major version of the server.
        publication: the source's, None when there is none.
        slot: the source's, None when there is none.
        identity: which database it is; None when our role may not know.
        problems: why it can't be captured.
        warnings: what may become a problem.
    """

    address: DatabaseAddress
    tables: tuple[Table, ...]
    server_version: int = 0
    publication: Publication | None = None
    slot: Slot | None = None
    identity: DatabaseIdentity | None = None
    problems: tuple[MeshError, ...] = ()
    warnings: tuple[str, ...] = ()


class Databases(Protocol):
    """The operational databases, reached by the reference that a source's file has.

    Raises:
        MeshError: from every call, when the secret is missing or the database fails.
    """

    def observe(self, source: Source, slot: str) -> DatabaseState:
        """Look at the tables of a source, and at its publication and slot of that name."""
        ...

    def sizes(
        self, source: Source, tables: Sequence[Table], models: Sequence[CompiledModel]
    ) -> tuple[Sizes, ...]:
        """Ask how large the documents of each model get, within seconds.

        What can't be found out stands in the answer with its reason.
        """
        ...

    def password(self, url: Secret) -> str:
        """Give the password in the address; empty when it has none."""
        ...

    def put_publication(self, url: Secret, wanted: Publication) -> None:
        """Create or alter a publication."""
        ...

    def drop_publication(self, url: Secret, name: str) -> None:
        """Drop a publication; one that is gone already is no error."""
        ...

    def create_slot(self, url: Secret, name: str) -> None:
        """Make a replication slot that a connector will read."""
        ...

    def drop_slot(self, url: Secret, name: str) -> None:
        """Drop a replication slot; one that is gone already is no error."""
        ...

    def slot_read(self, url: Secret, name: str) -> bool:
        """Tell whether somebody reads a replication slot now."""
        ...

    def await_capturing(self, url: Secret, connect: Connect, connector: str, slot: str) -> None:
        """Wait until a connector reads its slot."""
        ...


class Snapshots(Protocol):
    """Tables read into a source's topic of rows, and marks in its private log."""

    def mark(self, log: str, mark: Mark) -> None:
        """Put a mark into a private log; it stands when this returns."""
        ...

    def take(self, url: Secret, order: Order, tell: Tell) -> Iterator[TableCopied]:
        """Read tables, and give the mark of each once it stands in the log.

        Raises:
            MeshError: database or Kafka refuse or are gone; and whatever `tell` raises.
        """
        ...


def _nobody(_: Advance) -> None:
    """Tell nobody."""


class Engines(Protocol):
    """How far engines are."""

    def progress(self, source: SourceDeployment) -> Input | None:
        """Give how far the engine of a source is; None when it has published nothing yet."""
        ...


@dataclass(frozen=True)
class Platform:
    """All systems that a mesh's environment consists of.

    Attributes:
        kafka: topics, access, users.
        registry: schemas.
        connect: connectors.
        deployments: what engines run.
        resources: what streammesh created.
        lock: the right to apply.
        databases: the sources.
        snapshots: of the sources' tables.
        engines: how far they are.
        connect_secrets: where connectors' secrets are.
        credentials: passwords of the users that apply creates; None where users are made by
            somebody else.
        applied_by: who applies, for the records.
        commit: of the files that are applied; empty when it is not known.
        catalog: what the mesh knows; None where nothing is to be recorded.
        groups: who reads topics; None where that is not looked at.
        repository: whose files are applied; None where no domain is to be claimed.
        principal: as whom Kafka knows who applies; empty when that is not known.
        notifier: tells consumers of versions that end; None where nobody is to be told.
        tell: told how far a step that takes long has come; what it raises ends the step.
    """

    kafka: KafkaAdmin
    registry: Registry
    connect: Connect
    deployments: DeploymentStore
    resources: ResourceStore
    lock: ApplyLock
    databases: Databases
    snapshots: Snapshots
    engines: Engines
    connect_secrets: ConnectSecrets
    credentials: Credentials | None = None
    applied_by: str = ""
    commit: str = ""
    catalog: Catalog | None = None
    groups: Groups | None = None
    repository: Repository | None = None
    principal: str = ""
    notifier: Notifier | None = None
    tell: Tell = _nobody
