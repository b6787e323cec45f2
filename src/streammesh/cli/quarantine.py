"""`mesh quarantine`: what can't be published, and what becomes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import click

from streammesh.cli.context import (
    environment_option,
    json_option,
    load_environment,
    workspace_root,
)
from streammesh.cli.output import ago, console, print_json, table, thousands
from streammesh.cli.platform import admin_kafka, whoami
from streammesh.cli.printing import print_text, say
from streammesh.delivery.reference import parse_product
from streammesh.deployments.deployment import Deployment, ProductDeployment, SourceDeployment
from streammesh.deployments.progress import Answer, ProductProgress
from streammesh.deployments.requests import Action
from streammesh.documents.names import Names
from streammesh.errors.reconcile import (
    BlockedAgain,
    KeysOrAll,
    NotInQuarantine,
    ProductNotDeployed,
    RequestRefused,
)
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.kafka_stores import KafkaDeploymentStore
from streammesh.platform.progress_topic import newest_progress
from streammesh.reconcile.asking import ask, request_of
from streammesh.reconcile.quarantined import Held, held

_REASONS = 3
"""Reasons of a product that the list shows; the others are counted."""

_timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the engine.",
)
_version_option = click.option(
    "--version", "major", type=click.IntRange(min=1), help="Major version [default: the newest]."
)


@click.group(short_help="What can't be published, and what becomes of it.")
def command() -> None:
    """See what breaks its contract, let it be tried again, or take it off the list.

    A KEY is written as `17`, as `17,eu` where it has several values, or as JSON.
    """


@dataclass(frozen=True)
class _Mesh:
    """An environment's Kafka, and what is deployed there."""

    names: Names
    store: KafkaDeploymentStore
    streams: ConfluentStreams
    deployments: dict[str, Deployment]

    def products(self, text: str | None, major: int | None) -> list[ProductDeployment]:
        """Give the products that a name means; all where there is none."""
        found = [one for one in self.deployments.values() if isinstance(one, ProductDeployment)]
        found.sort(key=lambda one: one.topic)
        if text is None:
            return found
        topics = parse_product(text, self.names, major).topics(
            self.names, [one.topic for one in found]
        )
        if not topics:
            known = ", ".join(one.topic for one in found)
            raise ProductNotDeployed(name=text, fix=f"one of: {known}" if known else "mesh apply")
        chosen = set(topics.values())
        return [one for one in found if one.topic in chosen]

    def product(self, text: str, major: int | None) -> ProductDeployment:
        """Give the product that a name means, in its newest version."""
        return max(self.products(text, major), key=lambda one: _major(one.topic))

    def source(self, product: ProductDeployment) -> SourceDeployment:
        """Give the source whose engine fills a product."""
        found = self.deployments.get(f"source/{product.domain}.{product.source}")
        if not isinstance(found, SourceDeployment):
            raise ProductNotDeployed(name=product.topic, fix="mesh apply")
        return found


def _major(topic: str) -> int:
    return int(topic.rpartition(".v")[2])


def _mesh(environment_name: str | None) -> _Mesh:
    environment = load_environment(environment_name)
    kafka = admin_kafka(workspace_root(), environment)
    store = KafkaDeploymentStore(kafka, environment.names)
    streams = ConfluentStreams(kafka, f"{kafka.username or 'mesh'}.quarantine")
    return _Mesh(environment.names, store, streams, dict(store.read()))


# --- list


