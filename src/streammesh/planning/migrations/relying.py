"""Who relies on a product's field, as the catalog knows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.consumers import Consumer
from streammesh.catalog.registering import asset_of
from streammesh.contracts.changes.change import contains
from streammesh.documents.values import Port
from streammesh.planning.migrations.values import Consumers
from streammesh.planning.showing.consumers import contact_of, name_of


def catalog_consumers(catalog: Catalog) -> Consumers:
    """Give what says who relies on a field, and how to reach them; each version is asked for once.

    Args:
        catalog: what the mesh knows; one that knows nothing yet knows no consumers.

    Raises:
        CatalogUnreachable, CatalogTooOld, CatalogTooNew: it can't be read.
    """
    known = catalog.readable()

    @cache
    def of(asset: str) -> tuple[Consumer, ...]:
        return catalog.consumers({asset})[asset] if known else ()

    def relying(port: Port, field: str) -> Sequence[str]:
        return [
            f"{name_of(one)} ({contact_of(one)})"
            for one in of(asset_of(port))
            if _relies(one, field)
        ]

    return relying


def _relies(consumer: Consumer, field: str) -> bool:
    """Tell whether a consumer relies on a field, on something in it, or on what it stands in."""
    if not field or not consumer.fields:
        return True
    return any(contains(one, field) or contains(field, one) for one in consumer.fields)
