"""`mesh apply`."""

from __future__ import annotations

import sys

import click

from streammesh.cli.colours import wants_colour
from streammesh.cli.context import environment_option, json_option, yes_option
from streammesh.cli.output import confirm, console, duration, print_json, width_of
from streammesh.cli.plan import (
    catalog_moved_option,
    delete_data_option,
    make,
    new_snapshot_option,
    verbose_option,
)
from streammesh.cli.plan_progress import StepProgress
from streammesh.cli.printing import say
from streammesh.errors import ExitCode, MeshErrors
from streammesh.planning import service
from streammesh.planning.apply import Applied
from streammesh.planning.plan import Plan
from streammesh.planning.showing import render
from streammesh.planning.showing.as_values import step_as_dict


@click.command(short_help="Make the mesh what the files say.")
@yes_option
@json_option
@verbose_option
@delete_data_option
@new_snapshot_option
@catalog_moved_option
@environment_option
def command(
    yes: bool,
    as_json: bool,
    verbose: bool,
    delete_data: bool,
    new_snapshot: tuple[str, ...],
    catalog_moved: bool,
    environment_name: str | None,
) -> int:
    """Show the plan, ask, and do it.

    An apply that was interrupted or failed is completed by the next one: what was done stays.
    """
    planned, platform = make(
        environment_name,
        delete_data=delete_data,
        new_snapshot=new_snapshot,
        catalog_moved=catalog_moved,
        verbose=verbose,
        writes=True,
    )
    colour, width = wants_colour(sys.stderr), width_of(sys.stderr)
    shown = render.text(planned, colour=colour, width=width, every_step=verbose)
    say(shown, colours=True)
    if planned.blocked:
        return int(MeshErrors(planned.problems).exit_code)
    if planned.steps and not confirm(f"Apply to {planned.environment}?", yes=yes):
        say("nothing was changed")
        return int(ExitCode.FAILED)
    with StepProgress(console()) as progress:
        applied = service.apply(planned, platform, progress)
    _report(planned, applied, as_json=as_json)
    return int(ExitCode.OK)


def _report(planned: Plan, applied: Applied, *, as_json: bool) -> None:
    """Say what was done, and what comes next."""
    if as_json:
        steps = [step_as_dict(one) for one in applied.steps]
        seconds = round(applied.seconds, 3)
        print_json({"environment": planned.environment, "applied": steps, "seconds": seconds})
    elif applied.steps:
        count = len(applied.steps)
        steps_done = f"{count:,} step{'' if count == 1 else 's'} applied"
        say(f"{steps_done} in {duration(applied.seconds)}")
        if planned.rows or planned.documents:
            text = "Next: `mesh run`; an engine that runs already takes it over by itself."
            say(text)
