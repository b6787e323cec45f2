"""Promises about the whole product that get weaker or stronger, or can't be compared."""

from typing import Any

import pytest

from streammesh.contracts.changes.kinds import Kind
from streammesh.models.changes import changes
from tests.unit.models.versions import version


def kinds(old: dict[str, Any], new: dict[str, Any]) -> list[Kind]:
    return [one.kind for one in changes(version(**old), version(**new))]


def sla(said: str) -> dict[str, Any]:
    return {"top": f"slaProperties: [ {said} ]" if said else ""}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "{ property: latency, value: 5, unit: s }", Kind.SLA_TIGHTENED),
        ("{ property: latency, value: 5, unit: s }", "", Kind.SLA_LOOSENED),
        (
            "{ property: latency, value: 120, unit: s }",
            "{ property: Latency, value: 1, unit: min }",
            Kind.SLA_TIGHTENED,
        ),
        (
            "{ property: latency, value: 60, unit: min }",
            "{ property: latency, value: 1, unit: m }",
            Kind.SLA_LOOSENED,
        ),
        (
            "{ property: latency, value: 1, valueExt: 2, unit: s }",
            "{ property: latency, value: 1, valueExt: 3, unit: s }",
            Kind.SLA_LOOSENED,
        ),
        (
            "{ property: happiness, value: 5 }",
            "{ property: happiness, value: 6 }",
            Kind.SLA_LOOSENED,
        ),
        ("{ property: retention, value: unlimited }", "", Kind.RETENTION_SHORTENED),
        ("", "{ property: retention, value: 3, unit: d }", Kind.RETENTION_LENGTHENED),
        (
            "{ property: retention, value: 3, unit: y }",
            "{ property: retention, value: forever }",
            Kind.RETENTION_LENGTHENED,
        ),
    ],
)
def test_service_levels(old: str, new: str, expected: Kind) -> None:
    assert kinds(sla(old), sla(new)) == [expected]


@pytest.mark.parametrize("property_", ["endOfLife", "endOfSupport", "el", "es"])
def test_the_day_of_a_versions_end_is_told_by_a_notice(property_: str) -> None:
    days = [f'{{ property: {property_}, value: "{year}-01-01" }}' for year in (2030, 2031)]
    for old, new in (days, ("", days[0]), (days[0], "")):
        assert kinds(sla(old), sla(new)) == []


def test_service_levels_in_another_order_are_the_same() -> None:
    one, other = (f"{{ property: latency, value: {n}, element: e{n} }}" for n in (1, 2))
    assert kinds(sla(f"{one}, {other}"), sla(f"{other}, {one}")) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("retention.ms=-1", "retention.ms=9", [Kind.RETENTION_SHORTENED]),
        ("retention.ms=9", "retention.ms=-1", [Kind.RETENTION_LENGTHENED]),
        ("retention.bytes=9", "retention.bytes=8", [Kind.RETENTION_SHORTENED]),
        ("segment.ms=9", "segment.ms=8", []),
        ("retention.ms=9", "delete.retention.ms=8", []),
    ],
)
def test_settings_of_the_topic(old: str, new: str, expected: list[Kind]) -> None:
    before, after = (dict([one.split("=")]) for one in (old, new))
    assert kinds({"topic": before}, {"topic": after}) == expected


def test_an_owner_that_was_not_known_is_no_change_and_one_that_is_gone_is() -> None:
    owner = {"owner": {"team": "Sales", "email": "sales@example.com"}}
    assert kinds({}, owner) == []
    assert kinds(owner, {}) == [Kind.SUPPORT_REMOVED]


def rule(said: str) -> dict[str, Any]:
    return {"schema": f"quality: [ {said} ]"}


SQL_RULE = "{{ type: sql, {}query: {}, mustBe: 0 }}"
SENT = "\"SELECT count(*) FROM {object} WHERE status = 'sent'\""
PAID = SENT.replace("sent", "paid")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (SQL_RULE.format("name: n, ", SENT), SQL_RULE.format("name: n, ", SENT), []),
        (
            SQL_RULE.format("name: n, ", SENT),
            SQL_RULE.format("name: n, ", SENT.replace(" WHERE", "  WHERE")),
            [],
        ),
        (
            SQL_RULE.format("name: n, ", SENT),
            SQL_RULE.format("name: n, ", PAID),
            [Kind.QUALITY_LOOSENED],
        ),
        (
            SQL_RULE.format("", SENT),
            SQL_RULE.format("", PAID),
            [Kind.QUALITY_ADDED, Kind.QUALITY_LOOSENED],
        ),
        ("", "{ type: text, description: All is well. }", [Kind.QUALITY_ADDED]),
        (
            "{ type: library, metric: rowCount, mustBeBetween: [1, 9] }",
            "{ type: library, metric: rowCount, mustBeBetween: [2, 9] }",
            [Kind.QUALITY_TIGHTENED],
        ),
        (
            "{ type: library, metric: rowCount, mustBeBetween: [1, 9] }",
            "{ type: library, metric: rowCount, mustBeBetween: [2, 10] }",
            [Kind.QUALITY_LOOSENED],
        ),
    ],
)
def test_rules_of_the_document(old: str, new: str, expected: list[Kind]) -> None:
    assert kinds(rule(old), rule(new)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("minimum: 1", "minimum: 1.0", []),
        ("minimum: 1", "exclusiveMinimum: 1", [Kind.FORMAT_TIGHTENED]),
        ("maximum: 9", "maximum: 10", [Kind.FORMAT_LOOSENED]),
        ("multipleOf: 2", "multipleOf: 4", [Kind.FORMAT_TIGHTENED]),
        ("multipleOf: 4", "multipleOf: 6", [Kind.FORMAT_LOOSENED]),
        ("multipleOf: 4", "minimum: 1", [Kind.FORMAT_TIGHTENED, Kind.FORMAT_LOOSENED]),
    ],
)
@pytest.mark.parametrize("type_", ["integer", 'number, physicalType: "decimal(9,2)"'])
def test_bounds(type_: str, old: str, new: str, expected: list[Kind]) -> None:
    field = f"{{{{ name: a, logicalType: {type_}, logicalTypeOptions: {{{{ {{}} }}}} }}}}"
    assert kinds({"fields": field.format(old)}, {"fields": field.format(new)}) == expected


def test_bounds_of_a_wider_type_are_compared_as_numbers() -> None:
    field = (
        '{{ name: a, logicalType: number, physicalType: "decimal(9,{})",'
        " logicalTypeOptions: {{ minimum: {} }} }}"
    )
    same = kinds({"fields": field.format(2, 9)}, {"fields": field.format(3, 9)})
    assert same == [Kind.DECIMAL_SCALE]
    higher = kinds({"fields": field.format(2, 9)}, {"fields": field.format(3, 10)})
    assert higher == [Kind.DECIMAL_SCALE, Kind.FORMAT_TIGHTENED]
