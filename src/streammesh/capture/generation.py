"""A source's connector in Connect: a new generation, removal, and waiting until it captures.

A *generation* is one snapshot of all the source's tables and the stream that goes on from it. A new
one is needed when a table is added, when the slot is lost, or when the database is another one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from psycopg import Connection

from streammesh.capture.failures import explain
from streammesh.capture.publication import RELEASE_SECONDS, read_slot
from streammesh.errors.capture import ConnectorStuck
from streammesh.platform.connect import Connect, Connector

START_SECONDS = 120.0
PAUSE_SECONDS = 0.2


def begin_generation(
    connect: Connect,
    name: str,
    config: Mapping[str, str],
    drop_slot: Callable[[], None],
    prepare: Callable[[], None] = lambda: None,
) -> None:
    """Let a connector begin anew, and all be read; the publication stands already.

    It may be interrupted anywhere and done again from its start. Once the offsets are forgotten
    the connector can only begin anew: from a slot that `prepare` makes, or with a snapshot of its
    own and a slot that it makes itself (only then does its snapshot show the database exactly at
    the slot's position). No order of failures lets it go on over a gap.

    Args:
        connect: Kafka Connect.
        name: the connector.
        config: its configuration.
        drop_slot: drops the slot, whether or not there is one.
        prepare: called while there is no slot and nothing is captured.
    """
    if name not in connect.connectors():
        drop_slot()
        prepare()
        connect.put(name, config)
        if not connect.offsets(name):
            return
        # a connector of that name was deleted once: Connect still knows how far that one came
    connect.stop(name)
    connect.reset_offsets(name)
    drop_slot()
    prepare()
    connect.put(name, config)
    connect.resume(name)


def change_config(
    connect: Connect, name: str, config: Mapping[str, str], released: Callable[[], bool]
) -> None:
    """Give a connector another configuration, and be sure that whatever it captures then is by it.

    Args:
        connect: Kafka Connect.
        name: the connector.
        config: its new configuration.
        released: tells whether nobody reads the slot any more.
    """
    connect.stop(name)
    deadline = time.monotonic() + RELEASE_SECONDS
    while not released() and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
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


def await_capturing(  # noqa: PLR0913 - two times, both seldom given
    connect: Connect,
    connection: Connection,
    name: str,
    slot: str,
    *,
    seconds: float = START_SECONDS,
    patience: float = 0.0,
) -> None:
    """Wait until a connector reads its slot.

    Args:
        connect: Kafka Connect.
        connection: a session of the source's database, in autocommit.
        name: the connector, which is also what errors call the source.
        slot: its slot.
        seconds: how long to wait at most.
        patience: how long it may be shown as failed: Connect tells late of a new start.

    Raises:
        ConnectorFailed: it failed; the error says why and what to do.
        ConnectorStuck: it neither runs nor failed in that time.
    """
    begun = time.monotonic()
    while (waited := time.monotonic() - begun) < seconds:
        connector = connect.connectors().get(name)
        if connector is not None and connector.failed and waited >= patience:
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
