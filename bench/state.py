"""Where should the engine's state live? The order document of the shop, three ways.

    python -m bench.state            # BENCH_STATE_ORDERS=200000 by default

SQLite alone finds and evaluates; DuckDB alone, once as the model is written and once with the
wanted keys written into every table's lookup by hand; SQLite finds and DuckDB evaluates. Decimals
are scaled integers everywhere. Each way's documents are compared before anything is timed.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import apsw
import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from bench.clock import median_ms, seconds_of

Row = tuple[object, ...]
Evaluate = Callable[[Sequence[int]], list[tuple[int, str]]]

ORDERS = int(os.environ.get("BENCH_STATE_ORDERS", "200000"))
BATCHES = (1, 10, 100, 1_000, 10_000)
TABLES = {
    "cities": "id INTEGER PRIMARY KEY, name TEXT",
    "customers": "id INTEGER PRIMARY KEY, name TEXT, city_id INTEGER",
    "products": "id INTEGER PRIMARY KEY, name TEXT",
    "orders": "id INTEGER PRIMARY KEY, customer_id INTEGER, status TEXT, placed_at TEXT",
    "order_lines": "id INTEGER PRIMARY KEY, order_id INTEGER, product_id INTEGER, "
    "qty INTEGER, price INTEGER",
}
EDGES = {
    "order_lines": ("order_id", "product_id"),
    "orders": ("customer_id",),
    "customers": ("city_id",),
}


def rows_of(table: str) -> Iterator[Row]:
    """Give the rows of a table: `ORDERS` orders, three lines each, a fifth as many customers."""
    customers = ORDERS // 5
    if table == "cities":
        yield from ((i, f"City {i}") for i in range(1, 101))
    elif table == "products":
        yield from ((i, f"Product number {i}") for i in range(1, 1001))
    elif table == "customers":
        yield from (
            (i, f"Customer {i}", i % 100 + 1 if i % 11 else None) for i in range(1, customers + 1)
        )
    elif table == "orders":
        for i in range(1, ORDERS + 1):
            yield i, i * 7919 % customers + 1, "paid", "2026-01-31T10:00:00.000000Z"
    else:
        for i in range(1, ORDERS * 3 + 1):
            yield i, (i + 2) // 3, i * 13 % 1000 + 1, i % 4 + 1, i * 37 % 20000 + 99


def open_sqlite(path: Path) -> apsw.Connection:
    """Fill a SQLite file set up as an engine's state: a log, no fsync, since it can be rebuilt."""
    connection = apsw.Connection(str(path))
    for pragma in (
        "journal_mode = WAL",
        "synchronous = OFF",
        "cache_size = -262144",
        "temp_store = MEMORY",
    ):
        connection.pragma(*(part.strip() for part in pragma.split("=")))
    with connection:
        for table, columns in TABLES.items():
            connection.execute(f"CREATE TABLE {table} ({columns})")
            marks = ", ".join("?" * (columns.count(",") + 1))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows_of(table))
            for column in EDGES.get(table, ()):
                connection.execute(f"CREATE INDEX {table}_{column} ON {table} ({column})")
    connection.execute("CREATE TEMP TABLE wanted (k0 INTEGER PRIMARY KEY)")
    return connection


def open_duckdb() -> duckdb.DuckDBPyConnection:
    """Fill DuckDB in memory, with primary keys and an index on every edge."""
    connection = duckdb.connect(config={"threads": "2", "checkpoint_threshold": "16GB"})
    for table, columns in TABLES.items():
        connection.execute(f"CREATE TABLE {table} ({columns.replace('INTEGER', 'BIGINT')})")
        names = [part.split()[0] for part in columns.split(", ")]
        data = pa.table(dict(zip(names, zip(*rows_of(table), strict=True), strict=True)))
        connection.register("incoming", data)
        connection.execute(f"INSERT INTO {table} SELECT * FROM incoming")
        connection.unregister("incoming")
        for column in EDGES.get(table, ()):
            connection.execute(f"CREATE INDEX {table}_{column} ON {table} ({column})")
    connection.execute("CREATE TEMP TABLE wanted (k0 BIGINT)")
    return connection


SQLITE_DOCUMENT = """
SELECT o.id, json_object('order_id', o.id, 'status', o.status,
    'customer', json_object('name', c.name, 'city', ci.name),
    'lines', json((SELECT json_group_array(
                            json_object('product', p.name, 'amount', l.qty * l.price) ORDER BY l.id)
                FROM order_lines l JOIN products p ON p.id = l.product_id WHERE l.order_id = o.id)))
  FROM temp.wanted w CROSS JOIN orders o ON o.id = w.k0
  JOIN customers c ON c.id = o.customer_id LEFT JOIN cities ci ON ci.id = c.city_id
"""

