"""What a plan rests on in the catalog, on both databases: what changes it, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streammesh.catalog.access import AccessChange, State
from streammesh.catalog.catalog import Catalog
from streammesh.catalog.neighbours import Neighbours
from streammesh.catalog.records import Registration
from streammesh.catalog.uses import Use
from tests.conformance.catalogs import DATABASES, database, domain, shop, subscription, version
from tests.conformance.test_catalog_access import ASKED

OWNER = Neighbours(frozenset({"sales"}))
READER = Neighbours(frozenset({"marketing"}), frozenset(), frozenset({"sales.orders.v1"}))
STRANGER = Neighbours(frozenset({"crm"}))


@pytest.fixture(params=DATABASES)
def catalog(request, tmp_path):
    with database(request, tmp_path) as address:
        opened = Catalog.at(address)
        yield opened
        opened.close()


def seen(catalog: Catalog) -> tuple[str, str, str]:
    return tuple(map(catalog.neighbourhood, (OWNER, READER, STRANGER)))


def record(catalog: Catalog, told: Registration) -> None:
    catalog.record(told, who="ann", commit="")


def reader(*fields: str) -> Registration:
    one, relied_on = subscription("loads", "sales.orders.v1", fields)
    return Registration(
        scope=frozenset({"marketing"}),
        domains=(domain("marketing"),),
        subscriptions=(one,),
        subscription_fields=relied_on,
    )


def test_a_catalog_without_tables_says_nothing(catalog):
    assert seen(catalog) == ("", "", "")
    assert catalog.principals() == frozenset()


def test_what_lies_between_two_domains_changes_it_for_these_two_alone(catalog):
    catalog.prepare()
    record(catalog, shop())
    before = seen(catalog)
    assert before[0] == before[2] == ""
    restricted = replace(version("orders"), contract_digest="another")
    record(catalog, shop(versions=(restricted,)))
    closed = seen(catalog)
    assert (closed[0], closed[2]) == ("", "")
    assert closed[1] not in ("", before[1])
    record(catalog, shop(versions=(replace(restricted, status="retired"),)))
    retired = seen(catalog)
    assert retired[1] != closed[1]
    record(catalog, reader("order_id"))
    subscribed = seen(catalog)
    assert subscribed[0]
    assert subscribed[1:] == retired[1:]
    record(catalog, reader("order_id", "customer.name"))
    assert seen(catalog)[0] not in ("", subscribed[0])


def test_requests_and_decisions_change_it_and_what_was_seen_of_use_does_not(catalog):
    catalog.prepare()
    record(catalog, shop())
    record(catalog, reader())
    found = [seen(catalog)]
    granted = replace(ASKED, state=State.GRANTED, principal="User:etl")
    for after, before in ((ASKED, None), (granted, ASKED)):
        catalog.decide_access([AccessChange(after, before)], who="ann")
        found.append(seen(catalog))
    assert len({one[0] for one in found}) == len({one[1] for one in found}) == 3
    assert {one[2] for one in found} == {""}
    use = Use("sales.orders.v1", "g", "", (), (), 1, 0, False, "p")
    catalog.observe_use([use])
    assert seen(catalog) == found[-1]
    assert catalog.principals() == {"User:etl"}
    assert catalog.neighbourhood(replace(STRANGER, principals=frozenset({"User:etl"})))
