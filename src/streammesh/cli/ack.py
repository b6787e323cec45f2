"""`mesh ack`: answer a notice."""

from __future__ import annotations

from dataclasses import replace

import click

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.notice_book import NoticeBook, moment
from streammesh.catalog.notices import ACKNOWLEDGED, OBJECTED, Told
from streammesh.cli.catalogs import opened
from streammesh.cli.context import environment_option, load_workspace
from streammesh.cli.platform import whoami
from streammesh.cli.printing import say
from streammesh.documents.nearest import nearest
from streammesh.documents.values import Workspace
from streammesh.errors.lifecycle import NoSuchNotice, NotTold, NotYours


@click.command(short_help="Acknowledge a notice, or object to it.")
@click.argument("notice")
@click.option("--as", "consumer", required=True, metavar="DOMAIN/SUBSCRIPTION", help="For whom.")
@click.option("--object", "objection", metavar="REASON", help="Say that you can't move in time.")
@environment_option
def command(
    notice: str, consumer: str, objection: str | None, environment_name: str | None
) -> None:
    """Answer a notice, for a subscription (or a source) in the files of this workspace.

    NOTICE is as `mesh notices` shows it, or the version that it is about. An acknowledgement says
    that you know of it; a version is retired only when its consumers have moved. A later answer
    takes the place of an earlier one.

    \b
        mesh ack sales.orders.v1 --as marketing/orders-to-warehouse
        mesh ack sales.orders.v1 --as finance/revenue --object "not before the annual accounts"
    """
    if objection is not None and not objection.strip():
        raise click.UsageError("an objection says why: --object REASON")
    _check_ours(load_workspace(), consumer)
    with opened(environment_name) as catalog:
        told = _find(catalog, notice)
        recipient = next((one for one in told.recipients if one.consumer == consumer), None)
        if recipient is None:
            names = ", ".join(one.consumer for one in told.recipients) or "nobody"
            fix = f"it was made for {names}"
            raise NotTold(notice=told.notice.notice, consumer=consumer, fix=fix)
        answer = ACKNOWLEDGED if objection is None else OBJECTED
        said = replace(
            recipient,
            answer=answer,
            reason=objection or "",
            answered_by=whoami(),
            answered_at=moment(),
        )
        NoticeBook(catalog).answer(said)
    say(f"{consumer} {answer}: {told.notice.notice}")


def _check_ours(workspace: Workspace, consumer: str) -> None:
    ours = {
        f"{one.domain}/{one.name}"
        for domain in workspace.domains.values()
        for one in domain.subscriptions
    }
    ours |= {
        f"source {one.domain}.{one.name}"
        for domain in workspace.domains.values()
        for one in domain.sources
    }
    if consumer not in ours:
        raise NotYours(consumer=consumer, fix=nearest(consumer, ours))


def _find(catalog: Catalog, text: str) -> Told:
    found = catalog.notices()
    for one in found:  # the newest first
        if text in (one.notice.notice, one.notice.asset):
            return one
    raise NoSuchNotice(text=text, fix=nearest(text, {one.notice.notice for one in found}))