DUCKDB_MODEL = """
SELECT o.id, to_json({order_id: o.id, status: o.status, customer: {name: c.name, city: ci.name},
    lines: (SELECT list({product: p.name, amount: l.qty * l.price} ORDER BY l.id)
              FROM order_lines l JOIN products p ON p.id = l.product_id WHERE l.order_id = o.id)})
  FROM orders o JOIN customers c ON c.id = o.customer_id LEFT JOIN cities ci ON ci.id = c.city_id
"""

DUCKDB_BY_HAND = """
WITH o AS (SELECT * FROM orders WHERE id IN ({keys})),
     c AS (SELECT * FROM customers WHERE id IN (SELECT customer_id FROM o)),
     l AS (SELECT l.order_id,
                  list({{product: p.name, amount: l.qty * l.price}} ORDER BY l.id) AS lines
             FROM order_lines l JOIN products p ON p.id = l.product_id
            WHERE l.order_id IN ({keys}) GROUP BY l.order_id)
SELECT o.id, to_json({{order_id: o.id, status: o.status,
                      customer: {{name: c.name, city: ci.name}}, lines: l.lines}})
  FROM o JOIN c ON c.id = o.customer_id LEFT JOIN cities ci ON ci.id = c.city_id
  LEFT JOIN l ON l.order_id = o.id
"""

FOUND_BY_SQLITE = {
    "orders": "SELECT o.* FROM wanted w CROSS JOIN orders o ON o.id = w.k0",
    "order_lines": "SELECT l.* FROM wanted w CROSS JOIN order_lines l ON l.order_id = w.k0",
    "customers": "SELECT DISTINCT c.* FROM wanted w CROSS JOIN orders o ON o.id = w.k0 "
    "JOIN customers c ON c.id = o.customer_id",
    "cities": "SELECT DISTINCT ci.* FROM wanted w CROSS JOIN orders o ON o.id = w.k0 "
    "JOIN customers c ON c.id = o.customer_id JOIN cities ci ON ci.id = c.city_id",
    "products": "SELECT DISTINCT p.* FROM wanted w CROSS JOIN order_lines l ON l.order_id = w.k0 "
    "JOIN products p ON p.id = l.product_id",
}


def sqlite_alone(state: apsw.Connection) -> Evaluate:
    """SQLite looks up and builds the JSON."""

    def evaluate(keys: Sequence[int]) -> list[tuple[int, str]]:
        _want(state, keys)
        return state.execute(SQLITE_DOCUMENT).fetchall()  # type: ignore[return-value]

    return evaluate


def duckdb_as_written(state: duckdb.DuckDBPyConnection) -> Evaluate:
    """The model as it stands, prepared once, restricted by a semi-join with a temporary table."""
    state.execute(f"PREPARE model AS {DUCKDB_MODEL} WHERE o.id IN (SELECT k0 FROM wanted)")

    def evaluate(keys: Sequence[int]) -> list[tuple[int, str]]:
        state.execute("DELETE FROM wanted")
        state.register("incoming", pa.table({"k0": pa.array(keys, pa.int64())}))
        state.execute("INSERT INTO wanted SELECT k0 FROM incoming")
        return state.execute("EXECUTE model").fetchall()

    return evaluate


def duckdb_by_hand(state: duckdb.DuckDBPyConnection) -> Evaluate:
    """The keys written into the lookup of each big table, so that its indexes can be used."""

    def evaluate(keys: Sequence[int]) -> list[tuple[int, str]]:
        return state.execute(DUCKDB_BY_HAND.format(keys=",".join(map(str, keys)))).fetchall()

    return evaluate


def sqlite_finds_duckdb_evaluates(state: apsw.Connection) -> Evaluate:
    """SQLite finds the rows of each table, Arrow hands them over, DuckDB evaluates just those."""
    scratch = duckdb.connect(config={"threads": "2"})
    schemas = {table: _arrow_schema(columns) for table, columns in TABLES.items()}

    def evaluate(keys: Sequence[int]) -> list[tuple[int, str]]:
        _want(state, keys)
        for table, find in FOUND_BY_SQLITE.items():
            columns = list(zip(*state.execute(find), strict=True)) or [()] * len(schemas[table])
            scratch.register(table, pa.table(list(map(pa.array, columns)), schema=schemas[table]))
        return scratch.execute(DUCKDB_MODEL).fetchall()

    return evaluate


def _want(state: apsw.Connection, keys: Sequence[int]) -> None:
    state.execute("DELETE FROM temp.wanted")
    state.executemany("INSERT INTO temp.wanted VALUES (?)", ((key,) for key in keys))


def _arrow_schema(columns: str) -> pa.Schema:
    kinds = {"INTEGER": pa.int64(), "TEXT": pa.string()}
    return pa.schema([(part.split()[0], kinds[part.split()[1]]) for part in columns.split(", ")])


