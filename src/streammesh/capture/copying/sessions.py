"""Sessions that read tables at one position together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event, Lock
from typing import Any

import psycopg
from psycopg import sql

from streammesh.capture.copying.position import Exported
from streammesh.capture.copying.ranges import Range, copy_statement
from streammesh.capture.copying.reading import Block, copied
from streammesh.capture.identifiers import quoted
from streammesh.errors import MeshError
from streammesh.errors.capture import NoSelectRight, RowsHidden, TableNotRead
from streammesh.platform.database import DatabaseSettings, Limits, connect
from streammesh.platform.database_failures import failure

LIMITS = Limits(lock_seconds=30.0, statement_seconds=0)
"""A COPY may take as long as it takes, but waits no longer than this behind an ALTER TABLE."""

TICK_SECONDS = 0.5

SETTINGS = (
    "SET client_encoding = 'UTF8'",
    "SET DateStyle = 'ISO, YMD'",
    "SET IntervalStyle = 'iso_8601'",
    "SET TimeZone = 'UTC'",
    "SET bytea_output = 'hex'",
    "SET extra_float_digits = 1",
    "SET search_path = pg_catalog",
    # a policy that would hide rows is an error, instead of rows that are missing
    "SET row_security = off",
    "SET idle_in_transaction_session_timeout = 0",
    # another scan's place is no place to start: ranges are read from their beginning
    "SET synchronize_seqscans = off",
)
"""How values are written: decided here, whatever database or role have set."""

Take = Callable[[Range, Block], None]
"""Takes a block of a range; called from several threads."""


class Sessions:
    """As many sessions as are wanted and the server lets us have."""

    def __init__(
        self, settings: DatabaseSettings, connections: Sequence[psycopg.Connection[Any]], label: str
    ) -> None:
        """Use open sessions; `opened` opens them."""
        self._settings = settings
        self._label = label
        self._connections = connections
        self._stop = Event()
        self._lock = Lock()

    def see(self, exported: Exported) -> None:
        """Let all sessions see what stands at a position, until `leave`."""
        for one in self._connections:
            one.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            one.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(exported.snapshot))

    def leave(self) -> None:
        """Let go of what stood there: a snapshot that is held keeps dead rows in the database."""
        for one in self._connections:
            one.execute("ROLLBACK")

    @property
    def first(self) -> psycopg.Connection[Any]:
        """Give one of them, for questions."""
        return self._connections[0]

    def read(self, work: Sequence[Range], take: Take, tick: Callable[[], None]) -> None:
        """Read ranges, as many at a time as there are sessions.

        Args:
            work: what to read.
            take: given every block.
            tick: called here, now and then; what it raises ends the reading.

        Raises:
            MeshError: the database refused or is gone.
        """
        left = iter(work)

        def session(connection: psycopg.Connection[Any]) -> None:
            while not self._stop.is_set():
                with self._lock:
                    one = next(left, None)
                if one is None:
                    return
                self._copy(connection, one, take)

        try:
            with ThreadPoolExecutor(len(self._connections)) as pool:
                self._watch({pool.submit(session, one) for one in self._connections}, tick)
        except BaseException:
            # they are in the midst of a COPY
            for one in self._connections:
                one.close()
            raise

    def _watch(self, running: set[Future[None]], tick: Callable[[], None]) -> None:
        try:
            while running:
                done, running = wait(running, TICK_SECONDS, FIRST_COMPLETED)
                for one in done:
                    one.result()
                tick()
        except BaseException:
            self._cancel()
            raise

    def _copy(self, connection: psycopg.Connection[Any], one: Range, take: Take) -> None:
        try:
            statement = copy_statement(one).as_bytes(connection)
            for block in copied(connection, statement):
                take(one, block)
                if self._stop.is_set():
                    return
        except psycopg.Error as error:
            self._stop.set()
            raise self._failed(error, one) from error

    def _failed(self, error: psycopg.Error, one: Range) -> MeshError:
        table, role = one.table, self._settings.username
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            if "row-level security" in str(error):
                fix = f"ALTER ROLE {quoted(role)} BYPASSRLS;  -- as a superuser"
                return RowsHidden(source=self._label, role=role, tables=str(table.name), fix=fix)
            columns = ", ".join(quoted(column.name) for column in table.columns)
            fix = f"GRANT SELECT ({columns}) ON {quoted(table.name)} TO {quoted(role)};"
            return NoSelectRight(
                source=self._label, role=role, tables=str(table.name), why=_said(error), fix=fix
            )
        if isinstance(error, _CHANGED):
            return TableNotRead(source=self._label, table=table.name, why=_said(error))
        return failure(error, self._settings.reached)

    def _cancel(self) -> None:
        self._stop.set()
        for one in self._connections:
            with contextlib.suppress(psycopg.Error):
                one.cancel_safe(timeout=5)


_CHANGED = (
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedTable,
    psycopg.errors.LockNotAvailable,
)


def _said(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0].removeprefix("ERROR:").strip()


@contextlib.contextmanager
def opened(settings: DatabaseSettings, wanted: int, label: str) -> Iterator[Sessions]:
    """Open sessions, fewer when the server has no more to give.

    Args:
        settings: the database.
        wanted: how many.
        label: what to call the source in errors.

    Raises:
        MeshError: not even one could be opened.
    """
    with contextlib.ExitStack() as stack:
        connections = [_open(stack, settings)]
        spare = _spare(connections[0])
        for _ in range(min(wanted - 1, spare)):
            connections.append(_open(stack, settings))
        yield Sessions(settings, connections, label)


def _open(stack: contextlib.ExitStack, settings: DatabaseSettings) -> psycopg.Connection[Any]:
    connection = stack.enter_context(
        connect(settings, application_name="streammesh snapshot", limits=LIMITS)
    )
    for statement in SETTINGS:
        connection.execute(statement)
    return connection


KEPT_FREE = 5
"""Connections that are left to the application, whatever we would like to have."""


def _spare(connection: psycopg.Connection[Any]) -> int:
    """Give how many more sessions may be opened without coming close to any limit."""
    row = connection.execute(_FREE).fetchone()
    return max(0, int(row[0]) - KEPT_FREE) if row else 0


_FREE = """
    SELECT least(
        current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int
            - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
        (SELECT CASE WHEN datconnlimit < 0 THEN 1000 ELSE datconnlimit - (
                     SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid) END
         FROM pg_database d WHERE datname = current_database()),
        (SELECT CASE WHEN rolconnlimit < 0 THEN 1000 ELSE rolconnlimit - (
                     SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = r.oid) END
         FROM pg_roles r WHERE rolname = current_user))
"""
