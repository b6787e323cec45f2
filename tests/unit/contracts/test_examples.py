"""Documents that are made of a contract: each keeps it, and says what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings

from streammesh.contracts.assignment import assigner
from streammesh.contracts.contract import examine
from streammesh.contracts.examples import example
from streammesh.documents.values import ContractFile, StreamOptions
from tests.unit.contracts.test_any_contract import KEY, PROPERTIES

Make = Callable[..., ContractFile]


def made(file: ContractFile) -> dict[str, Any]:
    (schema,) = file.document["schema"]
    contract, errors = examine(file)
    assert errors == []
    document = example(contract.fields, schema["properties"])
    assert assigner(contract.fields, contract.fields)(document) == document
    return document


@settings(max_examples=100, deadline=None)
@given(PROPERTIES)
def test_a_document_of_any_contract_keeps_it(said: dict[str, Any]) -> None:
    schema = {"name": "b", "logicalType": "object", "properties": [KEY, {"name": "x", **said}]}
    file = ContractFile("b.v1.odcs.yaml", {"schema": [schema]}, {}, StreamOptions())
    assert made(file).keys() == {"id", "x"}


def test_what_the_contract_gives_as_an_example_comes_first(make_file: Make) -> None:
    document = made(
        make_file(
            "{name: town, logicalType: string, examples: [Jena, Ulm]}\n"
            '{name: price, logicalType: number, physicalType: "decimal(6,2)", examples: [4.5]}\n'
            "{name: even, logicalType: integer, logicalTypeOptions: {multipleOf: 2},"
            " examples: [many, 3, 8]}\n"
            "{name: tags, logicalType: array, items: {logicalType: string, examples: [new]}}\n"
            "{name: size, logicalType: integer, required: true,"
            " customProperties: [{property: stream, value: {default: 7}}]}"
        )
    )
    assert document == {
        "id": 1,
        "town": "Jena",
        "price": "4.50",
        "even": 8,
        "tags": ["new"],
        "size": 7,
    }


def test_rules_are_kept_where_there_is_no_example(make_file: Make) -> None:
    rule = "quality: [{type: library, metric: invalidValues, mustBe: 0, arguments: {%s}}]"
    document = made(
        make_file(
            "{name: state, logicalType: string, " + rule % "validValues: [sent, paid]" + "}\n"
            "{name: code, logicalType: string, logicalTypeOptions: {minLength: 6, maxLength: 6}}\n"
            "{name: age, logicalType: integer, logicalTypeOptions: {minimum: 18}}\n"
            "{name: dozen, logicalType: integer,"
            " logicalTypeOptions: {multipleOf: 12, minimum: 5}}\n"
            '{name: day, logicalType: date, logicalTypeOptions: {maximum: "2020-12-31"}}\n'
            "{name: pair, logicalType: array, items: {logicalType: boolean},"
            " logicalTypeOptions: {minItems: 2}}"
        )
    )
    del document["id"]
    assert document == {
        "state": "sent",
        "code": "text……",
        "age": 18,
        "dozen": 12,
        "day": "2020-12-31",
        "pair": [True, True],
    }


def test_a_pattern_without_an_example_is_named(make_file: Make) -> None:
    file = make_file('{name: c, logicalType: string, logicalTypeOptions: {pattern: "^[A-Z]{2}$"}}')
    contract, _ = examine(file)
    said = file.document["schema"][0]["properties"]
    assert example(contract.fields, said)["c"] == "<text like ^[A-Z]{2}$>"
