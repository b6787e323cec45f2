"""What an apply tells the catalog: all of it or nothing, once, and with its history."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select

from streammesh.catalog import recording, schema
from streammesh.catalog.catalog import Catalog
from streammesh.catalog.records import AssetRecord, PolicyRecord, Registration
from streammesh.errors.catalog import CatalogUnreachable
from tests.conformance.catalogs import (
    DATABASES,
    column,
    database,
    domain,
    edge,
    field,
    product,
    shop,
    subscription,
)

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
ODD = [
    "plain",
    "quote's \" and ` and \\",
    "100% of a_b",
    "'; DROP TABLE products; --",
    ":name %(name)s {name} ?",
    "größe Ελλάδα 注文 🛒",
    "a\nb\tc",
    " ",
]


@pytest.fixture(params=DATABASES)
def catalog(request, tmp_path):
    with database(request, tmp_path) as address:
        opened = Catalog.open(address)
        yield opened
        opened.close()


def count(catalog: Catalog, table) -> int:
    with catalog.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def all_tables(catalog: Catalog) -> dict[str, list]:
    with catalog.reading() as connection:
        return {
            name: sorted(map(repr, connection.execute(select(table))))
            for name, table in schema.metadata.tables.items()
        }


def tell(catalog: Catalog, registration: Registration, at: datetime = NOON):
    return catalog.record(registration, who="ann", commit="c0ffee", at=at)


def test_it_is_written_and_the_same_again_writes_nothing(catalog):
    first = tell(catalog, shop())
    assert (first.added, first.changed, first.removed) == (6, 0, 0)
    before = all_tables(catalog)
    assert not tell(catalog, shop(), NOON + timedelta(days=1))
    assert all_tables(catalog) == before


def test_the_history_says_who_when_and_from_which_commit(catalog):
    tell(catalog, shop(), NOON.astimezone(timezone(timedelta(hours=5))))
    newest = catalog.history("sales")
    assert {(one.at, one.who, one.commit, one.change) for one in newest} == {
        ("2026-01-31T12:00:00.000000+00:00", "ann", "c0ffee", "added")
    }


def test_a_change_keeps_what_was_before(catalog):
    tell(catalog, shop())
    changed = shop(domains=(domain(team="Commerce"),))
    assert tell(catalog, changed, NOON + timedelta(hours=1)).changed == 1
    newest = catalog.history("sales", limit=1)[0]
    assert (newest.record, newest.key, newest.change) == ("domains", '["sales"]', "changed")
    assert json.loads(newest.before or "")["team"] == "Sales platform"


def test_what_is_removed_stays_in_the_history(catalog):
    tell(catalog, shop())
    without = shop(fields=(field("order_id"),))
    assert tell(catalog, without).removed == 1
    newest = catalog.history("sales", limit=1)[0]
    assert (newest.record, newest.change) == ("fields", "removed")
    assert json.loads(newest.before or "")["description"] == "Who placed it."


def test_other_domains_are_left_alone(catalog):
    tell(catalog, shop())
    other = Registration(
        frozenset({"crm"}), (domain("crm"),), products=(product("contacts", "crm"),)
    )
    tell(catalog, other)
    emptied = Registration(frozenset({"crm"}))
    assert tell(catalog, emptied).removed == 2
    assert count(catalog, schema.products) == 1
    assert not tell(catalog, shop())


def test_what_could_not_be_worked_out_stays(catalog):
    lineage = (edge("sales.orders.v1", "order_id", "sales.shop", "id", "public.orders"),)
    tell(catalog, shop(lineage=lineage, source_columns=(column("id"),)))
    kept = frozenset({"sales.orders.v1", "sales.shop"})
    assert not tell(catalog, shop(kept=kept))
    assert count(catalog, schema.lineage) == 1
    assert tell(catalog, shop()).removed == 2


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_come_back_as_they_were(catalog, text):
    wanted, relied_on = subscription("odd", "sales.orders.v1", (text,), "sales")
    odd = shop(
        fields=(field(text, description=text),),
        products=(product("orders", purpose=text, tags=(text,)),),
        source_columns=(column(text, text),),
        lineage=(edge("sales.orders.v1", text, "sales.shop", text, text),),
        subscriptions=(wanted,),
        subscription_fields=relied_on,
        policies=(PolicyRecord("sales", "odd", text, "p.yaml"),),
    )
    tell(catalog, odd)
    assert not tell(catalog, odd)
    with catalog.reading() as connection:
        assert connection.execute(select(schema.fields.c.path)).scalars().all() == [text]
    assert tell(catalog, shop()).added == 2
    assert count(catalog, schema.lineage) == 0


def test_a_thousand_fields(catalog):
    fields = tuple(field(f"f{at}.{'x' * 200}", position=at) for at in range(1000))
    assert tell(catalog, shop(fields=fields)).added == 1004
    changed = (*fields[:999], replace(fields[999], unit="EUR"))
    again = tell(catalog, shop(fields=changed))
    assert (again.added, again.changed, again.removed) == (0, 1, 0)


def test_what_breaks_off_leaves_nothing(catalog, monkeypatch):
    tell(catalog, shop())
    before = all_tables(catalog)

    def broken(*_):
        raise ZeroDivisionError

    changed = shop(domains=(domain(team="Commerce"),), products=(product("bills"),))
    with monkeypatch.context() as patched:
        patched.setattr(recording, "index", broken)
        with pytest.raises(ZeroDivisionError):
            tell(catalog, changed)
    assert all_tables(catalog) == before
    assert tell(catalog, changed)


def test_what_the_database_refuses_leaves_nothing(catalog):
    before = all_tables(catalog)
    unknown = AssetRecord("spreadsheet", "sales.sheet", "sales")
    with pytest.raises(CatalogUnreachable) as refused:
        tell(catalog, shop(assets=(unknown,)))
    assert "key" in (refused.value.why or "").lower()
    assert all_tables(catalog) == before


def test_two_at_once_wait_for_each_other(catalog):
    failures, results = [], []

    def one(team: str, at_once: threading.Barrier):
        at_once.wait()
        try:
            for number in range(5):
                results.append(tell(catalog, shop(domains=(domain(team=f"{team} {number}"),))))
        except BaseException as error:
            failures.append(error)

    together = threading.Barrier(2)
    threads = [threading.Thread(target=one, args=(name, together)) for name in ("A", "B")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert sorted(result.added for result in results) == [0] * 9 + [6]
    assert sum(one.record == "domains" for one in catalog.history("sales", limit=1000)) == 10


def test_of_a_domain_that_has_left_only_what_it_reads_goes(catalog):
    one, fields = subscription("towns", "sales.orders.v1", ("customer.name",), "sales")
    delivered = AssetRecord("delivered table", "sales/towns", "sales")
    mine = shop()
    told = replace(
        mine,
        assets=(*mine.assets, delivered),
        subscriptions=(one,),
        subscription_fields=fields,
        digests={"sales": "x"},
    )
    catalog.record(told, who="ann", commit="")
    assert catalog.consuming() == {"sales"}
    left = Registration(scope=frozenset({"crm"}), left=frozenset({"sales"}))
    assert catalog.pending(left).removed == 3
    assert list(catalog.beside(["subscriptions"], left)["subscriptions"]) == []
    assert len(catalog.beside(["products"], left)["products"]) == len(mine.products)
    assert catalog.record(left, who="ann", commit="").removed == 3
    assert catalog.consuming() == frozenset()
    assert count(catalog, schema.products) == len(mine.products)
    assert count(catalog, schema.assets) == len(mine.assets)
    assert "sales" not in catalog.told()
    assert not catalog.record(left, who="ann", commit="")
    assert catalog.record(told, who="ann", commit="").added == 3
