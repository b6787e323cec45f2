"""`mesh lineage`: where data comes from and where it goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import click

from streammesh.catalog.graph import Edge, Lineage, Point
from streammesh.cli.catalogs import opened
from streammesh.cli.context import environment_option, json_option
from streammesh.cli.output import print_json
from streammesh.cli.printing import print_lines


@click.command(short_help="Show where data comes from and where it goes.")
@click.argument("name")
@json_option
@environment_option
def command(name: str, as_json: bool, environment_name: str | None) -> None:
    """Show where data comes from, back to the databases' columns, and where it goes.

    NAME is a product, one of its fields, a source, one of its tables or columns, or
    DOMAIN/SUBSCRIPTION.

    \b
        mesh lineage sales.orders
        mesh lineage sales.orders.customer.city
        mesh lineage sales.shop.public.cities.name
    """
    with opened(environment_name) as catalog:
        found = catalog.lineage(catalog.find(name))
    if as_json:
        print_json(_as_dict(found))
    else:
        print_lines(_lines(found))


def _as_dict(found: Lineage) -> dict[str, object]:
    return {
        "point": point_as_dict(found.point),
        "upstream": [_edge(one) for one in found.upstream],
        "downstream": [_edge(one) for one in found.downstream],
    }


def _edge(one: Edge) -> dict[str, object]:
    return {"from": point_as_dict(one.origin), "to": point_as_dict(one.target)}


def point_as_dict(one: Point) -> dict[str, str]:
    """Give a point as JSON: kind, asset, table (of a source), part (column or field)."""
    return {"kind": one.kind.value, "asset": one.asset, "table": one.table, "part": one.part}


def _lines(found: Lineage) -> Iterator[str]:
    yield f"{found.point}   {found.point.kind}"
    yield from _part("from", found.upstream)
    yield from _part("to", found.downstream)


def _part(name: str, edges: Iterable[Edge]) -> Iterator[str]:
    """Give the edges below what they lead to, one line for each."""
    by_target: dict[Point, list[Point]] = defaultdict(list)
    for one in edges:
        by_target[one.target].append(one.origin)
    yield f"{name}{'' if by_target else '      nothing that the catalog knows of'}"
    for target in sorted(by_target):
        whole = "" if target.part else " (every document)"
        yield f"  {target}{whole}"
        yield from (f"    ← {origin}" for origin in sorted(by_target[target]))
