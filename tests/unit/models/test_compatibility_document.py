"""docs/compatibility.md: its table is that of the code."""

from pathlib import Path

from streammesh.contracts.changes.kinds import Kind, table
from streammesh.contracts.changes.said import CLASSES

PAGE = (Path(__file__).parents[3] / "docs/compatibility.md").read_text()


def test_the_table_of_the_page_is_that_of_the_code():
    assert table() in PAGE
    assert PAGE.count("| breaking |") == sum("| breaking |" in one for one in table().split("\n"))


def test_no_two_rows_are_the_same():
    assert len({one.row.change for one in Kind}) == len(Kind)
    assert all("|" not in one.row.change + one.row.why for one in Kind)


def test_the_page_names_the_classifications_in_their_order():
    assert ", ".join(CLASSES) in PAGE
