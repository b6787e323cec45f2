"""`mesh access`: who may read what, asked for and decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from streammesh.catalog.access import AccessRecord, State
from streammesh.cli.catalogs import opened
from streammesh.cli.context import (
    environment_option,
    json_option,
    load_workspace,
    select_environment,
    workspace_root,
)
from streammesh.cli.handing_over import HandOver
from streammesh.cli.output import console, print_json, table
from streammesh.cli.plan_progress import StepProgress
from streammesh.cli.platform import applying, forget_passwords
from streammesh.cli.printing import one_line, say, say_long
from streammesh.documents.nearest import nearest
from streammesh.documents.values import Environment, Workspace
from streammesh.documents.workspace import load_mesh
from streammesh.errors import MeshError
from streammesh.errors.access import AccessUnknown
from streammesh.planning.access import deciding
from streammesh.planning.access.deciding import Approval
from streammesh.planning.access.doing import Done
from streammesh.planning.access.expiry import last_day
from streammesh.planning.access.judging import expired
from streammesh.planning.steps.create_access import in_words
from streammesh.planning.systems import Credentials, Platform

_reason_option = click.option("--reason", default="", metavar="TEXT", help="Why; it is recorded.")
_version_option = click.option(
    "--version", type=click.IntRange(min=1), help="Major version [default: what is asked for]."
)


@click.group(short_help="Ask for access to products, and decide about it.")
def command() -> None:
    """Ask for access to products, and decide about it.

    NAME is a subscription, DOMAIN/SUBSCRIPTION. `mesh apply` of one asks by itself; what is at most
    internal is granted at once, the rest waits for the domain that owns the product. What a source
    of products reads of another domain is asked for as DOMAIN/SOURCE.PRODUCT.
    """


@command.command(name="list", short_help="Who may read what, and who waits.")
@click.argument("domain", required=False)
@click.option("--waiting", is_flag=True, help="Only what waits for an owner.")
@json_option
@environment_option
def list_(domain: str | None, waiting: bool, as_json: bool, environment_name: str | None) -> None:
    """List requests and grants: all, or those by and to DOMAIN."""
    with opened(environment_name) as catalog:
        records = catalog.access(None if domain is None else {domain})
    shown = [one for one in records if not waiting or one.state is State.REQUESTED]
    if as_json:
        print_json([_as_dict(one) for one in shown])
    elif shown:
        headings = ("subscription", "version", "state", "until", "decided by", "why")
        console(stderr=False).print(table(*_said(headings, [_row(one) for one in shown])))
        if any(one.state is State.REQUESTED for one in shown):
            say("`mesh access approve NAME` grants what waits, `deny` refuses it")
    else:
        say(_nothing(domain, waiting=waiting))


def _nothing(domain: str | None, *, waiting: bool) -> str:
    """Say that there is nothing to list."""
    if waiting:
        return "no request waits" + (f" of {domain}, or for its products" if domain else "")
    if domain is None:
        return "nobody has asked for access"
    return f"{domain} has asked for no access, and nobody for access to its products"


@command.command(short_help="What was asked and decided about a subscription.")
@click.argument("name")
@json_option
@environment_option
def history(name: str, as_json: bool, environment_name: str | None) -> None:
    """Show all that was asked and decided about NAME, oldest first."""
    domain = name.partition("/")[0]
    with opened(environment_name) as catalog:
        records = [one for one in catalog.access({domain}) if one.name == name]
        past = [(one, event) for one in records for event in catalog.access_events(one.key)]
        known = {one.name for one in catalog.access(None)} if not past else set()
    if not past:
        raise AccessUnknown(name=name, fix=nearest(name, known) or "mesh access list")
    past.sort(key=lambda each: each[1].at)
    if as_json:
        print_json([{"version": one.asset, **asdict(event)} for one, event in past])
        return
    rows = [
        (event.at[:19].replace("T", " "), one.asset, event.state.value, event.who, event.reason)
        for one, event in past
    ]
    headings = ("when (UTC)", "version", "state", "who", "reason")
    console(stderr=False).print(table(headings, rows))


@command.command(short_help="Ask for access, also once more after a refusal.")
@click.argument("name")
@_reason_option
@environment_option
def request(name: str, reason: str, environment_name: str | None) -> None:
    """Ask the owner for access of a subscription of this workspace."""
    workspace = load_workspace()
    environment = select_environment(workspace, environment_name)
    platform = applying(workspace, environment)
    asked = deciding.ask(workspace, environment, platform, name, reason=reason)
    record = asked.record
    say_long(
        f"asked {record.owner} for {record.asset} ({asked.because}); "
        f"they decide by `mesh access approve {name}`"
    )


@command.command(short_help="Grant access, and do it at once.")
@click.argument("name")
@_reason_option
@click.option(
    "--expires",
    metavar="90d|DAY",
    help="The last day [default: as it was, else for ever].",
)
@click.option(
    "--field", "fields", multiple=True, metavar="PATH", help="A restricted field; may be repeated."
)
@click.option(
    "--secret-to",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the new user's password there (mode 0600) instead of stdout.",
)
@_version_option
@environment_option
def approve(
    name: str,
    reason: str,
    expires: str | None,
    fields: tuple[str, ...],
    secret_to: Path | None,
    version: int | None,
    environment_name: str | None,
) -> None:
    """Grant NAME access: its user, the right to read that topic in its own groups, its quota.

    The user's password is handed over once: a local stack keeps it (`mesh env --for PRINCIPAL`),
    elsewhere it is printed, or written by --secret-to. A granted one can be approved again with
    another --expires, or with more fields.

    \b
        mesh access approve marketing/loads --reason "campaigns 2027" --expires 90d
        mesh access approve marketing/loads --field customer.email --secret-to loads.secret
    """
    day = None if expires is None else last_day(expires, datetime.now(UTC).date())
    environment, platform = _systems(environment_name)
    handed = _hand_over(environment, secret_to)
    with StepProgress(console()) as progress:
        done = deciding.approve(
            environment,
            platform,
            name,
            Approval(reason, day, fields, version),
            workspace=_files(),
            credentials=handed,
            progress=progress,
        )
    _tell(done)
    for principal in done.made:
        say(_handed(principal, handed, secret_to))
    if handed is not None and not done.made:
        say("no user was made, so no password is handed over")


@command.command(short_help="Refuse what waits.")
@click.argument("name")
@_reason_option
@_version_option
@environment_option
def deny(name: str, reason: str, version: int | None, environment_name: str | None) -> None:
    """Refuse NAME what it asks for; only a new request and your approval change that."""
    environment, platform = _systems(environment_name)
    _tell(deciding.deny(environment, platform, name, reason=reason, version=version))


@command.command(short_help="Cut access off, within seconds.")
@click.argument("name")
@_reason_option
@_version_option
@environment_option
def revoke(name: str, reason: str, version: int | None, environment_name: str | None) -> None:
    """Take NAME's access away: rights first, then the user and its quota if nothing is left."""
    environment, platform = _systems(environment_name)
    with StepProgress(console()) as progress:
        done = deciding.revoke(
            environment,
            platform,
            name,
            reason=reason,
            version=version,
            progress=progress,
        )
    forget_passwords(workspace_root(), environment, done.removed)
    _tell(done)


