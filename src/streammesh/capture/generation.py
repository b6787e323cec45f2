"""A source's life in Connect and in its database: start, new generation, removal.

A *generation* is one snapshot of all the source's tables and the stream that goes on from it. A new
one is needed when a table is added, when the slot is lost, or when the database is another one. It
takes five steps, in an order in which it may be interrupted anywhere and done again from the start:
each step finds its work done or does it, and no step before the last lets the connector run. Once
the offsets are forgotten and the slot is gone, the connector can only begin with a whole snapshot:
no order of failures lets it go on over a gap.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import Connection

from streammesh.capture.failures import explain
from streammesh.capture.publication import (
    drop_publication,
    drop_slot,
    put_publication,
    read_slot,
)
from streammesh.capture.wants import SourceWants
from streammesh.errors.capture import ConnectorStuck, SlotInUse
from streammesh.platform.connect import Connect, Connector

SLOT_FREE_SECONDS = 70.0
"""How long a dead connection may hold the slot: the server's wal_sender_timeout and some more."""

START_SECONDS = 120.0
PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Capturing:
    """A source with the two systems in which it lives.

    Attributes:
        wants: what has to stand; topics, rights and users exist before any step here.
        connect: Kafka Connect.
        connection: a session of the source's database that may write, in autocommit.
    """

    wants: SourceWants
    connect: Connect
    connection: Connection

    @property
    def label(self) -> str:
        """What a person calls the source."""
        return f"{self.wants.domain}.{self.wants.source}"

    @property
    def connector(self) -> Connector | None:
        """The connector as it stands."""
        return self.connect.connectors().get(self.wants.connector)


@dataclass(frozen=True)
class Step:
    """One step, for a plan to show and to run.

    Attributes:
        what: what it does, in words.
        run: does it; finds it done when it is.
    """

    what: str
    run: Callable[[Capturing], None]


def start(capturing: Capturing) -> None:
    """Create publication and connector, or bring them to what is wanted; changes go on in order.

    Returns when Connect has taken the configuration; `await_running` waits for the rest.
    """
    put_publication(capturing.connection, capturing.wants.publication)
    capturing.connect.put(capturing.wants.connector, capturing.wants.connector_config)


def stop_connector(capturing: Capturing) -> None:
    """Take the connector's task down, so that offsets and slot can be changed."""
    if capturing.connector is not None:
        capturing.connect.stop(capturing.wants.connector)


def forget_offsets(capturing: Capturing) -> None:
    """Make Connect forget how far the connector has come: it will begin with a snapshot."""
    if capturing.connector is not None:
        capturing.connect.reset_offsets(capturing.wants.connector)


def free_slot(capturing: Capturing) -> None:
    """Drop the slot, waiting for a connection that Connect may have left behind.

    Raises:
        SlotInUse: somebody else reads it.
    """
    deadline = time.monotonic() + SLOT_FREE_SECONDS
    while True:
        try:
            drop_slot(capturing.connection, capturing.wants.slot)
            return
        except psycopg.errors.ObjectInUse as error:
            if time.monotonic() > deadline:
                raise SlotInUse(source=capturing.label, slot=capturing.wants.slot) from error
            time.sleep(PAUSE_SECONDS)


def publish_tables(capturing: Capturing) -> None:
    """Bring the publication to what is wanted."""
    put_publication(capturing.connection, capturing.wants.publication)


def run_connector(capturing: Capturing) -> None:
    """Give the connector its configuration and let it run; it makes the slot and the snapshot."""
    capturing.connect.put(capturing.wants.connector, capturing.wants.connector_config)
    capturing.connect.resume(capturing.wants.connector)


NEW_GENERATION = (
    Step("stop the connector", stop_connector),
    Step("forget its offsets", forget_offsets),
    Step("drop the replication slot", free_slot),
    Step("publish the source's tables", publish_tables),
    Step("start the connector, which reads all tables again", run_connector),
)
"""Run all of them in this order; after an interruption run all of them again."""


def new_generation(
    capturing: Capturing, progress: Callable[[str], None] = lambda _what: None
) -> None:
    """Begin a new generation of the whole source.

    Args:
        capturing: the source.
        progress: told what each step does before it is done.
    """
    for step in NEW_GENERATION:
        progress(step.what)
        step.run(capturing)


def interrupted(capturing: Capturing) -> bool:
    """Tell whether a new generation was begun and not let run: nothing but finishing it helps."""
    connector = capturing.connector
    if connector is None or connector.state != "STOPPED":
        return False
    slot = read_slot(capturing.connection, capturing.wants.slot)
    return slot is None or not capturing.connect.offsets(capturing.wants.connector)


def remove(capturing: Capturing) -> None:
    """Delete connector and offsets, drop slot and publication; what is gone already is no error.

    The offsets have to go: Connect keeps those of a deleted connector, and a source of the same
    name would later be taken for one that has its snapshot.
    """
    stop_connector(capturing)
    forget_offsets(capturing)
    capturing.connect.delete(capturing.wants.connector)
    free_slot(capturing)
    drop_publication(capturing.connection, capturing.wants.publication.name)


def await_running(capturing: Capturing, seconds: float = START_SECONDS) -> None:
    """Wait until the connector reads its slot.

    Raises:
        ConnectorFailed, SlotLost, …: it failed; the error says why and what to do.
        ConnectorStuck: it neither runs nor failed in that time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        connector = capturing.connector
        if connector is not None and connector.failed:
            raise explain(capturing.label, connector)
        slot = read_slot(capturing.connection, capturing.wants.slot)
        if _runs(connector) and slot is not None and slot.active:
            return
        time.sleep(PAUSE_SECONDS)
    raise ConnectorStuck(
        source=capturing.label,
        connector=capturing.wants.connector,
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
