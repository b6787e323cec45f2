"""`mesh notices`: what consumers were told, what they answered; and sending what was not sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from streammesh.catalog.notices import FIRST, Delivery, Notice, Recipient, Told
from streammesh.cli.catalogs import opened
from streammesh.cli.context import (
    environment_option,
    json_option,
    load_workspace,
    select_environment,
)
from streammesh.cli.output import print_json
from streammesh.cli.platform import platform_of
from streammesh.cli.printing import print_lines, print_text, say
from streammesh.notices.sending import Sent


class _Group(click.Group):
    """Lists, unless another subcommand is named: `mesh notices sales.orders`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the usual subcommand before what is none."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Group, short_help="What consumers of versions that end were told.")
def command() -> None:
    """Show notices of versions that end: who was told, and what they answered.

    \b
        mesh notices
        mesh notices sales.orders
        mesh notices --for marketing
        mesh notices send

    `mesh notices list --help` has the options of what shows them.
    """


@command.command("list", short_help="Show them; that is what `mesh notices` does by itself.")
@click.argument("product", required=False)
@click.option("--for", "domain", metavar="DOMAIN", help="Those that consumers of a domain got.")
@json_option
@environment_option
def listing(
    product: str | None, domain: str | None, as_json: bool, environment_name: str | None
) -> None:
    """Show notices, newest first; of one product or version, or to one domain's consumers."""
    with opened(environment_name) as catalog:
        if product is not None:
            catalog.find(product)
        found = [_to(one, domain) for one in catalog.notices() if _about(one.notice, product)]
    found = [one for one in found if domain is None or one.recipients]
    if as_json:
        print_json([_as_dict(one) for one in found])
    elif found:
        for number, one in enumerate(found):
            print_lines([*([""] * (number > 0)), *_lines(one)])
    else:
        say("no notices")


def _about(notice: Notice, product: str | None) -> bool:
    return product is None or notice.asset == product or notice.asset.startswith(f"{product}.v")


def _to(told: Told, domain: str | None) -> Told:
    mine = tuple(one for one in told.recipients if domain in (None, one.domain))
    return replace(told, recipients=mine)


def _as_dict(told: Told) -> dict[str, Any]:
    return {
        **asdict(told.notice),
        "consumers": [
            {
                **asdict(one),
                "deliveries": [asdict(way) for way in _ways(told, one)],
            }
            for one in told.recipients
        ],
    }


def _ways(told: Told, recipient: Recipient) -> list[Delivery]:
    return [one for one in told.deliveries if one.consumer == recipient.consumer]


def _lines(told: Told) -> Iterator[str]:
    notice = told.notice
    when = f"ends on {notice.until}" if notice.until else "ends"
    instead = f", instead: {notice.instead}" if notice.instead else ""
    yield f"{notice.asset} {when}{instead}"
    yield f"  notice   {notice.notice}"
    if notice.because:
        yield f"  because  {notice.because}"
    wide = max((len(one.consumer) for one in told.recipients), default=0)
    for one in told.recipients:
        contact = one.contact.get("email", "")
        yield f"  {one.consumer:<{wide}}   {_answer(one)}   {contact}".rstrip()
        yield from (f"    {line}" for line in _told(_ways(told, one)))


def _answer(one: Recipient) -> str:
    if not one.answer:
        return "has not answered"
    reason = f": {one.reason}" if one.reason else ""
    return f"{one.answer} on {one.answered_at[:10]}{reason}"


def _told(deliveries: Sequence[Delivery]) -> Iterator[str]:
    """Say by which ways somebody was told, one line for each occasion, and what failed."""
    for occasion in dict.fromkeys(one.occasion for one in deliveries):
        done = [one for one in deliveries if one.occasion == occasion and one.delivered_at]
        word = "told by" if occasion == FIRST else f"reminded {occasion} by"
        if done:
            yield f"{word} {', '.join(one.channel for one in done)}"
    for one in deliveries:
        if not one.delivered_at:
            problem = one.problem or "it was broken off"
            yield f"not told by {one.channel}, tried {one.tries} times: {problem}"


@command.command(short_help="Send what was not delivered, and the reminders that are due.")
@json_option
@environment_option
def send(as_json: bool, environment_name: str | None) -> None:
    """Send again what was not delivered, and reminders 4 weeks, 1 week and 1 day before the end.

    Nobody is told anything twice. It sends what this workspace's domains have to tell; have it run
    every day.
    """
    workspace = load_workspace()
    environment = select_environment(workspace, environment_name)
    notifier = platform_of(Path(workspace.root), environment).notifier
    with opened(environment_name) as catalog:
        versions = catalog.versions(workspace.domains.keys())
        ending = [asset for asset, one in versions.items() if one.status == "deprecated"]
        sent = notifier.send(catalog, ending) if notifier and ending else Sent()
    if as_json:
        print_json(
            {"delivered": [asdict(one) for one in sent.delivered], "failed": len(sent.failed)}
        )
    else:
        for one in sent.delivered:
            print_text(f"{one.notice}: {one.consumer} told by {one.channel} ({one.occasion})")
        if not sent.delivered and not sent.failed:
            say("nothing to send")
    sent.check()
