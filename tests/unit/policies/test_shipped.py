"""The shipped policies: the example passes them all, and each finds what it is there for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.catalog.records import LineageRecord, Registration
from streammesh.errors.policies import NoSuchPolicy
from streammesh.policies.judging import judge
from streammesh.policies.shipped import shipped, shipped_names
from streammesh.policies.state import MeshState
from tests.conformance.catalogs import product, version
from tests.unit.policies.meshes import TODAY, copy, edit, state_of, told
from tests.unit.policies.test_views import seen as group

ORDERS, PRODUCT = "orders.v1.odcs.yaml", "orders/dataproduct.odps.yaml"
DOMAIN, SUBSCRIPTION = "domain.yaml", "towns.subscription.yaml"
COMPACT = "cleanup: compact"
UNLIMITED = "{ property: retention, value: unlimited }"

PASSES = [
    ("field-names", [(ORDERS, "name: country,", "name: country_2,")], "a digit"),
    ("owner-and-on-call", [(PRODUCT, "tier: 1", "tier: 2"), (DOMAIN, "24x7", "9-5")], "tier 2"),
    (
        "personal-data-retention",
        [
            (ORDERS, COMPACT, "cleanup: append"),
            (ORDERS, UNLIMITED, "{ property: retention, value: 30, unit: d }"),
        ],
        "a month",
    ),
    ("partition-counts", [(ORDERS, "partitions: 4", "partitions: 32")], "many"),
    ("delivery-kinds", [(SUBSCRIPTION, "to: postgres", "to: mariadb")], "another kind"),
    ("service-levels", [(ORDERS, "property: latency", "property: Latency")], "in capitals"),
    (
        "subscription-contacts",
        [(SUBSCRIPTION, ", team: Maps", ""), (PRODUCT, "tier: 1", "tier: 2")],
        "tier 2",
    ),
]
FAILS = [
    ("field-names", [(ORDERS, "name: country,", "name: countryCode,")], "customer.countryCode"),
    ("owner-and-on-call", [(DOMAIN, "24x7", "9-5")], "at any hour"),
    ("owner-and-on-call", [(DOMAIN, "tel:+49-30-5550100", " ")], "nobody who can be called"),
    ("owner-and-on-call", [(DOMAIN, "sales-data@example.com", "sales")], "no owner"),
    (
        "classified-fields",
        [(ORDERS, "description: Its name today., classification: public", "description: It.")],
        "`lines[].product` of sales.orders.v1 is not classified",
    ),
    (
        "classified-fields",
        [(ORDERS, "classification: public", "classification: secret")],
        "classified as `secret`",
    ),
    (
        "restricted-fields",
        [(ORDERS, "write it., classification: confidential", "do., classification: restricted")],
        "`customer.name` of sales.orders.v1 is restricted",
    ),
    ("personal-data-retention", [(ORDERS, COMPACT, "cleanup: append")], "for ever"),
    (
        "personal-data-retention",
        [
            (ORDERS, COMPACT, "cleanup: append"),
            (ORDERS, UNLIMITED, "{ property: retention, value: 31, unit: d }"),
        ],
        "for 31 days, with `customer.city`",
    ),
    ("delivery-kinds", [(SUBSCRIPTION, "postgres, url: \"${MAP_URL}\", table: orders", "bigquery")],
     "delivered to bigquery"),
    ("partition-counts", [(ORDERS, "partitions: 4", "partitions: 1")], "has 1 partitions"),
    ("partition-counts", [(ORDERS, "partitions: 4", "partitions: 64")], "has 64 partitions"),
    ("deprecation-windows", [(ORDERS, "status: active", "status: deprecated")], "when it ends"),
    (
        "deprecation-windows",
        [
            (ORDERS, "status: active", "status: deprecated"),
            (ORDERS, UNLIMITED, "{ property: endOfLife, value: some day }"),
        ],
        "`some day`, which is no day",
    ),
    (
        "deprecation-windows",
        [
            (ORDERS, "status: active", "status: deprecated"),
            (ORDERS, UNLIMITED, "{ property: endOfLife, value: 2027-03-31 }"),
        ],
        "no newer version",
    ),
    ("descriptions", [(ORDERS, "description: Its name today.", "description: Product")],
     "`lines[].product`"),
    ("descriptions", [(PRODUCT, "One document per order, with its customer, city and lines", "O")],
     "sales.orders does not say what it is for"),
    ("service-levels", [(ORDERS, "property: latency", "property: delay")], "promises no latency"),
    ("support-channels", [(PRODUCT, "https://chat.example.com/sales-data", " ")], "an address"),
    ("subscription-contacts", [(SUBSCRIPTION, ", team: Maps", "")], "names no team"),
    ("subscription-contacts", [(SUBSCRIPTION, "fields: [customer.city]\n", "")], "relies on"),
]  # fmt: skip


def judged(name: str, state: MeshState) -> list[str]:
    found = judge([shipped(name)], state, None)
    assert found.failed == {}
    return [one.message for one in found.violations]


@pytest.fixture
def root(tmp_path):
    return copy(tmp_path / "shop")


def edited(root, edits) -> Registration:
    for name, old, new in edits:
        edit(root, name, old, new)
    return told(root)


@pytest.mark.parametrize("name", shipped_names())
def test_the_example_passes(root, name):
    assert judged(name, state_of(told(root))) == []


@pytest.mark.parametrize(("name", "edits", "why"), PASSES)
def test_what_is_allowed_passes(root, name, edits, why):
    assert judged(name, state_of(edited(root, edits))) == []


@pytest.mark.parametrize(("name", "edits", "message"), FAILS)
def test_what_it_is_there_for_fails(root, name, edits, message):
    found = judged(name, state_of(edited(root, edits)))
    assert found
    assert any(message in one for one in found), found


ENDING = [
    (ORDERS, "status: active", "status: deprecated"),
    (ORDERS, UNLIMITED, "{ property: endOfLife, value: 2027-01-18 }"),
    (PRODUCT, "tier: 1", "tier: 2"),
]
"""In 8 weeks from TODAY, which is enough below tier 1."""


def ending(
    root: Path, *notices: tuple[str, str], seen: bool = False, subscribed: bool = True
) -> Callable[[str], MeshState]:
    """Give the mesh with a deprecated version, and notices of it: when made, and until when."""
    registered = edited(root, ENDING)
    registered = beside_newer(registered)
    if not subscribed:
        registered = replace(registered, subscriptions=(), subscription_fields=())
    said = {"asset": "sales.orders.v1", "notice": "n", "kind": "deprecated", "instead": ""}
    counts = {"consumers": 1, "acknowledged": 0, "objected": 0}
    known = {
        "notices": [{**said, **counts, "made_at": at, "until": until} for at, until in notices],
        "observed_use": [group("test-1")] if seen else [],
    }
    return lambda today: MeshState(
        registered, lambda names: {one: known.get(one, ()) for one in names}, today
    )


def beside_newer(registered: Registration) -> Registration:
    (orders,) = (one for one in registered.versions if one.product == "orders")
    newer = replace(orders, asset="sales.orders.v2", major=2, status="active")
    return replace(registered, versions=(*registered.versions, newer))


def retired(
    root: Path, tier: str, *answers: tuple[str, str], before: str = "deprecated", access: str = ""
) -> MeshState:
    """Give the mesh whose orders are retired, with an answer to each of its notices, by when."""
    edit(root, ORDERS, "status: active", "status: retired")
    edit(root, PRODUCT, "tier: 1", f"tier: {tier}")
    asset = {"asset": "sales.orders.v1", "until": "2026-11-20"}
    rest = {"kind": "deprecated", "instead": "", "consumers": 1, "acknowledged": 0, "objected": 0}
    who = {"domain": "sales", "consumer": "sales/towns", "reason": "not now", "answered_at": ""}
    asked = {"domain": "sales", "subscription": "towns", "asset": "sales.orders.v1"}
    known = {
        "notices": [{**asset, **rest, "notice": at, "made_at": at} for at, _ in answers],
        "notice_recipients": [
            {**asset, **who, "notice": at, "made_at": at, "answer": said} for at, said in answers
        ],
        "statuses": [{"asset": "sales.orders.v1", "status": before}],
        "access": [{**asked, "state": access}] if access else [],
    }
    return MeshState(told(root), lambda names: {one: known.get(one, ()) for one in names}, TODAY)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([("1", "acknowledged")], ""),
        ([("1", "objected")], "objects: not now"),
        ([("1", "")], "has not acknowledged"),
        ([], "has not acknowledged"),
        ([("1", "acknowledged"), ("2", "")], "has not acknowledged"),
        ([("1", "objected"), ("2", "acknowledged")], ""),
    ],
)
@pytest.mark.parametrize("tier", ["1", "2", "none"])
def test_who_subscribes_has_to_acknowledge_an_end(root, tier, answers, said):
    state = retired(root, tier, *answers)
    blocks, warns = shipped("tier-1-acknowledged-endings"), shipped("acknowledged-endings")
    assert (blocks.severity, warns.severity) == ("block", "warn")
    found = judge([blocks, warns], state, None)
    assert found.failed == {}
    assert [one.policy.name for one in found.violations] == (
        [] if not said else [blocks.name if tier == "1" else warns.name]
    )
    assert all(
        f"sales/towns, which subscribes to it, {said}" in v.message for v in found.violations
    )


def test_only_those_who_subscribe_when_it_ends_have_to(root):
    name = "tier-1-acknowledged-endings"
    state = retired(root, "1", ("1", ""))
    assert judged(name, state) != []
    moved = replace(state, told=replace(state.told, subscriptions=()))
    assert judged(name, moved) == []
    for access, passes in [("denied", True), ("revoked", True), ("granted", False)]:
        known = [{"domain": "sales", "subscription": "towns", "asset": "sales.orders.v1"}]
        state._read["access"] = [{**one, "state": access} for one in known]
        assert (judged(name, replace(state)) == []) is passes
    state._read["statuses"] = [{"asset": "sales.orders.v1", "status": "retired"}]
    state._read["access"] = ()
    assert judged(name, replace(state)) == []


LATER = "2026-11-24"


def test_consumers_of_a_deprecated_version_have_eight_weeks(root):
    state = ending(root)
    assert judged("deprecation-windows", state(TODAY)) == []
    (late,) = judged("deprecation-windows", state(LATER))
    assert "have 55 days from the notice of it" in late


@pytest.mark.parametrize(
    ("tier", "until", "passes"),
    [
        ("1", "2027-02-15", True),
        ("1", "2027-02-14", False),
        ("3", "2027-01-18", True),
        ("3", "2027-01-17", False),
        ("7", "2027-01-18", True),
        ("7", "2027-01-17", False),
    ],
)
def test_each_tier_has_its_weeks(root, tier, until, passes):
    edit(root, PRODUCT, "tier: 1", "tier: 2")
    edit(root, ORDERS, UNLIMITED, f"{{ property: endOfLife, value: {until} }}")
    edit(root, PRODUCT, "tier: 2", f"tier: {tier}")
    edit(root, ORDERS, "status: active", "status: deprecated")
    found = judged("deprecation-windows", state_of(beside_newer(told(root))))
    assert (found == []) is passes


@pytest.mark.parametrize(
    ("made", "until", "passes"),
    [
        (f"{TODAY}T23:59:59.000000+00:00", "2027-01-18", True),
        (f"{LATER}T00:00:00.000000+00:00", "2027-01-18", False),
        (f"{TODAY}T10:00:00.000000+00:00", "2027-01-17", True),  # told an earlier day
        (f"{TODAY}T10:00:00.000000+00:00", "2027-01-19", False),  # a later one is no promise
        (f"{TODAY}T10:00:00.000000+00:00", "", False),
    ],
)
def test_the_weeks_begin_with_the_notice(root, made, until, passes):
    state = ending(root, (made, until))
    assert (judged("deprecation-windows", state("2027-01-10")) == []) is passes


@pytest.mark.parametrize(("seen", "passes"), [(False, True), (True, False)])
def test_a_version_that_nobody_uses_may_end_sooner(root, seen, passes):
    state = ending(root, seen=seen, subscribed=False)
    assert (judged("deprecation-windows", state(LATER)) == []) is passes


def test_a_draft_may_have_unclassified_fields(root):
    edits = [
        (ORDERS, "description: Its name today., classification: public", "description: It."),
        (ORDERS, "status: active", "status: draft"),
    ]
    assert judged("classified-fields", state_of(edited(root, edits))) == []


@pytest.mark.parametrize(
    ("name", "passes"),
    [
        ("orders", True),
        ("newsletters", True),
        ("testimonials", True),
        ("sales", False),
        ("sales-orders", False),
        ("orders-v2", False),
        ("orders-test", False),
        ("tmp-orders", False),
        ("old", False),
    ],
)
def test_names_of_products(name, passes):
    state = state_of(Registration(frozenset({"sales"}), products=(product(name),)))
    assert (judged("product-names", state) == []) is passes


@pytest.mark.parametrize(("tier", "passes"), [("1", True), ("2", True), ("3", False), ("", False)])
def test_what_products_of_tier_1_are_made_of(root, tier, passes):
    edge = LineageRecord(
        "sales.orders.v1", "status", "crm.people.v1", "", "name", "sales", "product"
    )
    known = {
        "products": [vars(replace(product("people", "crm"), tier=tier))],
        "versions": [vars(version("people", "crm"))],
    }
    registered = replace(told(root), lineage=(edge,))
    state = MeshState(registered, lambda names: {one: known.get(one, ()) for one in names}, TODAY)
    found = judged("tier-1-dependencies", state)
    assert (found == []) is passes
    assert passes or "crm.people.v1" in found[0]


def test_a_deprecation_with_its_day_and_a_newer_version_passes(root):
    registered = edited(
        root,
        [
            (ORDERS, "status: active", "status: deprecated"),
            (ORDERS, UNLIMITED, "{ property: endOfLife, value: 2027-03-31 }"),
        ],
    )
    (orders,) = (one for one in registered.versions if one.product == "orders")
    newer = replace(orders, asset="sales.orders.v2", major=2, status="active")
    both = replace(registered, versions=(orders, newer))
    assert judged("deprecation-windows", state_of(both)) == []


def test_each_has_a_failing_example_and_there_are_more_than_ten():
    elsewhere = {"product-names", "tier-1-dependencies"}
    elsewhere |= {"acknowledged-endings", "tier-1-acknowledged-endings"}
    assert {name for name, _, _ in FAILS} | elsewhere == set(shipped_names())
    assert len(shipped_names()) > 10


def test_one_that_is_none_is_told_the_nearest():
    with pytest.raises(NoSuchPolicy) as caught:
        shipped("restricted-field")
    assert caught.value.fix == "write `restricted-fields`"
