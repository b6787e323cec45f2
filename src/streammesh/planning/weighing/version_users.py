"""Who uses a version once a plan is applied: as the catalog saw it, and as the files say; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from streammesh.catalog.consumers import SOURCE, Consumer
from streammesh.documents.values import Source, Subscription, Workspace
from streammesh.planning.access.offered import version_of
from streammesh.planning.reading_products import Reader

FORGOTTEN = timedelta(days=30)
"""Who was undeclared and away for so long starts anew: the topic has forgotten its deletions."""

Owners = Mapping[str, Mapping[str, str]]
"""Of domains, those that are known: `team`, `email`, `chat`."""


def users(
    known: Iterable[Consumer], here: Iterable[Consumer], domains: Collection[str], now: datetime
) -> tuple[Consumer, ...]:
    """Put together who uses a version.

    Args:
        known: whom the catalog knows, with when they were seen.
        here: who uses it by these files, and by what is deployed once they are applied.
        domains: of the files. What their subscriptions say counts, not what they said; who has left
            the version there and was seen reading it may read it still; a source's engine ends with
            the source.
        now: with a time zone.
    """
    said = {one.name: one for one in here}
    found = []
    for one in known:
        if one.name in said:
            new = said.pop(one.name)
            found.append(replace(one, fields=new.fields, contact=new.contact, purpose=new.purpose))
        elif _stays(one, domains, now):
            found.append(one)
    return (*found, *said.values())


def _stays(one: Consumer, ours: Collection[str], now: datetime) -> bool:
    """Tell whether a consumer counts of whom the files don't speak."""
    if one.gone:
        return False
    if not one.name and one.last_seen:
        return now - datetime.fromisoformat(one.last_seen) <= FORGOTTEN
    return one.domain not in ours or bool(one.last_seen and not one.is_source)


def subscribed(workspace: Workspace) -> Mapping[str, Sequence[Consumer]]:
    """Give who uses versions by the subscriptions of a workspace, by version."""
    found: dict[str, list[Consumer]] = {}
    for domain in workspace.domains.values():
        for one in domain.subscriptions:
            asset = str(version_of(one))
            found.setdefault(asset, []).append(_subscriber(asset, one))
    return found


def declared(workspace: Workspace) -> Mapping[str, Sequence[Consumer]]:
    """Give who uses versions by a workspace's files, subscriptions and sources, by version."""
    found = {asset: list(some) for asset, some in subscribed(workspace).items()}
    for domain in workspace.domains.values():
        for source in domain.sources:
            for name in source.products:
                one = _source(str(name), source, domain.owner)
                found.setdefault(one.asset, []).append(one)
    return found


def _source(asset: str, one: Source, owner: Mapping[str, str]) -> Consumer:
    name = f"{SOURCE}{one.domain}.{one.name}"
    return Consumer(
        asset=asset,
        name=name,
        consumer=name,
        principal="",
        purpose="products are made of it",
        contact=owner,
        fields=(),
    )


def _subscriber(asset: str, one: Subscription) -> Consumer:
    return Consumer(
        asset=asset,
        name=f"{one.domain}/{one.name}",
        consumer=one.consumer,
        principal=one.principal or "",
        purpose=one.purpose,
        contact=one.contact,
        fields=tuple(sorted(one.fields)),
    )


def made_of(asset: str, readers: Iterable[Reader], owners: Owners) -> Iterator[Consumer]:
    """Give the sources that make products of a version, each relying on what its models read.

    Args:
        asset: the version.
        readers: the products whose models read it.
        owners: of the readers' domains.
    """
    sources: dict[tuple[str, str], list[Reader]] = {}
    for one in readers:
        sources.setdefault((one.product.domain, one.product.source), []).append(one)
    for (domain, source), every in sources.items():
        name = f"{SOURCE}{domain}.{source}"
        columns = (dict(one.product.model.columns).get(one.table, ()) for one in every)
        yield Consumer(
            asset=asset,
            name=name,
            consumer=name,
            principal="",
            purpose=f"makes {', '.join(one.product.topic for one in every)}",
            contact=owners.get(domain, {}),
            fields=tuple(sorted({column for each in columns for column in each})),
        )
