"""Small databases that once went wrong, or that chance seldom finds."""

from __future__ import annotations

from tests.property.examples import KEY, LARGE, NUMBER, example
from tests.property.server import Server
from tests.property.tables import Table
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
