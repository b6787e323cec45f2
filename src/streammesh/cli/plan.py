"""`mesh plan`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from streammesh.cli.colours import wants_colour
from streammesh.cli.context import (
    environment_option,
    json_option,
    load_workspace,
    select_environment,
)
from streammesh.cli.output import console, print_json, width_of
from streammesh.cli.plan_progress import PlanProgress
from streammesh.cli.platform import applying
from streammesh.cli.printing import print_text, say
from streammesh.documents.garbage import nothing_to_collect
from streammesh.errors import ExitCode, MeshErrors
from streammesh.errors.catalog import CatalogTooOld
from streammesh.errors.commands import TwoFormats
from streammesh.planning import service
from streammesh.planning.plan import Plan
from streammesh.planning.showing import render
from streammesh.planning.showing.as_values import as_dict
from streammesh.planning.showing.markdown import markdown
from streammesh.planning.systems import Platform


def delete_data_option(command: click.decorators.FC) -> click.decorators.FC:
    """Give a command `--delete-data`, its parameter `delete_data`."""
    return click.option(
        "--delete-data",
        is_flag=True,
        help="Delete the topics of products that left the files, with all their events.",
    )(command)


def new_snapshot_option(command: click.decorators.FC) -> click.decorators.FC:
    """Give a command `--new-snapshot SOURCE`, its parameter `new_snapshot`."""
    return click.option(
        "--new-snapshot",
        multiple=True,
        metavar="SOURCE",
        help="Read a source's tables anew (such as sales.shop); products publish what differs.",
    )(command)


def catalog_moved_option(command: click.decorators.FC) -> click.decorators.FC:
    """Give a command `--catalog-moved`, its parameter `catalog_moved`."""
    return click.option(
        "--catalog-moved",
        is_flag=True,
        help="The environment moved to another cluster or namespace, and its catalog with it.",
    )(command)


def verbose_option(command: click.decorators.FC) -> click.decorators.FC:
    """Give a command `--verbose`, its parameter `verbose`."""
    return click.option(
        "--verbose",
        "-v",
        is_flag=True,
        help="Show every step with its reason, and the sizes of unchanged products too.",
    )(command)


@click.command(short_help="Show what `apply` would change.")
@json_option
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown", "json")),
    help="Text [default], Markdown for a pull request, or JSON.",
)
@verbose_option
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="Exit with 10 when there is something to do.",
)
@delete_data_option
@new_snapshot_option
@catalog_moved_option
@environment_option
def command(
    as_json: bool,
    form: str | None,
    verbose: bool,
    detailed_exitcode: bool,
    delete_data: bool,
    new_snapshot: tuple[str, ...],
    catalog_moved: bool,
    environment_name: str | None,
) -> int:
    """Compare the workspace's files with the mesh, and show what `apply` would change.

    Nothing is changed. Exit status 3 says that something must be solved first, such as a change
    that breaks a consumer; with --detailed-exitcode 10 that there is something to do, 0 that there
    is nothing.
    """
    if as_json and form not in (None, "json"):
        raise TwoFormats(form=form)
    planned, _ = make(
        environment_name,
        delete_data=delete_data,
        new_snapshot=new_snapshot,
        catalog_moved=catalog_moved,
        verbose=verbose,
    )
    if as_json or form == "json":
        print_json(as_dict(planned))
    elif form == "markdown":
        print_text(markdown(planned).removesuffix("\n"))
    else:
        show(planned, verbose=verbose)
        if planned.steps and not planned.blocked:
            say(f"Apply with `{_apply(delete_data, new_snapshot, catalog_moved)}`.")
    return _status(planned, detailed=detailed_exitcode)


def make(
    environment_name: str | None,
    *,
    delete_data: bool,
    new_snapshot: tuple[str, ...],
    catalog_moved: bool,
    verbose: bool,
    writes: bool = False,
) -> tuple[Plan, Platform]:
    """Make a plan of the workspace in the current folder, and show on stderr what takes long.

    Args:
        environment_name: as `--env` says.
        delete_data: as `--delete-data` says.
        new_snapshot: as `--new-snapshot` says.
        catalog_moved: as `--catalog-moved` says.
        verbose: as `--verbose` says.
        writes: whether it will be applied: a catalog of an older streammesh is brought up to date.

    Returns:
        The plan, and the systems that it was made of.

    Raises:
        MeshError: what is wrong with its files, or with a system that can't be read.
    """
    workspace = load_workspace()
    environment = select_environment(workspace, environment_name)
    platform = applying(workspace, environment)
    if writes:
        _bring_up_to_date(platform)
    with PlanProgress(console()) as progress, nothing_to_collect():
        planned = service.plan(
            workspace,
            environment,
            platform,
            delete_data=delete_data,
            read_anew=new_snapshot,
            all_sizes=verbose,
            catalog_moved=catalog_moved,
            tell=progress,
        )
    return planned, platform


def _bring_up_to_date(platform: Platform) -> None:
    if platform.catalog is None:
        return
    try:
        platform.catalog.readable()
    except CatalogTooOld:
        platform.catalog.prepare()


def show(planned: Plan, *, verbose: bool) -> None:
    """Print a plan on stdout."""
    colour, width = wants_colour(sys.stdout), width_of(sys.stdout)
    shown = render.text(planned, colour=colour, width=width, every_step=verbose)
    print_text(shown, colours=True)


def _apply(delete_data: bool, new_snapshot: Iterable[str], catalog_moved: bool) -> str:
    """Give the command that does what was planned: with what the plan was made with."""
    words = ["mesh apply"]
    words += ["--delete-data"] if delete_data else []
    words += [f"--new-snapshot {one}" for one in new_snapshot]
    words += ["--catalog-moved"] if catalog_moved else []
    return " ".join(words)


def _status(planned: Plan, *, detailed: bool) -> int:
    if planned.blocked:
        return int(MeshErrors(planned.problems).exit_code)
    return int(ExitCode.PLAN_HAS_CHANGES if detailed and planned.steps else ExitCode.OK)
