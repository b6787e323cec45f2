"""A database server as it stands: its settings, our role's rights, which database it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row

from streammesh.models.tables import Table


@dataclass(frozen=True)
class DatabaseIdentity:
    """Which database it is: positions of one mean nothing in another.

    Attributes:
        system_identifier: given once when the database cluster was created, decimal.
        timeline: counts up at every restore and failover.
    """

    system_identifier: str
    timeline: int


@dataclass(frozen=True)
class Server:
    """Settings of the server and rights of our role, as read."""

    number: int
    version: str
    standby: bool
    wal_level: str
    keep_mb: int
    senders: int
    senders_used: int
    slots: int
    slots_used: int
    role: str
    database: str
    superuser: bool
    replication: bool
    may_create: bool

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.number // 10_000


def read_server(connection: Connection) -> Server:
    """Read settings and rights, as the session's own role sees them."""
    with connection.cursor(row_factory=class_row(Server)) as cursor:
        server = cursor.execute(_SERVER).fetchone()
    if server is None:
        raise AssertionError("a query without FROM gives a row")
    return server


def read_identity(connection: Connection) -> DatabaseIdentity | None:
    """Say which database it is; None when this role may not know.

    `pg_control_checkpoint` would tell the timeline of the last checkpoint only, which after a
    failover is still the old one.
    """
    allowed = connection.execute(_MAY_IDENTIFY).fetchone()
    row = connection.execute(_IDENTITY).fetchone() if allowed and allowed[0] else None
    return None if row is None else DatabaseIdentity(row[0], row[1])


def unreadable(connection: Connection, tables: Iterable[Table]) -> set[tuple[str, str]]:
    """Give schema and name of the tables with a captured column that this role may not read."""
    wanted = [(table.name, column.name) for table in tables for column in table.columns]
    parameters = {
        "schemas": [table.schema for table, _ in wanted],
        "names": [table.name for table, _ in wanted],
        "columns": [column for _, column in wanted],
    }
    return {(schema, name) for schema, name in connection.execute(_UNREADABLE, parameters)}


def row_secured(connection: Connection, tables: Iterable[Table]) -> tuple[str, ...]:
    """Give the tables of which policies may hide rows from this role."""
    names = [table.name for table in tables]
    parameters = {
        "schemas": [name.schema for name in names],
        "names": [name.name for name in names],
    }
    return tuple(name for (name,) in connection.execute(_ROW_SECURED, parameters))


def not_owned(connection: Connection, publication: str, tables: Iterable[Table]) -> tuple[str, ...]:
    """Give what this role would have to own to put these tables in the publication, and doesn't."""
    names = [table.name for table in tables]
    parameters = {
        "name": publication,
        "schemas": [name.schema for name in names],
        "names": [name.name for name in names],
    }
    return tuple(name for (name,) in connection.execute(_FOREIGN, parameters))


def other_slot(connection: Connection, name: str) -> str | None:
    """Say what has a slot's name although it is no logical slot of this database."""
    row = connection.execute(_OTHER_SLOT, {"name": name}).fetchone()
    return None if row is None else f"a {row[0]} slot of {row[1] or 'the whole server'}"


_SERVER = """
    SELECT current_setting('server_version_num')::int AS number,
           current_setting('server_version') AS version,
           pg_is_in_recovery() AS standby,
           current_setting('wal_level') AS wal_level,
           (SELECT setting::int FROM pg_settings WHERE name = 'max_slot_wal_keep_size') AS keep_mb,
           current_setting('max_wal_senders')::int AS senders,
           (SELECT count(*)::int FROM pg_stat_replication) AS senders_used,
           current_setting('max_replication_slots')::int AS slots,
           (SELECT count(*)::int FROM pg_replication_slots) AS slots_used,
           r.rolname::text AS role, current_database()::text AS database,
           r.rolsuper AS superuser,
           r.rolsuper OR r.rolreplication OR EXISTS (
               SELECT FROM pg_roles m
               WHERE m.rolname = 'rds_replication' AND pg_has_role(r.oid, m.oid, 'MEMBER')
           ) AS replication,
           has_database_privilege(current_database(), 'CREATE') AS may_create
    FROM pg_roles r WHERE r.rolname = current_user
"""

_IDENTITY = """
    SELECT system_identifier::text,
           ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
    FROM pg_control_system()
"""

_MAY_IDENTIFY = """
    SELECT has_function_privilege('pg_control_system()', 'EXECUTE')
       AND has_function_privilege('pg_walfile_name(pg_lsn)', 'EXECUTE')
"""

_UNREADABLE = """
    SELECT DISTINCT n.nspname::text, c.relname::text
    FROM unnest(%(schemas)s::text[], %(names)s::text[], %(columns)s::text[])
         AS wanted(schema, name, attribute)
    JOIN pg_namespace n ON n.nspname = wanted.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
    WHERE NOT has_schema_privilege(n.oid, 'USAGE')
       OR NOT has_column_privilege(c.oid, wanted.attribute, 'SELECT')
"""

_FOREIGN = """
    SELECT 'ownership of publication ' || pubname FROM pg_publication
    WHERE pubname = %(name)s AND NOT pg_has_role(pubowner, 'USAGE')
    UNION ALL
    SELECT 'ownership of ' || n.nspname || '.' || c.relname
    FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted(schema, name)
    JOIN pg_namespace n ON n.nspname = wanted.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
    WHERE NOT pg_has_role(c.relowner, 'USAGE')
"""

_ROW_SECURED = """
    SELECT n.nspname || '.' || c.relname
    FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted(schema, name)
    JOIN pg_namespace n ON n.nspname = wanted.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
    WHERE row_security_active(c.oid)
"""

_OTHER_SLOT = """
    SELECT slot_type::text, database::text FROM pg_replication_slots WHERE slot_name = %(name)s
"""
