"""Sources of products, which ask for what they read as subscriptions do; pure.

What a source reads its domain's people read too: in its private log, and in what is made of it. So
each version of another domain is asked for, under the name `<source>.<product>`, which no
subscription has: their names have no dots.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from streammesh.documents.values import Domain, ProductName, Source, Subscription, Workspace
from streammesh.planning.owner import Owner, consumer_owner, source_owner

_ENGINE = "engine."
"""Before a source's name: the application is its engine, which logs in as `mesh.<domain>.engine.…`.

No subscription names such an application: `engine` is reserved, and their names have no dots.
"""


def of_source(consumer: str) -> bool:
    """Tell whether an application is the engine of a source of products."""
    return consumer.startswith(_ENGINE)


def told_to(one: Subscription) -> Owner:
    """Give what people are told of it under: the source that reads, else the application."""
    if of_source(one.consumer):
        return source_owner(one.domain, one.consumer.removeprefix(_ENGINE))
    return consumer_owner(one.domain, one.consumer)


def asking(
    workspace: Workspace, there: Collection[ProductName] | None = None
) -> tuple[Subscription, ...]:
    """Give all that the files ask for: subscriptions, and what sources of products read.

    Args:
        workspace: the files.
        there: versions that a source can read: of others the plan says so itself; None for all.
    """
    every = (one for domain in workspace.domains.values() for one in _of(domain, there))
    return tuple(sorted(every, key=lambda one: (one.domain, one.name)))


def _of(domain: Domain, there: Collection[ProductName] | None) -> Iterator[Subscription]:
    yield from domain.subscriptions
    for source in domain.sources:
        for number, product in enumerate(source.products):
            others = product.domain != source.domain
            if others and (there is None or product in there):
                yield _asked_by(source, number, product, domain)


def _asked_by(source: Source, number: int, product: ProductName, domain: Domain) -> Subscription:
    label = str(product).removesuffix(f".v{product.major}")
    where = source.places.get(f"products[{number}]") or source.where
    return Subscription(
        domain=source.domain,
        name=f"{source.name}.{label}",
        consumer=f"{_ENGINE}{source.name}",
        principal=None,
        product=label,
        version=product.major,
        purpose=f"the source {source.domain}.{source.name} makes products of it",
        fields=(),
        contact=domain.owner,
        deliver={},
        where=where,
        places={"product": where, "version": where},
    )
