"""What is found, by which words, in which order; the same on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from streammesh.catalog import schema
from streammesh.catalog.catalog import Catalog
from streammesh.catalog.records import Registration
from tests.conformance.catalogs import DATABASES, database, domain, field, port, product, version

NAMES = ("orders", "order-lines", "customers", "invoices", "parcels", "größen", "注文")


@pytest.fixture(params=DATABASES, scope="module")
def catalog(request, tmp_path_factory):
    """Give a catalog that all tests read; whoever changes it puts it back."""
    with database(request, tmp_path_factory.mktemp("catalog")) as address:
        opened = Catalog.open(address)
        opened.record(mesh(), who="ann", commit="")
        yield opened
        opened.close()


def mesh(**texts: str) -> Registration:
    purposes = {"parcels": "Where each parcel of an order is.", "invoices": "Bills, 100% paid_up."}
    products = tuple(
        product(
            name, purpose=(purposes | texts).get(name, ""), tags=("gdpr",) * (name == "customers")
        )
        for name in NAMES
    )
    return Registration(
        frozenset({"sales"}),
        (domain(team="Commerce platform"),),
        products=products,
        ports=tuple(map(port, NAMES)),
        versions=tuple(map(version, NAMES)),
        fields=(
            field("customer.shippingAddress", "sales.parcels.v1", "Street and town"),
            field("vat_number", "sales.invoices.v1"),
        ),
    )


def found(catalog: Catalog, text: str, limit: int = 20) -> list[str]:
    return [one.product for one in catalog.search(text, limit=limit)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("orders", "orders"),
        ("sales.orders", "orders"),
        ("ORDERS", "orders"),
        ("oders", "orders"),
        ("custmers", "customers"),
        ("cusotmers", "customers"),
        ("custom", "customers"),
        ("invocie", "invoices"),
        ("shipping address", "parcels"),
        ("shipingadress", "parcels"),
        ("vat", "invoices"),
        ("gdpr", "customers"),
        ("town", "parcels"),
        ("grossen", "größen"),
        ("groessen", "größen"),
        ("注文", "注文"),
        ("order line", "order-lines"),
    ],
)
def test_the_best_is_first(catalog, text, first):
    assert found(catalog, text)[0] == first


def test_who_owns_it_finds_all(catalog):
    assert set(found(catalog, "commerce")) == set(NAMES)


def test_those_that_fit_the_same_are_in_the_order_of_their_names(catalog):
    everything = found(catalog, "commerce platform")
    assert everything == sorted(NAMES)
    assert found(catalog, "commerce platform", limit=3) == sorted(NAMES)[:3]


def test_who_has_more_of_the_words_is_before_who_has_one_in_the_name(catalog):
    assert found(catalog, "invoices street town", limit=1) == ["parcels"]
    assert found(catalog, "invoices street town")[:2] == ["parcels", "invoices"]


@pytest.mark.parametrize(
    "text",
    ["", "  ", "%", "_", "'", '"', "';--", "a", "*", "\\", "\0", "xyzzyq", "(", ":a", "%s%n"],
)
def test_nothing_is_found_by_what_is_no_word_or_unknown(catalog, text):
    assert found(catalog, text) == []


def test_signs_in_a_search_mean_nothing(catalog):
    assert found(catalog, "100% paid_up")[0] == "invoices"
    assert found(catalog, "o%s") == found(catalog, "o_s") == found(catalog, "o s")
    assert found(catalog, "orders'); DROP TABLE products; --")[0] == "orders"
    assert len(found(catalog, "commerce")) == len(NAMES)


def test_a_very_long_search(catalog):
    assert found(catalog, "orders " + "x" * 100_000)[0] == "orders"
    assert found(catalog, " ".join(f"w{at}" for at in range(10_000))) == []


def test_it_finds_what_was_recorded_last_and_no_more_what_was_before(catalog):
    assert found(catalog, "town") == ["parcels"]
    catalog.record(mesh(orders="Penguins"), who="ann", commit="")
    assert found(catalog, "penguins") == ["orders"]
    catalog.record(mesh(orders="Pelicans"), who="ann", commit="")
    assert found(catalog, "pelicans") == ["orders"]
    assert found(catalog, "penguins") == []
    catalog.record(Registration(frozenset({"sales"})), who="ann", commit="")
    assert found(catalog, "orders") == []
    with catalog.reading() as connection:
        for name in ("search_entries", "search_postings", "search_words", "search_trigrams"):
            table = schema.metadata.tables[name]
            assert connection.scalar(select(func.count()).select_from(table)) == 0
    catalog.record(mesh(), who="ann", commit="")
