"""A connector's life: restarted, changed, begun anew, removed; and what it says when it fails."""

from __future__ import annotations

import pytest

from streammesh.capture.generation import begin_generation, remove_connector
from streammesh.capture.publication import (
    drop_publication,
    drop_slot,
    put_publication,
    read_publication,
    read_slot,
)
from streammesh.capture.readiness import Expectation, readiness
from streammesh.errors.capture import ConnectorFailed, SlotLost
from tests.integration.capture.captured import Captured, Record, kinds


def rows(records: list[Record], table: str) -> list[int]:
    """Give the keys of a table's snapshot rows."""
    return [one.key["id"] for one in records if one.kind == "r" and one.table == table]


def test_a_restart_goes_on_where_it_was(shop: Captured) -> None:
    shop.start()
    shop.captured("INSERT INTO orders VALUES (2, 1, 1)")
    start = shop.end()
    name = shop.wants.connector
    shop.connect.stop(name)
    shop.run("INSERT INTO orders VALUES (3, 1, 1)")
    shop.connect.resume(name)
    records = shop.wait(lambda found: any(one.key == {"id": 3} for one in found), start)
    assert "SKIPPED" in kinds(records)
    assert "r" not in kinds(records)


def test_a_changed_setting_loses_nothing(shop: Captured) -> None:
    shop.start()
    start = shop.end()
    shop.change_settings({"max.batch.size": "1000"})
    records = shop.captured("INSERT INTO orders VALUES (2, 1, 1)")
    assert "c" in kinds(records)
    assert "r" not in kinds(shop.wait(lambda found: len(found) > 3, start))


def test_an_added_table_begins_a_new_generation_of_all(shop: Captured) -> None:
    shop.start()
    shop.run("CREATE TABLE cities (id int PRIMARY KEY)", "INSERT INTO cities VALUES (7)")
    shop.tables = [*shop.tables, "public.cities"]
    start = shop.end()
    shop.begin(shop.wants)
    records = shop.wait(lambda found: "COMPLETED" in kinds(found), start)
    assert kinds(records).count("STARTED") == 1
    assert rows(records, "cities") == [7]
    assert rows(records, "customers") == [1, 2]
    assert "c" in kinds(shop.captured("INSERT INTO cities VALUES (8)"))


@pytest.mark.parametrize("after", ["stop", "reset", "drop"])
def test_an_interrupted_generation_is_completed_by_another(shop: Captured, after: str) -> None:
    shop.start()
    wanted = shop.wants
    shop.connect.stop(wanted.connector)
    if after in {"reset", "drop"}:
        shop.connect.reset_offsets(wanted.connector)
    if after == "drop":
        drop_slot(shop.session, wanted.slot)
    shop.run("INSERT INTO orders VALUES (2, 1, 1)")
    start = shop.end()
    shop.begin(wanted)
    records = shop.wait(lambda found: "COMPLETED" in kinds(found), start)
    assert sorted(rows(records, "orders")) == [1, 2]


def test_a_lost_slot_stops_the_connector_and_a_new_generation_heals(shop: Captured) -> None:
    shop.start()
    wanted = shop.wants
    shop.connect.stop(wanted.connector)
    drop_slot(shop.session, wanted.slot)
    shop.run("INSERT INTO orders VALUES (2, 1, 1)")
    start = shop.end()
    shop.connect.resume(wanted.connector)
    with pytest.raises(ConnectorFailed) as caught:
        shop.await_capturing()
    assert "slot is lost" in caught.value.what
    assert "new generation" in (caught.value.fix or "")
    assert "c" not in kinds(shop.wait(lambda _: True, start))

    expected = Expectation(shop.source, (), wanted.publication, captured=True)
    assert isinstance(readiness(shop.session, expected).broken, SlotLost)
    shop.begin(wanted)
    assert readiness(shop.session, expected).broken is None


def test_a_slot_made_by_somebody_else_is_no_slot_of_ours(shop: Captured) -> None:
    shop.start()
    wanted = shop.wants
    shop.connect.stop(wanted.connector)
    drop_slot(shop.session, wanted.slot)
    shop.run("INSERT INTO orders VALUES (2, 1, 1)")
    shop.session.execute(
        "SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (wanted.slot,)
    )
    shop.connect.resume(wanted.connector)
    with pytest.raises(ConnectorFailed, match="slot is lost"):
        shop.await_capturing()


def test_a_dropped_publication_is_named(shop: Captured) -> None:
    shop.start()
    wanted = shop.wants
    shop.connect.stop(wanted.connector)
    drop_publication(shop.session, wanted.slot)
    shop.connect.resume(wanted.connector)
    with pytest.raises(ConnectorFailed) as caught:
        shop.await_capturing()
    assert caught.value.why == "the publication was dropped"


def test_removal_leaves_nothing_and_the_name_can_be_used_again(shop: Captured) -> None:
    shop.start()
    wanted = shop.wants
    for _ in range(2):
        remove_connector(shop.connect, wanted.connector)
        drop_slot(shop.session, wanted.slot)
        drop_publication(shop.session, wanted.slot)
    assert wanted.connector not in shop.connect.connectors()
    assert read_slot(shop.session, wanted.slot) is None
    assert read_publication(shop.session, wanted.slot) is None
    start = shop.end()
    shop.begin(wanted)
    assert rows(shop.wait(lambda found: "COMPLETED" in kinds(found), start), "orders") == [1]


def test_offsets_of_a_deleted_connector_do_not_skip_the_snapshot(shop: Captured) -> None:
    shop.start()
    wanted = shop.wants
    shop.connect.stop(wanted.connector)
    shop.connect.delete(wanted.connector)
    start = shop.end()
    begin_generation(
        shop.connect,
        wanted.connector,
        wanted.connector_config,
        lambda: drop_slot(shop.session, wanted.slot),
    )
    records = shop.wait(lambda found: "COMPLETED" in kinds(found), start)
    assert rows(records, "orders")


def test_the_publication_follows_what_is_wanted(shop: Captured) -> None:
    wanted = shop.wants.publication
    assert put_publication(shop.session, wanted)
    assert not put_publication(shop.session, wanted)
    shop.session.execute(f"ALTER PUBLICATION {wanted.name} DROP TABLE orders")
    shop.session.execute(
        f"ALTER PUBLICATION {wanted.name} SET (publish_via_partition_root = false)"
    )
    assert put_publication(shop.session, wanted)
    assert read_publication(shop.session, wanted.name) == wanted
