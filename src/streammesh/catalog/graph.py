"""Lineage as values: points that data passes, and the edges between them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from streammesh.catalog.kinds import Kind


@dataclass(frozen=True, order=True)
class Point:
    """Something that data passes: a column, a field, or what a subscription makes of one.

    Attributes:
        kind: of the thing that it is in.
        asset: a source (`sales.shop`), a version (`sales.orders.v1`), or a subscription
            (`marketing/orders-to-warehouse`).
        table: `schema.table` of a source; empty for others, and when the whole source is meant.
        part: the column or the field's path; empty when all of it is meant.
    """

    kind: Kind
    asset: str
    table: str = ""
    part: str = ""

    def __str__(self) -> str:
        """Give it as a person writes it: `sales.shop.public.orders.id`."""
        return ".".join(one for one in (self.asset, self.table, self.part) if one)


@dataclass(frozen=True, order=True)
class Edge:
    """Data goes from one point to another.

    Attributes:
        origin: where it comes from.
        target: where it goes; a field without a path is a document as a whole, which hangs on what
            a model joins, filters or orders by.
    """

    origin: Point
    target: Point


@dataclass(frozen=True)
class Lineage:
    """Where a point's data comes from and where it goes, however far; edges are sorted."""

    point: Point
    upstream: tuple[Edge, ...]
    downstream: tuple[Edge, ...]


def related(one: str, other: str) -> bool:
    """Tell whether two paths share data: the same, one inside the other, or all of it.

    Args:
        one: a path such as `lines[].amount`; empty for everything.
        other: another.
    """
    mine, theirs = one.replace("[]", ""), other.replace("[]", "")
    return (
        not mine
        or not theirs
        or mine == theirs
        or mine.startswith(f"{theirs}.")
        or theirs.startswith(f"{mine}.")
    )


def touches(paths: Iterable[str], other: str) -> bool:
    """Tell whether a path shares data with any of these."""
    return any(related(one, other) for one in paths)
