"""What a real PostgreSQL's catalog says, and what is refused, with the statement that fixes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from streammesh.capture.introspect import introspect
from streammesh.contracts.types import Array, Decimal, Float, Integer, Numeric, Text
from streammesh.documents.values import Secret, Source, TableName
from streammesh.errors import Location, MeshError, MeshErrors
from streammesh.local.stack import Stack
from streammesh.models.tables import Column

SCHEMA = """
    CREATE SCHEMA x;
    CREATE DOMAIN x.price AS numeric(12,2);
    CREATE TYPE x.mood AS ENUM ('good', 'bad');
    CREATE DOMAIN x.list AS int[];
    CREATE DOMAIN x.nest AS x.price NOT NULL;
    CREATE DOMAIN x.pad AS char(5);
    CREATE EXTENSION citext SCHEMA x;
    CREATE TABLE x.good (
        id bigint PRIMARY KEY, price x.price NOT NULL UNIQUE, mood x.mood, code text UNIQUE,
        "Odd Name" varchar(9), many int[], moods x.mood[], prices x.price[], list x.list,
        nest x.nest, pad x.pad, mail x.citext, n numeric, f real, secret text, part int NOT NULL,
        UNIQUE (part) INCLUDE (code), UNIQUE (id, part) DEFERRABLE);
    CREATE UNIQUE INDEX ON x.good (part, price) WHERE part > 0;
    CREATE UNIQUE INDEX ON x.good (lower(code));
    CREATE TABLE x.pair (b int, a int, PRIMARY KEY (a, b));
    CREATE TABLE x.keyless (code int NOT NULL UNIQUE);
    CREATE TABLE x.whole (code int);
    ALTER TABLE x.whole REPLICA IDENTITY FULL;
    CREATE TABLE x.nothing (id int PRIMARY KEY);
    ALTER TABLE x.nothing REPLICA IDENTITY NOTHING;
    CREATE TABLE x.other (id int PRIMARY KEY, code int NOT NULL UNIQUE);
    ALTER TABLE x.other REPLICA IDENTITY USING INDEX other_code_key;
    CREATE TABLE x.late (id int, PRIMARY KEY (id) DEFERRABLE);
    CREATE UNLOGGED TABLE x.quick (id int PRIMARY KEY);
    CREATE TABLE x.computed (id int PRIMARY KEY, v int GENERATED ALWAYS AS (id) VIRTUAL);
    CREATE TABLE x.cursors (id int PRIMARY KEY, c refcursor);
    CREATE TABLE x.inches (id int PRIMARY KEY, "6"" x 4" int);
    CREATE TABLE x.cased (id int PRIMARY KEY, a int, "A" int);
    CREATE TABLE x.twin (id int PRIMARY KEY);
    CREATE TABLE x."Twin" (id int PRIMARY KEY);
    CREATE TABLE x.slashed (id int PRIMARY KEY, "a\\b" int);
    CREATE TABLE x.parent (id int PRIMARY KEY);
    CREATE TABLE x."Child" (more int) INHERITS (x.parent);
    CREATE VIEW x.seen AS SELECT 1 AS id;
    CREATE TABLE x.days (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE x.days_26 PARTITION OF x.days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    INSERT INTO x.days SELECT i, '2026-05-05' FROM generate_series(1, 100) i;
    ANALYZE;
"""

FILE = Location("shop.source.yaml", 1)


@pytest.fixture(scope="module")
def session(stack: Stack) -> Iterator[psycopg.Connection]:
    """Give a session of a database that has tables of all sorts."""
    with psycopg.connect(stack.info().postgres_url("postgres"), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS introspected WITH (FORCE)")
        admin.execute("CREATE DATABASE introspected")
        try:
            url = stack.info().postgres_url("introspected")
            with psycopg.connect(url, autocommit=True) as own:
                own.execute(SCHEMA)
                yield own
        finally:
            admin.execute("DROP DATABASE introspected WITH (FORCE)")


def source(*tables: str, exclude: tuple[str, ...] = ()) -> Source:
    names = tuple(TableName.parse(one) for one in tables)
    places = {f"tables[{i}]": Location(FILE.file, 10 + i, 5) for i in range(len(tables))}
    places |= {f"exclude[{i}]": Location(FILE.file, 50 + i, 5) for i in range(len(exclude))}
    return Source("sales", "shop", "postgres", Secret(""), names, exclude, 1000, FILE, places)


def refused(session: psycopg.Connection, wanted: Source) -> tuple[MeshError, ...]:
    with pytest.raises(MeshErrors) as caught:
        introspect(session, wanted)
    return caught.value.errors


def test_columns_types_keys(session: psycopg.Connection) -> None:
    (table,) = introspect(session, source("x.good", exclude=("x.good.secret",)))
    assert table.columns == (
        Column("id", "bigint", Integer(64), False),
        Column("price", "x.price", Decimal(12, 2), False, "numeric(12,2)"),
        Column("mood", "x.mood", Text(), True),
        Column("code", "text", Text(), True),
        Column("Odd Name", "character varying(9)", Text(9), True),
        Column("many", "integer[]", Array(Integer(32)), True),
        Column("moods", "x.mood[]", Array(Text()), True),
        Column("prices", "x.price[]", None, True),
        Column("list", "x.list", Array(Integer(32)), True, "integer[]"),
        Column("nest", "x.nest", Decimal(12, 2), False, "numeric(12,2)"),
        Column("pad", "x.pad", Text(5), True, "character(5)"),
        Column("mail", "x.citext", Text(), True, "", True),
        Column("n", "numeric", Numeric(), True),
        Column("f", "real", Float(32), True),
        Column("part", "integer", Integer(32), False),
    )
    assert table.primary_key == ("id",)
    assert set(table.unique) == {("price",), ("part",), ("code",)}
    assert table.replica_identity == "default"


def test_a_key_is_in_the_order_of_the_key(session: psycopg.Connection) -> None:
    (table,) = introspect(session, source("x.pair"))
    assert table.primary_key == ("a", "b")


def test_a_partitioned_table_counts_its_partitions(session: psycopg.Connection) -> None:
    (table,) = introspect(session, source("x.days"))
    assert table.estimated_rows == 100


def test_tables_come_in_the_order_of_the_file(session: psycopg.Connection) -> None:
    tables = introspect(session, source("x.pair", "x.days"))
    assert [str(one.name) for one in tables] == ["x.pair", "x.days"]


def test_types_do_not_depend_on_the_search_path(session: psycopg.Connection) -> None:
    before = introspect(session, source("x.good"))
    session.execute("SET search_path = x")
    try:
        assert introspect(session, source("x.good")) == before
    finally:
        session.execute("RESET search_path")


@pytest.mark.parametrize(
    ("table", "error", "fix"),
    [
        ("x.godo", "TableMissing", "write `x.good`"),
        ("x.zzzzzzzz", "TableMissing", "create the table, or take it out of `tables`"),
        ("x.seen", "NoChangeStream", "capture the tables that it is made from"),
        ("x.keyless", "NoKey", "ALTER TABLE x.keyless ADD PRIMARY KEY (code)"),
        ("x.whole", "NoKey", "ALTER TABLE x.whole ADD PRIMARY KEY (…)"),
        ("x.nothing", "NoReplicaIdentity", "ALTER TABLE x.nothing REPLICA IDENTITY DEFAULT"),
        ("x.late", "NoReplicaIdentity", "ALTER TABLE x.late REPLICA IDENTITY FULL"),
        ("x.other", "ForeignReplicaIdentity", "ALTER TABLE x.other REPLICA IDENTITY DEFAULT"),
        ("x.quick", "UnloggedTable", "ALTER TABLE x.quick SET LOGGED"),
        ("x.cursors", "ColumnNotCapturable", "add `x.cursors.c` to the source's `exclude`"),
        ("x.inches", "ColumnNameNotReadable", "rename it, or add it to the source's `exclude`"),
        ("x.cased", "NamesDifferInCase", "rename one, or add `x.cased.a` or `x.cased.A` to"),
        ("x.slashed", "ColumnNameNotReadable", "rename it"),
        ("x.parent", "InheritedTable", "capture the child tables"),
        ("x.computed", "GeneratedColumn", "add `x.computed.v` to the source's `exclude`"),
    ],
)
def test_refused(session: psycopg.Connection, table: str, error: str, fix: str) -> None:
    (only,) = refused(session, source("x.pair", table))
    assert type(only).__name__ == error
    assert (only.fix or "").startswith(fix)
    assert str(only.where) == "shop.source.yaml:11:5"


def test_a_domain_over_an_enum_is_told_wherever_it_is(session: psycopg.Connection) -> None:
    with session.transaction(force_rollback=True):
        session.execute("CREATE DOMAIN x.feeling AS x.mood")
        (only,) = refused(session, source("x.pair"))
        assert type(only).__name__ == "DomainOverEnum"
        assert "x.feeling" in str(only)
        session.execute("DROP DOMAIN x.feeling")
        assert introspect(session, source("x.pair"))


def test_what_is_excluded_does_not_matter(session: psycopg.Connection) -> None:
    assert introspect(session, source("x.cursors", exclude=("x.cursors.c",)))


def test_the_fixes_work(session: psycopg.Connection) -> None:
    names = ("x.keyless", "x.nothing", "x.late", "x.other", "x.quick")
    with session.transaction(force_rollback=True):
        for one in refused(session, source(*names)):
            assert one.fix is not None
            session.execute(one.fix)
        assert len(introspect(session, source(*names))) == len(names)


def test_all_that_is_wrong_is_told_at_once(session: psycopg.Connection) -> None:
    found = refused(session, source("x.godo", "x.keyless", exclude=("x.keyless.cod",)))
    assert [type(one).__name__ for one in found] == [
        "TableMissing",
        "NoKey",
        "ExcludedColumnMissing",
    ]
    assert found[2].fix == "write `x.keyless.code`"
    assert str(found[2].where) == "shop.source.yaml:50:5"


def test_a_key_can_not_be_excluded(session: psycopg.Connection) -> None:
    (only,) = refused(session, source("x.pair", exclude=("x.pair.a",)))
    assert type(only).__name__ == "ExcludedKey"


def test_an_excluded_virtual_column_is_fine(session: psycopg.Connection) -> None:
    wanted = source("x.computed", exclude=("x.computed.v",))
    assert introspect(session, wanted)[0].primary_key == ("id",)


def test_a_place_that_is_not_known_gives_the_file(session: psycopg.Connection) -> None:
    (only,) = refused(session, replace(source("x.godo"), places={}))
    assert only.where == FILE


def test_whether_the_state_has_all_of_a_row(session: psycopg.Connection) -> None:
    with session.transaction(force_rollback=True):
        session.execute("CREATE TABLE x.t1 (id int PRIMARY KEY, s text, b bit varying)")
        session.execute("CREATE TABLE x.t2 (id int PRIMARY KEY, s text, c character(200))")
        session.execute("CREATE TABLE x.t3 (id int PRIMARY KEY, s text, j json[])")
        session.execute(
            "CREATE TABLE x.t4 (id int PRIMARY KEY, s text) PARTITION BY RANGE (id);"
            "CREATE TABLE x.t5 PARTITION OF x.t4 DEFAULT WITH (toast_tuple_target = 128);"
            "CREATE TABLE x.t6 (id int PRIMARY KEY, s text, j jsonb, n numeric)"
        )
        tables = introspect(session, source("x.t1", "x.t2", "x.t3", "x.t4", "x.t6"))
        assert [one.whole for one in tables] == [False, False, False, False, True]
        (without,) = introspect(session, source("x.t6", exclude=("x.t6.s",)))
        assert not without.whole


def test_tables_that_the_state_would_take_for_one(session: psycopg.Connection) -> None:
    (only,) = refused(session, source("x.pair", "x.twin", "x.Twin"))
    assert str(only).startswith("sales.shop: x.twin and x.Twin differ in")
    assert introspect(session, source("x.Twin"))
