"""Rules that look at more than one value: what is read, and what is refused at its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streammesh.contracts.contract import Contract
from streammesh.contracts.leniency import lenient
from streammesh.contracts.types import Text
from streammesh.documents.values import ContractFile
from streammesh.errors import MeshError
from streammesh.models.validation import contract_errors

Make = Callable[..., Contract]
MakeFile = Callable[..., ContractFile]

NAME = "{ name: name, logicalType: string }\n"


@pytest.mark.parametrize(
    ("said", "distinct"),
    [
        ("{ name: x, logicalType: string, unique: true }", (("x",),)),
        (
            "{ name: x, logicalType: string, quality: [{metric: duplicateValues, mustBe: 0}] }",
            (("x",),),
        ),
        (
            "{ name: x, logicalType: object, properties:"
            " [{name: y, logicalType: integer, unique: true}] }",
            (("x.y",),),
        ),
        (
            "{ name: x, logicalType: string, quality: [{metric: duplicateValues, mustBe: 0,"
            " arguments: {properties: [x, name]}}] }",
            (("x", "name"),),
        ),
        (  # a key is never there twice
            "{ name: x, logicalType: string, quality: [{metric: duplicateValues, mustBe: 0,"
            " arguments: {properties: [x, id]}}] }",
            (),
        ),
        (  # one that allows some says nothing of a single document
            "{ name: x, logicalType: string, quality: [{metric: duplicateValues,"
            " mustBeLessThan: 5}] }",
            (),
        ),
    ],
)
def test_values_that_no_two_documents_share(
    make_contract: Make, said: str, distinct: tuple[tuple[str, ...], ...]
) -> None:
    assert make_contract(NAME + said).quality.distinct == distinct


REFUSED = [
    (
        "logicalType: array, items: {logicalType: string, unique: true}",
        "several values",
        "uniqueItems",
    ),
    (
        "logicalType: object, unique: true, properties: [{name: y, logicalType: string}]",
        "no single value",
        "name a field",
    ),
    (
        "logicalType: string, quality: [{metric: duplicateValues, mustBe: 0,"
        " arguments: {properties: [nam]}}]",
        "no field `nam`",
        "`name`",
    ),
]


def problem(file: ContractFile) -> MeshError:
    (error,) = contract_errors(file)
    return error


@pytest.mark.parametrize(("said", "reason", "fix"), REFUSED)
def test_what_cant_be_kept_is_refused(
    make_file: MakeFile, said: str, reason: str, fix: str
) -> None:
    error = problem(make_file(NAME + "{ name: x, " + said + " }"))
    assert reason in error.what
    assert fix in (error.fix or "")
    assert error.where is not None
    assert error.where.line == 12


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT 1", "doesn't count"),
        ("SELECT sum(x) FROM {object} WHERE x > 1", "doesn't count"),
        ("SELECT count(*) FROM {object}", "no WHERE"),
        ("SELECT count(*) FROM orders WHERE x > 1", "doesn't read {object}"),
        ("SELECT count(*) FROM {object} WHERE y > 1", "y"),
        ("SELECT count(*) FROM {object} WHERE x > random()", "random"),
        ("SELECT count(*) FROM {object} WHERE x > 'a'", "bigint and text"),
        ("SELECT count(*) FROM {object} WHERE lines IS NULL", "lines"),
        (
            "SELECT count(*) FROM {object} a WHERE EXISTS (SELECT 1 FROM {object} b)",
            "more than one",
        ),
        ("SELECT count(*) FROM {object} WHERE x > (SELECT max(x) FROM {object})", "more than one"),
        ("SELECT count(*) FROM {object} WHERE x > 1 GROUP BY x", "GROUP BY"),
        ("SELECT count(*) FROM {object} WHERE x >", ""),
        ("DELETE FROM {object}", ""),
        ("", "no query"),
    ],
)
def test_sql_that_is_no_condition_of_one_document(
    make_file: MakeFile, query: str, reason: str
) -> None:
    said = (
        f'{{ name: x, logicalType: integer, quality: [{{type: sql, query: "{query}",'
        " mustBe: 0}] }\n"
        "{ name: lines, logicalType: array, items: {logicalType: string} }"
    )
    error = problem(make_file(said))
    assert type(error).__name__ == "BadRule"
    assert reason in error.what
    assert error.where is not None
    assert error.where.line == 11


def test_sql_that_allows_some_is_refused(make_file: MakeFile) -> None:
    said = (
        "{ name: x, logicalType: integer, quality: [{type: sql, mustBeLessThan: 9,"
        ' query: "SELECT count(*) FROM {object} WHERE x > 1"}] }'
    )
    assert "allows some" in problem(make_file(said)).what


@pytest.mark.parametrize("form", ["{object}", "${object}"])
def test_sql_that_is_one(make_file: MakeFile, form: str) -> None:
    query = f"SELECT COUNT(*) FROM {form} WHERE {{property}} < 0 OR name = 'never'"
    rule = f'{{type: sql, query: "{query}", mustBe: 0}}'
    said = f"{{ name: x, logicalType: integer, quality: [{rule}] }}"
    assert contract_errors(make_file(NAME + said)) == ()


def test_without_rules_a_text_has_no_length(make_contract: Make) -> None:
    contract = make_contract(
        "{ name: x, logicalType: string, logicalTypeOptions: {maxLength: 3, pattern: a} }\n"
        "{ name: y, logicalType: array, items: {logicalType: string,"
        " logicalTypeOptions: {minLength: 1}} }"
    )
    free = lenient(contract.fields)
    assert [one.name for one in free.fields] == ["id", "x", "y"]
    assert free.fields[1].type == Text()
    assert not any(one.rules.patterns for one in free.fields)
