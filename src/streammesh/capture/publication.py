"""Publication and replication slot of a source: statements as values, and the calls that run them.

The publication names its tables one by one. `FOR ALL TABLES` would take in a table without replica
identity, whose own UPDATE then fails; a column list would make the owner's DROP COLUMN fail.

Where streammesh reads the tables itself, it makes the slot before the connector starts, and every
table is read at a position behind the slot's. Where Debezium reads them, the connector makes it:
only a slot that it creates itself hands it the database's snapshot at exactly the slot's position.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from psycopg import Connection, errors, sql

from streammesh.documents.values import TableName
from streammesh.errors.capture import SlotInUse, SlotNotMade

PUBLISHES_GENERATED = 18
"""First major version of PostgreSQL that can publish stored generated columns."""

FAILOVER = 170_000
"""First version whose slots can be kept in step on a standby, as the server counts versions."""

RELEASE_SECONDS = 70.0
"""How long a dead connection may hold a slot: the server's wal_sender_timeout and some more."""

PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Publication:
    """A publication as wanted or as it stands.

    Attributes:
        name: as in the database; the source's slot has the same name.
        tables: what it publishes, sorted by name.
        via_partition_root: changes of partitions are published as the parent's.
        generated: values of stored generated columns are published (PostgreSQL 18 and later;
            older ones can't, there it stays false).
        partial: it leaves out rows, columns or kinds of changes, as somebody else's may.
    """

    name: str
    tables: tuple[TableName, ...]
    via_partition_root: bool = True
    generated: bool = False
    partial: bool = False


@dataclass(frozen=True)
class Slot:
    """A logical replication slot as it stands.

    Attributes:
        name: as in the database.
        active: whether a connector reads it now.
        wal_status: `reserved`, `extended`, `unreserved` or `lost`.
        confirmed: position up to which the connector has confirmed, such as `0/1A2B3C4`.
        retained_bytes: WAL that the server keeps because of it; None when it is lost.
        safe_bytes: how much more may be written before it is lost; None without a limit.
        went_back: how far the database has written, such as `0/1A2B3C4`, where that is less than
            what the connector has confirmed: an earlier copy of it was put back. Empty else.
    """

    name: str
    active: bool
    wal_status: str
    confirmed: str | None
    retained_bytes: int | None
    safe_bytes: int | None
    went_back: str = ""

    @property
    def lost(self) -> bool:
        """Whether changes that the connector has not read are gone."""
        return self.wal_status == "lost"


def publication_statements(
    wanted: Publication, standing: Publication | None
) -> tuple[sql.Composed, ...]:
    """Give the statements that turn `standing` into `wanted`; none when they are equal."""
    name = sql.Identifier(wanted.name)
    tables = sql.SQL(", ").join(_table(table) for table in wanted.tables)
    options = sql.SQL(", ").join(_options(wanted))
    if standing is None:
        create = sql.SQL("CREATE PUBLICATION {} FOR TABLE {} WITH ({})")
        return (create.format(name, tables, options),)
    statements = []
    if standing.partial or set(standing.tables) != set(wanted.tables):
        statements.append(sql.SQL("ALTER PUBLICATION {} SET TABLE {}").format(name, tables))
    if standing.partial:
        whole = sql.SQL("publish = 'insert, update, delete, truncate'")
        statements.append(sql.SQL("ALTER PUBLICATION {} SET ({})").format(name, whole))
    if _flags(standing) != _flags(wanted):
        statements.append(sql.SQL("ALTER PUBLICATION {} SET ({})").format(name, options))
    return tuple(statements)


def put_publication(connection: Connection, wanted: Publication) -> bool:
    """Create or alter the publication; say whether anything had to be done.

    Args:
        connection: a session that may write, as the role that owns the publication.
        wanted: how it shall be.
    """
    statements = publication_statements(wanted, read_publication(connection, wanted.name))
    with connection.transaction():
        for statement in statements:
            connection.execute(statement)
    return bool(statements)


def drop_publication(connection: Connection, name: str) -> None:
    """Drop the publication; one that is gone already is no error."""
    connection.execute(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(sql.Identifier(name)))


def read_publication(connection: Connection, name: str) -> Publication | None:
    """Give the publication as it stands, None when there is none."""
    row = connection.execute(_READ_PUBLICATION, {"name": name}).fetchone()
    if row is None:
        return None
    schemas, tables, via_root, generated, partial = row
    names = (TableName(schema, table) for schema, table in zip(schemas, tables, strict=True))
    return Publication(name, tuple(sorted(names, key=str)), via_root, generated, partial)


