"""The connector's configuration: Debezium writes everything a source does into one private log.

Each group of settings says why it is as it is; `docs/capture.md` shows what then stands in the log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from streammesh.capture.server import DatabaseIdentity
from streammesh.capture.settings import CaptureSettings
from streammesh.documents.values import Source, TableName
from streammesh.models.tables import Table

CONNECTOR_CLASS = "io.debezium.connector.postgresql.PostgresConnector"

HEARTBEAT_MS = 2_000
"""How often the connector writes a transaction of its own, milliseconds."""

HEARTBEAT_PREFIX = "streammesh.heartbeat"
"""Begin of the prefix of the logical message that a heartbeat writes; a dot and the slot follow.

Messages of others are not captured, another source's of the same database neither: its heartbeat
says nothing of how far our snapshot is.
"""


def heartbeat_prefix(slot: str) -> str:
    """Give the prefix of a source's own heartbeats."""
    return f"{HEARTBEAT_PREFIX}.{slot}"


def heartbeat_query(slot: str) -> str:
    """Give the statement that writes a heartbeat.

    The message says system identifier and timeline (hexadecimal), with a space between.
    """
    return (
        f"SELECT pg_logical_emit_message(true, '{heartbeat_prefix(slot)}', system_identifier"
        " || ' ' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)) FROM pg_control_system()"
    )


def fence(identity: DatabaseIdentity, slot: str) -> str:
    """Give the statement with which every session of the connector begins; it fails elsewhere.

    A database that fails over or is restored while the connector is away may lack what was captured
    already. The connector would go on behind that, and what it skips would be missed until the next
    heartbeat tells; so it must not even begin. A slot that has confirmed more than the database has
    written shows the same where neither system nor timeline changed.
    """
    return (
        f"SELECT CASE WHEN system_identifier <> {identity.system_identifier}"
        f" OR timeline <> {identity.timeline} THEN"
        " CAST('another database: system identifier ' || system_identifier"
        f" || ' (was {identity.system_identifier}), timeline ' || timeline"
        f" || ' (was {identity.timeline})' AS int)"
        " WHEN confirmed > written THEN"
        " CAST('the database went back: it is at ' || written"
        " || ', and was captured up to ' || confirmed AS int) END"
        " FROM pg_control_system(), (SELECT pg_current_wal_lsn() AS written,"
        " ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline,"
        " (SELECT confirmed_flush_lsn FROM pg_replication_slots"
        f" WHERE slot_name = '{slot}') AS confirmed) now"
    )


UNAVAILABLE = "__debezium_unavailable_value"
"""Stands for a large value that the database did not send since it has not changed."""


def connector_config(
    source: Source, tables: Sequence[Table], settings: CaptureSettings
) -> dict[str, str]:
    """Give the whole configuration of a source's connector.

    Args:
        source: as its file says.
        tables: its tables as introspected.
        settings: where it is captured.
    """
    names = settings.names
    prefix = names.topic_prefix(source.domain, source.name)
    log = names.private_log(source.domain, source.name)
    slot = names.slot(settings.mesh, source.domain, source.name)
    table_names = tuple(table.name for table in tables)
    return {
        "connector.class": CONNECTOR_CLASS,
        "tasks.max": "1",
        "topic.prefix": prefix,
        **_database(settings, slot),
        **_captured(source, table_names),
        **_snapshot(source.snapshot),
        **_values(),
        **_one_log(log),
        **_heartbeat(slot),
        **_only_there(settings.identity, slot),
        **_speed(),
        **_producer(),
        **_faults(),
    }


def _database(settings: CaptureSettings, slot: str) -> dict[str, str]:
    address = settings.address
    config = {
        "database.hostname": address.host,
        "database.port": str(address.port),
        "database.user": address.user,
        "database.password": settings.password_reference,
        "database.dbname": address.database,
        "plugin.name": "pgoutput",
        "slot.name": slot,
        # kept when the connector stops: without it the changes made meanwhile would be gone
        "slot.drop.on.stop": "false",
        # from PostgreSQL 17 on the slot survives a failover to a synchronised standby
        "slot.failover": "true",
        # the driver reads intervals as `sql_standard` writes them as others, without a word; a
        # database or role may have that as its default
        "driver.options": "-c IntervalStyle=postgres",
        # streammesh makes the publication, with named tables only
        "publication.name": slot,
        "publication.autocreate.mode": "disabled",
        "publish.via.partition.root": "true",
        # a snapshot must not wait for ever behind somebody's ALTER TABLE
        "snapshot.lock.timeout.ms": "30000",
    }
    if address.sslmode:
        config["database.sslmode"] = address.sslmode
    if address.sslrootcert:
        config["database.sslrootcert"] = address.sslrootcert
    return config


