"""Snapshots by COPY on the real stack: first ones, and tables that are read again meanwhile."""

from __future__ import annotations

import threading

import pytest

from streammesh.errors import ExitCode
from tests.integration.engine.world import World


@pytest.fixture
def copied(empty_world: World) -> World:
    """Give a shop whose source is read by COPY, not applied yet."""
    path = next(empty_world.shop.root.rglob("*.source.yaml"))
    if "capture:" not in path.read_text():
        path.write_text(path.read_text() + "capture: { snapshot: copy }\n")
    return empty_world


def test_the_first_snapshot_is_copied_while_the_database_is_written(copied: World) -> None:
    world = copied
    with world.connect() as connection:
        for number in range(3):
            connection.execute(f"UPDATE orders SET status = 'paid' WHERE id = {number + 1}")
            connection.commit()
    world.shop.apply()
    world.start_engine()
    world.wait_live()
    progress = world.progress()
    assert progress is not None
    assert progress.inputs[f"{world.shop.domain}.shop"].generation.copied
    world.work(30)
    world.check()


def test_a_column_with_a_default_is_read_again_and_stops_nobody_before_that(copied: World) -> None:
    world = copied
    world.shop.apply()
    world.start_engine()
    world.wait_live()
    world.work(5)
    world.shop.run("ALTER TABLE order_lines ADD COLUMN colour text DEFAULT 'red'")
    world.shop.run("UPDATE order_lines SET qty = qty + 1 WHERE id = 10 * 7 + 1")
    for topic, proof in world.prove().items():
        assert not proof.differences, (topic, proof.differences[:5])
    world.wait_live()
    work = threading.Thread(target=world.work, args=(20, 0.05))
    work.start()
    world.shop.apply()
    work.join()
    world.wait_live()
    progress = world.progress()
    assert progress is not None
    again = progress.inputs[f"{world.shop.domain}.shop"].again
    assert set(again) == {"public.order_lines"}
    for topic, proof in world.prove().items():
        assert not proof.differences, (topic, proof.differences[:5])
        assert proof.source_digest == proof.product_digest


def test_a_product_is_rebuilt(copied: World) -> None:
    world = copied
    world.shop.apply()
    world.start_engine()
    world.wait_live()
    world.work(5)
    world.check()
    world.stop_engines()
    topic = f"{world.shop.domain}.orders.v1"
    unknown = world.start_engine(options=("--rebuild", "nothing"))
    assert unknown.wait(60) == ExitCode.USAGE
    world.start_engine(options=("--rebuild", "orders"))
    said = f"{topic} was rebuilt: "
    world.wait(lambda: said in world.log.read_text(), 60)
    (line,) = [one for one in world.log.read_text().splitlines() if said in one]
    assert " 0 events were published" in line
    assert topic in world.log.read_text()
    world.work(5)
    world.check()
