"""Tables that are unlike others: each arrives in snapshot and stream with the same columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from streammesh.local.stack import Stack
from tests.integration.capture.captured import Captured, kinds

Make = Callable[..., Captured]


@pytest.fixture
def make(stack: Stack) -> Iterator[Make]:
    """Give a function that captures tables after running statements."""
    made: list[Captured] = []

    def run(*statements: str, tables: list[str], exclude: tuple[str, ...] = ()) -> Captured:
        captured = Captured(stack, tables, exclude)
        made.append(captured)
        captured.run(*statements)
        captured.start()
        return captured

    yield run
    for one in made:
        one.close()


def snapshot_row(captured: Captured) -> dict[str, object]:
    records = captured.wait(lambda found: "COMPLETED" in kinds(found))
    (row,) = [one.value["after"] for one in records if one.kind == "r"]
    assert isinstance(row, dict)
    return row


def inserted(captured: Captured, statement: str) -> dict[str, object]:
    (row,) = [one.value["after"] for one in captured.captured(statement) if one.kind == "c"]
    assert isinstance(row, dict)
    return row


def test_a_partitioned_table_is_one_table(make: Make) -> None:
    captured = make(
        "CREATE TABLE sales (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
        "CREATE TABLE sales_25 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
        "CREATE TABLE sales_26 PARTITION OF sales FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        "INSERT INTO sales VALUES (1, '2025-05-05')",
        tables=["public.sales"],
    )
    assert snapshot_row(captured) == {"id": 1, "day": "2025-05-05Z"}
    records = captured.captured(
        "INSERT INTO sales VALUES (2, '2026-05-05')",
        "UPDATE sales SET day = '2025-06-06' WHERE id = 2",
    )
    assert {one.table for one in records if "source" in one.value and one.kind != "m"} == {"sales"}
    assert [one.kind for one in records if one.kind in "cud"] == ["c", "d", "c"]


def test_a_stored_generated_column_is_published(make: Make) -> None:
    captured = make(
        "CREATE TABLE t (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)",
        "INSERT INTO t VALUES (1)",
        tables=["public.t"],
    )
    assert snapshot_row(captured) == {"id": 1, "twice": 2}
    assert inserted(captured, "INSERT INTO t VALUES (2)") == {"id": 2, "twice": 4}


def test_null_stays_null_in_columns_with_a_default(make: Make) -> None:
    captured = make(
        "CREATE TYPE mood AS ENUM ('good', 'bad')",
        "CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 7, s text DEFAULT 'x',"
        " d numeric(9,2) DEFAULT 1.5, b boolean DEFAULT true, m mood DEFAULT 'good',"
        " at timestamptz DEFAULT '2020-01-01', j jsonb DEFAULT '{}', a int[] DEFAULT '{1}')",
        "INSERT INTO t VALUES (1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        tables=["public.t"],
    )
    absent = dict.fromkeys(("n", "s", "d", "b", "m", "at", "j", "a"))
    assert snapshot_row(captured) == {"id": 1} | absent
    row = inserted(
        captured, "INSERT INTO t VALUES (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
    )
    assert row == {"id": 2} | absent


def test_an_excluded_virtual_column_does_no_harm(make: Make) -> None:
    captured = make(
        "CREATE TABLE t (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL)",
        "INSERT INTO t VALUES (1)",
        tables=["public.t"],
        exclude=("public.t.twice",),
    )
    assert snapshot_row(captured) == {"id": 1}
    assert inserted(captured, "INSERT INTO t VALUES (2)") == {"id": 2}


def test_names_that_need_quotes(make: Make) -> None:
    captured = make(
        'CREATE SCHEMA "Odd$"',
        'CREATE TABLE "Odd$"."My Table" (id int PRIMARY KEY, "Some Col" text, "No,Way" text)',
        """INSERT INTO "Odd$"."My Table" VALUES (1, 'a', 'b')""",
        tables=["Odd$.My Table"],
        exclude=("Odd$.My Table.No,Way",),
    )
    assert snapshot_row(captured) == {"id": 1, "Some Col": "a"}
    row = inserted(captured, """INSERT INTO "Odd$"."My Table" VALUES (2, 'c', 'd')""")
    assert row == {"id": 2, "Some Col": "c"}


def test_a_longer_name_is_another_table(make: Make) -> None:
    captured = make(
        "CREATE TABLE orders (id int PRIMARY KEY)",
        "CREATE TABLE orders_old (id int PRIMARY KEY)",
        "INSERT INTO orders VALUES (1)",
        "INSERT INTO orders_old VALUES (2)",
        tables=["public.orders"],
    )
    assert snapshot_row(captured) == {"id": 1}
    records = captured.captured(
        "INSERT INTO orders_old VALUES (3)", "INSERT INTO orders VALUES (4)"
    )
    assert [one.key["id"] for one in records if one.kind == "c"] == [4]


TYPES = {
    "numeric(12,2)": ("'-0.05'", "-0.05"),
    "numeric(38,10)": ("'12345678901234567890.5'", "12345678901234567890.5000000000"),
    "numeric": ("'1.50'", "1.50"),
    "boolean": ("true", True),
    "bigint": ("9223372036854775807", 9223372036854775807),
    "date": ("'2026-01-31'", "2026-01-31Z"),
    "time": ("'10:00:00.5'", "10:00:00.5Z"),
    "timestamp": ("'2026-01-31 10:00:00.5'", "2026-01-31T10:00:00.5Z"),
    "timestamptz": ("'2026-01-31 10:00:00.5+02'", "2026-01-31T08:00:00.500000Z"),
    "uuid": ("'6ba7b810-9dad-11d1-80b4-00c04fd430c8'", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
    "jsonb": ("""'{"b": 1, "a": [1.0, null]}'""", '{"a": [1.0, null], "b": 1}'),
    "bytea": ("'\\x00ff'", "00ff"),
    "char(5)": ("'ab'", "ab   "),
    "interval": ("'1 day 2 hours'", "P0Y0M1DT2H0M0S"),
    "int[]": ("'{1,2,null}'", [1, 2, None]),
    "mood": ("'happy'", "happy"),
    "point": ("'(1,2)'", None),
    "tsvector": ("'a b'", None),
    "pair": ("'(1,2)'", None),
    "int4range": ("'[1,5)'", "[1,5)"),
    "inet": ("'10.0.0.1'", "10.0.0.1"),
    "price": ("'1.5'", "1.50"),
}
"""For each type a value in SQL and what arrives; None where only the column's presence counts."""


