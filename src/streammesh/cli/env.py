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
@json_option
def command(principal: str | None, form: str, as_json: bool) -> None:
    r"""Print what other Kafka tools need to connect: addresses, user name and password.

    \b
        eval "$(mesh env --for mesh.sales.reader)"
        mesh env --format properties > client.properties
    """
    access = environment.access(Stack(workspace_root()), principal)
    if as_json:
        print_json(environment.as_json(access))
    else:
        click.echo(environment.FORMATS[form](access), nl=False)
