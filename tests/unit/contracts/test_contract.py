from collections.abc import Callable

import pytest

from streammesh.contracts.contract import Contract
from streammesh.contracts.property_types import scalar
from streammesh.contracts.types import Array, Integer, Json, Record, Text
from streammesh.errors import MeshError, MeshErrors
from streammesh.errors.contracts import (
    BadKey,
    BadRule,
    ContractWithoutKey,
    FieldTwice,
    MissingType,
    NoFields,
    NoSchema,
    UndecidedNumber,
    UnsupportedType,
)

Make = Callable[..., Contract]
RULE = "quality: [{type: library, metric: invalidValues, mustBe: 0, arguments: {validValues: %s}}]"


def errors_of(make: Make, properties: str, **parts: str) -> tuple[MeshError, ...]:
    with pytest.raises(MeshErrors) as caught:
        make(properties, **parts)
    return caught.value.errors


def test_fields_keep_order_type_and_description(make_contract: Make) -> None:
    contract = make_contract(
        "{ name: name, logicalType: string, required: true, description: The name. }\n"
        "{ name: tags, logicalType: array, items: { logicalType: string } }"
    )
    first, second, third = contract.fields.fields
    assert (first.name, first.type, first.required) == ("id", Integer(64), True)
    assert (second.name, second.type, second.description) == ("name", Text(), "The name.")
    assert (third.type, third.required) == (Array(Text()), False)
    assert contract.key == (first,)


def test_every_field_has_a_place(make_contract: Make) -> None:
    contract = make_contract(
        "{ name: lines, logicalType: array, items: { logicalType: object, properties: "
        "[{ name: part, logicalType: object, properties: [{name: no, logicalType: integer}] }] } }"
    )
    assert str(contract.places["id"]) == "orders.v1.odcs.yaml:10:17"
    assert contract.places["lines"].line == 11
    assert {"", "lines[]", "lines[].part", "lines[].part.no"} <= contract.places.keys()
    where = contract.places["lines[].part.no"]
    assert where.text[where.column - 1 :].startswith("no,")


def test_the_key_is_in_the_order_of_its_positions(make_contract: Make) -> None:
    key = (
        "      - { name: b, logicalType: integer, primaryKey: true, primaryKeyPosition: 2,"
        " required: true }\n"
        "      - { name: a, logicalType: string, primaryKey: true, primaryKeyPosition: 1,"
        " required: true }\n"
    )
    contract = make_contract("{ name: c, logicalType: date }", key=key)
    assert [field.name for field in contract.key] == ["a", "b"]
    assert [field.name for field in contract.fields.fields] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("{ name: id, logicalType: integer }", ContractWithoutKey),
        ("{ name: id, logicalType: integer, primaryKey: true }", BadKey),
        (
            "{ name: id, logicalType: array, primaryKey: true, required: true,"
            " items: {logicalType: string} }",
            BadKey,
        ),
        (
            "{ name: id, logicalType: integer, primaryKey: true, required: true,"
            " primaryKeyPosition: 2 }",
            BadKey,
        ),
    ],
)
def test_a_key_that_is_none(make_contract: Make, key: str, error: type[MeshError]) -> None:
    (found,) = errors_of(make_contract, "", key=f"      - {key}\n")
    assert isinstance(found, error)
    assert found.where is not None
    assert found.where.line in (7, 10)
    assert found.fix


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("{ name: x, logicalType: object }", NoFields),
        ("{ name: x, logicalType: array }", NoFields),
        ("{ name: id, logicalType: string }", FieldTwice),
        ("{ name: x, logicalType: number }", UndecidedNumber),
        (
            "{ name: x, logicalType: vector,"
            " logicalTypeOptions: {dimensions: 3, elementType: binary} }",
            UnsupportedType,
        ),
        (
            "{ name: x, logicalType: string, customProperties:"
            " [{property: stream, value: {avro: enum}}] }",
            BadRule,
        ),
        (
            "{ name: x, logicalType: string, customProperties:"
            " [{property: stream, value: {unitt: EUR}}] }",
            BadRule,
        ),
        (f"{{ name: x, logicalType: date, {RULE % '[2026-01-01]'} }}", BadRule),
        (f"{{ name: x, logicalType: string, {RULE % '[1]'} }}", BadRule),
        (f"{{ name: x, logicalType: string, {RULE % '[a]'}, enum: [{{value: b}}] }}", BadRule),
    ],
)
def test_a_property_that_is_refused(make_contract: Make, said: str, error: type[MeshError]) -> None:
    (found,) = errors_of(make_contract, said)
    assert isinstance(found, error)
    assert found.where is not None
    assert found.where.line == 11
    assert found.fix


def test_all_errors_come_at_once(make_contract: Make) -> None:
    found = errors_of(
        make_contract,
        "{ name: a, logicalType: number }\n{ name: b, logicalType: map,"
        " map: {key: {logicalType: integer}, value: {logicalType: string}} }",
    )
    assert [one.where.line for one in found if one.where] == [11, 12]


def test_a_contract_without_an_object_is_no_contract(make_contract: Make) -> None:
    head = "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: draft\n"
    (found,) = errors_of(make_contract, "", head=head, key="")
    assert isinstance(found, NoSchema)


def test_valid_values_come_from_rule_and_enum(make_contract: Make) -> None:
    contract = make_contract(
        f"{{ name: a, logicalType: string, {RULE % '[new, paid]'} }}\n"
        f"{{ name: b, logicalType: string, {RULE % '[new, paid]'}, enum: [{{value: paid}}] }}\n"
        f"{{ name: c, logicalType: integer, {RULE % '[1, 2]'} }}"
    )
    values = [field.rules.valid for field in contract.fields.fields]
    assert values == [(), ("new", "paid"), ("paid",), (1, 2)]


def test_json_is_an_object_that_says_so(make_contract: Make) -> None:
    contract = make_contract("{ name: a, logicalType: object, physicalType: jsonb }")
    assert contract.fields.fields[1].type == Json()


def test_records_nest(make_contract: Make) -> None:
    contract = make_contract(
        "{ name: a, logicalType: object, properties: [{ name: b, logicalType: string }] }"
    )
    nested = contract.fields.fields[1].type
    assert isinstance(nested, Record)
    assert nested.fields[0].name == "b"


def test_a_type_must_be_said(make_contract: Make) -> None:
    with pytest.raises(MissingType):
        scalar("a", {"name": "a"})