UPSERT = """INSERT INTO order_lines VALUES (?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET
order_id = excluded.order_id, product_id = excluded.product_id,
qty = excluded.qty, price = excluded.price"""


def sqlite_upserts(state: apsw.Connection, rows: Sequence[Row], batch: int) -> float:
    """Give upserts a second into order_lines, `batch` rows to a transaction."""

    def work() -> None:
        for start in range(0, len(rows), batch):
            state.execute("BEGIN IMMEDIATE")
            state.executemany(UPSERT, rows[start : start + batch])
            state.execute("COMMIT")

    return len(rows) / seconds_of(work)


def duckdb_upserts(state: duckdb.DuckDBPyConnection, rows: Sequence[Row], batch: int) -> float:
    """The same for DuckDB: rows come as an Arrow table, a statement and transaction per batch."""
    schema = _arrow_schema(TABLES["order_lines"])

    def work() -> None:
        for start in range(0, len(rows), batch):
            columns = zip(*rows[start : start + batch], strict=True)
            state.register("incoming", pa.table(list(map(pa.array, columns)), schema=schema))
            state.execute("INSERT OR REPLACE INTO order_lines SELECT * FROM incoming")

    return len(rows) / seconds_of(work)


def _agree(ways: dict[str, Evaluate]) -> None:
    keys = random.Random(3).sample(range(1, ORDERS + 1), 500)
    answers = {
        name: {key: json.loads(text) for key, text in way(keys)} for name, way in ways.items()
    }
    first, *rest = answers.values()
    if any(other != first for other in rest) or len(first) != len(keys):
        raise SystemExit("the ways do not give the same documents")


def _print_evaluation(ways: dict[str, Evaluate]) -> None:
    print(f"ms per batch, {ORDERS:,} orders, {ORDERS * 3:,} lines; median")
    print(f"{'keys':>8}  " + "  ".join(f"{name:>24}" for name in ways))
    for size in (size for size in BATCHES if size <= ORDERS):
        cells = [
            median_ms(partial(_evaluate_some, way, size), seconds=2.0) for way in ways.values()
        ]
        print(f"{size:>8,}  " + "  ".join(f"{cell:>24.2f}" for cell in cells), flush=True)


def _evaluate_some(way: Evaluate, size: int) -> None:
    way(random.sample(range(1, ORDERS + 1), size))


def _print_upserts(sqlite: apsw.Connection, duck: duckdb.DuckDBPyConnection) -> None:
    print("\nupserts a second into order_lines, a transaction per batch")
    print(f"{'rows':>8}  {'which':>10}  {'SQLite':>24}  {'DuckDB':>24}")
    dice = random.Random(7)
    for batch, count in ((1, 1_000), (10, 5_000), (1_000, 50_000), (10_000, 50_000)):
        for which in ("random", "neighbours"):
            rows = _changes(dice, count, which)
            speeds = sqlite_upserts(sqlite, rows, batch), duckdb_upserts(duck, rows, batch)
            print(f"{batch:>8,}  {which:>10}  {speeds[0]:>24,.0f}  {speeds[1]:>24,.0f}", flush=True)


def _changes(dice: random.Random, count: int, which: str) -> list[Row]:
    """New quantities and prices for `count` lines, anywhere or beside each other."""
    count = min(count, ORDERS)
    first = dice.randrange(1, ORDERS * 2)
    ids = (
        dice.sample(range(1, ORDERS * 3 + 1), count)
        if which == "random"
        else range(first, first + count)
    )
    return [
        (i, (i + 2) // 3, i * 13 % 1000 + 1, dice.randrange(1, 9), dice.randrange(99, 20000))
        for i in ids
    ]


def main() -> None:
    """Fill both, compare their documents, print both tables."""
    versions = f"SQLite {apsw.sqlite_lib_version()}, DuckDB {duckdb.__version__}"
    print(f"{versions}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        sqlite = open_sqlite(Path(folder) / "state.sqlite")
        duck = open_duckdb()
        ways = {
            "SQLite alone": sqlite_alone(sqlite),
            "DuckDB, model as written": duckdb_as_written(duck),
            "DuckDB, keys by hand": duckdb_by_hand(duck),
            "SQLite, Arrow, DuckDB": sqlite_finds_duckdb_evaluates(sqlite),
        }
        _agree(ways)
        _print_evaluation(ways)
        by_duckdb = ORDERS / seconds_of(lambda: duck.execute(DUCKDB_MODEL).fetchall())
        by_sqlite = ORDERS / seconds_of(lambda: ways["SQLite alone"](range(1, ORDERS + 1)))
        print(f"\nall documents: SQLite {by_sqlite:,.0f}/s, DuckDB {by_duckdb:,.0f}/s")
        _print_upserts(sqlite, duck)


if __name__ == "__main__":
    main()