def _systems(environment_name: str | None) -> tuple[Environment, Platform]:
    """Give environment and systems by mesh.toml alone: the domains' files may be wrong."""
    alone = load_mesh(workspace_root())
    environment = select_environment(alone, environment_name)
    return environment, applying(alone, environment)


def _hand_over(environment: Environment, secret_to: Path | None) -> Credentials | None:
    """Say who gives passwords; None where the local stack keeps them."""
    if environment.stack == "local" and secret_to is None:
        return None
    return HandOver(secret_to)


def _files() -> Workspace | None:
    """Give the workspace's files, if they are right: what they will call restricted counts."""
    try:
        return load_workspace()
    except MeshError:
        return None


def _handed(principal: str, handed: Credentials | None, secret_to: Path | None) -> str:
    if handed is None:
        return f"user {principal}: `mesh env --for {principal}` prints its login"
    place = "stdout" if secret_to is None else str(secret_to)
    return f"user {principal}: its password went to {place}, and is kept nowhere else"


def _tell(done: Done) -> None:
    """Say on stderr what was decided, what Kafka was told, and what is left."""
    for one in done.judged:
        words = f": {one_line(one.because)}" if one.because else ""
        until = f" until {one.record.expires}" if one.record.expires else ""
        state = f"{one.record.state.value}{until if one.in_force else ''}"
        say(f"{one.record.name}  {one.record.asset}  {state}{words}")
    if done.cut:
        who = ", ".join(dict.fromkeys(one.principal for one in done.cut))
        say_long(f"cut off: {who} ({in_words(done.cut)})")
    for principal in done.removed:
        say(f"user {principal} can't log in any more")
    for acl in done.left:
        say_long(f"! not made by streammesh, and still there: {acl}")
    for text in done.still:
        say(f"! {text} all the same")
    if not done.judged and not done.steps:
        say("nothing to do: it is so already")


def _said(
    headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Leave out the columns that say nothing in any row."""
    kept = [number for number in range(len(headings)) if any(row[number] for row in rows)]
    return [headings[one] for one in kept], [[row[one] for one in kept] for row in rows]


def _as_dict(record: AccessRecord) -> dict[str, Any]:
    return {"name": record.name, **asdict(record)}


def _row(record: AccessRecord) -> Sequence[str]:
    state: str = record.state.value
    if record.state is State.REQUESTED:
        state = f"waits for {record.owner}"
    elif record.state is State.GRANTED and expired(record, datetime.now(UTC).date()):
        state = "expired: the next apply or `mesh access` cuts it"
    why = record.reason or record.purpose
    until = record.expires if record.state is State.GRANTED else ""
    return record.name, record.asset, state, until, record.decided_by, why
