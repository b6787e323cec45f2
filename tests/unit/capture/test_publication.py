"""The statements that bring a publication to what is wanted."""

from __future__ import annotations

from dataclasses import replace

from streammesh.capture.publication import Publication, Slot, publication_statements
from streammesh.documents.values import TableName

WANTED = Publication("mesh_m", (TableName("public", "b"), TableName("Odd", "a")), generated=True)


def texts(standing: Publication | None, wanted: Publication = WANTED) -> list[str]:
    return [one.as_string(None) for one in publication_statements(wanted, standing)]


def test_created_with_named_tables_only() -> None:
    assert texts(None) == [
        'CREATE PUBLICATION "mesh_m" FOR TABLE "public"."b", "Odd"."a" WITH '
        "(publish_via_partition_root = true, publish_generated_columns = stored)"
    ]


def test_older_servers_are_not_asked_for_generated_columns() -> None:
    (text,) = texts(None, replace(WANTED, generated=False))
    assert "generated" not in text


def test_nothing_to_do_whatever_the_order() -> None:
    assert texts(replace(WANTED, tables=WANTED.tables[::-1])) == []


def test_tables_are_set() -> None:
    assert texts(replace(WANTED, tables=WANTED.tables[:1])) == [
        'ALTER PUBLICATION "mesh_m" SET TABLE "public"."b", "Odd"."a"'
    ]


def test_options_are_set() -> None:
    (text,) = texts(replace(WANTED, via_partition_root=False))
    assert text.startswith('ALTER PUBLICATION "mesh_m" SET (publish_via_partition_root = true')


def test_one_that_leaves_something_out_is_made_whole() -> None:
    assert texts(replace(WANTED, partial=True)) == [
        'ALTER PUBLICATION "mesh_m" SET TABLE "public"."b", "Odd"."a"',
        "ALTER PUBLICATION \"mesh_m\" SET (publish = 'insert, update, delete, truncate')",
    ]


def test_a_slot_is_lost_when_its_wal_is_gone() -> None:
    slot = Slot("s", False, "reserved", "0/1", 0, None)
    assert not slot.lost
    assert not replace(slot, wal_status="unreserved").lost
    assert replace(slot, wal_status="lost").lost
