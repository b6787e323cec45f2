"""Every refusal of a contract stands at its line and column, and says what to write instead."""

from collections.abc import Callable

import pytest

from streammesh.contracts.checking import problems
from streammesh.documents.values import ContractFile

Make = Callable[..., ContractFile]

STREAM = "customProperties: [{property: stream, value: {%s}}]"
VALID = "quality: [{metric: invalidValues, mustBe: 0, arguments: {validValues: [%s]}}]"
OPTION = "logicalType: %s, logicalTypeOptions: {%s}"
NUMBER = 'logicalType: number, physicalType: "%s"'

CASES: list[tuple[str, str, str, str]] = [
    # what stands after the name, error, the part it points to, and the fix
    ("logicalType: number", "UndecidedNumber", "number", "decimal(12,2)"),
    (NUMBER % "decimal", "UndecidedNumber", '"decimal"', "double precision"),
    (NUMBER % "money", "UnknownType", '"money"', "decimal(12,2)"),
    (NUMBER % "decimal(39,2)", "BadDecimal", '"decimal(39,2)"', "decimal(12,2)"),
    ("logicalType: integer, physicalType: text", "UnknownType", "text", "bigint"),
    (OPTION % ("integer", "format: u64"), "UnsupportedType", "u64", "decimal(38,0)"),
    (OPTION % ("integer", "minimum: 2, maximum: 1"), "BadRule", "2", "smaller"),
    (OPTION % ("integer", "minimum: 1.2, maximum: 1.9"), "BadRule", "1.2", "greater"),
    (OPTION % ("integer", "exclusiveMaximum: -9223372036854775808"), "BadRule", "-9", "greater"),
    (OPTION % ("integer", "format: u8, maximum: -1"), "BadRule", "u8", "widen"),
    (OPTION % ("number", "format: f64, multipleOf: 0.1"), "BadRule", "0.1", "decimal"),
    (OPTION % ("date", "minimum: 31.12.2020"), "BadRule", "31.12.2020", "2026-01-31"),
    (OPTION % ("date", "minimum: 2020-02-30"), "BadRule", "2020-02-30", "2026-01-31"),
    (OPTION % ("date", "exclusiveMaximum: 0001-01-01"), "BadRule", "0001-01-01", "greater"),
    (OPTION % ("time", 'maximum: "25:00"'), "BadRule", '"25:00"', "08:00:00"),
    (OPTION % ("time", 'maximum: "08:00Z"'), "BadRule", '"08:00Z"', "08:00:00"),
    (OPTION % ("time", "timezone: true"), "UnsupportedType", "true", "a timestamp"),
    (OPTION % ("timestamp", 'minimum: "2020-01-01T00:00Z"'), "BadRule", '"2020', "instant"),
    (
        OPTION
        % ("timestamp", "timezone: true, defaultTimezone: Europe/Berlin, minimum: 2020-01-01"),
        "BadRule",
        "2020-01-01",
        "Z",
    ),
    ("logicalType: timestamp, physicalType: abstime", "UnknownType", "abstime", "timestamptz"),
    ("logicalType: time, physicalType: timetz", "UnsupportedType", "timetz", "a timestamp"),
    (OPTION % ("string", "minLength: 3, maxLength: 2"), "BadRule", "3", "smaller"),
    (OPTION % ("string", "pattern: (?=a)"), "BadRule", "(?=a)", "without that"),
    (
        "logicalType: string, physicalType: bytea, logicalTypeOptions: {pattern: a}",
        "BadRule",
        "a}",
        "leave it out",
    ),
    (
        "logicalType: string, physicalType: json, logicalTypeOptions: {minLength: 1}",
        "BadRule",
        "1",
        "leave it out",
    ),
    (
        OPTION % ("vector", "dimensions: 2, elementType: binary"),
        "UnsupportedType",
        "binary",
        "bytea",
    ),
    ("logicalType: vector", "UnsupportedType", "vector", "dimensions"),
    (OPTION % ("integer", "multipleOf: 1.0e-320"), "BadRule", "1.0e-320", "a number"),
    (
        "logicalType: string, quality: [{metric: invalidValues, mustBe: 0,"
        " arguments: {validValues: abc}}]",
        "BadRule",
        "[{metric",
        "[a, b]",
    ),
    (
        "logicalType: string, quality: [{metric: missingValues, mustBe: 0,"
        " arguments: {missingValues: 7}}]",
        "BadRule",
        "[{metric",
        "[a, b]",
    ),
    (
        f"logicalType: integer, physicalType: smallint, {VALID % '70000'}",
        "BadRule",
        "[{metric",
        "take the value away",
    ),
    ("logicalType: array", "NoFields", "{", "items"),
    ("logicalType: object", "NoFields", "{", "properties"),
    (
        "logicalType: array, items: {logicalType: number}",
        "UndecidedNumber",
        "number}",
        "decimal(12,2)",
    ),
    (
        "logicalType: array, items: {logicalType: string}, logicalTypeOptions: {minItems: 2,"
        " maxItems: 1}",
        "BadRule",
        "2,",
        "smaller",
    ),
    (
        "logicalType: map, map: {key: {logicalType: integer}, value: {logicalType: string}}",
        "UnsupportedType",
        "integer",
        "array of objects",
    ),
    (
        "logicalType: map, map: {key: {logicalType: string, logicalTypeOptions: {minLength: 1}},"
        " value: {logicalType: string}}",
        "UnsupportedType",
        "string",
        "array of objects",
    ),
    (
        "logicalType: object, logicalTypeOptions: {required: [b, aa]}, properties:"
        " [{name: b, logicalType: string}]",
        "BadRule",
        "aa",
        "known are `b`",
    ),
    (
        "logicalType: object, properties: [{name: b, logicalType: string, primaryKey: true}]",
        "BadKey",
        "true",
        "document itself",
    ),
    (f"logicalType: date, {VALID % 'a'}", "BadRule", "[{metric", "leave out"),
    (f"logicalType: string, {VALID % '1'}", "BadRule", "[{metric", "quotes"),
    (
        f"logicalType: string, {VALID % 'a, bb'}, logicalTypeOptions: {{minLength: 2}}",
        "BadRule",
        "[{metric",
        "take the value away",
    ),
    (f"logicalType: string, {STREAM % 'unitt: EUR'}", "BadRule", "EUR", "write `unit`"),
    (f"logicalType: string, {STREAM % 'avro: fixed'}", "UnsupportedType", "[{prop", "avro: enum"),
    (f"logicalType: string, {STREAM % 'avro: enum'}", "BadRule", "[{prop", "validValues"),
    (f"logicalType: date, {STREAM % 'unknown: a'}", "BadRule", "a}", "avro: enum"),
    (
        f"logicalType: string, {STREAM % 'avro: enum'}, {VALID % 'in transit'}",
        "BadAvroName",
        "[{metric",
        "write `in_transit`",
    ),
    (
        f"logicalType: string, {STREAM % 'avro: enum, unknown: bb'}, {VALID % 'b, cc'}",
        "BadRule",
        "[{prop",
        "`b`",
    ),
    (f"logicalType: string, {STREAM % 'default: a'}", "BadDefault", "[{prop", "required: true"),
    (
        f"logicalType: integer, required: true, {STREAM % 'default: a'}",
        "BadDefault",
        "[{prop",
        "as documents show it",
    ),
    (
        f"{OPTION % ('integer', 'minimum: 1')}, required: true, {STREAM % 'default: 0'}",
        "BadDefault",
        "[{prop",
        "rules allow",
    ),
    (
        f"logicalType: array, required: true, items: {{logicalType: string}},"
        f" {STREAM % 'default: [a]'}",
        "BadDefault",
        "[{prop",
        "optional",
    ),
]


