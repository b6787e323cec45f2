"""A position of the database, and sessions that see exactly what stood there.

A temporary logical slot gives both: its consistent point, and a snapshot that other sessions take
over. The slot is gone as soon as they have, so no WAL is kept for it while tables are read.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from streammesh.deployments.progress import Lsn
from streammesh.errors.capture import NoConsistentPoint
from streammesh.platform.database import DatabaseSettings

SLOT_SECONDS = 60
"""Making a slot waits for all transactions that run; a longer one makes it fail."""


@dataclass(frozen=True)
class Exported:
    """A position, and the name of the snapshot that shows it.

    Attributes:
        position: transactions whose END is at or before it are in the snapshot, no others.
        snapshot: for SET TRANSACTION SNAPSHOT, while the `with` block lasts.
    """

    position: Lsn
    snapshot: str


@contextlib.contextmanager
def exported(settings: DatabaseSettings, label: str) -> Iterator[Exported]:
    """Take a position, and hold its snapshot for others within the `with` block.

    Args:
        settings: the database, as a role with REPLICATION.
        label: what to call the source in errors.

    Raises:
        NoConsistentPoint: the database does not allow it, or transactions ran too long.
    """
    name = f"mesh_copy_{uuid.uuid4().hex[:12]}"
    try:
        connection = psycopg.connect(
            settings.conninfo(),
            autocommit=True,
            connect_timeout=10,
            application_name="streammesh snapshot",
            cursor_factory=psycopg.ClientCursor,
            replication="database",
        )
    except psycopg.Error as error:
        raise _failed(label, error) from None
    with connection:
        try:
            connection.execute(f"SET statement_timeout = '{SLOT_SECONDS}s'")
            connection.execute("SET idle_session_timeout = 0")
            # this spelling is understood by all versions from 14 on
            row = connection.execute(
                f'CREATE_REPLICATION_SLOT "{name}" TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT'
            ).fetchone()
        except psycopg.Error as error:
            raise _failed(label, error) from error
        if row is None:
            raise NoConsistentPoint(source=label, why="the database gave no position")
        yield Exported(Lsn.parse(row[1]), row[2])


def _failed(label: str, error: psycopg.Error) -> NoConsistentPoint:
    if isinstance(error, psycopg.errors.QueryCanceled):
        return NoConsistentPoint(
            source=label,
            why=f"a transaction has been open for more than {SLOT_SECONDS} s, and it has to be "
            "waited for",
            fix="look for it: SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY 2;\n"
            "then run `mesh apply` again: it goes on where it stopped",
        )
    if isinstance(error, psycopg.errors.ConfigurationLimitExceeded):
        return NoConsistentPoint(
            source=label,
            why=str(error).strip(),
            fix="raise max_replication_slots, or drop slots that nobody reads:\n"
            "SELECT slot_name, active FROM pg_replication_slots;",
        )
    return NoConsistentPoint(source=label, why=str(error).strip())
