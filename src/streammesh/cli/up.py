"""`mesh up`."""

from __future__ import annotations

import click

from streammesh.cli.context import workspace_root
from streammesh.cli.output import console
from streammesh.cli.stack_progress import StackProgress
from streammesh.local.stack import Stack


@click.command()
@click.option(
    "--move-ports",
    is_flag=True,
    help="Take another port for the database too when its own is taken; then run `mesh apply`.",
)
def command(move_ports: bool) -> None:
    """Start Kafka, Connect, registry and PostgreSQL for this workspace.

    What runs already is left alone. Data, ports and passwords stay from one start to the next,
    below .mesh/ in the workspace. The first start on a machine downloads about 260 MB.
    """
    shown = console()
    try:
        with StackProgress(shown) as progress:
            Stack(workspace_root()).up(progress, move_ports=move_ports)
    except KeyboardInterrupt:
        shown.print("interrupted: `mesh up` goes on from here, `mesh down` stops what runs")
        raise
