"""Debezium's twin of the property tests writes what the real one writes, for the same statements.

Compared are all records of a transaction in order: operations, tables, images, headers, transaction
ids. Left aside is what changes from run to run and what nothing may rely on: times, positions,
counts, and what a deletion says of columns outside the key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg
import pytest

from streammesh.capture.introspect import introspect
from streammesh.documents.names import Names
from streammesh.local.stack import Stack
from tests.integration.capture.captured import MESH, Captured, Record
from tests.property import debezium
from tests.property.debezium import Twin, compared
from tests.property.kinds import KINDS
from tests.property.server import committed, snapshot_rows

TABLES = tuple(
    f"one.{name}"
    for name in ("things", "parents", "children", "whole", "parted", "mixed", "fuller", "outlined")
)
COLUMNS = ", ".join(
    f"{one.name}_c {'one.' if one.name in ('mood', 'positive') else ''}{one.sql}"
    f"{f' STORAGE {one.storage}' if one.storage else ''}"
    for one in KINDS
)
SCHEMA = (
    "CREATE SCHEMA one",
    "CREATE TYPE one.mood AS ENUM ('sad', 'very happy', 'calm')",
    "CREATE DOMAIN one.positive AS integer CHECK (VALUE > 0)",
    f"CREATE TABLE one.things (id int PRIMARY KEY, {COLUMNS})",
    "CREATE TABLE one.parents (code text PRIMARY KEY, note text)",
    "CREATE TABLE one.children (a int, b text REFERENCES one.parents ON DELETE CASCADE"
    " ON UPDATE CASCADE, big text STORAGE EXTERNAL, n numeric(6,2), PRIMARY KEY (a, b))",
    "CREATE TABLE one.whole (id int PRIMARY KEY, big text STORAGE EXTERNAL, parent text"
    " REFERENCES one.parents ON DELETE SET NULL ON UPDATE SET NULL)",
    "ALTER TABLE one.whole REPLICA IDENTITY FULL",
    "CREATE TABLE one.parted (id int PRIMARY KEY, big text STORAGE EXTERNAL)"
    " PARTITION BY HASH (id)",
    "CREATE TABLE one.parted_0 PARTITION OF one.parted FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
    "CREATE TABLE one.parted_1 PARTITION OF one.parted FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
    # PostgreSQL gives partitions no replica identity of their table's
    "CREATE TABLE one.mixed (id int PRIMARY KEY, n int, big text STORAGE EXTERNAL)"
    " PARTITION BY HASH (id)",
    "CREATE TABLE one.mixed_0 PARTITION OF one.mixed FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
    "ALTER TABLE one.mixed REPLICA IDENTITY FULL",
    "CREATE TABLE one.fuller (id int PRIMARY KEY, n int, big text STORAGE EXTERNAL)"
    " PARTITION BY HASH (id)",
    "CREATE TABLE one.fuller_0 PARTITION OF one.fuller FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
    "ALTER TABLE one.fuller_0 REPLICA IDENTITY FULL",
    # a key that is stored out of line is sent with each change of its row
    "CREATE TABLE one.outlined (id text STORAGE EXTERNAL PRIMARY KEY, n int NOT NULL, note text,"
    " big text STORAGE EXTERNAL)",
    "INSERT INTO one.fuller SELECT i, i % 2, repeat('f', 9000) FROM generate_series(1, 4) i",
    "INSERT INTO one.outlined SELECT repeat(i::text, 2500), i, 'note', repeat('o', 9000)"
    " FROM generate_series(1, 3) i",
    "INSERT INTO one.mixed SELECT i, 1, repeat('p', 9000) FROM generate_series(1, 4) i",
    "INSERT INTO one.parents VALUES ('a', 'x'), ('b', 'y'), ('c', NULL)",
    "INSERT INTO one.children SELECT i, 'a', repeat('z', 9000), 1.5 FROM generate_series(1, 3) i",
    "INSERT INTO one.whole VALUES (1, repeat('w', 9000), 'a'), (2, NULL, 'b')",
    "INSERT INTO one.parted SELECT i, repeat('p', 9000) FROM generate_series(1, 4) i",
)
TRANSACTIONS: Mapping[str, Sequence[str]] = {
    "rows": (
        "INSERT INTO one.parents VALUES ('d', 'new'), ('e', 'newer')",
        "UPDATE one.parents SET note = 'changed' WHERE code = 'd'",
        "UPDATE one.parents SET note = note",
        "DELETE FROM one.parents WHERE code = 'e'",
    ),
    "keys, cascades and unchanged large values": (
        "UPDATE one.children SET n = 2.25 WHERE a = 1",
        "UPDATE one.children SET a = a + 10",
        "UPDATE one.parents SET code = 'A' WHERE code = 'a'",
        "UPDATE one.children SET big = repeat('y', 9000) WHERE a = 11",
        "DELETE FROM one.parents WHERE code = 'A'",
    ),
    "whole old rows": (
        "INSERT INTO one.parents VALUES ('w', NULL)",
        "UPDATE one.whole SET parent = 'w'",
        "UPDATE one.whole SET id = id + 10",
        "UPDATE one.whole SET big = 'small' WHERE id = 11",
        "DELETE FROM one.parents WHERE code = 'w'",
        "DELETE FROM one.whole",
    ),
    "partitions": (
        "UPDATE one.parted SET big = 'small' WHERE id = 1",
        "UPDATE one.parted SET id = id + 1 WHERE id = 4",
        "UPDATE one.parted SET id = 12 WHERE id = 2",
        "UPDATE one.parted SET id = 22 WHERE id = 12",
        "DELETE FROM one.parted WHERE id = 3",
    ),
    "partitions that send less than their table says": (
        "UPDATE one.mixed SET n = 2",
        "UPDATE one.mixed SET id = id + 10 WHERE id = 1",
        "DELETE FROM one.mixed WHERE id = 2",
    ),
    "partitions that send more than their table says": (
        "UPDATE one.fuller SET n = NULL WHERE id < 4",
        "UPDATE one.fuller SET n = 1, big = 'small' WHERE id = 1",
        "UPDATE one.fuller SET id = id + 10 WHERE id = 1",
        "DELETE FROM one.fuller WHERE id = 2",
    ),
    "keys stored out of line": (
        "UPDATE one.outlined SET n = n + 1",
        "UPDATE one.outlined SET note = NULL WHERE n = 2",
        "UPDATE one.outlined SET id = repeat('x', 2500) WHERE n = 2",
        "DELETE FROM one.outlined WHERE n = 3",
    ),
    "savepoints": (
        "SAVEPOINT one",
        "INSERT INTO one.parents VALUES ('s', NULL)",
        "ROLLBACK TO one",
        "INSERT INTO one.parents VALUES ('t', NULL)",
    ),
    "one key again and again": (
        "INSERT INTO one.parents VALUES ('k', '1')",
        "DELETE FROM one.parents WHERE code = 'k'",
        "INSERT INTO one.parents VALUES ('k', '2')",
        "UPDATE one.parents SET code = 'l' WHERE code = 'k'",
        "UPDATE one.parents SET code = 'k' WHERE code = 'l'",
    ),
    "truncates": (
        "INSERT INTO one.parents VALUES ('u', NULL)",
        "TRUNCATE one.parents, one.parted CASCADE",
        "INSERT INTO one.parents VALUES ('v', NULL)",
    ),
}


class Both:
    """One database, captured by Debezium and by its twin."""

    def __init__(self, captured: Captured) -> None:
        self.captured = captured
        self.tables = introspect(captured.session, captured.source)
        self.twin = Twin(self.tables)
        self.slot = f"{captured.domain}_twin"
        # a session of its own: the slot is temporary, and ends with any error of its session
        self.session = psycopg.connect(
            captured.stack.info().postgres_url(captured.database), autocommit=True
        )
        self.session.execute("SET TimeZone = 'UTC'; SET IntervalStyle = iso_8601")
        self.session.execute(
            "SELECT pg_create_logical_replication_slot(%s, 'pgoutput', true)", (self.slot,)
        )

    def snapshots(self) -> tuple[list[Any], list[Any]]:
        """Give the rows of the snapshot, real and from the twin."""
        rows = {str(one.name): snapshot_rows(self.session, one) for one in self.tables}
        real = self.captured.wait(lambda found: any(one.kind == "COMPLETED" for one in found))
        mine = [one for one in self.twin.snapshot(rows) if "op" in one.value]
        theirs = [one for one in real if one.kind == "r"]
        return sorted(map(_real, theirs), key=repr), sorted(map(_mine, mine), key=repr)

    def records(self, *statements: str) -> tuple[list[Any], list[Any]]:
        """Run statements in one transaction; give its records, real and from the twin."""
        real = [one for one in self.captured.captured(*statements) if one.kind != "heartbeat"]
        txid = real[0].value["id"].partition(":")[0]
        publication = Names().slot(MESH, self.captured.domain, "shop")
        messages = committed(self.session, self.slot, publication)
        mine = [_mine(one) for one in self.twin.stream(messages)]
        first = mine.index(("BEGIN", txid))
        return list(map(_real, real)), mine[first : mine.index(("END", txid)) + 1]


def _real(record: Record) -> Any:
    return compared(record.value, record.headers)


def _mine(record: debezium.Record) -> Any:
    return compared(record.value, record.headers)


@pytest.fixture(scope="module")
def both(stack: Stack) -> Iterator[Both]:
    captured = Captured(stack, TABLES)
    try:
        captured.run(*SCHEMA, *_things(0))
        captured.start()
        made = Both(captured)
        yield made
        made.session.close()
    finally:
        captured.close()


def _things(first: int) -> list[str]:
    """Give statements that insert every value of every type, and NULLs."""
    count = max(len(one.values) for one in KINDS) + 1
    rows = [
        [one.values[row] if row < len(one.values) else "NULL" for one in KINDS]
        for row in range(count)
    ]
    return [
        f"INSERT INTO one.things VALUES ({first + at}, {', '.join(row)})"
        for at, row in enumerate(rows)
    ]


def same(real: Sequence[Any], mine: Sequence[Any]) -> None:
    """Compare record by record, so that a failure shows the one that differs."""
    for theirs, ours in zip(real, mine, strict=False):
        assert ours == theirs
    assert len(mine) == len(real)


def test_snapshot(both: Both) -> None:
    same(*both.snapshots())


def test_values_of_all_types(both: Both) -> None:
    same(*both.records(*_things(100), "UPDATE one.things SET flag_c = true WHERE id = 102"))


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_transactions(both: Both, name: str) -> None:
    same(*both.records(*TRANSACTIONS[name]))
