"""Rules of a contract: read from its options and quality, and checked for each document."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from streammesh.contracts.contract import Contract
from streammesh.contracts.patterns import BadPattern, search
from streammesh.contracts.types import Rules
from streammesh.contracts.violations import Violated, Violation
from tests.unit.contracts.shop import codec

Make = Callable[..., Contract]


def violation_of(contract: Contract, value: Any) -> str | None:
    """Tell what the fast and the careful way say against a value (in state form) of `x`."""
    one = codec(contract.fields, contract.fields, key=("id",))
    text = json.dumps({"id": 1, "x": value})
    (result,) = one.encode_values([text])
    if isinstance(result, Violation):
        with pytest.raises(Violated) as caught:
            one.canonical(text)
        assert caught.value.violation == result
        return str(result)
    assert one.decode_value(result) == one.canonical(text)
    return None


DECIMAL = 'logicalType: number, physicalType: "decimal(6,2)"'
ITEMS = "items: {logicalType: integer, logicalTypeOptions: {minimum: 0}}"
QUALITY = "quality: [{type: library, metric: %s, mustBe: 0, arguments: {%s}}]"

CASES: list[tuple[str, str, list[Any], list[tuple[Any, str]]]] = [
    ("logicalType: string", "minLength: 2", ["ab", "🐘🐘"], [("a", "fewer than 2"), ("🐘", "1")]),
    ("logicalType: string", "maxLength: 2", ["", "🐘🐘"], [("abc", "longer than 2")]),
    (
        "logicalType: string",
        'pattern: "^[a-z]+\\\\d$"',
        ["ab1"],
        [("ab1\n", "pattern"), ("1", "pat")],
    ),
    ("logicalType: string", "pattern: b", ["abc"], [("ac", "doesn't match the pattern b")]),
    (
        "logicalType: string, physicalType: bytea",
        "minLength: 1, maxLength: 2",
        ["00", "0000"],
        [("", "0 bytes"), ("000000", "3 bytes")],
    ),
    ("logicalType: integer", "minimum: 0.5", [1], [(0, "not at least 1")]),
    (
        "logicalType: integer",
        "exclusiveMinimum: 0, maximum: 9",
        [1, 9],
        [(0, "1"), (10, "at most 9")],
    ),
    ("logicalType: integer", "multipleOf: 2.5", [0, 5, -10], [(2, "no multiple of 5")]),
    ("logicalType: integer", "format: i8", [-128, 127], [(-129, "-128"), (128, "127")]),
    ("logicalType: integer", "format: u32", [0, 2**32 - 1], [(-1, "0"), (2**32, "4294967295")]),
    (DECIMAL, "minimum: 0.1, exclusiveMaximum: 5", [10, 499], [(9, "0.10"), (500, "4.99")]),
    (DECIMAL, "multipleOf: 0.25", [0, 25, -100], [(10, "no multiple of 0.25")]),
    (
        "logicalType: number, physicalType: real",
        "exclusiveMinimum: 0, maximum: 1",
        ["1.0", "1e-30"],
        [("0.0", "at least"), ("NaN", "at least"), ("Infinity", "at most 1.0")],
    ),
    (
        "logicalType: date",
        'minimum: "2020-02-29", exclusiveMaximum: "2021-01-01"',
        ["2020-02-29", "2020-12-31"],
        [("2020-02-28", "at least 2020-02-29"), ("2021-01-01", "at most 2020-12-31")],
    ),
    ("logicalType: time", 'maximum: "12:00"', ["12:00:00.000000"], [("12:00:00.000001", "12:00")]),
    (
        "logicalType: timestamp, physicalType: timestamptz",
        'minimum: "2020-01-01T00:00:00+02:00"',
        ["2019-12-31T22:00:00.000000Z"],
        [("2019-12-31T21:59:59.999999Z", "2019-12-31T22:00:00.000000Z")],
    ),
    (
        "logicalType: timestamp",
        'exclusiveMaximum: "2020-01-01T00:00:00"',
        ["2019-12-31T23:59:59.999999"],
        [("2020-01-01T00:00:00.000000", "at most 2019-12-31T23:59:59.999999")],
    ),
    (
        f"logicalType: array, {ITEMS}",
        "minItems: 1, maxItems: 2, uniqueItems: true",
        [[1], [1, 2]],
        [([], "fewer than 1"), ([1, 2, 3], "more than 2"), ([1, 1], "twice"), ([-1], "[0]")],
    ),
    (
        "logicalType: array, items: {logicalType: array, items: {logicalType: string, "
        "logicalTypeOptions: {pattern: ^a}}}",
        "uniqueItems: true",
        [[["a"], []]],
        [([["a"], ["a"]], "twice"), ([["a", "b"]], "x[0][1]")],
    ),
    (
        "logicalType: object, properties: [{name: a, logicalType: string},"
        " {name: b, logicalType: string}]",
        "minProperties: 1, maxProperties: 1",
        [{"a": "x", "b": None}],
        [({"a": None, "b": None}, "0 fields"), ({"a": "x", "b": "y"}, "2 fields")],
    ),
    (
        "logicalType: object, physicalType: json",
        "minProperties: 1",
        [{"a": 1}],
        [({}, "0 entries"), ([1], "no object")],
    ),
    (
        "logicalType: vector",
        "dimensions: 2, elementType: uint8",
        [[0, 255]],
        [([1], "fewer than 2"), ([1, 2, 3], "more than 2"), ([0, 256], "x[1]")],
    ),
]
ROWS = [
    pytest.param(said, options, value, reason, id=f"{said[:40]} {options} {value}")
    for said, options, good, bad in CASES
    for value, reason in [*((one, None) for one in good), *bad]
]


@pytest.mark.parametrize(("said", "options", "value", "reason"), ROWS)
def test_an_option_is_checked(
    make_contract: Make, said: str, options: str, value: Any, reason: str | None
) -> None:
    contract = make_contract(f"{{ name: x, {said}, logicalTypeOptions: {{{options}}} }}")
    found = violation_of(contract, value)
    assert found is None if reason is None else reason in (found or "")
    assert violation_of(contract, None) is None


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (QUALITY % ("nullValues", ""), ["a", ""], [None]),
        (QUALITY % ("missingValues", "missingValues: ['', N/A]"), ["a", None], ["", "N/A"]),
        (QUALITY % ("missingValues", "missingValues: [null, '-']"), ["a"], [None, "-"]),
        (QUALITY % ("missingValues", ""), ["a", ""], [None]),
        (QUALITY % ("invalidValues", "pattern: ^a"), ["ab", None], ["b"]),
        (QUALITY % ("invalidValues", "validValues: [a, b]"), ["a", None], ["c"]),
        (QUALITY % ("rowCount", ""), [None, "a"], []),
        (QUALITY % ("duplicateValues", ""), [None, "a"], []),
        ("quality: [{metric: nullValues, mustBeLessThan: 5, unit: percent}]", [None], []),
        ("quality: [{metric: nullValues, mustBeLessOrEqualTo: 0}]", ["a"], [None]),
    ],
)
def test_a_quality_rule_that_allows_none_is_checked(
    make_contract: Make, rule: str, good: list[Any], bad: list[Any]
) -> None:
    contract = make_contract(f"{{ name: x, logicalType: string, {rule} }}")
    assert [violation_of(contract, one) for one in good] == [None] * len(good)
    assert all(violation_of(contract, one) for one in bad)


def test_missing_integers_are_refused_after_rounding(make_contract: Make) -> None:
    rule = QUALITY % ("missingValues", "missingValues: [0, -1]")
    contract = make_contract(f"{{ name: x, logicalType: integer, {rule} }}")
    assert violation_of(contract, 1) is None
    assert violation_of(contract, -1)


def test_no_rules_are_no_rules(make_contract: Make) -> None:
    contract = make_contract(
        "{ name: x, logicalType: string, logicalTypeOptions: {format: email}, unique: true }"
    )
    assert contract.fields.fields[1].rules == Rules()


def test_an_option_makes_properties_required(make_contract: Make) -> None:
    contract = make_contract(
        "{ name: x, logicalType: object, logicalTypeOptions: {required: [b]}, properties:"
        " [{name: a, logicalType: string}, {name: b, logicalType: string}] }"
    )
    assert violation_of(contract, {"a": None, "b": None}) == (
        "`x.b` is required by the contract, but NULL"
    )


@pytest.mark.parametrize(
    "pattern",
    [r"^(a+)+$", r"^(a|aa)+$", r"^(.*a){20}$", r"^([a-zA-Z]+)*$", r"(x+x+)+y", r"^(a?){40}a{40}$"],
)
def test_no_pattern_holds_up_an_engine(pattern: str) -> None:
    found = search(pattern)
    start = time.process_time()
    found("a" * 50_000 + "!")
    found("x" * 50_000)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\d", "٣", False),
        (r"\w", "ä", False),
        (r"^.$", "🐘", True),
        (r"^a$", "a\n", False),
        (r"^a$", "b\na", False),
        (r"\u00e4", "ä", True),
        (r"[\w.-]+@x\.y", "a.b-c@x.y", True),
        (r"^\p{Lu}", "Ä", True),
        (r"a\/b", "a/b", True),
        (r"^[\[\]]$", "[", True),
        (r"^[a\-z]$", "-", True),
        (r"\\1", "\\1", True),
        (r"^(?:a|b)$", "b", True),
        (r"", "", True),
    ],
)
def test_patterns_are_of_ecma_262(pattern: str, text: str, found: bool) -> None:
    assert search(pattern)(text) is found


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(?=a)", "looks ahead"),
        (r"a(?!b)", "looks ahead"),
        (r"(?<=a)b", "looks ahead or behind"),
        (r"(a)\1", "refers back"),
        (r"(?<n>a)\k<n>", "refers back"),
        (r"(?i)a", "flags"),
        (r"[a&&b]", "class"),
        (r"[[a]]", "class"),
        ("[", "no regular expression"),
        (r"a**", "repeats"),
        (r"[]a]", "empty class"),
        (r"((a{1,1000}){1,1000}){1,1000}", "huge"),
        ("a" * 2001, "2,000 characters"),
    ],
)
def test_a_pattern_that_can_not_be_searched_for(pattern: str, reason: str) -> None:
    with pytest.raises(BadPattern, match=reason):
        search(pattern)
