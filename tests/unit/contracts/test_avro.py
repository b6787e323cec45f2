import json
from collections.abc import Callable

import fastavro
import pytest

from streammesh.contracts.avro import key_schema, value_schema
from streammesh.contracts.avro_names import record_name
from streammesh.contracts.contract import Contract
from streammesh.errors import MeshErrors
from streammesh.errors.contracts import BadAvroName, RecordTwice

Make = Callable[..., Contract]

NESTED = (
    "{ name: name, logicalType: string, description: Who. }\n"
    "{ name: lines, logicalType: array, required: true, items: { logicalType: object, properties: "
    "[{ name: main_part, logicalType: object, properties: [{name: no, logicalType: integer}] }] } }"
)


def test_the_key_schema_is_fixed_to_the_byte(make_contract: Make) -> None:
    contract = make_contract(NESTED)
    assert key_schema(contract, "stage-sales.my-orders.v1") == (
        '{"type":"record","name":"Key","namespace":"stage_sales.my_orders.v1",'
        '"fields":[{"name":"id","type":"long"}]}'
    )


def test_the_key_schema_has_no_words_of_the_contract(make_contract: Make) -> None:
    key = (
        "      - { name: id, logicalType: integer, primaryKey: true, required: true,"
        " description: A number., tags: [x], classification: public }\n"
    )
    assert key_schema(make_contract("", key=key), "t") == key_schema(make_contract(""), "t")


def test_the_value_schema(make_contract: Make) -> None:
    assert value_schema(make_contract(NESTED), "sales.orders.v1") == (
        '{"type":"record","name":"Value","namespace":"sales.orders.v1","fields":['
        '{"name":"id","type":"long"},'
        '{"name":"name","type":["null","string"],"doc":"Who.","default":null},'
        '{"name":"lines","type":{"type":"array","items":{"type":"record","name":"Lines","fields":['
        '{"name":"main_part","type":["null",{"type":"record","name":"LinesMainPart","fields":['
        '{"name":"no","type":["null","long"],"default":null}]}],"default":null}]}}}]}'
    )


def test_fastavro_takes_both(make_contract: Make) -> None:
    contract = make_contract(NESTED)
    for schema in (key_schema(contract, "a-b.c.v1"), value_schema(contract, "a-b.c.v1")):
        fastavro.parse_schema(json.loads(schema))


@pytest.mark.parametrize("name", ["größe", "a-b", "1st", "a b"])
def test_a_name_that_avro_has_not_is_refused(make_contract: Make, name: str) -> None:
    contract = make_contract(f'{{ name: "{name}", logicalType: string }}')
    with pytest.raises(MeshErrors) as caught:
        value_schema(contract, "t")
    (error,) = caught.value.errors
    assert isinstance(error, BadAvroName)
    assert error.where is not None
    assert error.where.line == 11
    proposed = (error.fix or "").split("`")[1]
    fastavro.parse_schema(
        {"type": "record", "name": "r", "fields": [{"name": proposed, "type": "int"}]}
    )


@pytest.mark.parametrize("names", [("a_b", "aB"), ("value", "other"), ("key", "other")])
def test_two_records_of_one_name_are_refused(make_contract: Make, names: tuple[str, str]) -> None:
    inner = "properties: [{ name: x, logicalType: string }]"
    contract = make_contract(
        "\n".join(f"{{ name: {name}, logicalType: object, {inner} }}" for name in names)
    )
    with pytest.raises(MeshErrors) as caught:
        value_schema(contract, "t")
    assert [type(error) for error in caught.value.errors] == [RecordTwice]


def test_records_are_named_by_their_path() -> None:
    assert record_name("lines[].main_part") == "LinesMainPart"
    assert record_name("a") == "A"
