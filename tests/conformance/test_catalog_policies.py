"""What policies see of the catalog: the same on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from streammesh.catalog.access import AccessChange, AccessRecord, State
from streammesh.catalog.catalog import Catalog
from streammesh.catalog.consumers import SETTLING
from streammesh.catalog.notice_book import NoticeBook, moment
from streammesh.catalog.notices import DEPRECATED, OBJECTED, Notice, Recipient, make
from streammesh.catalog.records import PolicyRecord, Registration
from streammesh.catalog.uses import Use
from streammesh.policies.judging import judge
from streammesh.policies.sandbox import Sandbox
from streammesh.policies.state import MeshState
from streammesh.policies.views import VIEWS
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
from tests.unit.policies.meshes import TODAY, copy, policy, state_of, told


@pytest.fixture(params=DATABASES)
def catalog(request, tmp_path):
    with database(request, tmp_path) as address:
        catalog = Catalog.at(address)
        yield catalog
        catalog.close()


CRM = Registration(
    scope=frozenset({"crm"}),
    domains=(domain("crm", "Čustomer care"),),
    products=(replace(product("people", "crm"), tier="2"),),
    ports=(port("people", "crm"),),
    versions=(version("people", "crm"),),
    fields=(field("name", "crm.people.v1", "Like % and _"),),
)


def everything(state: MeshState) -> dict[str, list[tuple]]:
    box = Sandbox(VIEWS)
    for view in VIEWS.values():
        box.fill(view.name, view.rows(state))
    found = {
        name: sorted(box.run(box.prepare(f"SELECT * FROM {name}")), key=repr) for name in VIEWS
    }
    box.close()
    return found


def seen(catalog: Catalog, registered: Registration) -> MeshState:
    return MeshState(registered, lambda names: catalog.beside(names, registered), TODAY)


def test_a_catalog_that_is_not_there_yet_knows_nothing(catalog):
    assert catalog.beside(["products", "dependencies"], shop()) == {
        "products": (),
        "dependencies": (),
    }
    assert catalog.global_policies() == ()
    assert not catalog.standing()


def test_own_domains_come_from_the_files_and_others_from_the_catalog(catalog):
    catalog.prepare()
    catalog.record(CRM, who="ann", commit="")
    catalog.record(shop(products=(product("gone"),)), who="ann", commit="")
    found = everything(seen(catalog, shop()))
    assert [one[0] for one in found["products"]] == ["crm.people", "sales.orders"]
    assert found["domains"][0][2] == "Čustomer care"
    (name,) = (one for one in found["fields"] if one[0] == "crm.people.v1.name")
    assert "Like % and _" in name


def test_the_rows_are_those_of_the_files_wherever_they_come_from(catalog, tmp_path):
    registered = told(copy(tmp_path / "shop"))
    catalog.prepare()
    catalog.record(registered, who="ann", commit="")
    nobody = Registration(frozenset({"finance"}))
    assert everything(seen(catalog, nobody)) == everything(state_of(registered))


def test_lineage_that_could_not_be_worked_out_is_that_of_the_last_apply(catalog):
    made = edge("sales.orders.v1", "order_id", "crm.people.v1", "name")
    catalog.prepare()
    catalog.record(shop(lineage=(made,)), who="ann", commit="")
    query = "SELECT asset AS subject, depends_on FROM product_dependencies"
    rule = policy(query, message="{depends_on}")
    found = judge([rule], seen(catalog, shop(kept=frozenset({"sales.orders.v1"}))), None)
    assert [one.message for one in found.violations] == ["crm.people.v1"]
    assert judge([rule], seen(catalog, shop()), None).violations == ()


def test_what_no_file_says_is_read_whole_of_own_versions_too(catalog):
    catalog.prepare()
    catalog.record(shop(), who="ann", commit="")
    asset, who = "sales.orders.v1", "finance/revenue"
    one = Notice("n", asset, "sales", DEPRECATED, "2027-01-18", "", "", "", {}, moment(), "ann")
    to = Recipient("n", who, "finance", "revenue", {}, ())
    book = NoticeBook(catalog)
    book.make(one, [to])
    book.answer(replace(to, answer=OBJECTED, reason="not now", answered_at=moment()))
    asks = AccessRecord("finance", "revenue", asset, "sales", "revenue", "", State.DENIED)
    catalog.decide_access([AccessChange(asks, None)], who="ann")
    (retired,) = (replace(each, status="retired") for each in shop().versions)
    mine, _ = subscription("revenue", asset, domain="finance")
    state = seen(catalog, shop(versions=(retired,), subscriptions=(mine,)))
    found = everything(state)
    (answer,) = found["notice_answers"]
    assert (answer[0], answer[5], answer[7:11]) == (
        asset,
        "2027-01-18",
        (who, "finance", "objected", "not now"),
    )
    assert [each[-1] for each in found["subscriptions"]] == ["denied"]
    assert [each[-1] for each in found["versions"]] == [1]
    again = seen(catalog, shop())
    assert [each[-1] for each in everything(again)["versions"]] == [0]


def test_policies_that_hold_everywhere_are_known_with_their_texts(catalog):
    catalog.prepare()
    everywhere = PolicyRecord("", "naming", "kind: Policy", "policies/naming.policy.yaml")
    own = PolicyRecord("sales", "pii", "kind: Policy", "domains/sales/policies/pii.policy.yaml")
    told_of = shop(scope=frozenset({"sales", ""}), policies=(everywhere, own))
    catalog.record(told_of, who="ann", commit="")
    assert catalog.global_policies() == (("policies/naming.policy.yaml", "kind: Policy"),)
    catalog.record(shop(), who="ann", commit="")
    assert len(catalog.global_policies()) == 1
    catalog.record(Registration(frozenset({""})), who="ann", commit="")
    assert catalog.global_policies() == ()


def test_subscriptions_of_other_domains_are_seen(catalog):
    one, fields = subscription("towns", "sales.orders.v1", ("customer.name",))
    marketing = Registration(
        frozenset({"marketing"}), subscriptions=(one,), subscription_fields=fields
    )
    catalog.prepare()
    catalog.record(marketing, who="ann", commit="")
    found = everything(seen(catalog, shop()))
    assert [row[0] for row in found["subscriptions"]] == ["marketing/towns"]
    assert found["subscription_fields"][0][3] == "customer.name"


def test_use_that_was_seen_and_notices_are_seen_of_all_domains(catalog):
    catalog.prepare()
    catalog.record(shop(), who="ann", commit="")
    catalog.observe_use([Use("sales.orders.v1", "g", "", (), (), 1, 7, False, "x")])
    owner = {"email": "o@example.com"}
    made = Notice("n", "sales.orders.v1", "sales", "deprecated", "2027-01-18", "", "", "", owner)
    people = [
        Recipient("n", f"d/{name}", "d", name, {}, (), answer)
        for name, answer in (("a", ""), ("b", "acknowledged"), ("c", "objected"))
    ]
    with catalog.writing() as connection:
        make(connection, made, people)
    for registered in (shop(), Registration(frozenset({"finance"}))):
        found = everything(seen(catalog, registered))
        (one,) = (row for row in found["consumers"] if row[2] == "group g")
        assert one[0] == "sales.orders.v1"
        assert (one[7], one[9], one[10]) == (0, 7, 1)
        ((*_, consumers, acknowledged, objected),) = found["notices"]
        assert (consumers, acknowledged, objected) == (3, 1, 1)


def test_a_former_consumer_is_known_only_if_it_still_reads(catalog):
    """As `mesh consumers` says it: it may not read any more, unless it was seen to after that."""
    loader = "mesh.marketing.loader"
    held = AccessRecord(
        "marketing", "reports", "sales.orders.v1", "sales", "loader", "", State.GRANTED
    )
    over = replace(held, state=State.WITHDRAWN)
    catalog.prepare()
    catalog.record(shop(), who="ann", commit="")
    catalog.decide_access([AccessChange(held, None)], who="ann")
    catalog.observe_use([_use("other"), _use(f"{loader}.main")])

    def users():
        rows = everything(seen(catalog, shop()))["consumers"]
        return {row[2]: row[-1] for row in rows if row[3] == "sales.orders.v1" and not row[7]}

    assert users() == {"group other": None, f"group {loader}.main": None}
    catalog.decide_access([AccessChange(over, held)], who="ann")
    assert users() == {"group other": None}
    (past,) = (
        one for one in catalog.consumers(["sales.orders.v1"])["sales.orders.v1"] if one.former
    )
    later = datetime.fromisoformat(past.ended) + SETTLING + timedelta(minutes=1)
    catalog.observe_use([_use("other"), _use(f"{loader}.main", "further")], at=later)
    assert users() == {"group other": None, f"group {loader}.main": "marketing/reports"}


def _use(group: str, position: str = "x") -> Use:
    return Use("sales.orders.v1", group, "", (), (), 0, 7, False, position)