@command.command(name="list", short_help="How much is in quarantine, and why.")
@click.argument("product", required=False)
@_version_option
@environment_option
@json_option
def list_(
    product: str | None, major: int | None, environment_name: str | None, as_json: bool
) -> None:
    """Show for each product what is in quarantine: how much, since when, and why.

    PRODUCT (such as sales.orders) shows its keys.
    """
    mesh = _mesh(environment_name)
    found = mesh.products(product, major)
    progress = {
        source: newest_progress(mesh.streams, mesh.source(one))
        for one in found
        for source in [(one.domain, one.source)]
    }
    shown = []
    for one in found:
        its = progress[one.domain, one.source]
        entry = None if its is None else its.deployments.get(one.topic)
        shown.append((one, entry, held(mesh.streams, one.quarantine, documents=False)))
    if as_json:
        print_json([_listed(*each, keys=product is not None) for each in shown])
        return
    for one, entry, _ in shown:
        _tell_block(one, entry)
    _print_table(shown)
    if product is not None:
        _print_keys(each for _, _, some in shown for each in some)


Shown = tuple[ProductDeployment, ProductProgress | None, Sequence[Held]]


def _standing(some: Sequence[Held]) -> list[Held]:
    return [one for one in some if not one.discarded]


def _oldest(some: Sequence[Held]) -> datetime | None:
    return min((one.time for one in _standing(some) if one.time is not None), default=None)


def _listed(
    product: ProductDeployment,
    entry: ProductProgress | None,
    some: Sequence[Held],
    *,
    keys: bool,
) -> dict[str, Any]:
    block = None if entry is None or entry.block is None else entry.block
    oldest = _oldest(some)
    found: dict[str, Any] = {
        "product": product.topic,
        "on_violation": product.stream.on_violation,
        "status": "not running" if entry is None else entry.status,
        "blocked": None
        if block is None
        else {
            "position": str(block.position),
            "since": datetime.fromtimestamp(block.time_ms / 1000, UTC).isoformat(),
            "reason": block.reason,
            "skipped": block.skipped,
        },
        "quarantined": len(_standing(some)),
        "discarded": len(some) - len(_standing(some)),
        "oldest": None if oldest is None else oldest.isoformat(),
        "reasons": dict(Counter(one.said for one in _standing(some)).most_common()),
    }
    if keys:
        found["keys"] = [dict(one.record) for one in some]
    return found


def _tell_block(product: ProductDeployment, entry: ProductProgress | None) -> None:
    if entry is None or entry.block is None:
        return
    block = entry.block
    since = ago(datetime.fromtimestamp(block.time_ms / 1000, UTC), datetime.now(UTC))
    name = product.topic.rpartition(".v")[0]
    print_text(
        f"{product.topic} is blocked from {block.position} on ({since}): {block.reason}\n"
        f"  {_commits(block.skipped)} skipped since; release it: mesh quarantine replay {name}"
    )


def _commits(count: int) -> str:
    return f"{thousands(count)} commit{'' if count == 1 else 's'}"


def _print_table(shown: Iterable[Shown]) -> None:
    now = datetime.now(UTC)
    rows = []
    for product, _, some in shown:
        oldest = _oldest(some)
        counted = Counter(one.said for one in _standing(some)).most_common()
        reasons = [f"{said} ({thousands(count)})" for said, count in counted[:_REASONS]]
        if len(counted) > _REASONS:
            reasons.append(f"and {len(counted) - _REASONS} more")
        off = len(some) - len(_standing(some))
        rows.append(
            (
                product.topic,
                len(some) - off,
                off,
                "" if oldest is None else ago(oldest, now),
                "; ".join(reasons),
            )
        )
    headings = ("product", "in quarantine", "discarded", "oldest", "reasons")
    console(stderr=False).print(table(headings, rows, right=(1, 2)))


def _print_keys(some: Iterable[Held]) -> None:
    now = datetime.now(UTC)
    rows = [
        (
            one.name,
            "" if one.time is None else ago(one.time, now),
            f"discarded by {one.discarded.get('by')}: {one.discarded.get('why')}"
            if one.discarded
            else one.said,
        )
        for one in some
    ]
    if rows:
        print_text("")
        console(stderr=False).print(table(("key", "since", "reason"), rows))


# --- show


