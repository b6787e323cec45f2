"""`mesh env`."""

from __future__ import annotations

import click

from streammesh.cli.context import json_option, workspace_root
from streammesh.cli.output import print_json
from streammesh.local import environment
from streammesh.local.stack import Stack


@click.command()
@click.option("--for", "principal", metavar="PRINCIPAL", help="Whose login [default: admin].")
@click.option(
    "--format",
    "form",
    type=click.Choice(["shell", "properties"]),
    default="shell",
    show_default=True,
    help="Lines to `eval` in a shell, or the client.properties of a Java tool.",
)
@click.option("--database", metavar="NAME", help="Print a local database's address instead.")
@json_option
def command(principal: str | None, form: str, database: str | None, as_json: bool) -> None:
    """Print what other Kafka tools need to connect: addresses, user name and password.

    \b
        eval "$(mesh env --for mesh.sales.reader)"
        mesh env --format properties > client.properties
        export SHOP_DATABASE_URL="$(mesh env --database shop)"
    """
    if database is not None:
        url = Stack(workspace_root()).info().postgres_url(database)
        print_json({"url": url}) if as_json else click.echo(url)
        return
    access = environment.access(Stack(workspace_root()), principal)
    if as_json:
        print_json(environment.as_json(access))
    else:
        click.echo(environment.FORMATS[form](access), nl=False)
