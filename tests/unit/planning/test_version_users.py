"""Who uses a version: what the catalog saw, and what the files say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from streammesh.catalog.consumers import Consumer
from streammesh.planning.weighing.version_users import FORGOTTEN, users
from tests.unit.planning.conftest import Mesh
from tests.unit.planning.consumers_on_twins import NOW, catalogued, cents

ASSET = "sales.orders.v1"
DOMAINS = ("sales",)


def consumer(name: str, *fields: str, seen: str = "") -> Consumer:
    return Consumer(ASSET, name, "loader", "", "", {"email": "e"}, fields, seen, None)


def ago(span: timedelta) -> str:
    return (NOW - span).isoformat()


def test_of_other_domains_counts_what_was_applied():
    one = consumer("marketing/one", "a")
    assert users([one], [], DOMAINS, NOW) == (one,)


def test_of_these_domains_the_files_count_and_when_it_was_seen_stays():
    known = consumer("sales/one", "a", seen=ago(timedelta(hours=1)))
    (found,) = users([known], [consumer("sales/one", "b")], DOMAINS, NOW)
    assert found == replace(known, fields=("b",))


def test_a_new_subscription_of_the_files_counts():
    new = consumer("sales/new", "b")
    assert users([], [new], DOMAINS, NOW) == (new,)


def test_who_left_and_was_never_seen_does_not_count():
    assert users([consumer("sales/gone")], [], DOMAINS, NOW) == ()


def test_a_source_that_the_files_no_longer_have_does_not_count():
    gone = consumer("source sales.others", "a", seen=ago(timedelta(hours=1)))
    assert users([gone], [], DOMAINS, NOW) == ()
    elsewhere = consumer("source marketing.others", "a")
    assert users([elsewhere], [], DOMAINS, NOW) == (elsewhere,)


def test_who_left_and_was_seen_may_read_still():
    gone = consumer("sales/gone", seen=ago(timedelta(days=1)))
    assert users([gone], [], DOMAINS, NOW) == (gone,)


def test_a_source_that_left_takes_its_engine_with_it():
    gone = consumer("source sales.totals", seen=ago(timedelta(minutes=1)))
    assert users([gone], [], DOMAINS, NOW) == ()
    assert users([gone], [], ("crm",), NOW) == (gone,)


@pytest.mark.parametrize(("away", "counts"), [(FORGOTTEN, True), (FORGOTTEN * 2, False)])
def test_an_undeclared_reader_is_forgotten_in_the_end(away, counts):
    stranger = consumer("", seen=ago(away))
    assert bool(users([stranger], [], DOMAINS, NOW)) == counts


def test_a_domain_is_none_that_only_begins_like_one():
    one = consumer("sales-emea/one")
    assert users([one], [], DOMAINS, NOW) == (one,)


SUBSCRIPTION = """\
apiVersion: streammesh/v1
kind: Subscription
name: reports
consumer: reports
product: sales.orders
version: 1
purpose: Reports
fields: [%s]
contact: { email: reports@example.com }
deliver: { to: python }
"""


def subscribe(mesh: Mesh, fields: str) -> None:
    file = mesh.root / "domains/sales/subscriptions/reports.subscription.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(SUBSCRIPTION % fields)
    mesh.edit("mesh.toml", "", "")  # reads the workspace again


def test_a_subscription_beside_the_product_is_judged_as_it_will_be(mesh: Mesh, tmp_path: Path):
    subscribe(mesh, "'lines[].amount'")
    shop = catalogued(mesh, tmp_path)
    cents(shop)
    (problem,) = shop.plan().problems
    assert "notice to sales/reports" in problem.what
    subscribe(shop, "order_id")
    assert shop.plan().problems == ()
