"""Deployments: what engines run. Written by apply alone, one immutable record per digest.

The compacted topic `_mesh.deployments` holds two kinds of record, JSON, keyed
`source/<domain>.<source>` and `product/<topic>`; a tombstone ends one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec

from streammesh.contracts.types import Record
from streammesh.documents.values import StreamOptions, TableName
from streammesh.models.compiled import CompiledModel
from streammesh.models.condition import Condition
from streammesh.models.tables import Table

FORMAT = 1


@dataclass(frozen=True)
class InputProduct:
    """A product that is a table of a source.

    Attributes:
        topic: its events.
        table: what models call it, behind `mesh.`.
        defaults: of fields that older events lack, the canonical value to be taken.
    """

    topic: str
    table: TableName
    defaults: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class SourceDeployment:
    """A source as captured.

    Attributes:
        format: version of this format.
        mesh: the mesh's name.
        domain: owning domain.
        source: the source's name.
        database_type: "postgres", or "products".
        topic_prefix: Debezium's name for it.
        log: topic of the private log.
        progress: topic of the progress record.
        principal: the engine's principal, also its transactional id and consumer group.
        slot: replication slot and publication.
        tables: what is captured, with every captured column and its type as at apply.
        retention_ms: how long the log is kept.
        digest: of all the others.
        inputs: the products that are its tables; none where it is a database.
    """

    format: int
    mesh: str
    domain: str
    source: str
    database_type: str
    topic_prefix: str
    log: str
    progress: str
    principal: str
    slot: str
    tables: tuple[Table, ...]
    retention_ms: int
    digest: str = ""
    inputs: tuple[InputProduct, ...] = ()

    @property
    def key(self) -> str:
        """The record's key."""
        return f"source/{self.domain}.{self.source}"


@dataclass(frozen=True)
class ProductDeployment:
    """A product's port in one major version, ready to run.

    Attributes:
        format: version of this format.
        domain: owning domain.
        product: the product's name.
        port: the port's name.
        version: semantic version.
        status: draft, active, deprecated or retired.
        source: the source that its model reads.
        topic: where its events go.
        quarantine: where what can't be published goes.
        model: compiled.
        contract: the document's fields as promised.
        stream: history, limits, what happens on a violation.
        key_schema: Avro of the key, canonical JSON.
        key_schema_id: its id in the registry.
        value_schema: Avro of the value, canonical JSON.
        value_schema_id: its id in the registry.
        digest: of all the others.
        distinct: dotted paths of fields that no two documents may have alike, rule by rule.
        conditions: rules in SQL that no document may break.
        earlier: schemas that values of its topic were written with before, by their ids.
        origin: a digest of what the model was compiled from, for later plans; no part of `digest`.
    """

    format: int
    domain: str
    product: str
    port: str
    version: str
    status: str
    source: str
    topic: str
    quarantine: str
    model: CompiledModel
    contract: Record
    stream: StreamOptions
    key_schema: str
    key_schema_id: int
    value_schema: str
    value_schema_id: int
    digest: str = ""
    distinct: tuple[tuple[str, ...], ...] = ()
    conditions: tuple[Condition, ...] = ()
    earlier: tuple[tuple[int, str], ...] = ()
    origin: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """The record's key."""
        return f"product/{self.topic}"

    @property
    def schemas(self) -> dict[int, str]:
        """The schemas of all keys and values of its topic, by their ids."""
        now = {self.key_schema_id: self.key_schema, self.value_schema_id: self.value_schema}
        return dict(self.earlier) | now


Deployment = SourceDeployment | ProductDeployment


D = TypeVar("D", SourceDeployment, ProductDeployment)


def digested(deployment: D) -> D:
    """Give the deployment with its digest filled in: 16 hex digits over all other fields."""
    return replace(deployment, digest=_digest(deployment))


def _digest(deployment: Deployment) -> str:
    bare = replace(deployment, digest="")
    content = msgspec.json.encode(bare, order="deterministic")
    if isinstance(bare, ProductDeployment):
        content = content.removesuffix(b',"origin":"%s"}' % bare.origin.encode()) + b"}"
    for last in (b',"inputs":[]}', b',"earlier":[]}'):
        if content.endswith(last):
            # of what has none, the digest is what it was before there were any
            content = content.removesuffix(last) + b"}"
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def intact(deployment: Deployment) -> bool:
    """Tell whether a deployment is as it was digested: nobody has changed it since."""
    return _digest(deployment) == deployment.digest


def encode(deployment: Deployment) -> bytes:
    """Give the record's value."""
    return msgspec.json.encode(deployment, order="deterministic")


def decode(key: str, value: bytes) -> Deployment:
    """Read a record of `_mesh.deployments`.

    Raises:
        ValueError: when the value is no deployment of a format that this version knows.
    """
    deployment: Deployment
    try:
        if key.startswith("source/"):
            deployment = msgspec.json.decode(value, type=SourceDeployment)
        else:
            deployment = msgspec.json.decode(value, type=ProductDeployment)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{key}: {error}") from error
    if deployment.format != FORMAT:
        raise ValueError(f"{key}: format {deployment.format}, this version reads {FORMAT}")
    return deployment
