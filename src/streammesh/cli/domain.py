"""`mesh domain`: which repository holds a domain, and how it moves to another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import click

from streammesh.catalog.workspaces import GOVERNANCE, Claim
from streammesh.cli.catalogs import opened
from streammesh.cli.context import (
    environment_option,
    json_option,
    select_environment,
    workspace_root,
)
from streammesh.cli.output import console, print_json, table
from streammesh.cli.platform import applying
from streammesh.cli.printing import say
from streammesh.documents.repository import normalised
from streammesh.documents.workspace import load_mesh
from streammesh.errors.commands import DomainOrGovernance
from streammesh.errors.workspaces import RepositoryMissing
from streammesh.planning.systems import Platform
from streammesh.planning.transferring import transfer
from streammesh.planning.weighing.holding import label, shown


@click.group(short_help="Which repository holds a domain, and how it moves to another.")
def command() -> None:
    """See which repository holds which domain, and hand one over to another.

    The first `mesh apply` of a repository that has a domain claims it for this repository.
    """


def _platform(environment_name: str | None) -> Platform:
    """Give the systems; the domains' files may be wrong, or gone already."""
    alone = load_mesh(workspace_root())
    return applying(alone, select_environment(alone, environment_name))


@command.command(name="list", short_help="Which repository holds which domain.")
@environment_option
@json_option
def list_(environment_name: str | None, as_json: bool) -> None:
    """Show which repository holds which domain, since when, and what is being handed over."""
    with opened(environment_name) as catalog:  # to look needs no right on Kafka, where it counts
        claims = list(shown(catalog.claims().values()))
    if as_json:
        print_json([asdict(one) for one in claims])
    elif claims:
        headings = ("DOMAIN", "REPOSITORY", "SINCE", "BY", "HANDED OVER TO")
        console(stderr=False).print(table(headings, _rows(claims)), markup=False)
    else:
        say("no domain is claimed yet: the first `mesh apply` does it")


def _rows(claims: Iterable[Claim]) -> Iterable[tuple[str, ...]]:
    for one in claims:
        domain = "(governance)" if one.domain == GOVERNANCE else one.domain
        yield domain, one.repository, one.since[:10], one.by, one.promised_to


@command.command(name="transfer", short_help="Hand a domain over to another repository.")
@click.argument("domain", required=False)
@click.option("--governance", is_flag=True, help="Global policies and environments instead.")
@click.option(
    "--to",
    "to",
    required=True,
    metavar="REPOSITORY",
    help="The other one, such as github.com/acme/sales, as `mesh plan` there calls it.",
)
@click.option("--force", is_flag=True, help="Though another repository holds it; needs --reason.")
@click.option("--reason", default="", metavar="TEXT", help="Why; recorded and shown.")
@environment_option
@json_option
def transfer_(
    domain: str | None,
    governance: bool,
    to: str,
    force: bool,
    reason: str,
    environment_name: str | None,
    as_json: bool,
) -> None:
    """Hand a domain over to another repository, which takes it with its next apply.

    Run it in the workspace that holds the domain. Nothing is removed or made anew by a move: both
    repositories have the same files of the domain, one after the other. --to the holder's own name
    takes it back, until the other one has applied.

    \b
        mesh domain transfer sales --to github.com/acme/sales
    """
    if (domain is None) != governance:
        raise DomainOrGovernance
    name, what = _named(to.strip()), domain or GOVERNANCE
    if not name.strip():  # such as a variable that is not set
        raise RepositoryMissing
    platform = _platform(environment_name)
    promised = transfer(platform, what, name, force=force, reason=reason)
    if as_json:
        print_json(asdict(promised))
    elif promised.promised_to:
        text = f"{label(promised.domain)} is handed over to {promised.promised_to}:\n"
        text += "  its next `mesh apply` takes it; here, it can't be applied any more"
        say(text)
    else:
        say(f"{label(promised.domain)} stays with {promised.repository}")


def _named(to: str) -> str:
    """Give a repository's name, however its address was typed; a place on a machine as it is."""
    placed = "@" not in to and "://" not in to and ":/" in to
    return to if placed else normalised(to).lower()
