"""The shop on twins with a catalog, and consumers of it in another domain."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.consumers import Consumer
from streammesh.catalog.opening import open_engine
from streammesh.catalog.records import Registration
from tests.conformance.catalogs import domain, subscription
from tests.unit.planning.conftest import Mesh

COUNTRY = "          - { name: country, logicalType: string, "
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SEEN = {
    "marketing/orders-to-warehouse": ("2026-11-23T11:58:00+00:00", 0),
    "marketing/revenue": ("2026-11-20T12:00:00+00:00", 1_200),
}
STRANGER = Consumer(
    "sales.orders.v1", "", "group test-1", "User:ann", "", {}, (), "2026-11-23T11:59:57+00:00", 7
)


class Watched(Catalog):
    """A catalog that saw who reads; by itself it knows what subscriptions declare."""

    strangers: tuple[Consumer, ...] = ()

    def consumers(self, assets: Collection[str]) -> Mapping[str, tuple[Consumer, ...]]:
        found = super().consumers(assets)
        return {
            asset: (
                *(_seen(one) for one in each),
                *(one for one in self.strangers if one.asset == asset),
            )
            for asset, each in found.items()
        }


def _seen(one: Consumer) -> Consumer:
    last_seen, lag = SEEN.get(one.name, ("", None))
    return replace(one, last_seen=last_seen, lag=lag)


def catalogued(mesh: Mesh, folder: Path, *, strangers: tuple[Consumer, ...] = ()) -> Mesh:
    """Give the shop, applied with a catalog."""
    catalog = Watched(open_engine(f"sqlite:///{folder / 'catalog.db'}"))
    catalog.strangers = strangers
    mesh.platform = replace(mesh.platform, catalog=catalog)
    mesh.apply()
    return mesh


def subscribed(mesh: Mesh, **fields: tuple[str, ...]) -> Mesh:
    """Let consumers in `marketing` rely on fields of the orders; `_` in a name is a hyphen."""
    made = [
        subscription(name.replace("_", "-"), "sales.orders.v1", paths)
        for name, paths in fields.items()
    ]
    told = Registration(
        scope=frozenset({"marketing"}),
        domains=(domain("marketing", "Marketing"),),
        subscriptions=tuple(one for one, _ in made),
        subscription_fields=tuple(path for _, paths in made for path in paths),
    )
    assert mesh.platform.catalog is not None
    mesh.platform.catalog.record(told, who="bob", commit="")
    return mesh


def optional(name: str) -> str:
    """Give the line of an optional field, with all that an active product has to say of it."""
    said = "description: Theirs., classification: confidential"
    return f"          - {{ name: {name}, logicalType: string, {said} }}"


def rename(mesh: Mesh) -> None:
    """Give a field another name, in contract and model."""
    mesh.edit("orders.v1.odcs.yaml", "{ name: name, logicalType", "{ name: full_name, logicalType")
    mesh.edit("orders.v1.sql", "{name: c.name", "{full_name: c.name")


def cents(mesh: Mesh) -> None:
    """Let a field mean something else, as no schema shows."""
    mesh.edit("orders.v1.odcs.yaml", "unit: EUR", "unit: cent")


def window(mesh: Mesh, *, version: str = "1.1.0") -> None:
    """Add a field."""
    mesh.edit("orders.v1.odcs.yaml", COUNTRY, f"{optional('email')}\n{COUNTRY}")
    mesh.edit("orders.v1.sql", "country: ci.country", "country: ci.country, email: c.email")
    if version != "1.0.0":
        mesh.edit("orders.v1.odcs.yaml", "version: 1.0.0", f"version: {version}")
        mesh.edit("dataproduct.odps.yaml", "version: 1.0.0", f"version: {version}")
