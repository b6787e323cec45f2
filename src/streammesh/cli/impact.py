"""`mesh impact`: whom a change would affect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

import click

from streammesh.catalog.impact import Impact
from streammesh.cli.catalogs import opened
from streammesh.cli.context import environment_option, json_option
from streammesh.cli.lineage import point_as_dict
from streammesh.cli.output import print_json
from streammesh.cli.printing import print_lines


@click.command(short_help="Show whom a change of a field, table or contract would affect.")
@click.argument("name")
@json_option
@environment_option
def command(name: str, as_json: bool, environment_name: str | None) -> None:
    """Show whom a change would affect, through however many products.

    NAME is a field, a whole product, a column, a table or a source. Consumers are those that
    declare it in a subscription.

    \b
        mesh impact sales.orders.customer.name
        mesh impact sales.shop.public.cities
    """
    with opened(environment_name) as catalog:
        found = catalog.impact(catalog.find(name))
    if as_json:
        print_json({**asdict(found), "point": point_as_dict(found.point)})
    else:
        print_lines(_lines(found))


def _lines(found: Impact) -> Iterator[str]:
    yield f"a change of {found.point} affects"
    if not found.versions and not found.subscriptions:
        yield "  nobody that the catalog knows of"
    for one in found.versions:
        yield f"  {one.asset}   {_fields(one.fields, 'every document')}"
        yield f"    owner   {one.team}   {one.email}".rstrip()
    for use in found.subscriptions:
        relied_on = _fields(use.fields, "doesn't say which fields")
        yield f"  {use.name}   {use.consumer}   {relied_on}"
        yield f"    reads   {use.asset}   {_contact(use.contact)}".rstrip()


def _fields(paths: tuple[str, ...], nothing: str) -> str:
    return ", ".join(paths) or nothing


def _contact(said: Mapping[str, str]) -> str:
    return "   ".join(str(said[one]) for one in ("team", "email", "chat") if said.get(one))
