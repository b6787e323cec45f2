"""Notices in the catalog, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.notice_book import AT_WORK, NoticeBook, moment
from streammesh.catalog.notices import FIRST, Delivery, Forced, Notice, Recipient
from tests.conformance.catalogs import DATABASES, database

NOW = datetime(2027, 1, 4, 12, tzinfo=UTC)


def notice(until: str = "2027-03-01", asset: str = "sales.orders.v1", day: int = 1) -> Notice:
    name = f"{asset}:deprecated:{until}"
    said = ("it ends\0", "sales.orders.v2", "## ü\n", {"team": "Sales", "email": "s@example.com"})
    made = moment(NOW + timedelta(days=day))
    return Notice(name, asset, "sales", "deprecated", until, *said, made, "ann")


def recipient(consumer: str = "finance/revenue", of: Notice | None = None) -> Recipient:
    name = (of or notice()).notice
    domain = consumer.partition("/")[0]
    return Recipient(name, consumer, domain, "app", {"email": "f@example.com"}, ("id", "a[].b"))


DELIVERY = Delivery(notice().notice, "finance/revenue", FIRST, "email")


@pytest.fixture(params=DATABASES)
def catalog(request, tmp_path):
    with database(request, tmp_path) as address:
        opened = Catalog.open(address)
        try:
            yield opened
        finally:
            opened.close()


@pytest.fixture
def book(catalog):
    return NoticeBook(catalog)


def test_a_notice_is_made_once_and_gets_the_consumers_that_it_lacks(catalog, book):
    book.make(notice(), [recipient()])
    book.answer(replace(recipient(), answer="acknowledged", answered_by="bea", answered_at="2027"))
    later = replace(notice(day=3), made_by="someone else")
    book.make(later, [recipient(), recipient("marketing/campaigns")])
    [told] = catalog.notices(["sales.orders.v1"])
    assert (told.notice.made_by, told.notice.owner["team"]) == ("ann", "Sales")
    assert told.notice.because == "it ends\N{REPLACEMENT CHARACTER}"
    assert [(one.consumer, one.answer) for one in told.recipients] == [
        ("finance/revenue", "acknowledged"),
        ("marketing/campaigns", ""),
    ]
    assert told.recipients[0].fields == ("id", "a[].b")


def test_the_newest_notice_comes_first_and_others_are_not_asked_for(catalog, book):
    for one in (notice(), notice("2027-05-01", day=2), notice(asset="sales.customers.v1")):
        book.make(one, [recipient(of=one)])
    assert [one.notice.until for one in catalog.notices(["sales.orders.v1"])] == [
        "2027-05-01",
        "2027-03-01",
    ]
    assert len(catalog.notices()) == 3
    assert catalog.notices([]) == ()


def test_a_later_answer_takes_the_place_of_an_earlier_one(catalog, book):
    book.make(notice(), [recipient()])
    for answer, reason in (("objected", "not in March; '"), ("acknowledged", "")):
        book.answer(replace(recipient(), answer=answer, reason=reason, answered_at="2027"))
        [told] = catalog.notices()
        assert (told.recipients[0].answer, told.recipients[0].reason) == (answer, reason)


def test_a_delivery_belongs_to_who_begins_it_until_it_fails_or_is_given_up(catalog, book):
    book.make(notice(), [recipient()])
    assert book.begin(DELIVERY, NOW)
    assert not book.begin(DELIVERY, NOW + timedelta(seconds=5))
    assert book.begin(DELIVERY, NOW + AT_WORK + timedelta(seconds=1))  # the first one is gone
    book.end(replace(DELIVERY, problem="refused"))
    assert book.begin(DELIVERY, NOW + AT_WORK + timedelta(seconds=2))
    book.end(replace(DELIVERY, delivered_at=moment(NOW)))
    assert not book.begin(DELIVERY, NOW + timedelta(days=9))
    [told] = catalog.notices()
    assert [(one.tries, one.problem, one.delivered_at) for one in told.deliveries] == [
        (3, "", moment(NOW))
    ]


def test_what_is_forced_is_kept_and_holds_until_it_is_applied(book):
    forced = Forced(
        "sales.orders.v1", "sales", "1.0.0", "law", ("finance/revenue",), "ann", moment(NOW)
    )
    book.force(forced)
    assert book.forced(["sales.orders.v1", "sales.orders.v2"]) == (forced,)
    book.applied("sales.orders.v1")
    [kept] = book.forced(["sales.orders.v1"])
    assert kept.applied_at
    assert kept.reason == "law"
