"""A database of the property tests' own: sessions that write, one that asks, and a logical slot."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from streammesh.capture.connector import heartbeat_query
from streammesh.models.tables import Table
from tests.property.tables import SCHEMAS, Database

SLOT = "mesh_property"
WRITERS = 3
COPY_SETTINGS = (
    "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex';"
    " SET extra_float_digits = 1"
)
Connection = psycopg.Connection[Any]


class Server:
    """Sessions of one database; one example after another uses them."""

    def __init__(self, url: str) -> None:
        """Connect, and make a slot that ends with its session."""
        self.slot = f"{SLOT}_{uuid.uuid4().hex[:8]}"
        self.observer = _connect(url, autocommit=True)
        self.reader = _connect(url, autocommit=True)
        self.writers = [_connect(url, autocommit=True) for _ in range(WRITERS)]
        self.observer.execute("SET synchronous_commit = off")
        self.observer.execute("SET random_page_cost = 1.1")
        self.reader.execute("SET TimeZone = 'UTC'; SET IntervalStyle = iso_8601")
        self.observer.execute("SET TimeZone = 'UTC'; SET IntervalStyle = iso_8601")
        for writer in self.writers:
            writer.execute("SET synchronous_commit = off")
            # one thread drives all writers: whoever waits for another waits in vain
            writer.execute("SET lock_timeout = '5ms'")
        self.reader.execute(
            "SELECT pg_create_logical_replication_slot(%s, 'pgoutput', true)", (self.slot,)
        )

    def close(self) -> None:
        """End all sessions, and the slot with them."""
        self.reader.execute("SELECT pg_drop_replication_slot(%s)", (self.slot,))
        for one in (self.observer, self.reader, *self.writers):
            one.close()

    def prepare(self, statements: Sequence[str], database: Database) -> None:
        """Make the tables anew, and publish them."""
        for writer in self.writers:
            writer.execute("ROLLBACK")
        names = ", ".join(one.sql_name for one in database.tables)
        self.observer.execute(
            ";\n".join(
                (
                    f"DROP PUBLICATION IF EXISTS {SLOT}",
                    f"DROP SCHEMA IF EXISTS {', '.join(SCHEMAS)} CASCADE",
                    *statements,
                    f"CREATE PUBLICATION {SLOT} FOR TABLE {names}"
                    " WITH (publish_via_partition_root = true, publish_generated_columns = stored)",
                )
            )
        )

    def heartbeat(self) -> None:
        """Commit what a connector's heartbeat writes; everything before it is on disk then."""
        self.reader.execute(heartbeat_query(self.slot))

    def changes(self) -> list[tuple[int, bytes]]:
        """Give what was committed since the last call: position and message."""
        self.heartbeat()
        return committed(self.reader, self.slot, SLOT)

    def lsn(self) -> int:
        """Give the position of the database's log."""
        row = self.reader.execute("SELECT (pg_current_wal_lsn() - '0/0')::bigint").fetchone()
        assert row is not None
        return int(row[0])

    def end(self) -> int:
        """Give the position behind everything that was ever written, on disk or not."""
        row = self.reader.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").fetchone()
        assert row is not None
        return int(row[0])

    def copied(self, table: Table) -> list[bytes]:
        """Give all rows of a table as COPY prints them."""
        name = f'{table.name.schema}."{table.name.name}"'
        columns = ", ".join(f'"{one.name}"' for one in table.columns)
        self.reader.execute(COPY_SETTINGS)
        with self.reader.cursor().copy(f"COPY (SELECT {columns} FROM {name}) TO STDOUT") as copy:
            return [bytes(row) for row in copy]

    def alter(self, statement: str) -> None:
        """Run DDL that changes values without an event.

        Raises:
            psycopg.Error: the database refuses.
        """
        self.observer.execute(statement)

    def rows(self, table: Table) -> list[tuple[str | None, ...]]:
        """Give all rows of a table, values as text."""
        return snapshot_rows(self.reader, table)


def committed(session: Connection, slot: str, publication: str) -> list[tuple[int, bytes]]:
    """Give what a slot has since the last call: position and pgoutput message."""
    rows = session.execute(
        "SELECT (lsn - '0/0')::bigint, data FROM pg_logical_slot_get_binary_changes(%s, NULL,"
        " NULL, 'proto_version', '1', 'publication_names', %s, 'messages', 'true')",
        (slot, publication),
    ).fetchall()
    return [(int(lsn), bytes(data)) for lsn, data in rows]


def snapshot_rows(session: Connection, table: Table) -> list[tuple[str | None, ...]]:
    """Give all rows of a table, values as text."""
    name = f'{table.name.schema}."{table.name.name}"'
    # COPY writes values as pgoutput does: a cast to text leaves out the padding of char(n)
    with session.cursor().copy(f"COPY (SELECT * FROM {name}) TO STDOUT") as copy:
        copy.set_types(["text"] * len(table.columns))
        return [tuple(row) for row in copy.rows()]


def _connect(url: str, *, autocommit: bool) -> Connection:
    connection = psycopg.connect(url, autocommit=autocommit, prepare_threshold=None)
    connection.execute("SET jit = off")
    connection.execute("SET statement_timeout = '30s'")
    connection.execute("SET search_path = one, two, public")
    return connection


@contextmanager
def database(admin_url: str, url_of: Any) -> Iterator[str]:
    """Make a database, give its address, and drop it."""
    name = f"property_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield url_of(name)
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
