"""What a server's settings lead to; a real one has only one setting at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streammesh.capture.publication import Publication, Slot
from streammesh.capture.readiness import Expectation, setting_errors
from streammesh.capture.server import Server
from streammesh.errors.rendering import render
from tests.unit.capture.values import SOURCE, TABLES

READY = Server(
    number=180006,
    version="18.6",
    standby=False,
    wal_level="logical",
    keep_mb=1024,
    senders=10,
    senders_used=8,
    slots=10,
    slots_used=8,
    role="capturer",
    database="shop",
    superuser=False,
    replication=True,
    may_create=True,
)
EXPECTED = Expectation(SOURCE, TABLES, Publication("mesh_m", SOURCE.tables))
SLOT = Slot("mesh_m", True, "reserved", "0/1", 0, None)


def names(server: Server, slot: Slot | None = None) -> list[str]:
    return [type(one).__name__ for one in setting_errors(server, EXPECTED, slot)]


def test_ready() -> None:
    assert names(READY) == []


@pytest.mark.parametrize(
    ("changes", "error", "fix"),
    [
        ({"number": 130011, "version": "13.11"}, "UnsupportedServer", ""),
        ({"number": 190000, "version": "19.0"}, "UnsupportedServer", ""),
        ({"standby": True}, "NotAPrimary", "database.url"),
        ({"wal_level": "replica"}, "WalLevel", "ALTER SYSTEM SET wal_level = logical"),
        ({"keep_mb": -1}, "UnlimitedWal", "ALTER SYSTEM SET max_slot_wal_keep_size"),
        ({"slots_used": 9}, "NoneFree", "ALTER SYSTEM SET max_replication_slots = 13"),
        ({"senders_used": 9}, "NoneFree", "ALTER SYSTEM SET max_wal_senders = 13"),
        ({"replication": False}, "NoReplicationRight", "ALTER ROLE capturer REPLICATION"),
    ],
)
def test_what_stands_in_the_way(changes: dict[str, object], error: str, fix: str) -> None:
    server = replace(READY, **changes)  # type: ignore[arg-type]
    (only,) = setting_errors(server, EXPECTED, None)
    assert type(only).__name__ == error
    assert fix in (only.fix or "")
    assert "sales.shop" in render(only)


def test_a_slot_that_stands_needs_no_place() -> None:
    assert names(replace(READY, slots_used=9, senders_used=9), SLOT) == []
    assert names(replace(READY, slots_used=9, senders_used=9), replace(SLOT, active=False)) == [
        "NoneFree"
    ]


def test_all_is_told_at_once() -> None:
    server = replace(READY, wal_level="minimal", keep_mb=-1, replication=False)
    assert names(server) == ["WalLevel", "UnlimitedWal", "NoReplicationRight"]
