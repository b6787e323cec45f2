"""Each row of the table: an example of it is found, with path and place; what is near is not."""

import pytest

from streammesh.contracts.changes.kinds import Kind, Meaning, Part, Registry
from streammesh.models.changes import changes
from tests.unit.models.change_rows import FIELD_ROWS, FieldRow
from tests.unit.models.product_rows import PRODUCT_ROWS, ProductRow
from tests.unit.models.versions import version

FIELDS = pytest.mark.parametrize("row", FIELD_ROWS, ids=lambda one: one.kind.name)
PRODUCTS = pytest.mark.parametrize("row", PRODUCT_ROWS, ids=lambda one: one.kind.name)


@FIELDS
def test_a_change_of_a_field_is_the_only_one_and_has_its_place(row: FieldRow):
    [found] = changes(version(row.old), version(row.new))
    assert (found.kind, found.path) == (row.kind, row.path)
    assert found.before or found.after
    assert found.where is not None
    assert found.where.file == "orders.v1.odcs.yaml"
    assert found.whole == (row.kind is Kind.FIELD_ADDED_REQUIRED)


@FIELDS
def test_what_is_near_is_no_such_change_of_a_field(row: FieldRow):
    assert row.kind not in {one.kind for one in changes(version(row.old), version(row.other))}


@PRODUCTS
def test_a_change_of_the_product_is_the_only_one_and_has_its_place(row: ProductRow):
    [found] = changes(version(**row.old), version(**row.new))
    assert (found.kind, found.path) == (row.kind, row.path)
    assert found.before or found.after
    assert found.where is not None
    assert found.where.line > 0
    assert found.whole == (not row.path)


@PRODUCTS
def test_what_is_near_is_no_such_change_of_the_product(row: ProductRow):
    assert row.kind not in {one.kind for one in changes(version(**row.old), version(**row.other))}


def test_every_row_has_an_example():
    assert set(Kind) == {row.kind for row in (*FIELD_ROWS, *PRODUCT_ROWS)}


def test_what_breaks_asks_for_a_major_version_and_nothing_else_does():
    assert all(
        (one.row.part is Part.MAJOR) == (one.row.meaning is Meaning.BREAKING) for one in Kind
    )


def test_only_what_breaks_is_refused_by_a_registry():
    lets_pass = {Registry.SILENT, Registry.ALLOWS}
    for one in Kind:
        assert one.row.meaning is Meaning.BREAKING or one.row.registry in lets_pass
        assert (one.row.registry is Registry.ALLOWS) == (one.row.meaning is Meaning.COMPATIBLE)


@FIELDS
def test_a_version_is_the_same_as_itself(row: FieldRow):
    assert changes(version(row.new), version(row.new)) == ()
