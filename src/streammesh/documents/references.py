"""What files say of each other: subscriptions of products, and ids that stand twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from streammesh.documents.nearest import nearest
from streammesh.documents.values import Domain, Port, ProductName, Source, Subscription, TableName
from streammesh.errors import Location, MeshError
from streammesh.errors.documents import SameId, UnknownReference, WrongShape


def reference_errors(
    domains: Mapping[str, Domain], *, relied_on: bool = True
) -> Iterator[MeshError]:
    """Find references to nothing, and ids that stand twice.

    Products of domains that are not in this workspace can't be looked up, and count as right.

    Args:
        domains: by name; those that were read without an error.
        relied_on: whether the fields of subscriptions are looked at.
    """
    yield from _same_ids(domains)
    for domain in domains.values():
        for subscription in domain.subscriptions:
            yield from _subscription_errors(subscription, domains, relied_on=relied_on)
        for source in domain.sources:
            yield from _source_errors(source, domains)
        yield from _listed_twice(domain)


def _listed_twice(domain: Domain) -> Iterator[WrongShape]:
    """Find products that two sources list: a model's `mesh.<domain>.<product>` is of one."""
    first: dict[TableName, Source] = {}
    for source in domain.sources:
        for index, one in enumerate(source.products):
            other = first.setdefault(one.table, source)
            if other is not source:
                what = f"`{one}` is listed by source {other.name} already"
                where, fix = source.places.get(f"products[{index}]"), "keep it in one of them"
                yield WrongShape(what=what, where=where, fix=fix)


def _source_errors(source: Source, domains: Mapping[str, Domain]) -> Iterator[UnknownReference]:
    """Find products that a source names and that are not there, or no more."""
    for index, one in enumerate(source.products):
        domain = domains.get(one.domain)
        if domain is None:
            continue
        ports = [port for product in domain.products for port in product.ports]
        known = {_named(port) for port in ports if port.status != "retired"}
        if one not in known:
            where, name = source.places.get(f"products[{index}]"), str(one)
            fix, owner = nearest(name, map(str, known)), f"domain {domain.name}"
            yield UnknownReference(owner=owner, kind="product", name=name, where=where, fix=fix)


def _named(port: Port) -> ProductName:
    return ProductName(port.domain, port.product, port.name, port.major)


def unread_products(domains: Mapping[str, Domain]) -> Iterator[tuple[Source, ProductName]]:
    """Give what sources read of domains that are not in this workspace."""
    for domain in domains.values():
        for source in domain.sources:
            yield from ((source, one) for one in source.products if one.domain not in domains)


def unchecked(domains: Mapping[str, Domain]) -> tuple[Subscription, ...]:
    """Give the subscriptions of products that are not in this workspace."""
    return tuple(
        subscription
        for domain in domains.values()
        for subscription in domain.subscriptions
        if subscription.product.partition(".")[0] not in domains
    )


def _same_ids(domains: Mapping[str, Domain]) -> Iterator[SameId]:
    products = [product for domain in domains.values() for product in domain.products]
    ports = [port for product in products for port in product.ports]
    contracts = [(one.contract.document.get("id"), one.contract.places.get("id")) for one in ports]
    documents = [(one.document.get("id"), one.places.get("id")) for one in products]
    for kind, found in (("contract", contracts), ("data product", documents)):
        yield from _twice(kind, found)


def _twice(kind: str, found: Sequence[tuple[Any, Location | None]]) -> Iterator[SameId]:
    first: dict[str, Location | None] = {}
    for said, where in found:
        if said in first:
            why = f"It stands at {first[said]} already."
            yield SameId(said=said, kind=kind, where=where, why=why)
        elif said is not None:
            first[said] = where


def _subscription_errors(
    subscription: Subscription, domains: Mapping[str, Domain], *, relied_on: bool
) -> Iterator[UnknownReference]:
    domain = domains.get(subscription.product.partition(".")[0])
    if domain is None:
        return
    ports = [port for product in domain.products for port in product.ports]
    labels = {name for port in ports for name in (port.label, f"{port.label}.{port.name}")}
    meant = [port for port in ports if subscription.product in _labels(port)]
    if not meant:
        where, fix = subscription.places.get("product"), nearest(subscription.product, labels)
        name, owner = subscription.product, f"domain {domain.name}"
        yield UnknownReference(owner=owner, kind="product", name=name, where=where, fix=fix)
        return
    version = next((port for port in meant if port.major == subscription.version), None)
    if version is None:
        where, fix = subscription.places.get("version"), f"write {max(one.major for one in meant)}"
        name, owner = str(subscription.version), subscription.product
        yield UnknownReference(owner=owner, kind="major version", name=name, where=where, fix=fix)
        return
    if relied_on:
        yield from _field_errors(subscription, version)


def _labels(port: Port) -> tuple[str, ...]:
    return (port.label, f"{port.domain}.{port.product}.{port.name}")


def _field_errors(subscription: Subscription, port: Port) -> Iterator[UnknownReference]:
    known = set(field_paths(port.contract.document))
    for index, path in enumerate(subscription.fields):
        if path not in known:
            where, fix = subscription.places.get(f"fields[{index}]"), nearest(path, known)
            owner = f"the contract of {port.label}.v{port.major}"
            yield UnknownReference(owner=owner, kind="field", name=path, where=where, fix=fix)


def field_paths(contract: Mapping[str, Any]) -> Iterator[str]:
    """Give the paths of all fields of a contract, as subscriptions write them.

    Args:
        contract: an ODCS document; only its first schema object is looked at.
    """
    for schema in (contract.get("schema") or ())[:1]:
        yield from _below(schema, "")


def _below(said: Mapping[str, Any], path: str) -> Iterator[str]:
    for one in said.get("properties") or ():
        name = f"{path}.{one['name']}" if path else one["name"]
        yield from _with_items(one, name)


def _with_items(said: Mapping[str, Any], name: str) -> Iterator[str]:
    yield name
    yield from _below(said, name)
    items = said.get("items")
    if isinstance(items, Mapping):
        yield from _with_items(items, f"{name}[]")
