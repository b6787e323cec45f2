"""What each product is found by. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from streammesh.catalog.records import ProductRecord, Registration
from streammesh.catalog.texts import canonical, sha256
from streammesh.catalog.words import words

NAME, DOMAIN, TAG, OWNER, FIELD, DESCRIPTION = 100, 60, 50, 40, 40, 20
"""How much a word counts by where it stands; where it stands several times, its best place does."""


@dataclass(frozen=True)
class Entry:
    """A product, as search knows it.

    Attributes:
        domain: owning domain.
        product: its name.
        weights: its words, with how much each counts.
        digest: of the words, to see whether something changed.
    """

    domain: str
    product: str
    weights: Mapping[str, int]
    digest: str


def entries(registration: Registration) -> Iterator[Entry]:
    """Give the entries of a registration's products."""
    owners = {one.domain: f"{one.team} {one.email} {one.chat}" for one in registration.domains}
    inside = _inside(registration)
    for product in registration.products:
        weights: dict[str, int] = {}
        texts = [*_texts(product, owners.get(product.domain, ""))]
        texts += inside.get((product.domain, product.product), ())
        for weight, text in texts:
            for word in words(text):
                weights[word] = max(weight, weights.get(word, 0))
        digest = sha256(canonical(weights))
        yield Entry(product.domain, product.product, weights, digest)


def _texts(product: ProductRecord, owner: str) -> Iterator[tuple[int, str]]:
    yield NAME, product.product
    yield DOMAIN, product.domain
    yield OWNER, owner
    yield TAG, " ".join(json.loads(product.tags))
    yield DESCRIPTION, f"{product.purpose} {product.usage} {product.limitations}"


def _inside(registration: Registration) -> Mapping[tuple[str, str], list[tuple[int, str]]]:
    """Give what ports and fields say, by domain and product."""
    found: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for port in registration.ports:
        here = found[port.domain, port.product]
        here += [(NAME, port.port), (DESCRIPTION, port.description)]
    versions = {one.asset: (one.domain, one.product) for one in registration.versions}
    for one in registration.fields:
        here = found[versions[one.asset]]
        here += [(FIELD, one.path), (DESCRIPTION, one.description)]
    return found