def read_slots(connection: Connection, prefix: str) -> tuple[Slot, ...]:
    """Give the logical slots of this database whose names begin with `prefix`, by name.

    Slots that belong to no source any more are found this way: each keeps WAL for ever.
    """
    rows = connection.execute(_READ_SLOTS, {"prefix": prefix}).fetchall()
    return tuple(Slot(*row) for row in rows)


def read_slot(connection: Connection, name: str) -> Slot | None:
    """Give the slot of that name, None when there is none."""
    return next((slot for slot in read_slots(connection, name) if slot.name == name), None)


def create_slot(connection: Connection, name: str) -> None:
    """Make the slot; from PostgreSQL 17 on it survives a failover to a synchronised standby.

    Args:
        connection: a session of the slot's database, in autocommit, with a statement timeout: the
            server waits for all transactions that are open.
        name: the slot.

    Raises:
        SlotNotMade: transactions were open for too long, or there are too many slots.
    """
    failover = ", failover => true" if connection.info.server_version >= FAILOVER else ""
    create = f"SELECT pg_create_logical_replication_slot(%(name)s, 'pgoutput'{failover})"
    try:
        connection.execute(create, {"name": name})
    except errors.QueryCanceled as error:
        raise SlotNotMade(
            slot=name,
            why="a transaction has been open for long, and it has to be waited for",
            fix="look for it: SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY 2;\n"
            "then run `mesh apply` again",
        ) from error
    except errors.ConfigurationLimitExceeded as error:
        raise SlotNotMade(
            slot=name,
            why="all of max_replication_slots are in use",
            fix="raise it, or drop slots that nobody reads: SELECT * FROM pg_replication_slots;",
        ) from error


def drop_slot(connection: Connection, name: str, *, seconds: float = RELEASE_SECONDS) -> None:
    """Drop the slot; one that is gone already is no error.

    Args:
        connection: a session of the slot's database, in autocommit.
        name: the slot.
        seconds: how long to wait for a connection that still holds it.

    Raises:
        SlotInUse: somebody reads it after that time as well.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection.execute(_DROP_SLOT, {"name": name})
            return
        except errors.ObjectInUse as error:
            if time.monotonic() > deadline:
                raise SlotInUse(slot=name) from error
            time.sleep(PAUSE_SECONDS)


def _table(table: TableName) -> sql.Composable:
    return sql.Identifier(table.schema, table.name)


def _flags(publication: Publication) -> tuple[bool, bool]:
    return publication.via_partition_root, publication.generated


def _options(wanted: Publication) -> list[sql.Composable]:
    options: list[sql.Composable] = [
        sql.SQL("publish_via_partition_root = " + str(wanted.via_partition_root).lower())
    ]
    if wanted.generated:
        options.append(sql.SQL("publish_generated_columns = stored"))
    return options


# to_jsonb, because pubgencols exists since PostgreSQL 18 only ('s' when stored ones are published),
# column lists and row filters since 15
_READ_PUBLICATION = """
    SELECT coalesce(array_agg(n.nspname::text ORDER BY n.nspname, c.relname)
                    FILTER (WHERE c.oid IS NOT NULL), '{}'),
           coalesce(array_agg(c.relname::text ORDER BY n.nspname, c.relname)
                    FILTER (WHERE c.oid IS NOT NULL), '{}'),
           p.pubviaroot,
           coalesce(to_jsonb(p) ->> 'pubgencols' = 's', false),
           NOT (p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate)
               OR coalesce(bool_or(to_jsonb(r) ->> 'prattrs' IS NOT NULL
                                   OR to_jsonb(r) ->> 'prqual' IS NOT NULL), false)
    FROM pg_publication p
    LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid
    LEFT JOIN pg_class c ON c.oid = r.prrelid
    LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE p.pubname = %(name)s
    GROUP BY p.oid
"""

_READ_SLOTS = """
    SELECT slot_name::text, active, coalesce(wal_status, 'lost'), confirmed_flush_lsn::text,
           (pg_current_wal_lsn() - restart_lsn)::bigint, safe_wal_size,
           CASE WHEN confirmed_flush_lsn > pg_current_wal_lsn() THEN pg_current_wal_lsn()::text
                ELSE '' END
    FROM pg_replication_slots
    WHERE slot_type = 'logical' AND database = current_database()
      AND starts_with(slot_name::text, %(prefix)s)
    ORDER BY slot_name
"""

_DROP_SLOT = """
    SELECT pg_drop_replication_slot(slot_name)
    FROM pg_replication_slots
    WHERE slot_name = %(name)s AND database = current_database()
"""
