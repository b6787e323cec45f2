"""A source's connector in Connect: a new generation, removal, and waiting until it captures.

A *generation* is one snapshot of all the source's tables and the stream that goes on from it. A new
one is needed when a table is added, when the slot is lost, or when the database is another one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from psycopg import Connection

from streammesh.capture.failures import explain
from streammesh.capture.publication import read_slot
from streammesh.errors.capture import ConnectorStuck
from streammesh.platform.connect import Connect, Connector

START_SECONDS = 120.0
PAUSE_SECONDS = 0.2


def begin_generation(
    connect: Connect, name: str, config: Mapping[str, str], drop_slot: Callable[[], None]
) -> None:
    """Let a connector begin anew, with a snapshot of everything; the publication stands already.

    It may be interrupted anywhere and done again from its start. Once the offsets are forgotten
    the connector can only begin with a whole snapshot, and as the slot is dropped while it stands
    still, it makes the slot itself: only then does the snapshot show the database exactly at the
    slot's position. No order of failures lets it go on over a gap.

    Args:
        connect: Kafka Connect.
        name: the connector.
        config: its configuration.
        drop_slot: drops the slot, whether or not there is one.
    """
    if name not in connect.connectors():
        drop_slot()
        connect.put(name, config)
        if not connect.offsets(name):
            return
        # a connector of that name was deleted once: Connect still knows how far that one came
    connect.stop(name)
    connect.reset_offsets(name)
    drop_slot()
    connect.put(name, config)
    connect.resume(name)


def remove_connector(connect: Connect, name: str) -> None:
    """Delete a connector with its offsets; one that is gone already is no error.

    Connect would keep the offsets, and take a later source of the same name for one that has its
    snapshot already.
    """
    if name in connect.connectors():
        connect.stop(name)
        connect.reset_offsets(name)
        connect.delete(name)


def await_capturing(
    connect: Connect,
    connection: Connection,
    name: str,
    slot: str,
    *,
    seconds: float = START_SECONDS,
) -> None:
    """Wait until a connector reads its slot.

    Args:
        connect: Kafka Connect.
        connection: a session of the source's database, in autocommit.
        name: the connector, which is also what errors call the source.
        slot: its slot.
        seconds: how long to wait at most.

    Raises:
        ConnectorFailed: it failed; the error says why and what to do.
        ConnectorStuck: it neither runs nor failed in that time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        connector = connect.connectors().get(name)
        if connector is not None and connector.failed:
            raise explain(name, connector)
        standing = read_slot(connection, slot)
        if _runs(connector) and standing is not None and standing.active:
            return
        time.sleep(PAUSE_SECONDS)
    raise ConnectorStuck(
        source=name,
        connector=name,
        what="start to read its slot",
        seconds=round(seconds),
        why="a transaction that is open for long keeps the server from making a slot",
        fix="look for one: SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY 2;",
    )


def _runs(connector: Connector | None) -> bool:
    return (
        connector is not None
        and connector.state == "RUNNING"
        and any(task.state == "RUNNING" for task in connector.tasks)
    )
