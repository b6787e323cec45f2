"""What `mesh preview` understands of what was typed; the rest is tested on a real database."""

from __future__ import annotations

from pathlib import Path

import pytest

from streammesh.cli.preview import _with_doubles, find_port
from streammesh.documents import workspace
from streammesh.errors.models import UnknownProduct

SHOP = workspace.load(Path(__file__).parents[3] / "examples" / "shop")


def test_a_product_is_found_by_its_name() -> None:
    port = find_port(SHOP, "sales.orders", None)
    assert (port.label, port.major) == ("sales.orders", 1)


def test_a_mistyped_product_is_corrected() -> None:
    with pytest.raises(UnknownProduct) as raised:
        find_port(SHOP, "sales.order", None)
    assert raised.value.fix == "write sales.orders"


def test_a_version_that_is_not_there() -> None:
    with pytest.raises(UnknownProduct):
        find_port(SHOP, "sales.orders", 7)


def test_rows_of_one_key_are_marked_each() -> None:
    rows = [(1, "a"), (2, "b"), (2, "c"), (2, "d"), (3, "e"), (4, "f"), (4, "g")]
    marked = [doubled for _, doubled in _with_doubles(rows)]
    assert marked == [False, True, True, True, False, True, True]
    assert [row for row, _ in _with_doubles(rows)] == rows
    assert list(_with_doubles([])) == []
