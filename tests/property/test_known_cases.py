"""Small databases that once went wrong, or that chance seldom finds."""

from __future__ import annotations

from tests.property.cases import Case
from tests.property.deeds import Step
from tests.property.kinds import BIG_TEXT, INTEGER
from tests.property.server import Server
from tests.property.tables import Column, Database, Table
from tests.property.world import run


def example(table: Table, model: str, *transactions: str) -> Case:
    """Give an example of one table, rows 1 to 3 in it."""
    names = ", ".join(one.name for one in table.columns)
    rest = ", repeat('x', 9000)" if len(table.columns) > 2 else ""
    rows = tuple(
        f"INSERT INTO one.t ({names}) VALUES ({k}, {c}{rest})" for k, c in ((1, 5), (2, 5), (3, 6))
    )
    steps = tuple(Step(0, (*each.split("; "), "COMMIT")) for each in transactions)
    return Case(Database((table,)), (model,), rows, steps, ())


KEY, NUMBER = Column("k", INTEGER, False), Column("c", INTEGER, True)
LARGE = Column("large", BIG_TEXT, True)


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
