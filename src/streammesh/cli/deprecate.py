"""`mesh deprecate`: say that a version ends, when, and what takes its place."""

from __future__ import annotations

from datetime import date, timedelta

import click

from streammesh.catalog.registering import asset_of
from streammesh.cli.catalogs import opened
from streammesh.cli.context import (
    environment_option,
    load_workspace,
    select_environment,
    yes_option,
)
from streammesh.cli.lifecycle import put, versioned
from streammesh.cli.printing import say
from streammesh.documents.values import Port, Workspace
from streammesh.errors import ExitCode
from streammesh.errors.lifecycle import BadDate, ReplacedByItself, RetiredAlready
from streammesh.planning.lifecycle.deprecate import deprecate, successor
from streammesh.planning.lifecycle.edits import changed
from streammesh.planning.lifecycle.proposing import proposed_weeks
from streammesh.planning.lifecycle.windows import today


@click.command(short_help="Say that a version ends, and when.")
@click.argument("version", metavar="PRODUCT.vMAJOR")
@click.option("--until", metavar="DATE", help="Its last day, such as 2027-01-31.")
@click.option("--weeks", type=click.IntRange(1, 520), help="Or in how many weeks that is.")
@click.option("--because", default="", metavar="TEXT", help="Why it ends.")
@click.option("--instead", metavar="PRODUCT.vMAJOR", help="What takes its place [the newest one].")
@yes_option
@environment_option
def command(
    version: str,
    until: str | None,
    weeks: int | None,
    because: str,
    instead: str | None,
    yes: bool,
    environment_name: str | None,
) -> int:
    """Write into a version's contract that it is deprecated, with its last day.

    The next `mesh apply` makes a notice for each of its consumers and sends it; `mesh notices`
    shows who was told and what they answered. The version goes on until `mesh retire`. Where no day
    is said, it is the first that the policies in force take; 8 weeks where none asks for a window.

    \b
        mesh deprecate sales.orders.v1 --weeks 12 --because "customer.name is full_name in v2"
    """
    workspace = load_workspace()
    port = versioned(workspace, version)
    if port.status == "retired":
        raise RetiredAlready(product=version)
    asked = _last_day(until, weeks)
    least = _least(workspace, port, environment_name)
    day = asked or least
    edit = deprecate(
        workspace, port, day, because=because, instead=_instead(workspace, port, instead)
    )
    edits = changed([edit])
    if not edits:
        say(f"{version} says so already")
        return int(ExitCode.OK)
    if not put(workspace, edits, yes=yes):
        return int(ExitCode.FAILED)
    if day < least:
        say(f"warning: consumers have until {least} at least")
    say(f"Next: `mesh apply` tells {_whom(port, environment_name)}")
    return int(ExitCode.OK)


def _least(workspace: Workspace, port: Port, environment_name: str | None) -> date:
    """Give the first last day that the policies in force take."""
    names, now = select_environment(workspace, environment_name).names, today()
    with opened(environment_name) as catalog:
        return now + timedelta(weeks=proposed_weeks(workspace, names, catalog, port, now))


def _last_day(until: str | None, weeks: int | None) -> date | None:
    """Give the day that somebody says; None where nobody does."""
    now = today()
    if until is None:
        return None if weeks is None else now + timedelta(weeks=weeks)
    if weeks is not None:
        raise click.UsageError("--until and --weeks say the same thing: give one of them")
    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise BadDate(text=until) from None
    if day <= now:
        raise BadDate(text=until)
    return day


def _instead(workspace: Workspace, port: Port, said: str | None) -> Port | None:
    if said is None:
        return successor(workspace, port)
    found = versioned(workspace, said)
    if asset_of(found) == asset_of(port) or found.status in ("deprecated", "retired"):
        fix = "name a version that goes on"
        raise ReplacedByItself(product=f"{port.label}.v{port.major}", instead=said, fix=fix)
    return found


def _whom(port: Port, environment_name: str | None) -> str:
    asset = asset_of(port)
    with opened(environment_name) as catalog:
        found = [one.name for one in catalog.consumers([asset])[asset] if one.name]
    return ", ".join(found) or "nobody: no consumer is known"
