"""Where the files of a workspace say what a policy is about. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from streammesh.catalog.flattening import flat_fields
from streammesh.catalog.registering import asset_of
from streammesh.documents.values import Domain, Port, Source, Workspace
from streammesh.errors import Location


class Whereabouts:
    """The places of subjects."""

    def __init__(self, workspace: Workspace) -> None:
        """Take the files; what stands in other workspaces has no place here."""
        self._ports = {asset_of(port): port for port in workspace.ports}
        self._places = dict(_places(workspace))

    def of(self, subject: str) -> Location | None:
        """Give the place of a subject, or of the nearest thing around it; None when not here."""
        name, rest = subject, ""
        while name:
            if name in self._ports and rest:
                return _field(self._ports[name], rest) or self._places[name]
            if name in self._places:
                return self._places[name]
            name, _, last = name.rpartition("." if "." in name.rpartition("/")[2] else "/")
            rest = f"{last}.{rest}" if rest else last
        return None


def _field(port: Port, path: str) -> Location | None:
    contract = port.contract
    found = (one.place for one in flat_fields(contract.document) if one.path == path)
    return next((contract.places[one] for one in found if one in contract.places), None)


def _places(workspace: Workspace) -> Iterator[tuple[str, Location]]:
    for domain in workspace.domains.values():
        yield domain.name, domain.where
        yield from _of_domain(domain)
    for port in workspace.ports:
        contract = port.contract
        yield asset_of(port), contract.places.get("id") or Location(contract.path)


def _of_domain(domain: Domain) -> Iterator[tuple[str, Location]]:
    for product in domain.products:
        where = product.places.get("name") or Location(product.path)
        yield f"{domain.name}.{product.name}", where
    for source in domain.sources:
        yield from _of_source(source)
    for one in domain.subscriptions:
        yield f"{domain.name}/{one.name}", one.places.get("name") or one.where
        yield f"{domain.name}/{one.consumer}", one.places.get("consumer") or one.where


def _of_source(source: Source) -> Iterator[tuple[str, Location]]:
    name, kind = f"{source.domain}.{source.name}", "products" if source.products else "tables"
    yield name, source.places.get("name") or source.where
    for index, one in enumerate(source.products or source.tables):
        where = source.places.get(f"{kind}[{index}]")
        if where is not None:
            yield f"{name}.{one}", where
