"""What a compiled model says: key, columns, paths, indexes, types, lineage."""

from __future__ import annotations

import pytest
from sqlglot import exp

from streammesh.contracts.types import Array, Decimal, Integer, Record, Text
from streammesh.documents.values import ModelFile, TableName
from streammesh.models.compile import source_read
from streammesh.models.compiled import Hop, KeyColumn, Path
from streammesh.models.meanings import AGGREGATES, OPERATORS
from streammesh.models.parsing import parse_model
from streammesh.models.storage import indexes
from tests.unit.models.part_shapes import PARTS as PART_SHAPES
from tests.unit.models.shapes import SHAPES
from tests.unit.models.support import OTHER, SOURCE, compiled, fields

MODEL = compiled(SHAPES["nested lists, composite key"][1], "tenant number")
LINES, ORDERS = TableName("public", "lines"), TableName("public", "orders")
PARTS, CUSTOMERS = TableName("public", "parts"), TableName("public", "customers")
KEY = ("tenant", "number")


def test_key_and_root() -> None:
    assert MODEL.root == ORDERS
    assert MODEL.key == (KeyColumn("tenant", "tenant"), KeyColumn("number", "number"))


def test_the_roots_path_comes_first_and_is_empty() -> None:
    assert MODEL.paths[0] == Path(ORDERS, ())
    assert len(MODEL.paths) == 7


def test_a_path_goes_through_every_table_between() -> None:
    (path,) = (one for one in MODEL.paths if one.table == PARTS)
    assert path.hops == (Hop(LINES, ("line",), ("id",)), Hop(ORDERS, KEY, KEY))


def test_a_table_twice_has_two_paths() -> None:
    model = compiled(SHAPES["one table twice, self join, filter"][1], "id")
    lengths = sorted(len(path.hops) for path in model.paths if path.table == CUSTOMERS)
    assert lengths == [0, 1, 1, 2]


def test_indexes_serve_both_directions() -> None:
    found = indexes(MODEL)
    assert (LINES, KEY) in found
    assert (LINES, ("product",)) in found
    assert (ORDERS, ("customer_id",)) in found
    assert (PARTS, ("line",)) in found


def test_columns_read_hold_keys_edges_and_orders() -> None:
    columns = dict(MODEL.columns)
    assert columns[PARTS] == ("line", "n", "name")
    assert columns[LINES] == ("id", "number", "pos", "price", "product", "qty", "tenant")


def test_lineage_of_nested_fields() -> None:
    found = {one.field: one.columns for one in MODEL.lineage}
    assert found["lines[].amount"] == ((LINES, "qty"), (LINES, "price"))
    assert found["lines[].parts[].name"] == ((PARTS, "name"),)
    assert found["customer.name"] == ((CUSTOMERS, "name"),)


def test_lineage_of_a_filtered_sum_holds_what_it_adds() -> None:
    model = compiled(SHAPES["aggregates"][1], "tenant number")
    found = {one.field: one.columns for one in model.lineage}
    assert found["parts"] == ((PARTS, "amount"),)
    assert found["lines"] == ()


def test_types_follow_from_tables_and_expressions() -> None:
    lines = MODEL.fields.field("lines")
    assert lines is not None
    assert isinstance(lines.type, Array)
    assert isinstance(lines.type.items, Record)
    amount, product = lines.type.items.field("amount"), lines.type.items.field("product")
    assert amount is not None
    assert (amount.type, amount.required) == (Decimal(18, 2), True)
    assert product is not None
    assert (product.type, product.required) == (Text(), False)


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("l.qty + l.qty", Integer(64)),
        ("l.price + l.price", Decimal(11, 2)),
        ("l.price * 1.5", Decimal(12, 3)),
        ("l.qty * l.price", Decimal(18, 2)),
        ("l.price * l.price * l.price", Decimal(18, 6)),
        ("l.price * l.price * l.price * l.price", Decimal(38, 8)),
        ("l.big + l.price", Decimal(38, 4)),
        ("coalesce(l.pos, l.qty)", Integer(32)),
        ("coalesce(l.price, l.qty)", Decimal(12, 2)),
        ("CASE WHEN l.qty > 1 THEN 'a' END", Text()),
    ],
)
def test_result_types(expression: str, kind: object) -> None:
    field = fields(f"SELECT {expression} AS x FROM shop.lines l").field("x")
    assert field is not None
    assert field.type == kind


def test_every_meaning_is_in_a_shape_that_both_engine_and_database_compute() -> None:
    used: set[type[exp.Expr]] = set()
    for sql in (*(sql for _, sql in SHAPES.values()), *PART_SHAPES.values()):
        used |= {type(node) for node in parse_model(ModelFile("m.sql", sql))[1].walk()}
    assert {*OPERATORS, *AGGREGATES} <= used


def test_the_source_is_known_before_its_tables() -> None:
    model = ModelFile("m.sql", "SELECT i.id FROM my_stock.items i")
    assert source_read(model, [SOURCE, OTHER]) == OTHER
