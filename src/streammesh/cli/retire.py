"""`mesh retire`: end a version that nobody needs any more."""

from __future__ import annotations

import click

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.notice_book import NoticeBook, moment
from streammesh.catalog.notices import Forced
from streammesh.catalog.registering import asset_of
from streammesh.cli.catalogs import opened
from streammesh.cli.context import (
    environment_option,
    load_workspace,
    select_environment,
    yes_option,
)
from streammesh.cli.lifecycle import put, versioned
from streammesh.cli.looking import look_now
from streammesh.cli.platform import claimant, whoami
from streammesh.cli.printing import say, say_long
from streammesh.documents.values import Port
from streammesh.errors import ExitCode, MeshErrors
from streammesh.errors.lifecycle import ReasonNeeded
from streammesh.planning.lifecycle.deprecate import retire
from streammesh.planning.lifecycle.edits import changed
from streammesh.planning.lifecycle.gate import refusal, who_is_left
from streammesh.planning.lifecycle.left import Left
from streammesh.planning.lifecycle.windows import today
from streammesh.planning.weighing.governing import retiring
from streammesh.planning.weighing.holding import check_holder


@click.command(short_help="End a version that nobody needs any more.")
@click.argument("version", metavar="PRODUCT.vMAJOR")
@click.option("--force", is_flag=True, help="Before its last day, or although it is needed.")
@click.option("--reason", default="", metavar="TEXT", help="Why by force; the catalog keeps it.")
@yes_option
@environment_option
def command(version: str, force: bool, reason: str, yes: bool, environment_name: str | None) -> int:
    """Write into a version's contract that it is retired; the next `mesh apply` takes it away.

    Its topics, schemas and access rights go with all events; the catalog remembers it. It is
    refused, here and at `mesh plan`, until its last day is past, and while a subscription declares
    the version, somebody was seen reading it lately, or not all can be looked at who read it; by
    force it is retired all the same, unless a policy is in the way.

    \b
        mesh retire sales.orders.v1
    """
    if force and not reason.strip():
        raise ReasonNeeded(fix=f"mesh retire {version} --force --reason …")
    workspace = load_workspace()
    port = versioned(workspace, version)
    asset = asset_of(port)
    environment = select_environment(workspace, environment_name)
    repository = claimant(workspace, environment)
    with opened(environment_name) as catalog:
        check_holder(catalog.claims(), port.domain, repository)
        look = look_now(catalog, environment_name)
        for unseen in look.said:
            say(f"note: {unseen}")
        left = who_is_left([asset], workspace, catalog, today(), blind=look.blind)[asset]
        if left and not force:
            raise refusal(asset, left)
        judged = retiring(workspace, environment.names, catalog, port)
        if judged.problems:
            raise MeshErrors(judged.problems)
        for note in judged.notes:
            say_long(f"warning: {note.text}")
        for one in left:
            say_long(f"before its last day, {one.day}" if one.day else f"cut off: {one}")
        edits = changed([retire(workspace, port)])
        if not edits and not left:
            say(f"{version} says so already")
            return int(ExitCode.OK)
        if edits and not put(workspace, edits, yes=yes):
            return int(ExitCode.FAILED)
        if left:
            _keep(catalog, port, left, reason)
    say("Next: `mesh apply` takes it away, with all its events")
    return int(ExitCode.OK)


def _keep(catalog: Catalog, port: Port, left: tuple[Left, ...], reason: str) -> None:
    """Keep in the catalog who forces it, why, and who was left: it holds for these alone."""
    forced = Forced(
        asset=asset_of(port),
        domain=port.domain,
        version=port.version,
        reason=reason.strip(),
        left=tuple(one.name for one in left),
        who=whoami(),
        at=moment(),
    )
    NoticeBook(catalog).force(forced)
