"""A product of two tables with UNION ALL: orders, and those that were moved to an archive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from streammesh.cli.main import run
from tests.integration.engine.world import World

TABLES = """
CREATE TABLE old_orders (LIKE orders INCLUDING ALL);
CREATE TABLE old_lines (LIKE order_lines INCLUDING ALL);
INSERT INTO old_orders SELECT 5000 + i, 1 + i % 5, 'sent', now() FROM generate_series(1, 20) i;
INSERT INTO old_lines SELECT i, 5000 + i, 1 + i % 2, 2, 3.75 FROM generate_series(1, 20) i;
"""


def archiving(order: int) -> tuple[str, ...]:
    """Give the statements that move an order to the archive."""
    return (
        f"INSERT INTO old_lines SELECT * FROM order_lines WHERE order_id = {order}",
        f"DELETE FROM order_lines WHERE order_id = {order}",
        f"INSERT INTO old_orders SELECT * FROM orders WHERE id = {order}",
        f"DELETE FROM orders WHERE id = {order}",
    )


@pytest.fixture
def archive(empty_world: World) -> Iterator[World]:
    """Give a shop whose orders are in two tables; an engine runs."""
    shop = empty_world.shop
    shop.run(TABLES)
    both = "  - public.orders\n  - public.old_orders\n  - public.old_lines\n"
    shop.edit("shop.source.yaml", "  - public.orders\n", both)
    path = next(shop.root.rglob("orders.v1.sql"))
    written = path.read_text()
    moved = written.replace("shop.orders", "shop.old_orders").replace("order_lines", "old_lines")
    path.write_text(f"{written.rstrip()}\nUNION ALL\n{moved}")
    shop.apply()
    empty_world.start_engine()
    empty_world.wait_live()
    yield empty_world
    empty_world.stop_engines()


def orders(world: World, capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, Any]]:
    """Give what `mesh preview` prints."""
    capsys.readouterr()
    assert run(["preview", f"{world.shop.domain}.orders", *options]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_orders_that_move_to_the_archive(archive: World) -> None:
    archive.work(10)
    with archive.connect() as connection:
        for order in (4, 9, 17):
            archive.transact(connection, *archiving(order))
        archive.transact(connection, "UPDATE old_lines SET qty = qty + 1 WHERE order_id = 9")
        archive.transact(connection, "UPDATE customers SET name = 'all of hers' WHERE id = 3")
    archive.work(10)
    archive.check()


def test_an_engine_that_dies_in_between(archive: World) -> None:
    archive.stop_engines()
    archive.start_engine(kill_at="after-commit-kafka:1").wait(60)
    with archive.connect() as connection:
        archive.transact(connection, *archiving(12))
    archive.start_engine()
    archive.work(5)
    archive.check()


def test_ddl_on_one_of_the_tables(archive: World) -> None:
    shop = archive.shop
    shop.run("ALTER TABLE old_orders DROP CONSTRAINT IF EXISTS orders_status_check")
    shop.run("ALTER TABLE old_orders ALTER COLUMN status TYPE varchar(20) USING 'paid'")
    found = [one for one in shop.plan().steps if one.kind == "snapshot"]
    assert [name for one in found for name in one.details["tables"]] == ["public.old_orders"]
    shop.apply()
    archive.check()  # what is read anew is published here: no transaction is meant to have done it
    archive.work(5)
    archive.check()


def test_an_order_in_both_tables_is_a_violation(
    archive: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(archive.shop.root)
    (topic,) = (one for one in archive.products if ".orders." in one)
    (document,) = orders(archive, capsys, "--key", "7")
    with archive.connect() as connection:
        connection.execute("INSERT INTO old_orders SELECT * FROM orders WHERE id = 7")
    proof = archive.prove()[topic]
    assert not proof.differences
    assert list(proof.quarantined_keys) == [document["key"]]
    shown = orders(archive, capsys, "--key", "7")
    assert len(shown) == 2
    assert all("several SELECTs" in one["violation"] for one in shown)
    assert sum("violation" in one for one in orders(archive, capsys, "-n", "7")) == 1
    archive.shop.run("DELETE FROM old_orders WHERE id = 7")
    proof = archive.prove()[topic]
    assert (proof.quarantined, proof.differences) == (0, ())
    assert orders(archive, capsys, "--key", "7") == [document]
