"""Who uses a version: what subscriptions declare, and what was seen."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from streammesh.catalog.indexing import chunks
from streammesh.catalog.schema import subscription_fields, subscriptions


@dataclass(frozen=True)
class Consumer:
    """One use of a version.

    Attributes:
        asset: the version, `<domain>.<product>.v<major>`.
        name: `<domain>/<subscription>`; empty where nobody declared it.
        consumer: the application.
        principal: the Kafka principal that the subscription names; empty for the consumer's own.
        purpose: what it is used for.
        contact: how to reach its people: `email`, `team`, `chat`.
        fields: paths that it relies on, sorted; empty when it doesn't say: it may rely on all.
        last_seen: when it last read, UTC, ISO 8601; empty when it was never seen.
        lag: how many events it was behind then; None when that is not known.
    """

    asset: str
    name: str
    consumer: str
    principal: str
    purpose: str
    contact: Mapping[str, str]
    fields: tuple[str, ...]
    last_seen: str = ""
    lag: int | None = None


def consumers(
    connection: Connection, assets: Collection[str]
) -> Mapping[str, tuple[Consumer, ...]]:
    """Give who uses versions, each sorted by name; one that nobody uses has an empty entry.

    Args:
        connection: to a catalog.
        assets: the versions.
    """
    found: dict[str, list[Consumer]] = {one: [] for one in assets}
    for one in _declared(connection, sorted(assets)):
        found[one.asset].append(one)
    return {asset: tuple(each) for asset, each in found.items()}


def _declared(connection: Connection, assets: list[str]) -> Iterator[Consumer]:
    mine, path = subscriptions.c, subscription_fields.c
    for some in chunks(assets):
        query = (
            select(subscriptions, path.path)
            .outerjoin(
                subscription_fields,
                (path.domain == mine.domain) & (path.subscription == mine.subscription),
            )
            .where(mine.asset.in_(some))
            .order_by(mine.domain, mine.subscription, path.path)
        )
        rows: dict[tuple[str, str], list[str]] = {}
        said: dict[tuple[str, str], Row[Any]] = {}
        for row in connection.execute(query):
            key = (row.domain, row.subscription)
            said[key] = row
            rows.setdefault(key, []).extend([row.path] if row.path is not None else [])
        for key, fields in rows.items():
            row = said[key]
            yield Consumer(
                asset=row.asset,
                name=f"{row.domain}/{row.subscription}",
                consumer=row.consumer,
                principal=row.principal,
                purpose=row.purpose,
                contact=json.loads(row.contact),
                fields=tuple(fields),
            )
