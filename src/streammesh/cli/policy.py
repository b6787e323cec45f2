"""`mesh policy`: the rules of governance, and what violates them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.opening import catalog_address
from streammesh.catalog.registering import registration
from streammesh.cli import policy_shown
from streammesh.cli.colours import wants_colour
from streammesh.cli.context import (
    environment_option,
    json_option,
    load_workspace,
    select_environment,
    workspace_root,
)
from streammesh.cli.output import print_json, width_of
from streammesh.cli.printing import print_text, say
from streammesh.documents.names import NAME
from streammesh.documents.policy import Policy
from streammesh.documents.policy_files import POLICIES, POLICY_END
from streammesh.documents.values import Environment, Workspace
from streammesh.errors import ExitCode, MeshErrors
from streammesh.errors.commands import Misused
from streammesh.errors.policies import PolicyThere
from streammesh.policies.checking import check, in_force
from streammesh.policies.shipped import shipped, shipped_names, shipped_text
from streammesh.policies.whereabouts import Whereabouts
from streammesh.scaffold.policies import write_policy

FORMATS = ("text", "markdown")


@click.group(short_help="The rules of governance, and what violates them.")
def command() -> None:
    """Policies: SQL over what the mesh knows; each row that it gives is a violation."""


@command.command("check", short_help="Show what violates the policies in force.")
@click.option("--all", "everywhere", is_flag=True, help="Judge other domains as well.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", help="How it is printed."
)
@json_option
@environment_option
def check_command(
    everywhere: bool, form: str, as_json: bool, environment_name: str | None
) -> int | None:
    """Judge the workspace as it would be once it is applied, beside what the catalog knows.

    Files and catalog are enough: what models read is taken from the last apply. Exit status 3 says
    that something would stop a plan.

    \b
        mesh policy check
        mesh policy check --all --format markdown
    """
    workspace = load_workspace()
    environment = select_environment(workspace, environment_name)
    everywhere = everywhere or not workspace.domains
    told = registration(workspace, environment.names, {}, {})
    with _catalog(workspace, environment) as catalog:
        checked = check(workspace, told, catalog, everywhere=everywhere)
    shown = policy_shown.Shown(checked, Whereabouts(workspace))
    if as_json:
        print_json(policy_shown.as_dict(shown))
    elif form == "markdown":
        print_text(policy_shown.markdown(shown))
    else:
        colour, width = wants_colour(sys.stdout), width_of(sys.stdout)
        print_text(policy_shown.text(shown, width, colour=colour), colours=True)
    return int(ExitCode.CHECK_SAID_NO) if checked.blocked else None


@command.command("list", short_help="Show the policies in force, or those that are shipped.")
@click.option("--shipped", "of_ours", is_flag=True, help="Those that `mesh policy add` takes.")
@json_option
@environment_option
def list_command(of_ours: bool, as_json: bool, environment_name: str | None) -> None:
    """Show the policies: the workspace's own, and those of the mesh that the catalog knows."""
    if of_ours:
        policies: tuple[Policy, ...] = tuple(map(shipped, shipped_names()))
    else:
        workspace = load_workspace()
        environment = select_environment(workspace, environment_name)
        with _catalog(workspace, environment) as catalog:
            policies, unread = in_force(workspace, catalog)
        if unread:
            raise MeshErrors(unread)
    if as_json:
        print_json([policy_shown.policy_as_dict(one) for one in policies])
    elif policies:
        print_text("\n".join(policy_shown.listing(policies, width_of(sys.stdout))))
    else:
        say("no policy is in force; `mesh policy list --shipped` shows some")


@command.command("add", short_help="Write a shipped policy into the workspace.")
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@click.option("--domain", metavar="DOMAIN", help="For one domain, instead of everywhere.")
def add_command(names: tuple[str, ...], domain: str | None) -> None:
    """Write shipped policies into the workspace, to be changed there as you like.

    \b
        mesh policy list --shipped
        mesh policy add owner-and-on-call restricted-fields
    """
    root = workspace_root()
    if domain is not None and not _is_domain(root, domain):
        raise Misused(message=f"the workspace has no domain `{domain[:60]}`", fix="mesh validate")
    texts = {name: shipped_text(name) for name in names}
    folder = root / "domains" / domain / POLICIES if domain else root / POLICIES
    paths = {folder / f"{name}{POLICY_END}": text for name, text in texts.items()}
    for path in paths:
        if path.exists():
            raise PolicyThere(path=path.relative_to(root).as_posix())
    for path, text in paths.items():
        write_policy(root, path, text)
        print_text(path.relative_to(root).as_posix())


def _is_domain(root: Path, name: str) -> bool:
    return bool(NAME.match(name)) and (root / "domains" / name).is_dir()


@contextmanager
def _catalog(workspace: Workspace, environment: Environment) -> Iterator[Catalog]:
    """Give the catalog as it is: who only looks makes no tables."""
    catalog = Catalog.at(catalog_address(Path(workspace.root), environment, os.environ))
    try:
        yield catalog
    finally:
        catalog.close()
