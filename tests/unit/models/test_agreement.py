"""A model must give what the contract promises; where not, the error points at the expression."""

from __future__ import annotations

import pytest

from streammesh.contracts.types import (
    Array,
    Boolean,
    Decimal,
    Field,
    Integer,
    Record,
    Text,
)
from streammesh.errors import MeshError, MeshErrors
from streammesh.errors import models as errors
from tests.unit.models.support import compiled, fields

SQL = """SELECT o.tenant, o.number, o.note, {city: ci.name} AS place,
       (SELECT list({qty: l.qty, amount: l.total * l.price} ORDER BY l.id)
          FROM shop.lines l WHERE l.tenant = o.tenant AND l.number = o.number) AS lines
  FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id
  LEFT JOIN shop.cities ci ON ci.id = c.city_id"""


def promised(**changed: Field | None) -> Record:
    given = {field.name: field for field in fields(SQL).fields}
    return Record(tuple(field for field in {**given, **changed}.values() if field is not None))


def refused(contract: Record) -> MeshError:
    with pytest.raises(MeshError) as raised:
        compiled(SQL, "tenant number", contract)
    assert not isinstance(raised.value, MeshErrors)
    return raised.value


def marked(error: MeshError) -> str:
    where = error.where
    assert where is not None
    return where.text[where.column - 1 : where.column - 1 + where.length]


def test_a_missing_field() -> None:
    error = refused(promised(total=Field("total", Integer())))
    assert isinstance(error, errors.FieldMissing)
    assert error.fix is not None
    assert "c.yaml:15" in error.fix


def test_an_extra_field() -> None:
    error = refused(promised(note=None))
    assert isinstance(error, errors.FieldExtra)
    assert marked(error) == "o.note"


def test_another_type() -> None:
    error = refused(promised(note=Field("note", Boolean())))
    assert isinstance(error, errors.FieldType)
    assert marked(error) == "o.note"


def test_a_required_field_that_can_be_null() -> None:
    error = refused(promised(note=Field("note", Text(), required=True)))
    assert isinstance(error, errors.FieldNullable)
    assert marked(error) == "o.note"
    assert error.why == "shop.public.orders.note may be NULL"
    assert error.fix == "coalesce(o.note, ''), or `required: false` at c.yaml:12"


def test_a_left_join_is_named_as_the_cause() -> None:
    place = Record((Field("city", Text(), required=True),))
    error = refused(promised(place=Field("place", place)))
    assert error.why == "the LEFT JOIN may find no row of shop.public.cities"
    assert error.fix is not None
    assert "let `place` be NULL as a whole: (SELECT {…} FROM … WHERE …)" in error.fix
    assert marked(error) == "ci.name"


def test_null_deep_in_a_list_with_the_expression_repaired() -> None:
    item = Record((Field("qty", Integer(32)), Field("amount", Decimal(18, 2), required=True)))
    error = refused(promised(lines=Field("lines", Array(item))))
    assert error.fields["field"] == "lines[].amount"
    assert marked(error) == "l.total * l.price"
    assert error.fix is not None
    assert error.fix.startswith("coalesce(l.total, 0) * l.price, or ")


def test_a_required_list_is_coalesced() -> None:
    lines = fields(SQL).field("lines")
    assert lines is not None
    error = refused(promised(lines=Field("lines", lines.type, required=True)))
    assert error.fix is not None
    assert error.fix.startswith("coalesce((SELECT list(")


def test_all_errors_come_at_once() -> None:
    with pytest.raises(MeshErrors) as raised:
        compiled(SQL, "tenant number", promised(note=None, more=Field("more", Text())))
    assert len(raised.value.errors) == 2


def test_the_key_is_the_roots_primary_key() -> None:
    with pytest.raises(errors.KeyDiffers) as raised:
        compiled(SQL, "number")
    assert "tenant, number" in str(raised.value)
    with pytest.raises(errors.KeyDiffers):
        compiled(SQL, "number tenant")


def test_the_key_is_never_narrowed() -> None:
    sql = "SELECT c.id, c.name FROM shop.cities c"
    for kind, fits in ((Integer(64), True), (Decimal(19, 0), True), (Integer(16), False)):
        contract = Record((Field("id", kind, required=True), Field("name", Text(), required=True)))
        if fits:
            compiled(sql, "id", contract)
            continue
        with pytest.raises(errors.KeyNarrowed) as raised:
            compiled(sql, "id", contract)
        assert raised.value.fix == "make it bigint in the contract"
    texts = "SELECT p.sku FROM shop.products p"
    with pytest.raises(errors.KeyNarrowed):
        compiled(texts, "sku", Record((Field("sku", Text(20), required=True),)))


def test_the_key_must_be_shown() -> None:
    with pytest.raises(errors.KeyNotShown) as raised:
        compiled("SELECT o.number FROM shop.orders o", "number")
    assert raised.value.fix == "add o.tenant AS tenant"


def test_a_root_needs_a_key() -> None:
    with pytest.raises(errors.NoRootKey):
        compiled("SELECT x.note FROM shop.notes x", "note")


def test_lists_need_elements_with_a_key() -> None:
    sql = """SELECT p.sku, (SELECT list(n.note ORDER BY n.note) FROM shop.notes n
             WHERE n.note = p.title) AS notes FROM shop.products p"""
    with pytest.raises(errors.NoOrder):
        compiled(sql, "sku")


def test_inner_conditions_make_columns_required() -> None:
    sql = "SELECT c.id, c.city_id FROM shop.customers c JOIN shop.cities x ON x.id = c.city_id"
    given = fields(sql).field("city_id")
    assert given == replace_required(given)


def replace_required(field: Field | None) -> Field:
    assert field is not None
    return Field(field.name, field.type, required=True)


def test_a_condition_on_a_left_joined_table_makes_it_required() -> None:
    sql = """SELECT c.id, x.name FROM shop.customers c LEFT JOIN shop.cities x
             ON x.id = c.city_id"""
    optional, required = fields(sql).field("name"), fields(sql + " WHERE x.id > 2").field("name")
    assert optional is not None
    assert required is not None
    assert (optional.required, required.required) == (False, True)
