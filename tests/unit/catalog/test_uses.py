"""What consumer groups say of who uses which version."""

from __future__ import annotations

import pytest

from streammesh.catalog.uses import NAMED, Engine, Watched, lag, uses_of
from streammesh.platform.groups import Group, GroupsRead, Member
from streammesh.platform.kafka import Acl

ORDERS, CITIES = "stage-sales.orders.v1", "stage-sales.cities.v1"
LOG, ENGINE = "stage-_cdc.marketing.reads", "stage-mesh.marketing.engine.reads"
WATCHED = Watched(
    {ORDERS: "sales.orders.v1", CITIES: "sales.cities.v1"},
    {LOG: Engine(ENGINE, ("sales.orders.v1", "sales.cities.v1"))},
)


def uses(*groups: Group, ends=None, rights=()):
    return uses_of(GroupsRead(groups, ends or {}), WATCHED, rights)


@pytest.mark.parametrize(
    ("committed", "ends", "behind"),
    [
        ({}, {}, None),
        ({}, {0: 10}, None),
        ({0: 5}, {}, None),
        ({0: 5}, {0: 11}, 5),
        ({0: 10}, {0: 11}, 0),
        ({0: 11}, {0: 11}, 0),
        ({0: 0}, {0: 0}, 0),
        ({0: 50}, {0: 11}, 0),
        ({0: 0, 1: 9, 2: 4}, {0: 11, 1: 10}, 10),
        (dict.fromkeys(range(10000), 0), dict.fromkeys(range(10000), 3), 20_000),
    ],
)
def test_lag_leaves_out_the_last_mark_and_is_never_negative(committed, ends, behind):
    assert lag(committed, ends) == behind


def test_a_group_is_a_use_of_each_version_that_it_reads():
    both = Group("a", (), {ORDERS: {0: 4}, CITIES: {0: 1}})
    found = uses(both, ends={ORDERS: {0: 7}, CITIES: {0: 2}})
    assert [(one.asset, one.group, one.lag) for one in found] == [
        ("sales.cities.v1", "a", 0),
        ("sales.orders.v1", "a", 2),
    ]


def test_members_count_where_they_are_assigned_something():
    members = (
        Member("one", "h1", frozenset({ORDERS})),
        Member("two", "h2", frozenset({ORDERS, CITIES})),
        Member("idle", "h3"),
    )
    cities, orders = uses(Group("a", members))
    assert (cities.members, cities.client_ids, cities.hosts) == (1, ("two",), ("h2",))
    assert (orders.members, orders.client_ids) == (2, ("one", "two"))
    assert (orders.lag, orders.position, orders.beyond) == (None, "", False)


def test_of_many_members_some_are_named():
    members = tuple(Member(f"c{one}", "h", frozenset({ORDERS})) for one in range(1000))
    (found,) = uses(Group("a", members))
    assert found.members == 1000
    assert len(found.client_ids) == NAMED


def test_the_position_is_another_one_when_any_partition_moved():
    def position(offsets):
        return uses(Group("a", (), {ORDERS: offsets}))[0].position

    assert position({0: 1, 1: 2}) == position({1: 2, 0: 1})
    assert len({position(one) for one in ({0: 1, 1: 2}, {0: 2, 1: 1}, {0: 1}, {0: 12})}) == 4


def test_a_reader_beyond_the_end_is_told_apart():
    ends = {ORDERS: {0: 10}}
    assert uses(Group("a", (), {ORDERS: {0: 11}}), ends=ends)[0].beyond
    assert not uses(Group("a", (), {ORDERS: {0: 10, 1: 99}}), ends=ends)[0].beyond


def test_the_engine_of_a_source_of_products_uses_all_that_it_reads():
    found = uses(Group(ENGINE, (), {LOG: {0: 7}}))
    assert {one.asset for one in found} == {"sales.orders.v1", "sales.cities.v1"}
    assert {(one.lag, one.members, one.principal) for one in found} == {(None, 0, ENGINE)}


def test_somebody_else_at_a_private_log_uses_no_product():
    assert uses(Group("nosy", (), {LOG: {0: 7}})) == ()


def test_whose_a_group_is_the_access_rights_say():
    rights = [
        Acl("mesh.marketing.loader", "group", "prefixed", "mesh.marketing.loader.", "read"),
        Acl("jobs", "group", "literal", "nightly", "all"),
        Acl("one", "group", "literal", "shared", "read"),
        Acl("two", "group", "prefixed", "sha", "read"),
        Acl("everybody", "group", "literal", "*", "read"),
        Acl("*", "group", "literal", "test", "read"),
        Acl("no", "group", "literal", "denied", "read", "deny"),
        Acl("no", "topic", "literal", "topics", "read"),
    ]
    names = ["mesh.marketing.loader.a", "mesh.marketing.loaders", "nightly", "shared", "test"]
    names += ["denied", "topics"]
    found = uses(*(Group(one, (), {ORDERS: {0: 1}}) for one in names), rights=rights)
    assert {one.group: one.principal for one in found} == {
        "mesh.marketing.loader.a": "mesh.marketing.loader",
        "mesh.marketing.loaders": "",
        "nightly": "jobs",
        "shared": "",
        "test": "",
        "denied": "",
        "topics": "",
    }


def test_names_that_no_database_can_hold_are_cleaned():
    member = Member("nul\0", "h", frozenset({ORDERS}))
    (found,) = uses(Group("odd \ud800 \0", (member,)))
    assert found.group == "odd � �"
    assert found.client_ids == ("nul�",)
