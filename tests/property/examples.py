"""Examples written by hand: one table with three rows."""

from __future__ import annotations

from tests.property.cases import Case
from tests.property.deeds import Step
from tests.property.kinds import BIG_TEXT, INTEGER
from tests.property.tables import Column, Database, Table

KEY, NUMBER = Column("k", INTEGER, False), Column("c", INTEGER, True)
LARGE = Column("large", BIG_TEXT, True)


def example(table: Table, model: str, *transactions: str) -> Case:
    """Give an example of one table, rows 1 to 3 in it."""
    names = ", ".join(one.name for one in table.columns)
    rest = ", repeat('x', 9000)" if len(table.columns) > 2 else ""
    rows = tuple(
        f"INSERT INTO one.t ({names}) VALUES ({k}, {c}{rest})" for k, c in ((1, 5), (2, 5), (3, 6))
    )
    steps = tuple(Step(0, (*each.split("; "), "COMMIT")) for each in transactions)
    return Case(Database((table,)), (model,), rows, steps, ())
