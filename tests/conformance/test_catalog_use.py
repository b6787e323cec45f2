"""What the catalog keeps of observed use, and whom it takes for whom."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from streammesh.catalog.access import AccessChange, AccessRecord, State
from streammesh.catalog.catalog import Catalog
from streammesh.catalog.consumers import IDLE
from streammesh.catalog.records import SourceRecord, SourceTableRecord
from streammesh.catalog.uses import Engine, Use
from streammesh.errors.catalog import CatalogUnreachable
from tests.conformance.catalogs import (
    DATABASES,
    database,
    domain,
    edge,
    field,
    port,
    product,
    shop,
    subscription,
    version,
)

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
AFTER = {hours: f"2026-01-31T{12 + hours}:00:00.000000+00:00" for hours in range(4)}
"""The hours after noon, as the catalog gives them."""
ORDERS, CITIES = "sales.orders.v1", "sales.cities.v1"
LOADER = "mesh.marketing.loader"


@pytest.fixture(params=DATABASES)
def catalog(request, tmp_path):
    with database(request, tmp_path) as address:
        opened = Catalog.open(address)
        yield opened
        opened.close()


def use(group: str, asset: str = ORDERS, **other: object) -> Use:
    made = Use(asset, group, "", (), (), 0, 3, False, "at the beginning")
    return replace(made, **other)


def record(catalog: Catalog, *names: str, namespace: str = "", **other: object) -> None:
    """Record the shop, with subscriptions to its orders of these names."""
    written = [subscription(one, ORDERS, ("order_id",)) for one in names]
    mine = version("orders")
    registration = shop(
        scope=frozenset({"sales", "marketing"}),
        versions=(replace(mine, topic=f"{namespace}{mine.asset}"),),
        subscriptions=tuple(replace(one, **other) for one, _ in written),
        subscription_fields=tuple(path for _, each in written for path in each),
    )
    catalog.record(registration, who="ann", commit="")


def consumers(catalog: Catalog, asset: str = ORDERS):
    return catalog.consumers([asset])[asset]


def test_a_declared_consumer_was_never_seen_at_first(catalog):
    record(catalog, "reports")
    (one,) = consumers(catalog)
    assert (one.name, one.deliver_to, one.fields) == (
        "marketing/reports",
        "postgres",
        ("order_id",),
    )
    assert (one.declared, one.seen, one.active) == (True, False, False)
    assert (one.first_seen, one.last_seen, one.lag, one.groups) == ("", "", None, ())
    assert one.idle(NOON)


@pytest.mark.parametrize("namespace", ["", "stage-"])
def test_its_groups_begin_with_its_principal_and_a_dot(catalog, namespace):
    record(catalog, "reports", namespace=namespace)
    mine = use(f"{namespace}{LOADER}.main", members=2, client_ids=("a", "b"), hosts=("h",))
    catalog.observe_use([mine, use(f"{namespace}{LOADER}s.main")], at=NOON)
    declared, other = consumers(catalog)
    (group,) = declared.groups
    assert (declared.seen, declared.active, declared.lag) == (True, True, 3)
    assert (group.name, group.members) == (mine.group, 2)
    assert (group.client_ids, group.hosts) == (("a", "b"), ("h",))
    assert declared.first_seen == declared.last_seen == AFTER[0]
    assert not declared.idle(NOON)
    assert (other.name, other.declared) == ("", False)
    assert other.consumer == f"group {other.groups[0].name}"
    assert other.groups[0].name == f"{namespace}{LOADER}s.main"


def test_an_existing_principal_is_taken_as_it_is_written(catalog):
    record(catalog, "reports", principal="User:svc-7")
    catalog.observe_use([use("svc-7.x"), use("svc-7"), use("nightly", principal="svc-7")], at=NOON)
    (one,) = consumers(catalog)
    assert [group.name for group in one.groups] == ["nightly", "svc-7", "svc-7.x"]


def test_the_longest_principal_that_fits_has_the_group(catalog):
    wanted = [subscription(one, ORDERS)[0] for one in ("a", "b")]
    said = zip(wanted, ("svc", "svc.team"), strict=True)
    catalog.record(
        shop(
            scope=frozenset({"sales", "marketing"}),
            subscriptions=tuple(replace(one, principal=name) for one, name in said),
        ),
        who="ann",
        commit="",
    )
    catalog.observe_use([use("svc.team.x"), use("svc.x")], at=NOON)
    found = {one.name: [group.name for group in one.groups] for one in consumers(catalog)}
    assert found == {"marketing/a": ["svc.x"], "marketing/b": ["svc.team.x"]}


def test_subscriptions_of_one_consumer_are_told_apart_by_their_versions(catalog):
    orders, cities = subscription("orders", ORDERS)[0], subscription("cities", CITIES)[0]
    catalog.record(
        shop(
            scope=frozenset({"sales", "marketing"}),
            products=(product("orders"), product("cities")),
            ports=(port("orders"), port("cities")),
            versions=(version("orders"), version("cities")),
            subscriptions=(orders, cities),
        ),
        who="ann",
        commit="",
    )
    catalog.observe_use([use(f"{LOADER}.x", CITIES)], at=NOON)
    assert [one.seen for one in consumers(catalog, CITIES)] == [True]
    assert [one.seen for one in consumers(catalog, ORDERS)] == [False]


def test_last_seen_moves_with_offsets_and_members_alone(catalog):
    record(catalog)
    still = use("a", position="x")
    catalog.observe_use([still], at=NOON)
    catalog.observe_use([still], at=NOON + HOUR)
    assert consumers(catalog)[0].last_seen == AFTER[0]
    catalog.observe_use([replace(still, position="y")], at=NOON + 2 * HOUR)
    assert consumers(catalog)[0].last_seen == AFTER[2]
    catalog.observe_use([replace(still, position="y", members=1)], at=NOON + 3 * HOUR)
    assert consumers(catalog)[0].last_seen == AFTER[3]
    assert consumers(catalog)[0].first_seen == AFTER[0]


def test_a_clock_that_goes_back_takes_nothing_back(catalog):
    record(catalog)
    catalog.observe_use([use("a", position="x")], at=NOON)
    catalog.observe_use([use("a", position="y")], at=NOON - HOUR)
    assert consumers(catalog)[0].last_seen == AFTER[0]


def test_a_group_that_is_gone_is_remembered_as_it_was(catalog):
    record(catalog)
    catalog.observe_use([use("a", members=1, client_ids=("c",))], at=NOON)
    catalog.observe_use([], at=NOON + HOUR)
    (one,) = consumers(catalog)
    (group,) = one.groups
    assert (group.standing, group.members, group.lag) == (False, 0, None)
    assert (group.client_ids, group.last_seen) == (("c",), AFTER[0])
    assert (one.seen, one.active) == (True, False)
    catalog.observe_use([use("a")], at=NOON + 2 * HOUR)
    assert consumers(catalog)[0].groups[0].standing


def test_who_left_is_still_known_by_its_clients(catalog):
    record(catalog)
    catalog.observe_use([use("a", members=1, client_ids=("c",), hosts=("h",))], at=NOON)
    catalog.observe_use([use("a")], at=NOON + HOUR)
    (group,) = consumers(catalog)[0].groups
    assert (group.members, group.client_ids, group.hosts) == (0, ("c",), ("h",))


def test_a_group_that_could_not_be_read_stays_as_it_was(catalog):
    record(catalog)
    seen = [use("a", members=1), use("b", members=1)]
    catalog.observe_use(seen, at=NOON)
    catalog.observe_use([], unread=["a"], at=NOON + HOUR)
    assert [one.active for one in consumers(catalog)] == [True, False]
    catalog.observe_use(seen, at=NOON + 2 * HOUR)
    catalog.observe_use([], complete=False, at=NOON + 3 * HOUR)
    assert [one.active for one in consumers(catalog)] == [True, True]


def test_an_idle_consumer_was_not_seen_for_long(catalog):
    record(catalog, "reports")
    catalog.observe_use([use(f"{LOADER}.x")], at=NOON)
    (one,) = consumers(catalog)
    assert not one.idle(NOON + IDLE)
    assert one.idle(NOON + IDLE + HOUR)


def test_of_several_groups_the_one_furthest_behind_counts(catalog):
    record(catalog, "reports")
    groups = [use(f"{LOADER}.a", lag=1), use(f"{LOADER}.b", lag=9), use(f"{LOADER}.c", lag=None)]
    catalog.observe_use(groups, at=NOON)
    assert consumers(catalog)[0].lag == 9


def test_a_subscription_that_ends_leaves_its_group_undeclared(catalog):
    record(catalog, "reports")
    catalog.observe_use([use(f"{LOADER}.x", principal=LOADER)], at=NOON)
    assert consumers(catalog)[0].declared
    record(catalog)
    (one,) = consumers(catalog)
    assert (one.declared, one.principal, one.last_seen) == (False, LOADER, AFTER[0])


def of_products(catalog: Catalog, namespace: str = "") -> None:
    source = SourceRecord(
        "marketing.reads",
        "marketing",
        "reads",
        "products",
        f"{namespace}_cdc.marketing.reads",
        0,
        "reads.source.yaml",
    )
    catalog.record(
        shop(
            scope=frozenset({"sales", "marketing"}),
            domains=(domain(), domain("marketing", "Campaigns")),
            products=(product("orders"), product("towns", "marketing")),
            ports=(port("orders"), port("towns", "marketing")),
            versions=(version("orders"), version("towns", "marketing")),
            fields=(field("order_id"), field("town", "marketing.towns.v1")),
            lineage=(edge("marketing.towns.v1", "town", ORDERS, "customer"),),
            sources=(source,),
            source_tables=(SourceTableRecord("marketing.reads", ORDERS, "marketing", 0),),
        ),
        who="ann",
        commit="",
    )


@pytest.mark.parametrize("namespace", ["", "stage-"])
def test_a_source_that_makes_products_of_it_is_a_consumer(catalog, namespace):
    of_products(catalog, namespace)
    (one,) = consumers(catalog)
    assert (one.name, one.consumer) == ("source marketing.reads", "source marketing.reads")
    assert (one.fields, one.contact["team"]) == (("customer",), "Campaigns")
    assert not one.seen
    engine = f"{namespace}mesh.marketing.engine.reads"
    log = f"{namespace}_cdc.marketing.reads"
    assert catalog.watched().engines == {log: Engine(engine, (ORDERS,))}
    catalog.observe_use([use(engine, lag=None)], at=NOON)
    (one,) = consumers(catalog)
    assert (one.seen, one.last_seen, one.lag) == (True, AFTER[0], None)


def test_what_is_watched_are_the_topics_of_all_versions(catalog):
    assert list(catalog.watched()) == []
    record(catalog, namespace="stage-")
    assert catalog.watched().topics == {f"stage-{ORDERS}": ORDERS}


def test_a_version_that_nobody_uses_has_no_consumers(catalog):
    assert catalog.consumers([ORDERS, "no.such.v1"]) == {ORDERS: (), "no.such.v1": ()}
    assert catalog.used() == ()


def test_the_last_look_is_known(catalog):
    assert catalog.looked() is None
    catalog.observe_use([use("a")], unread=["b", "c"], at=NOON)
    found = catalog.looked()
    assert found is not None
    assert (found.at, found.unread) == (AFTER[0], 2)
    catalog.observe_use([use("a")], at=NOON + HOUR)
    found = catalog.looked()
    assert found is not None
    assert (found.at, found.unread) == (AFTER[1], 0)
    assert catalog.used() == (ORDERS,)


@pytest.mark.parametrize(
    "name",
    ["quote's \" \\", "100% of a_b", "'; DROP TABLE observed_use; --", "注文 🛒", "a\nb", " "],
)
def test_groups_may_be_called_anything(catalog, name):
    record(catalog)
    catalog.observe_use([use(name, client_ids=(name,))], at=NOON)
    catalog.observe_use([use(name, client_ids=(name,), lag=None)], at=NOON + HOUR)
    (one,) = consumers(catalog)
    assert (one.groups[0].name, one.groups[0].client_ids) == (name, (name,))


def test_thousands_of_groups_are_kept(catalog):
    record(catalog)
    many = [use(f"g{number:05}", lag=2**40) for number in range(3_000)]
    catalog.observe_use(many, at=NOON)
    catalog.observe_use([replace(one, lag=0) for one in many], at=NOON + HOUR)
    found = consumers(catalog)
    assert len(found) == 3_000
    assert {one.lag for one in found} == {0}


def test_looks_at_once_wait_for_each_other(catalog):
    record(catalog)
    failures, together = [], threading.Barrier(4)

    def one(number: int) -> None:
        together.wait()
        try:
            for _ in range(5):
                catalog.observe_use([use("a", members=number + 1)], at=NOON)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert len(consumers(catalog)) == 1


def test_a_catalog_that_is_down_says_so(tmp_path):
    with pytest.raises(CatalogUnreachable):
        Catalog.at(f"sqlite:///{tmp_path}").observe_use([], at=NOON)


def test_who_had_access_before_is_known_by_its_groups(catalog):
    record(catalog, "reports")
    record(catalog)  # the subscription is gone
    held = AccessRecord(
        "marketing", "reports", ORDERS, "sales", "loader", "", State.GRANTED, expires="2027-01-31"
    )
    catalog.decide_access([AccessChange(held, None)], who="ann")
    catalog.observe_use([use(f"{LOADER}.main"), use("other")], at=NOON)
    assert [one.former for one in consumers(catalog)] == ["", ""]
    over = replace(held, state=State.WITHDRAWN)
    catalog.decide_access([AccessChange(over, held)], who="ann")
    past, other = consumers(catalog)
    assert (past.former, past.declared, past.gone) == ("marketing/reports", False, True)
    assert past.ended > AFTER[0]
    assert (other.former, other.gone) == ("", False)
    later = datetime.fromisoformat(past.ended) + timedelta(minutes=11)
    catalog.observe_use([use(f"{LOADER}.main", position="further"), use("other")], at=later)
    assert not consumers(catalog)[0].gone


def test_a_group_is_that_of_a_declared_consumer_first(catalog):
    record(catalog, "reports")
    over = AccessRecord("marketing", "old", ORDERS, "sales", "loader", "", State.WITHDRAWN)
    catalog.decide_access([AccessChange(over, None)], who="ann")
    catalog.observe_use([use(f"{LOADER}.main")], at=NOON)
    assert [(one.name, one.former) for one in consumers(catalog)] == [("marketing/reports", "")]
