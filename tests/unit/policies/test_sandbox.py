"""What the SQL of a policy may do: read the views. Everything else is refused or bounded."""

from __future__ import annotations

import os
import time
from contextlib import suppress

import apsw
import pytest

from streammesh.policies import fences, sandbox
from streammesh.policies.fences import MAX_MEMORY, Refused
from streammesh.policies.sandbox import Sandbox
from streammesh.policies.views import VIEWS
from tests.unit.policies.meshes import copy, state_of, told

WITH = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
A = "a" * 30
CROSS = ", ".join(f"fields f{number}" for number in range(8))

REFUSED = {
    "attach": "ATTACH 'out.db' AS out",
    "attach in memory": "ATTACH ':memory:' AS m",
    "attach a uri": "ATTACH 'file:out.db?mode=rwc' AS out",
    "detach": "DETACH main",
    "vacuum": "VACUUM",
    "vacuum into": "VACUUM INTO 'out.db'",
    "pragma": "PRAGMA writable_schema = 1",
    "pragma that reads": "PRAGMA database_list",
    "pragma journal": "PRAGMA main.journal_mode = DELETE",
    "pragma of temporary files": "PRAGMA temp_store_directory = '.'",
    "pragma as a table": "SELECT * FROM pragma_database_list",
    "pragma as a table, unread": "SELECT count(*) FROM pragma_user_version",
    "pragma as a function": "SELECT * FROM pragma_table_info('products')",
    "modules": "SELECT name FROM pragma_module_list",
    "create table": "CREATE TABLE out (x)",
    "create table as": "CREATE TABLE out AS SELECT * FROM products",
    "create temp table": "CREATE TEMP TABLE out AS SELECT 1",
    "create view": "CREATE VIEW out AS SELECT 1",
    "create temp view": "CREATE TEMP VIEW products AS SELECT 1 AS subject",
    "create trigger": "CREATE TRIGGER t AFTER INSERT ON products BEGIN SELECT 1; END",
    "create temp trigger": "CREATE TEMP TRIGGER t INSERT ON products BEGIN SELECT 1; END",
    "create index": "CREATE INDEX i ON products (subject)",
    "create virtual table": "CREATE VIRTUAL TABLE v USING fts5(x)",
    "create dbstat": "CREATE VIRTUAL TABLE temp.stat USING dbstat(main)",
    "alter": "ALTER TABLE products RENAME TO others",
    "drop": "DROP TABLE products",
    "insert": "INSERT INTO products (subject) VALUES ('x')",
    "insert behind with": "WITH x AS (SELECT 1) INSERT INTO products (subject) SELECT 1 FROM x",
    "insert returning": "INSERT INTO products (subject) VALUES ('x') RETURNING subject",
    "replace": "REPLACE INTO products (subject) VALUES ('x')",
    "upsert": "INSERT INTO products (subject) VALUES ('x') ON CONFLICT DO NOTHING",
    "update": "UPDATE products SET tier = 3",
    "update behind with": "WITH x AS (SELECT 1) UPDATE products SET tier = (SELECT * FROM x)",
    "update returning": "UPDATE products SET tier = 3 RETURNING subject",
    "delete": "DELETE FROM products",
    "delete returning": "DELETE FROM products RETURNING subject",
    "delete the schema": "DELETE FROM sqlite_schema",
    "begin": "BEGIN",
    "commit": "COMMIT",
    "savepoint": "SAVEPOINT s",
    "reindex": "REINDEX",
    "analyze": "ANALYZE",
    "the schema": "SELECT sql FROM sqlite_master",
    "the schema by its other name": "SELECT name FROM sqlite_schema",
    "the schema, unread": "SELECT count(*) FROM sqlite_schema",
    "the schema in a subquery": "SELECT (SELECT count(*) FROM sqlite_master) AS subject",
    "the schema under a name": "WITH a AS (SELECT * FROM sqlite_master) SELECT count(*) FROM a",
    "the schema of main": 'SELECT * FROM main."sqlite_master"',
    "the temporary schema": "SELECT * FROM sqlite_temp_master",
    "a name hides a table": "WITH products AS (SELECT * FROM sqlite_master) SELECT * FROM products",
    "dbstat": "SELECT * FROM dbstat",
    "fts5vocab": "SELECT * FROM fts5vocab",
    "load_extension": "SELECT load_extension('evil.so')",
    "load_extension with a start": "SELECT load_extension('evil.so', 'start')",
    "load_extension in capitals": "SELECT LOAD_EXTENSION('evil.so')",
    "load_extension in quotes": "SELECT \"load_extension\"('evil.so')",
    "readfile": "SELECT readfile('/etc/passwd')",
    "writefile": "SELECT writefile('out', 'x')",
    "edit": "SELECT edit('x', 'sh')",
    "fts3_tokenizer": "SELECT fts3_tokenizer('simple', x'00')",
    "sqlite_version": "SELECT sqlite_version()",
    "compile options": "SELECT sqlite_compileoption_get(0)",
    "sqlite_log": "SELECT sqlite_log(1, 'x')",
    "last_insert_rowid": "SELECT last_insert_rowid()",
    "total_changes": "SELECT total_changes()",
    "random": "SELECT random()",
    "zeroblob": "SELECT zeroblob(1000000000)",
    "randomblob": "SELECT randomblob(1000000000)",
    "hex of a blob": "SELECT hex(randomblob(1000000))",
    "printf": "SELECT printf('%.*c', 1000000000, 'x')",
    "format": "SELECT format('%1000000000d', 1)",
    "json_each": "SELECT value FROM json_each('[1,2]')",
    "json_each, unread": "SELECT count(*) FROM json_each('[1,2]')",
    "json_tree": "SELECT * FROM json_tree('[1]')",
    "json_group_array": "SELECT json_group_array(subject) FROM fields",
    "json arrow": "SELECT purpose ->> '$.x' FROM products",
    "generate_series": "SELECT value FROM generate_series(1, 1000000000)",
    "carray": "SELECT * FROM carray(1, 2)",
    "match": "SELECT * FROM products WHERE products MATCH 'x'",
    "regexp": "SELECT * FROM products WHERE subject REGEXP '(a+)+$'",
    "a collation": "SELECT subject FROM products ORDER BY subject COLLATE evil",
    "two statements": "SELECT 1 AS subject; SELECT 2",
    "a second that writes": "SELECT 1 AS subject; DROP TABLE products",
    "a second behind a comment": "SELECT 1 AS subject; /* */ ATTACH 'out.db' AS out",
    "a second on a line of its own": "SELECT 1 AS subject --;\n; DELETE FROM products",
    "nothing": "",
    "a comment": "-- SELECT 1",
    "an open comment": "/* SELECT 1",
    "semicolons": ";;;",
    "a variable": "SELECT subject FROM products WHERE tier = ?",
    "a named variable": "SELECT :subject AS subject",
    "a variable of tcl": "SELECT $subject AS subject",
    "a text in double quotes": 'SELECT subject FROM products WHERE status = "active"',
    "another schema": "SELECT * FROM temp.products",
    "a table that is none": "SELECT * FROM secrets",
    "a column that is none": "SELECT password FROM products",
    "bytes that are no text": "SELECT x'ff' AS subject",
    "half a character": "SELECT '\ud800' AS subject",
    "NUL": "SELECT 1 AS subject\0; DROP TABLE products",
    "a name in another script": "SELECT * FROM рroducts",
    "a space that is none": "SELECT\u00a0* FROM products",
    "wide letters": "ＳＥＬＥＣＴ 1",
    "explain of what writes": "EXPLAIN DELETE FROM products",
    "explain of attach": "EXPLAIN ATTACH 'out.db' AS out",
    "a long query": "SELECT 1 AS subject" + " " * 20_000,
    "many terms": "SELECT " + " + ".join(["1"] * 5_000),
    "deep brackets": "SELECT " + "(" * 2_000 + "1" + ")" * 2_000,
    "deep subqueries": "SELECT * FROM " + "(SELECT * FROM " * 300 + "products" + ")" * 300,
    "many unions": " UNION ALL ".join(["SELECT 1 AS subject"] * 200),
    "many columns": "SELECT " + ", ".join(["1"] * 500),
    "many arguments": f"SELECT coalesce({', '.join(['NULL'] * 300)})",
    "many joins": "SELECT 1 FROM " + ", ".join(f"fields f{at}" for at in range(80)),
}