@pytest.mark.parametrize(
    ("said", "error", "pointed", "fix"), CASES, ids=[f"{one[1]} {one[0][:60]}" for one in CASES]
)
def test_a_refusal_points_to_its_place_and_proposes(
    make_file: Make, said: str, error: str, pointed: str, fix: str
) -> None:
    (found,) = problems(make_file(f"{{ name: x, {said} }}"))
    assert type(found).__name__ == error
    assert found.where is not None
    assert found.where.line == 11
    assert found.where.text[found.where.column - 1 :].startswith(pointed)
    assert fix in (found.fix or "")


@pytest.mark.parametrize(
    ("names", "proposed"),
    [
        (["größe"], "grosse"),
        (["a-b"], "a_b"),
        (["a b", "a-b", "a_b"], "a_b_2 a_b_3"),
        (["1st"], "_1st"),
        (["日本"], "field"),
        (["Å"], "A"),
        ([""], "field"),
        (["a.b"], "a_b"),
        (["$"], "field"),
    ],
)
def test_a_name_that_avro_has_not(make_file: Make, names: list[str], proposed: str) -> None:
    lines = [f'{{ name: "{name}", logicalType: string }}' for name in names]
    found = problems(make_file("\n".join(lines)))
    assert [type(one).__name__ for one in found] == ["BadAvroName"] * len(proposed.split())
    assert [(one.fix or "").split("`")[1] for one in found] == proposed.split()
    assert [one.where.line if one.where else 0 for one in found] == [
        11 + index for index in range(len(found))
    ]