def _captured(source: Source, tables: Iterable[TableName]) -> dict[str, str]:
    config = {
        "table.include.list": ",".join(_pattern(str(table)) for table in tables),
        # by default a TRUNCATE is left out silently
        "skipped.operations": "none",
        # the record of the deletion says it all; a log that is never compacted needs no tombstone
        "tombstones.on.delete": "false",
        "provide.transaction.metadata": "true",
    }
    if source.exclude:
        # also leaves the columns out of the snapshot's SELECT; a column list in the publication
        # would make the owner's own DROP COLUMN and some UPDATEs fail
        config["column.exclude.list"] = ",".join(map(_pattern, source.exclude))
    return config


def _snapshot(taken_by: str) -> dict[str, str]:
    if taken_by == "copy":
        # It streams from the slot that apply has made, also after its offsets are forgotten, and
        # never reads a table. A slot that is lost stops it with an error, as below.
        return {"snapshot.mode": "no_data"}
    return {
        # A slot that is lost stops the connector with an error; `when_needed` would go on over the
        # gap with a new snapshot, and nobody would know that commits are missing in between.
        "snapshot.mode": "initial",
        "snapshot.isolation.mode": "repeatable_read",
        # plain reading takes no locks that the application could notice
        "snapshot.locking.mode": "none",
        "snapshot.fetch.size": "20000",
    }


def _only_there(identity: DatabaseIdentity | None, slot: str) -> dict[str, str]:
    return {} if identity is None else {"database.initial.statements": fence(identity, slot)}


def _values() -> dict[str, str]:
    converter = "org.apache.kafka.connect.json.JsonConverter"
    return {
        # as text, exact and cheap to read in bulk: docs/types.md says what becomes of them
        "key.converter": converter,
        "key.converter.schemas.enable": "false",
        "value.converter": converter,
        "value.converter.schemas.enable": "false",
        # Kafka's own default puts the column's DEFAULT wherever a row holds NULL
        "value.converter.replace.null.with.default": "false",
        "decimal.handling.mode": "string",
        "time.precision.mode": "isostring",
        "binary.handling.mode": "hex",
        "interval.handling.mode": "string",
        "hstore.handling.mode": "json",
        "unavailable.value.placeholder": UNAVAILABLE,
        # four headers per row that nobody reads, a third of a small record
        "extended.headers.enabled": "false",
        # a column of a type that Debezium does not know would be missing from rows silently
        "include.unknown.datatypes": "true",
    }


def _one_log(log: str) -> dict[str, str]:
    return {
        # Rows, BEGIN, END, heartbeats and their messages: whatever the connector writes goes to the
        # log, so no other topic can ever be asked for. (Debezium's ByLogicalTableRouter would copy
        # each row to add the table to its key, which a log of one partition does not need.)
        # Nothing is filtered out: Debezium confirms what a filter drops as delivered at once, and
        # with it the rows before it, which Kafka may not have yet.
        "transforms": "log",
        "transforms.log.type": "org.apache.kafka.connect.transforms.RegexRouter",
        "transforms.log.regex": ".*",
        "transforms.log.replacement": log,
        # "Initial Snapshot" STARTED, COMPLETED, … stand in order between the rows
        "notification.enabled.channels": "sink",
        "notification.sink.topic.name": log,
    }


def _heartbeat(slot: str) -> dict[str, str]:
    return {
        # Without it an idle database would never confirm its slot, and WAL would pile up. The
        # message is transactional, so that it comes with BEGIN and END; it needs no table and no
        # right. The first one after a snapshot tells that the stream has passed the snapshot.
        "heartbeat.interval.ms": str(HEARTBEAT_MS),
        # It says which database it comes from: positions of another one mean nothing here.
        "heartbeat.action.query": heartbeat_query(slot),
        # the application's own messages are left alone
        "message.prefix.include.list": re.escape(heartbeat_prefix(slot)),
    }


def _speed() -> dict[str, str]:
    return {
        # delay of a single commit: how long Debezium waits before it looks again
        "poll.interval.ms": "5",
        # for snapshots and backlogs: fewer, larger steps
        "max.batch.size": "8192",
        "max.queue.size": "32768",
        # rows may be large: bound the queue's memory as well
        "max.queue.size.in.bytes": "67108864",
    }


def _producer() -> dict[str, str]:
    return {
        # order and completeness of the log rest on these two
        "producer.override.enable.idempotence": "true",
        "producer.override.acks": "all",
        "producer.override.compression.type": "lz4",
        "producer.override.linger.ms": "2",
        "producer.override.batch.size": "262144",
        # as the log's max.message.bytes
        "producer.override.max.request.size": "33554432",
        "producer.override.buffer.memory": "67108864",
    }


def _faults() -> dict[str, str]:
    return {
        # a record that can't be converted stops the connector; never skipped
        "errors.tolerance": "none",
        "event.processing.failure.handling.mode": "fail",
        # after a crash the old session may hold the slot for up to wal_sender_timeout (1 minute)
        "slot.max.retries": "45",
        "slot.retry.delay.ms": "2000",
        # a database that restarts is waited for, not given up
        "errors.max.retries": "-1",
        "retriable.restart.connector.wait.ms": "2000",
    }


def _pattern(name: str) -> str:
    """Give a name as a regular expression in a list that commas separate."""
    return re.sub(r"([^A-Za-z0-9_])", r"\\\1", name)
