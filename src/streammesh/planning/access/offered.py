"""The versions that subscriptions may ask for: from the files, and from the catalog."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.known_versions import KnownVersion
from streammesh.delivery.access_rule import RESTRICTED, classifications_of
from streammesh.documents.values import Port, ProductName, Subscription, Workspace
from streammesh.notices.product import port as notices_port

RETIRED, DEPRECATED = "retired", "deprecated"


@dataclass(frozen=True)
class Offered:
    """A version of a product.

    Attributes:
        name: the version.
        status: draft, active, deprecated or retired.
        classifications: of its fields and of lists' elements, by path.
        people: how to reach its owner, in words.
    """

    name: ProductName
    status: str
    classifications: Mapping[str, str]
    people: str

    @property
    def asset(self) -> str:
        """Its name in the catalog."""
        return str(self.name)


Offers = Mapping[str, Offered]
"""By asset."""


def version_of(subscription: Subscription) -> ProductName:
    """Give the version that a subscription names; a product's own name is its main port's."""
    domain, product, *port = subscription.product.split(".")
    return ProductName(domain, product, port[0] if port else product, subscription.version)


def offers(
    workspace: Workspace | None, catalog: Catalog | None, domains: Collection[str]
) -> Offers:
    """Give what is offered: of the workspace's domains by the files, of others by the catalog.

    `mesh.notices` always is, also before the first apply.

    Args:
        workspace: the files; None for the catalog alone.
        catalog: where other domains' versions are known; None where there is none.
        domains: those to look up.

    Raises:
        CatalogUnreachable: the catalog can't be read.
    """
    here = {} if workspace is None else workspace.domains
    elsewhere = sorted(set(domains) - here.keys())
    known = catalog.versions(elsewhere) if catalog and elsewhere and catalog.begun() else {}
    ports = () if workspace is None else workspace.ports
    own = _port(notices_port(), {} if workspace is None else workspace.owner)
    files = (_port(one, here[one.domain].owner) for one in ports)
    found = [own, *map(_known, known.values()), *files]
    return {one.asset: one for one in found}


def stricter(one: Offered, other: Offered | None) -> Offered:
    """Give a version as the stricter of two sources has it: what either calls restricted is."""
    if other is None:
        return one
    closed = {
        path: said
        for path, said in other.classifications.items()
        if said.strip().lower() == RESTRICTED
    }
    return Offered(one.name, one.status, {**one.classifications, **closed}, one.people)


def active_instead(name: ProductName, offered: Offers) -> Offered | None:
    """Give the newest active version of the same port; None when it has none."""
    active = [
        one
        for one in siblings(name, offered.values())
        if one.status == "active" and one.name != name
    ]
    return max(active, key=lambda one: one.name.major, default=None)


def siblings(name: ProductName, offered: Iterable[Offered]) -> Iterator[Offered]:
    """Give all versions of the same port."""
    wanted = (name.domain, name.product, name.port)
    return (one for one in offered if (one.name.domain, one.name.product, one.name.port) == wanted)


def _port(port: Port, owner: Mapping[str, str]) -> Offered:
    return Offered(
        ProductName(port.domain, port.product, port.name, port.major),
        port.status,
        classifications_of(port.contract.document),
        _people(owner),
    )


def _known(known: KnownVersion) -> Offered:
    return Offered(
        ProductName(known.domain, known.product, known.port, known.major),
        known.status,
        classifications_of(known.contract.document),
        _people(known.owner),
    )


def _people(owner: Mapping[str, str]) -> str:
    return ", ".join(owner[name] for name in ("team", "email", "chat") if owner.get(name))