OBJECT = "{ name: %s, logicalType: object, properties: [{name: %s, logicalType: string}] }"


@pytest.mark.parametrize(
    ("first", "second", "record"),
    [
        (OBJECT % ("a_b", "x"), OBJECT % ("aB", "x"), "AB"),
        (
            "{ name: a, logicalType: object, properties: [" + OBJECT % ("b", "x") + "] }",
            OBJECT % ("aB", "x"),
            "AB",
        ),
        (OBJECT % ("key", "x"), "{ name: z, logicalType: date }", "Key"),
        (
            OBJECT % ("a", "x"),
            f"{{ name: A, logicalType: string, {STREAM % 'avro: enum'}, {VALID % 'v'} }}",
            "A",
        ),
    ],
)
def test_records_of_one_name(make_file: Make, first: str, second: str, record: str) -> None:
    (found,) = problems(make_file(f"{first}\n{second}"))
    assert type(found).__name__ == "RecordTwice"
    assert f"`{record}`" in found.what
    assert found.where is not None
    proposed = (found.fix or "").split("`")[1]
    line = 0 if record == "Key" else 1
    lines = [first, second]
    name = lines[line].split("name: ")[1].split(",")[0]
    lines[line] = lines[line].replace(f"name: {name}", f"name: {proposed}", 1)
    assert problems(make_file("\n".join(lines))) == ()


def test_what_is_too_deep(make_file: Make) -> None:
    inner = "logicalType: string"
    for _ in range(40):
        inner = f"logicalType: array, items: {{{inner}}}"
    (found,) = problems(make_file(f"{{ name: x, {inner} }}"))
    assert type(found).__name__ == "TooDeep"


def test_records_and_lists_in_each_other(make_file: Make) -> None:
    lists = (
        "{ name: x, logicalType: array, items: {logicalType: array, items: {logicalType: object,"
        " properties: [{name: _1, logicalType: object, properties:"
        " [{name: y, logicalType: date}]}]}} }"
    )
    assert problems(make_file(lists)) == ()


def test_everything_is_told_at_once(make_file: Make) -> None:
    lines = ["{ name: a b, logicalType: number }", "{ name: c, logicalType: date }"]
    lines.append("{ name: ä, logicalType: integer }")
    found = problems(make_file("\n".join(lines)))
    told = [(type(one).__name__, one.where.line if one.where else 0) for one in found]
    assert told == [("UndecidedNumber", 11), ("BadAvroName", 11), ("BadAvroName", 13)]
