"""What may be called a product: what is missing of one, with the place in its files. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from streammesh.catalog.flattening import classification_of, flat_fields, stream_option
from streammesh.documents.values import Domain, Port, Product
from streammesh.errors import Location

TIERS = ("1", "2", "3")
"""How much hangs on a product: 1 the most. A product of tier 1 needs somebody on call."""

QUALITIES = ("bronze", "silver", "gold")
"""How good a product's data is said to be."""

UNREADY = ("proposed", "draft")
"""Status of what may lack something still."""

_SEMANTIC = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)([-+].+)?\Z")


@dataclass(frozen=True)
class Finding:
    """Something that a product lacks.

    Attributes:
        name: of the rule, such as `field-described`; it stays the same from version to version.
        what: in words.
        where: the place in a file, if there is one.
        fix: what to write.
        stops: whether the product can't be active like this; a draft may lack it.
    """

    name: str
    what: str
    where: Location | None
    fix: str
    stops: bool


def completeness(product: Product, domain: Domain) -> tuple[Finding, ...]:
    """Give what a product lacks, in the order of its files: domain, product, contracts.

    Args:
        product: with its ports; what is retired is not looked at.
        domain: its owner.
    """
    if product.document.get("status") == "retired":
        return ()
    ports = [one for one in product.ports if one.status != "retired"]
    found = [*_owner(domain, product), *_document(product)]
    found += [finding for port in ports for finding in _port(port)]
    return tuple(found)


def _finding(name: str, what: str, where: Location | None, fix: str, status: object) -> Finding:
    return Finding(name, what, where, fix, stops=status not in UNREADY)


def _empty(value: object) -> bool:
    return value is None or not str(value).strip()


def _owner(domain: Domain, product: Product) -> Iterator[Finding]:
    status, owner, on_call = product.document.get("status"), domain.owner, domain.on_call
    if _empty(owner.get("team")):
        what, fix = f"domain {domain.name} names no owner team", "owner: { team: … }"
        yield _finding("owner-team", what, domain.where, fix, status)
    if all(_empty(owner.get(one)) for one in ("email", "chat")):
        what, fix = f"domain {domain.name} has nobody to write to", "owner: { email: … }"
        yield _finding("owner-contact", what, domain.where, fix, status)
    if tier_of(product) == "1" and _empty(on_call.get("contact")):
        what = f"nobody can be called for {product.domain}.{product.name}, which is of tier 1"
        fix = "on_call: { hours: 24x7, contact: tel:… }"
        yield _finding("on-call", what, domain.where, fix, status)


def tier_of(product: Product) -> str:
    """Give the tier that the product's document says, empty when it says none."""
    return stream_option(product.document, "tier")


def _document(product: Product) -> Iterator[Finding]:
    document, status = product.document, product.document.get("status")
    name, places = f"{product.domain}.{product.name}", product.places
    file = Location(product.path)
    description = document.get("description") or {}
    if _empty(status):
        what, fix = f"{name} has no status", "status: draft"
        yield _finding("status", what, file, fix, "active")
    if _empty(description.get("purpose")):
        what, fix = f"{name} doesn't say what it is for", "description: { purpose: … }"
        where = places.get("description", file)
        yield _finding("purpose", what, where, fix, status)
    if not document.get("support"):
        what, fix = f"{name} doesn't say where help is", "support: [{ channel: …, url: … }]"
        yield _finding("support", what, places.get("support", file), fix, status)
    if not product.ports:
        what = f"{name} has no output port with a contract"
        yield _finding("contract", what, file, "write a contract and its model", status)
    yield from _chosen(product, "quality", QUALITIES)
    yield from _chosen(product, "tier", TIERS)


def _chosen(product: Product, option: str, known: tuple[str, ...]) -> Iterator[Finding]:
    """Check an option of the custom property `stream`."""
    said = stream_option(product.document, option)
    if said in known:
        return
    name = f"{product.domain}.{product.name}"
    what = f"{name} names no {option}" if not said else f"{name} has {option} `{said}`"
    example = f"{{ property: stream, value: {{ {option}: {known[0]} }} }}"
    fix = f"customProperties: [{example}], one of {', '.join(known)}"
    where = product.places.get("customProperties", Location(product.path))
    yield _finding(option, what, where, fix, product.document.get("status"))


def _port(port: Port) -> Iterator[Finding]:
    document, places, file = port.contract.document, port.contract.places, port.contract.path
    name = f"{port.label} v{port.major}"
    if not _SEMANTIC.match(port.version):
        what = f"{name} has version `{port.version}`, which is no semantic version"
        where = places.get("version", Location(file))
        yield _finding("version", what, where, f"version: {port.major}.0.0", port.status)
    promised = {str(one.get("property")) for one in document.get("slaProperties") or ()}
    for wanted in ("latency", "retention"):
        if wanted not in promised:
            what, fix = (
                f"{name} promises no {wanted}",
                f"slaProperties: [{{ property: {wanted}, … }}]",
            )
            where = places.get("slaProperties", Location(file))
            yield _finding(f"sla-{wanted}", what, where, fix, port.status)
    yield from _fields(port, name)


def _fields(port: Port, name: str) -> Iterator[Finding]:
    places = port.contract.places
    for one in flat_fields(port.contract.document):
        described = not _empty(one.said.get("description"))
        classified = one.inner or classification_of(one.said)
        if described and classified:
            continue
        where = places.get(one.place, Location(port.contract.path))
        if not described:
            what, fix = f"`{one.path}` of {name} is not described", "description: …"
            yield _finding("field-described", what, where, fix, port.status)
        if not classified:
            what = f"`{one.path}` of {name} is not classified"
            fix = "classification: public, internal, confidential or restricted"
            yield _finding("field-classified", what, where, fix, port.status)