BOUNDED = {
    "for ever": f"{WITH} SELECT count(*) AS subject FROM n",
    "rows for ever": f"{WITH} SELECT x AS subject FROM n",
    "texts for ever": "WITH RECURSIVE n(x) AS (SELECT 'a' UNION ALL SELECT x || x FROM n) "
    "SELECT length(x) AS subject FROM n",
    "a cartesian product": f"SELECT count(*) AS subject FROM {CROSS}",
    "a cartesian product, sorted": f"SELECT f1.subject FROM {CROSS} ORDER BY f2.subject",
    "a cartesian product, all different": f"SELECT count(DISTINCT f0.rowid || f1.rowid || f2.rowid"
    f" || f3.rowid || f4.rowid || f5.rowid) AS subject FROM {CROSS}",
    "materialised": f"WITH a AS MATERIALIZED (SELECT f0.* FROM {CROSS}) SELECT count(*) FROM a",
    "group_concat": f"{WITH} SELECT group_concat(x) AS subject FROM (SELECT x FROM n LIMIT 999999)",
    "replace": f"SELECT replace(replace(replace('{A}', 'a', '{A}'), 'a', '{A}'), 'a', '{A}') AS x",
    "many long texts": f"{WITH}, t(x) AS (SELECT replace(subject, 's', purpose || purpose || x)"
    f" FROM products, n) SELECT count(DISTINCT x) AS subject FROM t",
    "long rows": f"{WITH} SELECT replace(replace('{A}', 'a', '{A}{A}'), 'a', '{A}') AS subject"
    " FROM n LIMIT 9999",
    "half a character, made": "SELECT CAST(substr(CAST('é' AS BLOB), 1, 1) AS TEXT) AS subject",
    "a pattern": "SELECT 1 AS subject WHERE 'a' LIKE '" + "%a" * 1_000 + "'",
    "a window": f"{WITH} SELECT sum(x) OVER (ORDER BY x ROWS 99999 PRECEDING) AS subject FROM n",
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Give a sandbox with the example in it."""
    state = state_of(told(copy(tmp_path_factory.mktemp("mesh") / "shop")))
    box = Sandbox(VIEWS)
    for view in VIEWS.values():
        box.fill(view.name, view.rows(state))
    yield box
    box.close()


@pytest.fixture(autouse=True)
def nothing_is_written(filled, tmp_path, monkeypatch):
    """See that no file appears and no view changes, whatever is tried."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    before = contents(filled)
    yield
    assert os.listdir(tmp_path) == []
    assert contents(filled) == before


def contents(box: Sandbox) -> dict[str, int]:
    return {
        name: box.run(box.prepare(f"SELECT count(*) FROM {name}"))[0][0]
        for name in ("products", "fields", "domains")
    }


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_a_way_out_is_refused_before_anything_runs(filled, sql, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(filled, "run", None)
        with pytest.raises(Refused) as caught:
            filled.prepare(sql)
    assert caught.value.reason


ACTS = ("attach", "vacuum", "create", "insert", "update", "delete", "begin", "pragma", "json_each")
LOOKS = ("the schema", "dbstat", "json_tree", "modules", "reindex", "analyze", "drop", "savepoint")
BY_PROGRAM = {name: sql for name, sql in REFUSED.items() if name.startswith((*ACTS, *LOOKS))}


@pytest.mark.parametrize("sql", BY_PROGRAM.values(), ids=BY_PROGRAM)
def test_the_program_alone_would_do_as_a_fence(filled, sql, monkeypatch):
    monkeypatch.setattr(fences.Authorizer, "__call__", lambda *_: apsw.SQLITE_OK)
    monkeypatch.setattr(filled, "_columns", lambda _: ("subject",))
    with pytest.raises(Refused):
        filled.prepare(sql)


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_the_authorizer_alone_lets_nothing_be_written(filled, sql, monkeypatch):
    """Whatever it lets pass is run to its end, and leaves nothing behind."""
    monkeypatch.setattr(sandbox, "pages_read", lambda *_: frozenset())
    with suppress(Refused):
        filled.run(filled.prepare(sql))


@pytest.mark.parametrize("sql", BOUNDED.values(), ids=BOUNDED)
def test_a_bomb_is_bounded(filled, sql, monkeypatch):
    monkeypatch.setattr(fences, "SECONDS", 0.5)
    before, started = apsw.memory_used(), time.monotonic()
    apsw.memory_high_water(reset=True)
    with pytest.raises(Refused):
        filled.run(filled.prepare(sql))
    assert time.monotonic() - started < 5
    assert apsw.memory_high_water() - before < 2 * MAX_MEMORY


def test_more_than_fifty_ways_are_tried():
    assert len(REFUSED) + len(BOUNDED) > 100


ALLOWED = [
    "SELECT subject FROM products",
    "SELECT subject FROM products; -- the end",
    "/* why */ SELECT subject FROM products;",
    "SELECT p.subject, count(*) AS n FROM products p JOIN fields f USING (product) GROUP BY 1",
    "SELECT product AS subject FROM fields GROUP BY product HAVING count(*) > 3 ORDER BY 1 LIMIT 5",
    "WITH a AS (SELECT subject FROM products) SELECT count(*) AS subject FROM a",
    "WITH RECURSIVE up(subject, asset) AS (SELECT asset, depends_on FROM product_dependencies"
    " UNION SELECT up.subject, d.depends_on FROM up JOIN product_dependencies d USING (asset))"
    " SELECT subject FROM up",
    "SELECT subject FROM fields WHERE path GLOB '*[A-Z]*' OR description LIKE '%x%'",
    "SELECT subject FROM products EXCEPT SELECT product FROM fields WHERE classification = ''",
    "SELECT subject, row_number() OVER (PARTITION BY domain ORDER BY subject) FROM products",
    "SELECT subject FROM versions, today WHERE julianday(date) - julianday('2026-01-01') > 10",
    "SELECT CASE WHEN tier IS NULL THEN 'a' ELSE CAST(tier AS TEXT) END AS subject FROM products",
    "SELECT iif(tier = 1, 'x', 'y') AS subject, round(1.5), upper('a') || 'b' FROM products",
    "VALUES ('sales')",
    "SELECT subject FROM versions v WHERE NOT EXISTS (SELECT 1 FROM sla s WHERE s.asset = v.asset)",
]


@pytest.mark.parametrize("sql", ALLOWED)
def test_what_policies_need_is_allowed(filled, sql):
    prepared = filled.prepare(sql)
    rows = filled.run(prepared)
    assert all(len(row) == len(prepared.columns) for row in rows)


def test_a_query_names_the_views_that_it_reads(filled):
    prepared = filled.prepare("SELECT p.subject FROM products p, today WHERE p.tier = 1")
    assert prepared.views == {"products", "today"}
    assert prepared.columns == ("subject",)


def test_rows_are_counted(filled):
    many = f"{WITH} SELECT x AS subject FROM n LIMIT %s"
    assert len(filled.run(filled.prepare(many % 10_000))) == 10_000
    with pytest.raises(Refused, match="10,000 rows"):
        filled.run(filled.prepare(many % 10_001))


def test_a_mistake_has_its_place(filled):
    with pytest.raises(Refused) as caught:
        filled.prepare("SELECT 'é', subject FORM products WHERE")
    assert caught.value.offset == len("SELECT 'é', subject FORM ")


def test_long_texts_of_others_are_cut(filled):
    box = Sandbox(VIEWS)
    row = ["x" * 9_000] * len(VIEWS["products"].columns)
    box.fill("products", [row])
    ((length,),) = box.run(box.prepare("SELECT length(purpose) FROM products"))
    assert length == fences.MAX_TEXT
    wide = ["\U0001f600" * 9_000] * len(VIEWS["subscriptions"].columns)
    box.fill("subscriptions", [wide])
    assert box.run(box.prepare("SELECT * FROM subscriptions ORDER BY purpose"))
    box.close()


def test_a_limit_that_was_reached_leaves_the_next_query_alone(filled, monkeypatch):
    monkeypatch.setattr(fences, "SECONDS", 0.05)
    with pytest.raises(Refused, match="longer"):
        filled.run(filled.prepare(BOUNDED["for ever"]))
    monkeypatch.setattr(fences, "SECONDS", 2.0)
    assert filled.run(filled.prepare("SELECT 1 AS subject")) == ((1,),)
