"""A mesh as large companies have it, as the catalog is told of it: generated, always the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate

from streammesh.catalog.records import (
    DomainRecord,
    FieldRecord,
    LineageRecord,
    PortRecord,
    ProductRecord,
    Registration,
    SourceColumnRecord,
    SourceRecord,
    SubscriptionFieldRecord,
    SubscriptionRecord,
    VersionRecord,
)

DOMAINS = 100
FIELDS = 20
READ_BY = 200
"""How many products read the most read product."""

_THINGS = """
order customer invoice parcel payment refund claim policy contract supplier article price stock
shipment return voucher account ledger booking campaign click session visit basket address contact
employee shift machine sensor alarm ticket complaint survey offer quote
"""
_PARTS = """
id number name status created updated amount currency country city street town code reason channel
origin target weight height colour size phase level grade rate share total tax discount fee margin
cost start end due paid sent received approved rejected owner
"""
_SYLLABLES = "ba ke mi lo nu ra se ti vo zu pla gre sti cro dru fle spo tra wen qua"
THINGS, PARTS, SYLLABLES = _THINGS.split(), _PARTS.split(), _SYLLABLES.split()


def mesh(products: int) -> Iterator[Registration]:
    """Give a mesh, domain by domain.

    Args:
        products: how many there are in all; a domain's first product is read by others.
    """
    generator = random.Random(1)
    for number in range(DOMAINS):
        yield _domain(generator, number, products)


def typed(generator: random.Random, products: int) -> str:
    """Give what somebody might type: one or two words, often with a mistake."""
    thing = generator.choice(THINGS)
    words = [thing, generator.choice([*PARTS, _coined(generator.randrange(products))])]
    chosen = generator.sample(words, generator.choice([1, 2]))
    return " ".join(_mistyped(generator, one) for one in chosen)


def _mistyped(generator: random.Random, word: str) -> str:
    if len(word) < 5 or generator.random() < 0.5:
        return word
    at = generator.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1 :]


def _coined(number: int) -> str:
    """Give a word that few products have, as the names of systems and brands are."""
    rest, parts = number // 3, []
    for _ in range(4):
        rest, at = divmod(rest, len(SYLLABLES))
        parts.append(SYLLABLES[at])
    return "".join(parts)


VOCABULARY = [*THINGS, *PARTS, *map(_coined, range(0, 12_000, 3))]
_FREQUENCY = list(accumulate(1 / (rank + 10) for rank in range(len(VOCABULARY))))
"""As in any language, the n-th word is about 1/n as frequent as the first."""


def _text(generator: random.Random, length: int) -> str:
    return " ".join(generator.choices(VOCABULARY, cum_weights=_FREQUENCY, k=length))


def product_name(number: int) -> str:
    """Give the name of a product."""
    return f"{THINGS[number % len(THINGS)]}-{_coined(number)}-{number}"


def _domain(generator: random.Random, number: int, products: int) -> Registration:
    domain = f"domain-{number}"
    mine = range(number, products, DOMAINS)
    fields, lineage = [], []
    for one in mine:
        asset = f"{domain}.{product_name(one)}.v1"
        paths = [f"{generator.choice(PARTS)}_{at}" for at in range(FIELDS)]
        fields += [_field(generator, asset, domain, at, path) for at, path in enumerate(paths)]
        lineage += [_edge(asset, domain, at, path, one) for at, path in enumerate(paths)]
    columns = tuple(
        SourceColumnRecord(f"{domain}.main", f"public.t{one}", f"c{at}", domain, at, "text",
                           nullable=True, key=False)
        for one in mine for at in range(FIELDS)
    )  # fmt: skip
    return Registration(
        scope=frozenset({domain}),
        domains=(_owner(domain, generator),),
        products=tuple(_product(generator, domain, one) for one in mine),
        ports=tuple(_port(domain, one) for one in mine),
        versions=tuple(_version(domain, one) for one in mine),
        fields=tuple(fields),
        lineage=tuple(lineage),
        sources=(SourceRecord(f"{domain}.main", domain, "main", "postgres", "", 0, ""),),
        source_columns=columns,
        subscriptions=tuple(_subscription(domain, one) for one in mine),
        subscription_fields=tuple(
            SubscriptionFieldRecord(domain, f"use-{one.asset}", one.path)
            for one in fields
            if one.position < 3
        ),
    )


def _owner(domain: str, generator: random.Random) -> DomainRecord:
    team = f"{generator.choice(THINGS)} platform"
    return DomainRecord(domain, team, f"{domain}@example.com", "", "", "", "")


def _product(generator: random.Random, domain: str, number: int) -> ProductRecord:
    words = f"{_text(generator, 12)} {_coined(number)}"
    said = (words, "", "", '["gdpr"]', "[]", "", "", "{}", "")
    return ProductRecord(domain, product_name(number), "active", "1.0.0", *said)


def _port(domain: str, number: int) -> PortRecord:
    return PortRecord(domain, product_name(number), product_name(number), "kafka", "")


def _version(domain: str, number: int) -> VersionRecord:
    name = product_name(number)
    asset = f"{domain}.{name}.v1"
    return VersionRecord(asset, domain, name, name, 1, "1.0.0", "active", asset, "{}", "", "")


def _field(
    generator: random.Random, asset: str, domain: str, position: int, path: str
) -> FieldRecord:
    words = _text(generator, 5)
    return FieldRecord(
        asset, path, domain, position, "string", words, "internal", "", required=True, key=False
    )


def _edge(asset: str, domain: str, at: int, path: str, number: int) -> LineageRecord:
    """Give where a field comes from: the first products are read by READ_BY others each."""
    if DOMAINS <= number < DOMAINS + READ_BY and at < 5:
        hub = f"domain-0.{product_name(0)}.v1"
        return LineageRecord(asset, path, hub, "", HUB_FIELD, domain, "product")
    origin = f"{domain}.main"
    return LineageRecord(
        asset, path, origin, f"public.t{number}", f"c{at}", domain, "source database"
    )


def _subscription(domain: str, number: int) -> SubscriptionRecord:
    asset = f"{domain}.{product_name(number)}.v1"
    return SubscriptionRecord(
        domain, f"use-{asset}", "loader", "", asset, "reports", "{}", "postgres", ""
    )


HUB_FIELD = "hub"
"""The field of the first product that READ_BY others read."""
