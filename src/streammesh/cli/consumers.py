"""`mesh consumers`: who uses a product, by the files and by what was seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import click

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.consumers import Consumer
from streammesh.catalog.kinds import Kind
from streammesh.catalog.observing import Looked
from streammesh.cli.catalogs import opened
from streammesh.cli.consumers_shown import as_dict, called_out, lines
from streammesh.cli.context import environment_option, json_option
from streammesh.cli.looking import look_now
from streammesh.cli.output import print_json
from streammesh.cli.printing import print_lines, say
from streammesh.errors.commands import Misused
from streammesh.planning.observing.use import Look


@click.command(short_help="Show who uses a product: what is declared, and what was seen.")
@click.argument("product", required=False)
@click.option(
    "--undeclared", is_flag=True, help="Only groups that no file declares, of all products or one."
)
@click.option("--no-look", is_flag=True, help="Show what is known, without looking at Kafka.")
@json_option
@environment_option
def command(
    product: str | None,
    undeclared: bool,
    no_look: bool,
    as_json: bool,
    environment_name: str | None,
) -> None:
    """Show who uses a product, all its versions: who declares it, who was seen, and how far.

    Who declares a product and does not read it is called out, and so is who reads it and does not
    declare it. A reader that joins no consumer group and commits nothing can't be seen.

    PRODUCT is DOMAIN.PRODUCT, with .PORT for another than the main port, .vMAJOR for one version.

    \b
        mesh consumers sales.orders
        mesh consumers --undeclared
    """
    if product is None and not undeclared:
        raise Misused(message="no product is named", fix="mesh consumers DOMAIN.PRODUCT")
    with opened(environment_name) as catalog:
        named = None if product is None else _versions(catalog, product)
        found = Look() if no_look else look_now(catalog, environment_name)
        assets = catalog.used() if named is None else named
        consumers = _chosen(catalog.consumers(assets), undeclared=undeclared)
        looked = catalog.looked()
    _show(consumers, found, looked, undeclared=undeclared, as_json=as_json)


def _versions(catalog: Catalog, product: str) -> tuple[str, ...]:
    """Give the version that is named, or all of the port."""
    point = catalog.find(product)
    if point.kind is not Kind.PRODUCT or point.part:
        fix = "`mesh impact` takes fields and tables"
        raise Misused(message=f"`{product}` is no product", fix=fix)
    if point.asset == product:
        return (product,)
    port = _port(point.asset)
    return tuple(
        one.asset for one in catalog.show(point.asset).versions if _port(one.asset) == port
    )


def _port(asset: str) -> str:
    return asset.rpartition(".")[0]


def _chosen(
    found: Mapping[str, tuple[Consumer, ...]], *, undeclared: bool
) -> Mapping[str, tuple[Consumer, ...]]:
    if not undeclared:
        return found
    others = {
        asset: tuple(one for one in each if not one.declared and not one.gone)
        for asset, each in found.items()
    }
    return {asset: each for asset, each in others.items() if each}


def _show(
    consumers: Mapping[str, tuple[Consumer, ...]],
    found: Look,
    looked: Looked | None,
    *,
    undeclared: bool,
    as_json: bool,
) -> None:
    now = datetime.now(UTC)
    if as_json:
        print_json(
            {
                "looked_at": None if looked is None else looked.at,
                "unknown": list(found.said),
                "versions": [
                    {"version": asset, "consumers": [as_dict(one, now) for one in each]}
                    for asset, each in consumers.items()
                ],
            }
        )
        return
    _say(found.said)
    if undeclared and not consumers:
        say("no group was seen that no subscription declares")
    for number, (asset, each) in enumerate(consumers.items()):
        shown = called_out(asset, each, now) if undeclared else lines(asset, each, looked, now)
        print_lines([*([""] * (number > 0)), *shown])


def _say(texts: Iterable[str]) -> None:
    for one in texts:
        say(f"note: {one}")
