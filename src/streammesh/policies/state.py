"""The mesh as it would be: what the catalog knows of others, and what the files say of their own.

A plan is judged before it is applied, so the domains of the workspace come from their files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from streammesh.catalog.kinds import Kind
from streammesh.catalog.records import Registration

_PRODUCT = Kind.PRODUCT.value

Row = Mapping[str, Any]
Beside = Callable[[Collection[str]], Mapping[str, Sequence[Row]]]
"""Gives rows of the catalog's tables, by table, without those of the workspace's domains."""


def nothing_beside(tables: Collection[str]) -> Mapping[str, Sequence[Row]]:
    """Give no rows: there is no catalog, or it knows nothing yet."""
    return dict.fromkeys(tables, ())


@dataclass(frozen=True, eq=False)
class MeshState:
    """What the views of policies show.

    Attributes:
        told: what the files of the workspace say.
        beside: reads the rest from the catalog, a table at most once.
        today: the day, ISO 8601, UTC.
    """

    told: Registration
    beside: Beside
    today: str
    _read: dict[str, Sequence[Row]] = field(default_factory=dict, repr=False)

    def read(self, tables: Collection[str]) -> None:
        """Read tables of the catalog, all in one go."""
        missing = [one for one in dict.fromkeys(tables) if one not in self._read]
        if missing:
            self._read.update(self.beside(missing))

    def rows(self, table: str) -> Iterator[Row]:
        """Give the rows of a table, those of the files first."""
        self.read([table])
        yield from map(vars, getattr(self.told, table))
        yield from self._read[table]

    def known(self, table: str) -> Sequence[Row]:
        """Read a table of which no file says anything: all its rows are the catalog's."""
        self.read([table])
        return self._read[table]

    @cached_property
    def versions(self) -> Mapping[str, Row]:
        """The versions by asset."""
        return {one["asset"]: one for one in self.rows("versions")}

    @cached_property
    def products(self) -> Mapping[str, Row]:
        """The products by `<domain>.<product>`."""
        return {product_of(one): one for one in self.rows("products")}

    @cached_property
    def contracts(self) -> Mapping[str, Row]:
        """The contracts of all versions, by asset."""
        decode = msgspec.json.decode
        return {asset: decode(one["contract"]) for asset, one in self.versions.items()}

    @cached_property
    def dependencies(self) -> tuple[tuple[str, str], ...]:
        """Which versions are made of which."""
        self.read(["dependencies"])
        own = (
            (one.asset, one.from_asset) for one in self.told.lineage if one.from_kind == _PRODUCT
        )
        others = ((one["asset"], one["from_asset"]) for one in self._read["dependencies"])
        return tuple(dict.fromkeys((*own, *others)))

    def product(self, asset: str) -> str:
        """Give the product of a version; one that isn't known is called as the version says."""
        known = self.versions.get(asset)
        return product_of(known) if known else ".".join(asset.split(".")[:2])


def product_of(row: Row) -> str:
    """Give `<domain>.<product>` of a product, a port or a version."""
    return f"{row['domain']}.{row['product']}"
