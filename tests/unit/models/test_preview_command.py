"""What `mesh preview` understands of what was typed; the rest is tested on a real database."""

from __future__ import annotations

from pathlib import Path

import pytest

from streammesh.cli.preview import find_port
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