@command.command(short_help="One key's record in full.")
@click.argument("product")
@click.argument("key")
@_version_option
@environment_option
@json_option
def show(
    product: str,
    key: str,
    major: int | None,
    environment_name: str | None,
    as_json: bool,  # noqa: ARG001 - a record is JSON in any case; errors are with it
) -> None:
    """Show what the quarantine holds of one key: reason, place, and the document if it is there."""
    mesh = _mesh(environment_name)
    one = mesh.product(product, major)
    (found,) = _chosen(one, held(mesh.streams, one.quarantine), [key])
    record = {name: value for name, value in found.record.items() if name != "state_key"}
    print_json({"product": one.topic, **record})


def _chosen(product: ProductDeployment, some: Sequence[Held], keys: Sequence[str]) -> list[Held]:
    chosen = []
    for text in keys:
        match = next((one for one in some if one.means(text)), None)
        if match is None:
            raise NotInQuarantine(key=text, topic=product.topic)
        chosen.append(match)
    return chosen


# --- replay and discard


@command.command(short_help="Evaluate again, and publish what is valid now.")
@click.argument("product")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@_version_option
@_timeout_option
@environment_option
@json_option
def replay(
    product: str,
    keys: tuple[str, ...],
    major: int | None,
    timeout: float,
    environment_name: str | None,
    as_json: bool,
) -> None:
    """Let the engine evaluate these keys again, or all that are in quarantine.

    It publishes what is valid now. A blocked product is released: all its documents are evaluated
    at one position, and what differs is published; if one still violates the contract, nothing is,
    and the product stays blocked.
    """
    mesh = _mesh(environment_name)
    _ask(mesh, mesh.product(product, major), "replay", keys, timeout=timeout, as_json=as_json)


@command.command(short_help="Take keys off the list, saying why.")
@click.argument("product")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--all", "every", is_flag=True, help="All that is in quarantine now.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept in the record.")
@_version_option
@_timeout_option
@environment_option
@json_option
def discard(
    product: str,
    keys: tuple[str, ...],
    every: bool,
    reason: str,
    major: int | None,
    timeout: float,
    environment_name: str | None,
    as_json: bool,
) -> None:
    """Take keys off the list; the product keeps their last valid event.

    The record says who did it, when and why. Another wrong document of the key puts it back.
    """
    mesh = _mesh(environment_name)
    one = mesh.product(product, major)
    if bool(keys) == every or not reason.strip():
        raise KeysOrAll(topic=one.topic)
    _ask(mesh, one, "discard", keys, why=reason, timeout=timeout, as_json=as_json)


def _ask(
    mesh: _Mesh,
    product: ProductDeployment,
    action: Action,
    keys: Sequence[str],
    *,
    timeout: float,
    as_json: bool,
    why: str = "",
) -> None:
    some = held(mesh.streams, product.quarantine, documents=False) if keys else []
    chosen = _chosen(product, some, keys)
    listed = tuple(one.state_key for one in chosen) if keys else None
    request = request_of(product.topic, action, listed, whoami(), why)
    place = (mesh.source(product), product)
    answer, entry = ask(mesh.store, mesh.streams, request, place, timeout)
    if answer.refused:
        raise RequestRefused(topic=product.topic, why=answer.refused)
    if entry.block is not None:
        position, reason = entry.block.position, entry.block.reason
        raise BlockedAgain(topic=product.topic, position=position, reason=reason)
    if as_json:
        print_json({"product": product.topic, "action": action, **_as_dict(answer)})
    else:
        say(_said(product, action, answer))


def _as_dict(answer: Answer) -> dict[str, Any]:
    return {**asdict(answer), "position": str(answer.position)}


def _said(product: ProductDeployment, action: Action, answer: Answer) -> str:
    if action == "discard":
        return f"{thousands(answer.discarded)} discarded"
    if answer.skipped:
        return (
            f"{product.topic} is released: {_commits(answer.skipped)} had been skipped,"
            " what differed is published"
        )
    return (
        f"{thousands(answer.evaluated)} evaluated: {thousands(answer.published)} published,"
        f" {thousands(answer.quarantined)} still in quarantine"
    )
