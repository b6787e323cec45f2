"""What a source wants: topics, access rights, users, connector, publication. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from streammesh.capture.connector import connector_config
from streammesh.capture.publication import PUBLISHES_GENERATED, Publication
from streammesh.capture.settings import CaptureSettings
from streammesh.documents.names import Names
from streammesh.documents.values import Source
from streammesh.models.tables import Table
from streammesh.platform.kafka import Acl, TopicSpec

MAX_RECORD_BYTES = 33_554_432
"""Largest record of a private log: a value of 10 MB stands in it twice (old and new), in JSON."""

DAY_MS = 86_400_000

ROW_PARTITIONS = 4
"""Of the topic of rows: blocks of rows have no order, so several brokers may share them."""


@dataclass(frozen=True)
class SourceWants:
    """All that has to stand for a source to be captured.

    Attributes:
        domain: owning domain.
        source: the source's name.
        topics: private log, progress and rows.
        acls: rights of Connect's and of the engine's principal; a product adds its own.
        principals: Kafka users that have to exist.
        connector: name of the connector.
        connector_config: its whole configuration; the password is a reference.
        publication: in the source's database.
        slot: in the source's database.
        rows: name of the topic that tables are read into.
    """

    domain: str
    source: str
    topics: tuple[TopicSpec, ...]
    acls: frozenset[Acl]
    principals: tuple[str, ...]
    connector: str
    connector_config: Mapping[str, str] = field(hash=False)
    publication: Publication
    slot: str
    rows: str = ""


def wants(source: Source, tables: Sequence[Table], settings: CaptureSettings) -> SourceWants:
    """Say what a source wants.

    Args:
        source: as its file says.
        tables: its tables as introspected.
        settings: where it is captured.
    """
    names = settings.names
    slot = names.slot(settings.mesh, source.domain, source.name)
    connect = settings.connect_principal or names.connect_principal
    return SourceWants(
        domain=source.domain,
        source=source.name,
        topics=source_topics(source, names, settings.topic_defaults),
        acls=source_acls(source, names, connect),
        principals=(connect, names.engine_principal(source.domain, source.name)),
        connector=names.connector(source.domain, source.name),
        connector_config=connector_config(source, tables, settings),
        publication=Publication(
            name=slot,
            tables=tuple(sorted((table.name for table in tables), key=str)),
            generated=settings.server_version >= PUBLISHES_GENERATED,
        ),
        slot=slot,
        rows=names.rows(source.domain, source.name),
    )


def source_topics(
    source: Source, names: Names, topic_defaults: Mapping[str, int]
) -> tuple[TopicSpec, ...]:
    """Give the private log, the progress topic, and the topic of rows."""
    replicas = topic_defaults.get("replication_factor", -1)
    common = {}
    if "min_insync_replicas" in topic_defaults:
        common["min.insync.replicas"] = str(topic_defaults["min_insync_replicas"])
    log = {
        # never compacted: a TRUNCATE has no key, and its record would stop the connector
        "cleanup.policy": "delete",
        "retention.ms": str(source.retention_ms),
        # only whole segments are deleted: without this a quiet log keeps rows a week longer
        "segment.ms": str(min(source.retention_ms, DAY_MS)),
        "max.message.bytes": str(MAX_RECORD_BYTES),
    }
    progress = {
        "cleanup.policy": "compact",
        # an engine reads all of it when it starts: keep short what is not compacted yet
        "segment.bytes": str(16 * 1024 * 1024),
        "segment.ms": "3600000",
        "min.cleanable.dirty.ratio": "0.1",
    }
    topics = (
        TopicSpec(names.private_log(source.domain, source.name), 1, replicas, common | log),
        TopicSpec(names.progress(source.domain, source.name), 1, replicas, common | progress),
    )
    if source.snapshot != "copy":
        return topics
    rows = names.rows(source.domain, source.name)
    return (*topics, TopicSpec(rows, ROW_PARTITIONS, replicas, common | log))


def source_acls(source: Source, names: Names, connect: str) -> frozenset[Acl]:
    """Give the rights that a source's connector and engine need, and no more.

    The connector has no CREATE: a topic that we did not think of stops it instead of appearing.
    """
    log = names.private_log(source.domain, source.name)
    progress = names.progress(source.domain, source.name)
    engine = names.engine_principal(source.domain, source.name)
    rows = Acl(engine, "topic", "literal", names.rows(source.domain, source.name), "read")
    return frozenset(
        {
            *((rows,) if source.snapshot == "copy" else ()),
            Acl(connect, "topic", "literal", log, "write"),
            Acl(connect, "topic", "literal", log, "describe"),
            Acl(engine, "topic", "literal", log, "read"),
            Acl(engine, "topic", "literal", progress, "read"),
            Acl(engine, "topic", "literal", progress, "write"),
            Acl(engine, "topic", "literal", names.deployments, "read"),
            Acl(engine, "transactional_id", "literal", engine, "write"),
            Acl(engine, "transactional_id", "literal", engine, "describe"),
            Acl(engine, "group", "literal", engine, "read"),
        }
    )
