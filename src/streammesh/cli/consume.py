"""`mesh consume`: a product's events as JSON lines."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

import click
from confluent_kafka import Message

from streammesh.cli.context import (
    environment_option,
    json_option,
    load_environment,
    load_workspace,
    workspace_root,
)
from streammesh.cli.logins import reader_access
from streammesh.cli.output import note, thousands
from streammesh.delivery.json_lines import JsonLines
from streammesh.delivery.reference import ProductReference, parse_product
from streammesh.delivery.start import parse_start
from streammesh.documents.names import MESH, Names
from streammesh.errors.commands import NotDeployedHere
from streammesh.errors.consume import EventsUnreadable, NothingToRead
from streammesh.errors.local import UnknownPrincipal
from streammesh.platform.confluent_registry import ConfluentRegistry
from streammesh.platform.consumer import TopicReader
from streammesh.platform.decoding import Decoder


@contextlib.contextmanager
def _without_looking_for_cycles() -> Iterator[None]:
    """Events hold no cycles: to look for some in batches of thousands costs a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@click.command(short_help="Read a product's events as JSON lines.")
@click.argument("product")
@click.option(
    "--from",
    "start",
    default="beginning",
    show_default=True,
    metavar="beginning|end|TIME",
    help="Where to begin; a time is 2026-01-31, 2026-01-31T10:00:00Z, or an age such as 15m.",
)
@click.option("-n", "limit", type=click.IntRange(min=1), metavar="N", help="Stop after N events.")
@click.option("--follow", "-f", is_flag=True, help="Go on at the end, until Ctrl-C.")
@click.option("--as", "principal", metavar="PRINCIPAL", help="Read as another principal.")
@click.option(
    "--version", "major", type=click.IntRange(min=1), help="Major version [default: the newest]."
)
@environment_option
@json_option
@_without_looking_for_cycles()
def command(
    product: str,
    start: str,
    limit: int | None,
    follow: bool,
    principal: str | None,
    major: int | None,
    environment_name: str | None,
    as_json: bool,  # noqa: ARG001 - events are JSON in any case; errors are with it
) -> None:
    """Read a product's events as JSON lines: key, value, headers, partition, offset, time.

    PRODUCT is DOMAIN.PRODUCT, such as sales.orders, or a product's topic; `mesh.notices` is what
    consumers of versions that end are told. Only committed events are shown; without --follow the
    command ends at what is committed now. A deleted document has the value null. On the local stack
    it reads as the domain's own reader, which sees products and nothing private.
    """
    began = parse_start(start, datetime.now(UTC))
    environment = load_environment(environment_name)
    names = environment.names
    reference = parse_product(product, names, major)
    domain = _domain_here() if reference.domain == MESH else reference.domain
    default = names.reader_principal(domain)
    try:
        access = reader_access(workspace_root(), environment, default, principal)
    except UnknownPrincipal as unknown:
        if principal is not None:
            raise
        raise NotDeployedHere(source=domain, principal=default) from unknown
    registry = ConfluentRegistry(access.registry)
    lines = JsonLines(Decoder(registry.schema))
    user = access.kafka.username or "anonymous"
    with TopicReader(access.kafka, group=f"{user}.consume") as reader:
        topic = _choose(reference, names, reader, user)
        note(f"reading {topic} as {user}")
        shown = 0
        for batch in reader.read(topic, began, follow=follow):
            shown += _print(lines, batch, None if limit is None else limit - shown)
            if shown == limit:
                break
    note(f"{thousands(shown)} event{'' if shown == 1 else 's'}")
    if lines.unreadable:
        raise EventsUnreadable(count=lines.unreadable, topic=topic)


def _domain_here() -> str:
    """Name a domain of the workspace: what all may read is read as the reader of any of them."""
    return min(load_workspace().domains, default=MESH)


def _print(lines: JsonLines, batch: Sequence[Message], limit: int | None) -> int:
    """Print a batch, up to `limit` of it, and count what was printed."""
    wanted = list(islice(batch, limit))
    sys.stdout.buffer.write(lines.lines(wanted))
    sys.stdout.buffer.flush()
    return len(wanted)


def _choose(reference: ProductReference, names: Names, reader: TopicReader, user: str) -> str:
    """Give the topic to read: the newest version's."""
    topics = reference.topics(names, reader.topics())
    if not topics:
        raise NothingToRead(name=_shown(reference), principal=user)
    newest = max(topics)
    if len(topics) > 1:
        others = ", ".join(f"--version {major}" for major in topics if major != newest)
        note(f"version {newest} is the newest; there is also {others}")
    return topics[newest]


def _shown(reference: ProductReference) -> str:
    major = 1 if reference.major is None else reference.major
    topic = Names().product_topic(reference.domain, reference.product, reference.port, major)
    return topic.removesuffix(".v1") if reference.major is None else topic