def test_every_type_arrives_alike_in_snapshot_and_stream(make: Make) -> None:
    columns = ", ".join(f"c{i} {name}" for i, name in enumerate(TYPES))
    values = ", ".join(sql for sql, _ in TYPES.values())
    captured = make(
        "CREATE TYPE mood AS ENUM ('happy')",
        "CREATE TYPE pair AS (a int, b int)",
        "CREATE DOMAIN price AS numeric(10,2)",
        f"CREATE TABLE t (id int PRIMARY KEY, {columns})",
        f"INSERT INTO t VALUES (1, {values})",
        tables=["public.t"],
    )
    first = snapshot_row(captured)
    second = inserted(captured, f"INSERT INTO t VALUES (2, {values})")
    assert list(first) == list(second)
    assert first | {"id": 2} == second
    named = {name: first[f"c{i}"] for i, name in enumerate(TYPES)}
    wanted = {name: value for name, (_, value) in TYPES.items() if value is not None}
    assert {name: named[name] for name in wanted} == wanted


def test_a_value_of_ten_megabytes_passes_twice_in_one_record(make: Make) -> None:
    captured = make(
        "CREATE TABLE t (id int PRIMARY KEY, big text)",
        "ALTER TABLE t REPLICA IDENTITY FULL",
        "INSERT INTO t SELECT 1, string_agg(md5(i::text), '') FROM generate_series(1, 312500) i",
        tables=["public.t"],
    )
    assert len(str(snapshot_row(captured)["big"])) == 10_000_000
    records = captured.captured("UPDATE t SET big = big || 'x' WHERE id = 1")
    (update,) = [one.value for one in records if one.kind == "u"]
    assert len(update["before"]["big"]) == 10_000_000
    assert len(update["after"]["big"]) == 10_000_001
