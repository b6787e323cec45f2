"""Requests and grants in the catalog, on both databases: compared, set, and never forgotten."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from streammesh.catalog.access import AccessChange, AccessRecord, State
from streammesh.catalog.catalog import Catalog
from streammesh.errors.access import AccessChanged
from tests.conformance.catalogs import DATABASES, database

ASKED = AccessRecord(
    domain="marketing",
    subscription="loads",
    asset="sales.orders.v1",
    owner="sales",
    consumer="loader",
    principal="",
    state=State.REQUESTED,
    purpose="reports",
)
GRANTED = replace(ASKED, state=State.GRANTED, reason="go on", expires="2027-01-31")
REVOKED = replace(GRANTED, state=State.REVOKED, reason="enough")


@pytest.fixture(params=DATABASES)
def catalog(request, tmp_path):
    with database(request, tmp_path) as address:
        opened = Catalog.open(address)
        yield opened
        opened.close()


def change(catalog: Catalog, record: AccessRecord, before: AccessRecord | None, who="ann") -> None:
    catalog.decide_access([AccessChange(record, before)], who=who)


def test_a_request_and_what_becomes_of_it_is_kept_with_who_and_when(catalog):
    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    catalog.decide_access([AccessChange(ASKED, None)], who="ann", at=at)
    (asked,) = catalog.access()
    assert (asked.asked_by, asked.asked_at[:10], asked.decided_by) == ("ann", "2026-05-01", "")
    granted = replace(asked, state=State.GRANTED, fields=("b", "a"), expires="2027-01-31")
    change(catalog, granted, asked, who="bob")
    (held,) = catalog.access()
    assert (held.state, held.decided_by, held.asked_by) == (State.GRANTED, "bob", "ann")
    assert (held.fields, held.expires) == (("a", "b"), "2027-01-31")
    events = catalog.access_events(ASKED.key)
    assert [(one.who, one.state, one.reason) for one in events] == [
        ("ann", State.REQUESTED, "reports"),
        ("bob", State.GRANTED, ""),
    ]


def test_records_are_found_by_who_consumes_owns_and_reads_as(catalog):
    other = replace(ASKED, domain="finance", owner="crm", asset="crm.x.v1", principal="User:etl")
    catalog.decide_access([AccessChange(ASKED, None), AccessChange(other, None)], who="ann")
    assert [one.domain for one in catalog.access()] == ["finance", "marketing"]
    assert [one.domain for one in catalog.access({"marketing"})] == ["marketing"]
    assert [one.domain for one in catalog.access({"sales"})] == ["marketing"]
    assert [one.domain for one in catalog.access({"hr"}, {"User:etl"})] == ["finance"]
    assert catalog.access({"hr"}) == ()


def test_a_decision_about_what_somebody_else_decided_meanwhile_changes_nothing(catalog):
    change(catalog, ASKED, None)
    change(catalog, REVOKED, ASKED)
    other = replace(ASKED, subscription="other")
    for late in (GRANTED, replace(ASKED, consumer="x")):
        with pytest.raises(AccessChanged, match="marketing/loads"):
            catalog.decide_access(
                [AccessChange(other, None), AccessChange(late, ASKED)], who="late"
            )
    with pytest.raises(AccessChanged):
        change(catalog, GRANTED, None)
    assert [one.state for one in catalog.access()] == [State.REVOKED]
    assert len(catalog.access_events(ASKED.key)) == 2


def test_the_same_decision_again_is_none(catalog):
    change(catalog, ASKED, None)
    change(catalog, GRANTED, ASKED)
    change(catalog, GRANTED, ASKED)
    assert len(catalog.access_events(ASKED.key)) == 2


def test_of_two_who_decide_at_once_one_is_told(catalog):
    change(catalog, ASKED, None)
    outcomes, together = [], threading.Barrier(2)

    def decide(record: AccessRecord) -> None:
        together.wait()
        try:
            change(catalog, record, ASKED)
            outcomes.append("done")
        except AccessChanged:
            outcomes.append("told")

    denied = replace(ASKED, state=State.DENIED)
    threads = [threading.Thread(target=decide, args=(one,)) for one in (GRANTED, denied)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes) == ["done", "told"]
    assert len(catalog.access_events(ASKED.key)) == 2


def test_what_was_refused_last_is_known_for_the_subscription_and_its_domain(catalog):
    asset, marketing = ASKED.asset, {"marketing"}
    change(catalog, ASKED, None)
    assert catalog.refused_access(marketing) == frozenset()
    change(catalog, GRANTED, ASKED)
    change(catalog, REVOKED, GRANTED)
    assert catalog.refused_access(marketing) == {("marketing", asset), ASKED.key}
    assert catalog.refused_access({"sales"}) == frozenset()
    again = replace(ASKED, purpose="please")
    change(catalog, again, REVOKED)
    assert catalog.refused_access(marketing) == {("marketing", asset), ASKED.key}
    change(catalog, GRANTED, again)
    assert catalog.refused_access(marketing) == frozenset()


def test_what_an_existing_principal_was_refused_is_known_whichever_domain_names_it(catalog):
    asked = replace(ASKED, principal="User:etl")
    refused = replace(REVOKED, principal="User:etl")
    change(catalog, asked, None)
    change(catalog, refused, asked)
    mine = {("User:etl", ASKED.asset)}
    assert catalog.refused_access({"finance"}) == frozenset()
    assert catalog.refused_access({"finance"}, {"User:other"}) == frozenset()
    assert catalog.refused_access({"finance"}, {"User:etl"}) == mine
    elsewhere = replace(GRANTED, domain="finance", principal="User:etl")
    change(catalog, elsewhere, None)
    assert catalog.refused_access({"finance"}, {"User:etl"}) == frozenset()


@pytest.mark.parametrize("text", ["'; DROP TABLE access; --", "ü\N{GRINNING FACE}\t\n", "a" * 5000])
def test_words_of_every_kind_are_kept_as_they_are(catalog, text):
    change(catalog, replace(ASKED, principal=f"User:{text}", purpose=text), None, who=text)
    (held,) = catalog.access(set(), {f"User:{text}"})
    assert (held.purpose, held.asked_by) == (text, text)


def test_a_catalog_without_tables_knows_of_nobody(tmp_path):
    catalog = Catalog.at(f"sqlite:///{tmp_path}/none.db")
    assert catalog.access() == ()
    assert catalog.refused_access({"marketing"}) == frozenset()
