"""What models give today fills the types of contracts that have no column of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streammesh.contracts import avro
from streammesh.contracts.codec import Codec
from streammesh.contracts.contract import Contract
from streammesh.contracts.violations import Violation
from tests.unit.models.support import State, compiled

Make = Callable[..., Contract]

SQL = """
SELECT l.id, l.price AS price, l.big AS big, o.extra AS extra, o.status AS status
  FROM shop.lines l JOIN shop.orders o ON o.tenant = l.tenant AND o.number = l.number
"""
KEY = (
    "      - { name: id, logicalType: string, physicalType: uuid, primaryKey: true,"
    " required: true }\n"
)
PROPERTIES = """\
{ name: price, logicalType: number, physicalType: real, required: true }
{ name: big, logicalType: number, physicalType: double precision }
{ name: extra, logicalType: map, map: {key: {logicalType: string}, value: {logicalType: array, \
items: {logicalType: number, physicalType: double}}} }
{ name: status, logicalType: string, required: true, enum: [{value: new}, {value: paid}], \
customProperties: [{property: stream, value: {avro: enum}}] }"""
ID = "00000000-0000-0000-0000-000000000001"


def result(contract: Contract, **changes: Any) -> Any:
    """Give what a line's and its order's rows become: the decoded document, or a violation."""
    model = compiled(SQL, "id", contract.fields)
    state = State([model])
    line = {"id": ID, "tenant": 1, "number": 2, "qty": 3, "price": "0.10", "big": "1.0000"}
    order = {"tenant": 1, "number": 2, "customer_id": 1, "status": "paid", "extra": "{}", "uid": ID}
    order["placed"] = "2026-01-01T00:00:00.000000Z"
    state.insert("lines", **line | {key: changes[key] for key in changes.keys() & {"price", "big"}})
    state.insert("orders", **order | {k: changes[k] for k in changes.keys() & {"status", "extra"}})
    state.want(model)
    ((_, document),) = state.db.execute(model.evaluate).fetchall()
    key, value = avro.key_schema(contract, "t"), avro.value_schema(contract, "t")
    codec = Codec(model.fields, contract, ("id",), key, 1, value, 2, 900_000)
    (encoded,) = codec.encode_values([str(document)])
    return encoded if isinstance(encoded, Violation) else codec.decode_value(encoded)


def test_decimals_texts_and_json_become_floats_enums_and_maps(make_contract: Make) -> None:
    contract = make_contract(PROPERTIES, key=KEY)
    given = {"big": "123456789012345678901234.5678", "extra": '{"b": [1, 0.5], "a": []}'}
    assert result(contract, **given) == {
        "id": ID,
        "price": 0.1,
        "big": 1.2345678901234568e23,
        "extra": {"a": [], "b": [1.0, 0.5]},
        "status": "paid",
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"extra": "[]"}, "extra"),
        ({"extra": '{"a": null}'}, "extra{}"),
        ({"extra": '{"a": [1, "x"]}'}, "extra{}[1]"),
        ({"status": "lost"}, "status"),
    ],
)
def test_what_is_no_such_value_is_a_violation(
    make_contract: Make, changes: dict[str, Any], field: str
) -> None:
    found = result(make_contract(PROPERTIES, key=KEY), **changes)
    assert isinstance(found, Violation)
    assert found.field == field
