"""What capture does not tell, what no model reads, and tables that are unlike others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from streammesh.local.stack import Stack
from tests.integration.capture.captured import Captured
from tests.integration.models.column_values import UNTOLD
from tests.integration.models.followed import VIOLATION, Followed, following

Make = Callable[..., Followed]


@pytest.fixture
def make(stack: Stack, tmp_path: Path) -> Iterator[Make]:
    """Give a function that captures and follows tables after running statements."""
    with ExitStack() as opened:

        def run(*statements: str, tables: str, exclude: tuple[str, ...] = ()) -> Followed:
            captured = opened.enter_context(closing(Captured(stack, tables.split(";"), exclude)))
            with captured.superuser() as session:
                session.execute("CREATE EXTENSION hstore")
            captured.run(*statements)
            return opened.enter_context(following(captured, tmp_path))

        yield run


SILENT = {
    "smallint[]": "(SELECT array_agg(i::smallint) FROM generate_series(1, 3000) i)",
    "numeric[]": "(SELECT array_agg(i / 7.0) FROM generate_series(1, 3000) i)",
    "boolean[]": "(SELECT array_agg(i % 3 = 0) FROM generate_series(1, 9000) i)",
    "date[]": "(SELECT array_agg('2026-01-01'::date + i) FROM generate_series(1, 3000) i)",
    "timestamp[]": "(SELECT array_agg('2026-01-01'::timestamp) FROM generate_series(1, 3000) i)",
    "bytea[]": "(SELECT array_agg(decode(md5(i::text), 'hex')) FROM generate_series(1, 600) i)",
    "double precision[]": "(SELECT array_agg(i / 7.0::float8) FROM generate_series(1, 3000) i)",
    "numbers": "(SELECT array_agg(hashint4(i)) FROM generate_series(1, 3000) i)",
    "inet[]": "(SELECT array_agg('10.0.0.0'::inet + i) FROM generate_series(1, 3000) i)",
}
"""Lists of which Debezium makes NULL when they are large and were not changed."""


def test_a_large_list_that_may_be_null_is_never_taken_for_null(make: Make) -> None:
    statements = ["CREATE DOMAIN numbers AS int[]"]
    for at, (kind, value) in enumerate(SILENT.items()):
        for identity in ("default", "full"):
            table = f"{identity}{at}"
            statements += [
                f"CREATE TABLE {table} (id int PRIMARY KEY, n int, v {kind})",
                f"ALTER TABLE {table} ALTER v SET STORAGE EXTERNAL",
                f"ALTER TABLE {table} REPLICA IDENTITY {identity}",
                f"INSERT INTO {table} VALUES (1, 1, {value}), (2, 1, '{{}}'), (3, 1, NULL)",
            ]
    names = [f"{identity}{at}" for at in range(len(SILENT)) for identity in ("default", "full")]
    followed = make(*statements, tables=";".join(f"public.{one}" for one in names))

    def look(unknown: bool) -> None:
        for one in names:
            given, expected = followed.documents(f"SELECT t.id, t.n, t.v FROM shop.{one} t")
            if unknown and one.startswith("default"):
                assert given[1,] == VIOLATION, one
                expected[1,] = VIOLATION
            assert given == expected, one

    look(unknown=False)
    followed.run(*(f"UPDATE {one} SET n = 2" for one in names))
    look(unknown=True)
    followed.run(*(f"UPDATE {one} SET n = 3" for one in names))
    look(unknown=True)
    followed.run(*(f"UPDATE {one} SET v = '{{}}' WHERE id = 1" for one in names))
    look(unknown=False)
    followed.run(*(f"UPDATE {one} SET v = NULL WHERE id < 3" for one in names))
    look(unknown=False)


def test_what_a_snapshot_does_not_tell_violates(make: Make) -> None:
    statements = []
    for at, (kind, value) in enumerate(UNTOLD.items()):
        statements.append(f"CREATE TABLE t{at} (id int PRIMARY KEY, v {kind})")
        statements.append(f"INSERT INTO t{at} VALUES (1, {value})")
    followed = make(*statements, tables=";".join(f"public.t{at}" for at in range(len(UNTOLD))))
    for at, _ in enumerate(UNTOLD):
        given, expected = followed.documents(f"SELECT t.id, t.v FROM shop.t{at} t")
        assert given == {(1,): VIOLATION}
        assert expected[1,] != VIOLATION
    followed.run("INSERT INTO t2 VALUES (2, '1582-10-15')")
    given, expected = followed.documents("SELECT t.id, t.v FROM shop.t2 t")
    assert given[2,] == expected[2,] != VIOLATION


def test_what_debezium_gets_wrong_is_what_the_docs_say(make: Make) -> None:
    followed = make(
        "CREATE TABLE t (id int PRIMARY KEY, clock time, day date, prices numeric[], i interval)",
        "INSERT INTO t VALUES (1, '24:00', '0044-03-15 BC', '{1.5,NaN}', 'infinity')",
        tables="public.t",
    )
    given, _ = followed.documents("SELECT t.id, t.clock, t.day, t.prices, t.i FROM shop.t t")
    wrong = {"id": 1, "clock": "00:00:00.000000", "day": "0044-03-15", "prices": None, "i": "PT0S"}
    assert given == {(1,): wrong}


def test_intervals_are_whole_whatever_their_style_in_the_database(make: Make) -> None:
    followed = make(
        "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET intervalstyle = sql_standard',"
        " current_database()); END$$",
        "CREATE TABLE t (id int PRIMARY KEY, i interval)",
        "INSERT INTO t VALUES (1, '1 year 2 mons -3 days +04:05:06.789'), (2, '1 day')",
        tables="public.t",
    )
    followed.run("INSERT INTO t VALUES (3, '-1 mon +1 day -01:01:01.5')")
    given, expected = followed.documents("SELECT t.id, t.i FROM shop.t t")
    assert given == expected
    assert given[3,]["i"] == "P-1M1DT-1H-1M-1.5S"


EXOTIC = {
    "money": "'-1.5'",
    "money[]": "'{1}'",
    "interval[]": "'{1 day}'",
    "name[]": "'{a}'",
    "point[]": "'{\"(1,2)\"}'",
    "point": "'(NaN,Infinity)'",
    "polygon": "(SELECT ('(' || string_agg('(1,2)', ',') || ')')::polygon"
    " FROM generate_series(1, 2000))",
    "tsquery": "'a & b'",
    "varbit": "B''",
    '"char"': "E'\\x01'",
    "timetz": "'24:00+02'",
    "public.hstore[]": "ARRAY['a=>1']::public.hstore[]",
    "int4range[]": "'{\"[1,2)\"}'",
    "oid[]": "'{1}'",
    "interval year to month[]": "'{1 year}'",
    "xml": "NULL",
    "public.span": "'[1,2)'",
    "time[]": "'{10:00:00.123456}'",
    "pair": "'(1,x)'",
    "pair[]": "ARRAY['(1,x)'::pair, NULL]",
    "whole[]": "'{1,NULL}'",
    "pg_lsn": "'0/1'",
    "xid": "'5'",
    "jsonpath": "'$.a'",
    "bit(3)[]": "'{101}'",
}


def test_types_that_no_model_reads_break_nothing(make: Make) -> None:
    columns = ", ".join(f"c{at} {kind}" for at, kind in enumerate(EXOTIC))
    values = ", ".join(EXOTIC.values())
    followed = make(
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE TYPE span AS RANGE (subtype = float8)",
        "CREATE DOMAIN whole AS int",
        f"CREATE TABLE t (id int PRIMARY KEY, n numeric(4,2), {columns}, big text)",
        f"INSERT INTO t VALUES (1, 1, {values}, repeat('x', 3000))",
        tables="public.t",
    )
    model = "SELECT t.id, t.n, t.big FROM shop.t t"
    (table,) = followed.tables
    unread = {one.name for one in table.columns if one.type is None}
    assert unread == {f"c{at}" for at, _ in enumerate(EXOTIC)}
    given, expected = followed.documents(model)
    assert given == expected
    followed.run(f"INSERT INTO t VALUES (2, 2, {values}, 'y')", "INSERT INTO t (id) VALUES (3)")
    followed.run("UPDATE t SET n = 7", "UPDATE t SET id = 10 WHERE id = 1")
    followed.run("DELETE FROM t WHERE id = 2")
    given, expected = followed.documents(model)
    assert given == expected


def test_a_value_that_no_document_shows_hurts_those_that_show_it(make: Make) -> None:
    followed = make(
        "CREATE TABLE t (id int PRIMARY KEY, until timestamptz, price numeric(10,2), f float8)",
        "INSERT INTO t VALUES (1, 'infinity', 'NaN', 'NaN'), (2, '2026-01-01', 5, 7.5),"
        " (3, '-infinity', -5, '-Infinity'), (4, '0001-01-01 BC', 0, 0), (5, '10000-01-01', 1, 1)",
        tables="public.t",
    )
    for sql, bad in (
        ("SELECT t.id FROM shop.t t WHERE t.until > '2026-01-01T00:00:00+00:00'", 0),
        ("SELECT t.id, t.price >= 5.00 AS dear FROM shop.t t", 0),
        ("SELECT t.id, t.until IS NULL AS open FROM shop.t t", 0),
        ("SELECT t.id, t.price FROM shop.t t", 1),
        ("SELECT t.id, t.price * 2 AS twice FROM shop.t t", 1),
        ("SELECT t.id, t.until FROM shop.t t", 4),
        ("SELECT t.id, CAST(t.f AS decimal(10,2)) AS f FROM shop.t t", 2),
        ("SELECT t.id, t.f FROM shop.t t", 0),
    ):
        given, expected = followed.documents(sql)
        assert given == expected, sql
        assert list(given.values()).count(VIOLATION) == bad, sql


def test_numbers_are_cast_alike(make: Make) -> None:
    followed = make(
        "CREATE TABLE t (id int PRIMARY KEY, r real, d double precision, n numeric)",
        "INSERT INTO t SELECT i, x, x, x::numeric / 7 FROM (SELECT i, (hashint4(i) / 1e5"
        " * 10 ^ (i % 9 - 4))::float8 AS x FROM generate_series(1, 400) i) AS random",
        "INSERT INTO t VALUES (1001, 'NaN', 'NaN', 'NaN'),"
        " (1002, 'Infinity', '-Infinity', 'Infinity'),"
        " (1003, '-0', '-0', 0), (1004, 0.125, 0.005, -0.005), (1005, 2.675, 2.675, 2.675),"
        " (1006, 1e38, 1e308, 1e50), (1007, 1e-45, 5e-324, 1e-900)",
        tables="public.t",
    )
    for sql in (
        "SELECT t.id, CAST(t.r AS decimal(12,2)) AS v FROM shop.t t",
        "SELECT t.id, CAST(t.d AS decimal(12,2)) AS v FROM shop.t t",
        "SELECT t.id, CAST(t.d AS decimal(38,6)) AS v FROM shop.t t",
        "SELECT t.id, CAST(t.n AS decimal(12,2)) AS v FROM shop.t t",
        "SELECT t.id, CAST(t.n AS decimal(30,10)) AS v FROM shop.t t",
        "SELECT t.id, CAST(t.r AS decimal(12,2)) * 3 AS v FROM shop.t t",
        "SELECT t.id FROM shop.t t WHERE CAST(t.d AS decimal(12,2)) > 5.00",
        "SELECT t.id, t.n FROM shop.t t",
        "SELECT t.id, t.r, t.d FROM shop.t t",
    ):
        given, expected = followed.documents(sql)
        assert given == expected, sql
        assert VIOLATION not in [given[key] for key in given if key[0] <= 400], sql


def test_lists_of_numbers_in_their_order(make: Make) -> None:
    values = "(1, real 'NaN', numeric 'NaN'), (2, 9, 9), (3, 10, 10), (4, NULL, NULL),"
    values += " (5, '-Infinity', -1e-5)"
    followed = make(
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE c (id int PRIMARY KEY, t_id int, r real, n numeric)",
        "INSERT INTO t VALUES (1)",
        f"INSERT INTO c SELECT id, 1, r, n FROM (VALUES {values}) AS v (id, r, n)",
        tables="public.t;public.c",
    )
    for column in "rn":
        chosen = f"(SELECT list(c.id ORDER BY c.{column}) FROM shop.c c WHERE c.t_id = t.id)"
        given, expected = followed.documents(f"SELECT t.id, {chosen} AS ids FROM shop.t t")
        assert given == expected


def test_an_enum_and_a_wide_table_and_odd_names(make: Make) -> None:
    wide = ", ".join(f'"c {at}" int DEFAULT {at}' for at in range(250))
    followed = make(
        "CREATE TYPE mood AS ENUM ('a')",
        "CREATE TABLE e (id int PRIMARY KEY, gone int, m mood, l mood[], kept int DEFAULT 5)",
        "ALTER TABLE e DROP COLUMN gone",
        "INSERT INTO e VALUES (1, 'a', '{a}')",
        f"CREATE TABLE wide (id serial PRIMARY KEY, {wide})",
        "INSERT INTO wide DEFAULT VALUES",
        'CREATE SCHEMA "Odd Sch"',
        'CREATE TABLE "Odd Sch"."Order" ("Id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,'
        ' "select" int, "Größe cm" text, up text GENERATED ALWAYS AS (\'x\') STORED)',
        """INSERT INTO "Odd Sch"."Order" ("select", "Größe cm") VALUES (1, 'é')""",
        "CREATE TABLE empty (id int PRIMARY KEY, v text)",
        tables="public.e;public.wide;Odd Sch.Order;public.empty",
    )
    models = (
        "SELECT e.id, e.m, e.l, e.kept FROM shop.e e",
        'SELECT w.id, w."c 0" AS a, w."c 249" AS b FROM shop.wide w',
        'SELECT o."Id" AS id, o."select" AS s, o."Größe cm" AS g, o.up'
        ' FROM shop."Odd Sch"."Order" o',
        "SELECT v.id, v.v FROM shop.empty v",
    )

    def look() -> None:
        for sql in models:
            given, expected = followed.documents(sql)
            assert given == expected, sql

    look()
    followed.captured.session.execute("ALTER TYPE mood ADD VALUE 'b'")
    followed.run(
        "INSERT INTO e VALUES (2, 'b', '{b,a}')",
        "UPDATE e SET m = 'b' WHERE id = 1",
        'UPDATE wide SET "c 249" = -1',
        "INSERT INTO wide DEFAULT VALUES",
        """UPDATE "Odd Sch"."Order" SET "Größe cm" = '𝄞'""",
        "INSERT INTO empty VALUES (1, 'x')",
    )
    look()
