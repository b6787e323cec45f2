"""Small databases that once went wrong, or that chance seldom finds."""

from __future__ import annotations

from dataclasses import replace

from tests.property.cases import Life
from tests.property.examples import KEY, LARGE, NUMBER, example
from tests.property.kinds import KINDS
from tests.property.server import Server
from tests.property.tables import Column, Table
from tests.property.world import run


def test_rows_that_share_a_key_within_a_statement(server: Server) -> None:
    table = Table(0, "one", "t", (KEY, NUMBER), ("k",), full=True, deferrable=True)
    case = example(
        table,
        "SELECT t.k AS k, t.c AS c FROM shop.t t",
        "UPDATE one.t SET k = k + 1",
        "UPDATE one.t SET k = 5 - k WHERE k IN (2, 3)",
        "UPDATE one.t SET k = k - 1; UPDATE one.t SET c = 7 WHERE k = 2;"
        " UPDATE one.t SET k = k + 1",
        "INSERT INTO one.t VALUES (2, 8); DELETE FROM one.t WHERE c = 5",
        "DELETE FROM one.t WHERE k = 3; INSERT INTO one.t VALUES (3, 9); DELETE FROM one.t",
    )
    assert len(run(server, case).driver.history.commits) == 5


def test_partitions_that_send_less_than_their_table_says(server: Server) -> None:
    table = Table(0, "one", "t", (KEY, NUMBER, LARGE), ("k",), partitioned=True, full=True)
    case = example(
        table,
        "SELECT t.k AS k, t.c AS c, t.large AS large FROM shop.t t",
        "UPDATE one.t SET c = 0",
        "UPDATE one.t SET k = k + 10",
        "UPDATE one.t SET large = 'small' WHERE k = 11; UPDATE one.t SET c = 1",
        "INSERT INTO one.t VALUES (1, 1, 'x'); DELETE FROM one.t WHERE k = 1;"
        " INSERT INTO one.t VALUES (1, 2, 'y'); DELETE FROM one.t WHERE k = 1",
    )
    assert len(run(server, case).driver.history.commits) == 4


def test_json_of_both_kinds_in_one_expression(server: Server) -> None:
    kinds = {one.name: one for one in KINDS}
    written, document = (Column(name, kinds[name], True) for name in ("written", "document"))
    table = Table(0, "one", "t", (KEY, written, document), ("k",))
    model = """SELECT t.k AS k, CASE WHEN t.k = 1 THEN t.document END AS one,
        coalesce(t.document, t.written) AS either FROM shop.t t"""
    change = "INSERT INTO one.t VALUES (7, '{\"b\" : 1}', NULL), (1, '[]', '{\"a\": 2}')"
    case = replace(example(table, model, change), rows=())
    assert len(run(server, case).driver.history.commits) == 1


def test_heartbeat_that_connect_begins_again(server: Server) -> None:
    table = Table(0, "one", "t", (KEY, NUMBER), ("k",))
    case = example(table, "SELECT t.k AS k, t.c AS c FROM shop.t t", "DELETE FROM one.t")
    # the log stops within the first heartbeat, and its message comes again
    for share in range(40, 80, 3):
        run(server, replace(case, lives=(Life(share), Life(100, repeat=1))))


def test_keys_that_are_stored_out_of_line(server: Server) -> None:
    key = replace(LARGE, name="k", nullable=False)
    table = Table(0, "one", "t", (key, NUMBER, LARGE), ("k",))
    case = example(
        table,
        "SELECT t.k AS k, t.c AS c, t.large AS large FROM shop.t t",
        "UPDATE one.t SET c = 0",
        "UPDATE one.t SET k = repeat('4', 2500) WHERE k LIKE '1%'; UPDATE one.t SET c = 1",
        "UPDATE one.t SET large = NULL WHERE k LIKE '2%'; DELETE FROM one.t WHERE k LIKE '3%'",
        "UPDATE one.t SET c = 2",
    )
    rows = [
        f"INSERT INTO one.t VALUES (repeat('{k}', 2500), 5, repeat('x', 9000))" for k in (1, 2, 3)
    ]
    assert len(run(server, replace(case, rows=tuple(rows))).driver.history.commits) == 4
