"""The table agrees with what a registry refuses at FULL_TRANSITIVE: on generated contracts."""

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streammesh.contracts.avro import value_schema
from streammesh.contracts.changes.kinds import Kind, Meaning, Registry
from streammesh.contracts.contract import read
from streammesh.models.changes import Version, changes
from streammesh.platform.avro_compatibility import breaks
from tests.unit.models.versions import version

EXAMPLES = int(os.environ.get("STREAMMESH_EXAMPLES", "100"))
VALID = (
    "quality: [ {{ type: library, metric: invalidValues, mustBe: 0, "
    "arguments: {{ validValues: [{}] }} }} ]"
)
SCALARS = [
    "logicalType: string",
    "logicalType: string, logicalTypeOptions: { maxLength: 9 }",
    "logicalType: string, physicalType: uuid",
    "logicalType: string, physicalType: bytea",
    "logicalType: string, physicalType: json",
    "logicalType: integer, physicalType: smallint",
    "logicalType: integer, physicalType: integer",
    "logicalType: integer, physicalType: bigint",
    'logicalType: number, physicalType: "decimal(9,2)"',
    'logicalType: number, physicalType: "decimal(9,3)"',
    'logicalType: number, physicalType: "decimal(10,2)"',
    "logicalType: number, physicalType: real",
    "logicalType: number, physicalType: double",
    "logicalType: boolean",
    "logicalType: date",
    "logicalType: time",
    "logicalType: timestamp",
    "logicalType: timestamp, physicalType: timestamptz",
]
NAMES = st.sampled_from(["a", "b", "c"])


def words() -> st.SearchStrategy[str]:
    """Texts with valid values, some of them Avro enums."""
    picked = st.lists(st.sampled_from("xyz"), min_size=1, max_size=3, unique=True)

    def said(values: list[str], avro: str) -> str:
        known = avro.format(values[0])
        option = f", customProperties: [ {{ property: stream, value: {{ {known} }} }} ]"
        return f"logicalType: string, {VALID.format(', '.join(values))}{option if avro else ''}"

    kinds = st.sampled_from(["", "avro: enum", "avro: enum, unknown: {}"])
    return st.builds(said, picked, kinds)


def types() -> st.SearchStrategy[str]:
    return st.recursive(st.sampled_from(SCALARS) | words(), _nested, max_leaves=3)


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    element = st.builds("{{ {}, required: {} }}".format, inner, st.sampled_from(["true", "false"]))
    held = "logicalType: map, map: {{ key: {{ logicalType: string }}, value: {} }}"
    return st.one_of(
        element.map("logicalType: array, items: {}".format),
        element.map(held.format),
        fields(inner).map(lambda all_: f"logicalType: object, properties: [ {', '.join(all_)} ]"),
    )


def fields(of: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    default = ", customProperties: [ { property: stream, value: { default: q } } ]"
    plain = st.builds(
        "{}, required: {}{}".format, of, st.sampled_from(["true", "false"]), st.just("")
    )
    defaulted = st.just(f"logicalType: string, required: true{default}")

    def named(all_: dict[str, str]) -> list[str]:
        return [f"{{ name: {name}, {said} }}" for name, said in all_.items()]

    return st.dictionaries(NAMES, plain | defaulted, min_size=1, max_size=3).map(named)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Give the fields of two versions, of which one changed in one field at least."""
    old = draw(fields(types()))
    new = list(old)
    at = draw(st.integers(0, len(old) - 1))
    changed = draw(fields(types()))
    if draw(st.booleans()):
        new = new[:at] + new[at + 1 :]
    names = {_name(one) for one in changed}
    new = [*changed, *(one for one in new if _name(one) not in names)]
    return "\n".join(old), "\n".join(new)


def _name(said: str) -> str:
    return said.split(",", 1)[0]


def schema(one: Version) -> Any:
    return json.loads(value_schema(read(one.contract), "sales.orders.v1"))


def check(old: str, new: str) -> bool:
    """Compare the table with Avro's rules, and tell whether these refuse."""
    before, after = version(old), version(new)
    refused = breaks("FULL_TRANSITIVE", schema(before), schema(after))
    found = changes(before, after)
    rows = {one.kind.row.registry for one in found if one.meaning is Meaning.BREAKING}
    assert not refused or rows - {Registry.SILENT}, (refused, found)
    renamed = any(one.kind in (Kind.FIELD_RENAMED, Kind.FIELD_MOVED) for one in found)
    if not refused and not renamed:
        assert rows <= {Registry.SILENT}, found
    return bool(refused)


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(pairs())
def test_what_avro_refuses_is_breaking_and_what_only_breaks_here_shows_in_no_schema(
    pair: tuple[str, str],
) -> None:
    check(*pair)


def _enum(values: str, unknown: str) -> str:
    option = f"avro: enum{unknown}"
    stream = f"customProperties: [ {{ property: stream, value: {{ {option} }} }} ]"
    return f"logicalType: string, {VALID.format(values)}, {stream}"


ENUMS = [
    _enum(values, unknown)
    for values in ("x", "x, y", "y, x", "x, z", "x, y, z")
    for unknown in ("", ", unknown: x")
]
LISTS = [
    "logicalType: array, items: { logicalType: string }",
    "logicalType: array, items: { logicalType: string, required: false }",
    "logicalType: map, map: { key: { logicalType: string }, value: { logicalType: date } }",
    "logicalType: object, properties: [ { name: x, logicalType: date } ]",
    "logicalType: object, properties: [ { name: x, logicalType: date, required: true } ]",
]
PRESENT = [
    "logicalType: string, required: true",
    "logicalType: string, required: true, customProperties:"
    " [ { property: stream, value: { default: q } } ]",
]


@pytest.mark.parametrize("every", [[*SCALARS, *LISTS, ENUMS[0]], ENUMS, [*PRESENT, SCALARS[0]]])
def test_every_pair_of_a_field_and_its_absence(every: list[str]) -> None:
    fields_ = ["", *(f"{{ name: a, {one} }}" for one in every)]
    refused = [check(one, other) for one in fields_ for other in fields_]
    assert 0 < sum(refused) < len(refused)


def test_both_verdicts_are_among_the_generated_ones() -> None:
    assert check("{ name: a, logicalType: date }", "{ name: b, logicalType: date, required: true }")
    assert not check("{ name: a, logicalType: date }", "{ name: b, logicalType: date }")


STEPS = {
    Kind.DEFAULT_REMOVED: (
        "{ name: b, logicalType: date }",
        "{ name: b, logicalType: date }\n{ name: a, logicalType: string, required: true,"
        " customProperties: [ { property: stream, value: { default: q } } ] }",
        "{ name: b, logicalType: date }\n{ name: a, logicalType: string, required: true }",
    ),
    Kind.ENUM_UNKNOWN_REMOVED: tuple(
        f"{{ name: a, logicalType: string, {VALID.format(values)}, customProperties:"
        f" [ {{ property: stream, value: {{ avro: enum{unknown} }} }} ] }}"
        for values, unknown in (("x, y", ""), ("x", ", unknown: x"), ("x", ""))
    ),
}


@pytest.mark.parametrize("kind", STEPS)
def test_what_shows_only_against_an_older_schema_is_breaking_at_once(kind: Kind) -> None:
    first, second, third = map(version, STEPS[kind])
    level = "FULL_TRANSITIVE"
    assert not breaks(level, schema(first), schema(second))
    assert not breaks(level, schema(second), schema(third))
    assert breaks(level, schema(first), schema(third))
    assert [one.kind for one in changes(second, third)] == [kind]
