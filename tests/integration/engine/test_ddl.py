"""Tables that change while everything runs: each is read again alone, and products come right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.engine.world import World

COUNTRY = "          - { name: country, logicalType: string, "
SAID = "description: So many people., classification: internal"


@pytest.fixture
def running(empty_world: World) -> Iterator[World]:
    """Give a shop of the test's own whose engine runs."""
    empty_world.shop.apply()
    empty_world.start_engine()
    empty_world.wait_live()
    yield empty_world
    empty_world.stop_engines()


def reads(world: World) -> list[str]:
    """Name the tables that the next apply reads."""
    found = [one for one in world.shop.plan().steps if one.kind == "snapshot"]
    return [name for one in found for name in one.details["tables"]]


def prove(world: World) -> None:
    """Compare every document with the database."""
    for topic, proof in world.prove().items():
        assert not proof.differences, (topic, proof.differences[:3])
        assert proof.not_checked == 0


def test_values_that_ddl_changed_without_any_event(running: World) -> None:
    shop = running.shop
    shop.run("ALTER TABLE cities ADD COLUMN area int NOT NULL DEFAULT 7")
    running.work(5)
    shop.run("ALTER TABLE customers ALTER COLUMN name TYPE varchar(80) USING name || ' x'")
    assert reads(running) == ["public.cities", "public.customers"]
    shop.apply()
    running.work(10)
    prove(running)
    assert reads(running) == []
    assert all(engine.poll() is None for engine in running.engines)


def test_a_model_begins_to_read_a_column_that_was_added(running: World) -> None:
    shop = running.shop
    shop.run("ALTER TABLE cities ADD COLUMN area int NOT NULL DEFAULT 7")
    area = f"          - {{ name: area, logicalType: integer, {SAID} }}\n{COUNTRY}"
    shop.edit("orders.v1.odcs.yaml", COUNTRY, area)
    shop.edit("orders.v1.sql", "country: ci.country", "country: ci.country, area: ci.area")
    assert reads(running) == ["public.cities"]
    shop.apply()
    running.work(10)
    prove(running)


def test_a_table_is_added_to_a_source_that_runs(running: World) -> None:
    shop = running.shop
    shop.run("CREATE TABLE notes (id int PRIMARY KEY, text text)")
    shop.run("INSERT INTO notes SELECT i, 'x' FROM generate_series(1, 1000) i")
    shop.edit("shop.source.yaml", "  - public.cities\n", "  - public.cities\n  - public.notes\n")
    assert reads(running) == ["public.notes"]
    shop.apply()
    running.work(10)
    running.check()
