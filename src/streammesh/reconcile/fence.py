"""A fence: a position in the database's log, and exactly the data that stood at it.

PostgreSQL gives both together: a temporary logical slot is made within a transaction, which then
sees the data at the slot's consistent point; transactions whose END is at or before that point are
in it, all others are not. It works while Debezium streams.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import set_json_loads

from streammesh.contracts.any_json import loads
from streammesh.deployments.progress import Lsn
from streammesh.errors.reconcile import FenceNotPassed, FenceNotSet

SLOT_TIMEOUT_MS = 30_000
"""Making the slot waits for all running transactions; longer ones make it fail."""

FETCH_ROWS = 5_000

MESSAGE_PREFIX = "streammesh.fence"
"""Prefix of the message that gives an idle database a transaction behind the fence."""


class Fence:
    """A position, and a way to read what stood at it."""

    def __init__(self, connection: psycopg.Connection[Any], position: Lsn) -> None:
        """Keep the connection, which is inside the transaction that sees the fence's data."""
        self._connection = connection
        self.position = position

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a query as of the fence, a few thousand at a time."""
        name = sql.Identifier(f"mesh_{uuid.uuid4().hex[:12]}")
        with self._connection.cursor() as cursor:
            # the text of the query is our own, printed from a compiled model
            cursor.execute(
                sql.SQL("DECLARE {} NO SCROLL CURSOR FOR ").format(name) + sql.SQL(query)
            )
            fetch = sql.SQL("FETCH {} FROM {}").format(sql.Literal(FETCH_ROWS), name)
            while batch := cursor.execute(fetch).fetchall():
                yield from batch
            cursor.execute(sql.SQL("CLOSE {}").format(name))


@contextlib.contextmanager
def fence(dsn: str, label: str) -> Iterator[Fence]:
    """Set a fence, and see the data that stands at it within the `with` block.

    Args:
        dsn: the database, as a role with REPLICATION and SELECT; never shown.
        label: what to call the database in errors.

    Raises:
        FenceNotSet: the database does not allow it, or transactions ran too long.
    """
    name = f"mesh_fence_{uuid.uuid4().hex[:12]}"
    try:
        # a replication connection speaks the simple protocol only: parameters are put in by psycopg
        with psycopg.connect(
            dsn,
            autocommit=True,
            connect_timeout=10,
            application_name="streammesh fence",
            cursor_factory=psycopg.ClientCursor,
            replication="database",
        ) as connection:
            set_json_loads(loads, connection)
            connection.execute(f"SET statement_timeout = {SLOT_TIMEOUT_MS}")
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET idle_in_transaction_session_timeout = 0")
            # the query looks up children by index, row by row: PostgreSQL's default price for that
            # is one of spinning disks, and makes it scan small tables once for each document
            connection.execute("SET random_page_cost = 1.1")
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # the older of two spellings: PostgreSQL 14 knows no other
            row = connection.execute(
                f'CREATE_REPLICATION_SLOT "{name}" TEMPORARY LOGICAL pgoutput USE_SNAPSHOT'
            ).fetchone()
            if row is None:
                raise FenceNotSet(source=label, why="the database gave no position")
            connection.execute("SET LOCAL statement_timeout = 0")
            yield Fence(connection, Lsn.parse(row[1]))
            connection.execute("ROLLBACK")
    except psycopg.Error as error:
        raise FenceNotSet(source=label, why=str(error).strip()) from error


def pass_fence(dsn: str, label: str) -> None:
    """Write a transaction behind the fence, so that progress passes it on an idle database too."""
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
            connection.execute("SELECT pg_logical_emit_message(true, %s, '')", (MESSAGE_PREFIX,))
    except psycopg.Error as error:
        raise FenceNotSet(source=label, why=str(error).strip()) from error


def wait_until_passed(
    position: Lsn,
    progress: Callable[[], Lsn | None],
    wait: Callable[[float], object],
    seconds: float,
    label: str,
) -> None:
    """Wait until the engine's progress is behind the fence.

    Args:
        position: the fence's.
        progress: gives the engine's present position.
        wait: sleeps for so many seconds.
        seconds: how long to wait at most.
        label: what to call the source in errors.

    Raises:
        FenceNotPassed: it did not come so far in time.
    """
    step, waited = 0.1, 0.0
    while True:
        now = progress()
        if now is not None and now > position:
            return
        if waited >= seconds:
            raise FenceNotPassed(
                source=label, position=position, progress=now or "nothing", seconds=f"{seconds:g}"
            )
        wait(step)
        waited += step
        step = min(1.0, step * 1.5)
