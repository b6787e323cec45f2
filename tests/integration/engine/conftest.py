"""A deployed shop of the tests' own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from streammesh.local.stack import Stack
from tests.integration.engine.world import World
from tests.integration.planning.conftest import EXAMPLE, Shop, renamed

SMALL = """
INSERT INTO cities VALUES (1, 'Bern', 'CH'), (2, 'Lyon', 'FR');
INSERT INTO customers
SELECT i, 'customer ' || i, 'c' || i || '@x', CASE WHEN i < 4 THEN 1 + i % 2 END, 'x'
  FROM generate_series(1, 5) i;
INSERT INTO products VALUES (1, 'pen', 2.50), (2, 'ink', 10.00);
INSERT INTO orders SELECT i, 1 + i % 5, 'new', now() FROM generate_series(1, 40) i;
INSERT INTO order_lines
SELECT o * 10 + l, o, l, 1 + o % 3, 2.50 * l
  FROM generate_series(1, 40) o, generate_series(1, 2) l;
"""


def make(stack: Stack, folder: Path, seed: str) -> Iterator[World]:
    """Make a database, apply the shop, give it, and remove it all again."""
    domain = f"eng{secrets.token_hex(3)}"
    renamed(folder / "shop", domain)
    shop = Shop(stack, folder / "shop", domain)
    shop.run(f'CREATE DATABASE "{domain}"', "postgres")
    shop.run((EXAMPLE / "database" / "schema.sql").read_text())
    shop.run(seed)
    world = World(shop, folder)
    try:
        yield world
    finally:
        os.environ["SHOP_DATABASE_URL"] = shop.url
        world.stop_engines()
        shop.remove_everything()
        shop.apply(delete_data=True)
        shop.run(f'DROP DATABASE "{domain}" WITH (FORCE)', "postgres")


@pytest.fixture(scope="module")
def world(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give the small shop, applied; its tests share it, engines and all that was published."""
    for made in make(stack, tmp_path_factory.mktemp("engine"), SMALL):
        made.shop.apply()
        yield made


@pytest.fixture
def empty_world(stack: Stack, tmp_path: Path) -> Iterator[World]:
    """Give a shop of a test's own: filled, not applied yet."""
    yield from make(stack, tmp_path, SMALL)
