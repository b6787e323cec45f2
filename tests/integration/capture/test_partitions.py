"""Partitioned tables: one table each, wherever its rows lie and move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from streammesh.local.stack import Stack
from tests.integration.capture.captured import Captured
from tests.integration.models.followed import Followed, following

SCHEMA = (
    "CREATE SCHEMA cold",
    "CREATE TABLE days (id int, day date, v text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
    "CREATE TABLE cold.days_25 PARTITION OF days"
    " FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (id)",
    "CREATE TABLE cold.days_25_odd PARTITION OF cold.days_25 FOR VALUES IN (1, 3)",
    "CREATE TABLE cold.days_25_rest PARTITION OF cold.days_25 DEFAULT",
    "CREATE TABLE days_26 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "CREATE TABLE hashed (id int PRIMARY KEY, v text) PARTITION BY HASH (id)",
    "CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
    "CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
    # the same name in two schemas
    "CREATE TABLE cold.hashed (id int PRIMARY KEY, v text)",
    "INSERT INTO days SELECT i, '2025-05-05', repeat(i::text, 9000) FROM generate_series(1, 4) i",
    "INSERT INTO hashed SELECT i, i FROM generate_series(1, 9) i",
    "INSERT INTO cold.hashed VALUES (1, 'cold')",
)
MODELS = (
    ("SELECT d.id, d.day, d.v FROM shop.days d", "id day"),
    ("SELECT h.id, h.v FROM shop.public.hashed h", "id"),
    ("SELECT h.id, h.v FROM shop.cold.hashed h", "id"),
)


@pytest.fixture(scope="module")
def followed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    with closing(Captured(stack, ["public.days", "public.hashed", "cold.hashed"])) as captured:
        captured.run(*SCHEMA)
        with following(captured, tmp_path_factory.mktemp("state")) as found:
            yield found


def check(followed: Followed) -> None:
    for sql, key in MODELS:
        given, expected = followed.documents(sql, key)
        assert given == expected


def test_rows_move_between_partitions(followed: Followed) -> None:
    check(followed)
    followed.run("UPDATE days SET day = '2026-02-02' WHERE id IN (1, 2)")
    check(followed)
    followed.run("UPDATE days SET id = 3 WHERE id = 2", "UPDATE hashed SET id = id + 100")
    check(followed)
    followed.run("DELETE FROM days WHERE id = 4", "UPDATE cold.hashed SET v = 'colder'")
    check(followed)
    followed.run("INSERT INTO days_26 VALUES (9, '2026-03-03', 'directly')", "TRUNCATE hashed")
    check(followed)


def test_partitions_come_and_go_when_they_are_empty(followed: Followed) -> None:
    session = followed.captured.session
    session.execute("CREATE TABLE days_27 (LIKE days INCLUDING ALL)")
    session.execute(
        "ALTER TABLE days ATTACH PARTITION days_27 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')"
    )
    followed.run("INSERT INTO days VALUES (11, '2027-01-01', 'new')")
    check(followed)
    followed.run("DELETE FROM days WHERE day >= '2027-01-01'")
    session.execute("ALTER TABLE days DETACH PARTITION days_27")
    followed.run(
        "INSERT INTO days_27 VALUES (12, '2027-01-01', 'no longer of it')",
        "UPDATE days SET v = 'x' WHERE id = 9",
    )
    check(followed)


def test_a_partition_that_goes_with_its_rows_is_not_told(followed: Followed) -> None:
    session = followed.captured.session
    followed.run("INSERT INTO days VALUES (21, '2026-09-09', 'x')")
    check(followed)
    session.execute("ALTER TABLE days DETACH PARTITION days_26")
    followed.run("INSERT INTO cold.hashed VALUES (2, 'later')")
    given, expected = followed.documents(*MODELS[0])
    assert (21, "2026-09-09") in given
    assert (21, "2026-09-09") not in expected
