"""`mesh apply`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.status import Status

from streammesh.cli.colours import wants_colour
from streammesh.cli.context import (
    environment_option,
    json_option,
    load_workspace,
    select_environment,
    yes_option,
)
from streammesh.cli.output import confirm, console, print_json
from streammesh.cli.plan import delete_data_option, new_snapshot_option
from streammesh.cli.platform import platform_of
from streammesh.errors import ExitCode, MeshErrors
from streammesh.planning import render, service
from streammesh.planning.apply import Applied, Progress
from streammesh.planning.plan import Plan


@click.command(short_help="Make the mesh what the files say.")
@yes_option
@json_option
@delete_data_option
@new_snapshot_option
@environment_option
def command(
    yes: bool,
    as_json: bool,
    delete_data: bool,
    new_snapshot: tuple[str, ...],
    environment_name: str | None,
) -> int:
    """Show the plan, ask, and do it.

    An apply that was interrupted or failed is completed by the next one: what was done stays.
    """
    workspace = load_workspace()
    environment = select_environment(workspace, environment_name)
    platform = platform_of(Path(workspace.root), environment)
    planned = service.plan(
        workspace, environment, platform, delete_data=delete_data, read_anew=new_snapshot
    )
    print(render.text(planned, colour=wants_colour(sys.stderr)), file=sys.stderr)
    if planned.blocked:
        return int(MeshErrors(planned.problems).exit_code)
    if planned.steps and not confirm(f"Apply to {planned.environment}?", yes=yes):
        print("nothing was changed", file=sys.stderr)
        return int(ExitCode.FAILED)
    with StepProgress(console()) as progress:
        applied = service.apply(planned, platform, progress)
    _report(planned, applied, as_json=as_json)
    return int(ExitCode.OK)


def _report(planned: Plan, applied: Applied, *, as_json: bool) -> None:
    if as_json:
        steps = [render.step_as_dict(one) for one in applied.steps]
        print_json({"environment": planned.environment, "applied": steps})
    elif applied.steps:
        count = len(applied.steps)
        print(f"{count:,} step{'' if count == 1 else 's'} applied", file=sys.stderr)


class StepProgress:
    """Shows the steps of an apply: what is done now on a terminal, else a line for each."""

    def __init__(self, shown: Console) -> None:
        """Show on `shown`."""
        self._console = shown
        self._status = Status("", console=shown) if shown.is_terminal else None

    def __enter__(self) -> StepProgress:
        """Begin to show."""
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing that moves behind."""
        if self._status is not None:
            self._status.stop()

    def __call__(self, progress: Progress) -> None:
        """Show one step."""
        if progress.step is None:
            return
        place = f"{progress.done + 1}/{progress.total}"
        if self._status is not None:
            self._status.update(f"{place}  {progress.step.title}")
        else:
            self._console.print(f"  {place:>7}  {progress.step.title}", markup=False)
