"""`mesh search`: find products in the catalog."""

from __future__ import annotations

from dataclasses import asdict

import click

from streammesh.cli.catalogs import opened
from streammesh.cli.context import environment_option, json_option
from streammesh.cli.output import console, print_json, table
from streammesh.cli.printing import say


@click.command(short_help="Find products by names, fields, descriptions, tags and owners.")
@click.argument("words", nargs=-1, required=True, metavar="WORD…")
@click.option(
    "--limit", "-n", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many."
)
@json_option
@environment_option
def command(
    words: tuple[str, ...], limit: int, as_json: bool, environment_name: str | None
) -> None:
    """Find products, best first: by names, fields, descriptions, tags and owners.

    A word may be mistyped, or only the beginning of one. No character has a meaning of its own.

    \b
        mesh search orders
        mesh search custmer adress
    """
    with opened(environment_name) as catalog:
        found = catalog.search(" ".join(words), limit=limit)
    if as_json:
        print_json([asdict(one) for one in found])
    elif found:
        rows = [
            (f"{one.domain}.{one.product}", one.version, one.status, one.team, one.purpose)
            for one in found
        ]
        headings = ("PRODUCT", "VERSION", "STATUS", "OWNER", "WHAT IT IS")
        console(stderr=False).print(table(headings, rows), markup=False)
    else:
        say("nothing in the catalog is like that")
