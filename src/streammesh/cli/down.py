"""`mesh down`."""

from __future__ import annotations

import click

from streammesh.cli.context import workspace_root, yes_option
from streammesh.cli.output import confirm, console
from streammesh.cli.stack_progress import StackProgress
from streammesh.errors import ExitCode
from streammesh.local.stack import Stack


@click.command()
@click.option(
    "--delete-data",
    is_flag=True,
    help="Also delete the data of Kafka, registry and PostgreSQL, and the engine's state.",
)
@yes_option
def command(delete_data: bool, yes: bool) -> ExitCode:
    """Stop the local stack of this workspace; its data stays unless you say otherwise."""
    root = workspace_root()
    question = (
        f"Delete all data of Kafka, registry and PostgreSQL and the engine's state in {root}/.mesh?"
    )
    if delete_data and not confirm(question, yes=yes):
        return ExitCode.FAILED
    shown = console()
    with StackProgress(shown) as progress:
        stack = Stack(root)
        if delete_data:
            stack.delete_data(progress)
            shown.print("  ✓ all data deleted")
        else:
            stack.down(progress)
    return ExitCode.OK
