"""What a plan rests on that others may change while it waits: grants, subscriptions, versions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, and_, inspect, select

from streammesh.catalog.access import AccessRecord, access_records
from streammesh.catalog.access_schema import access
from streammesh.catalog.indexing import chunks
from streammesh.catalog.schema import subscription_fields, subscriptions, versions
from streammesh.catalog.texts import canonical, sha256


@dataclass(frozen=True)
class Neighbours:
    """Whom the files of a plan have to do with.

    Attributes:
        domains: of the files.
        principals: existing ones that their subscriptions name.
        assets: versions that their subscriptions name.
    """

    domains: frozenset[str] = frozenset()
    principals: frozenset[str] = frozenset()
    assets: frozenset[str] = frozenset()


def neighbourhood(connection: Connection, whose: Neighbours) -> str:
    """Give a digest of what the catalog says of a plan's neighbours; empty when that is nothing.

    That is who asked for access by, to or as the same principals as these domains; which versions
    of these domains others subscribe to, and what they rely on; and contract and status of the
    versions of others that these domains read. What was seen of use is no part: it changes always.

    Args:
        connection: to a catalog.
        whose: the plan's own.
    """
    if not inspect(connection).has_table(access.name):
        return ""
    records = _access(connection, whose)
    assets = whose.assets | {one.asset for one in records}
    said = [
        [asdict(one) for one in records],
        sorted(_subscribed(connection, whose.domains)),
        sorted(_offered(connection, assets, whose.domains)),
    ]
    return sha256(canonical(said)) if any(said) else ""


def _access(connection: Connection, whose: Neighbours) -> tuple[AccessRecord, ...]:
    found = access_records(connection, domains=whose.domains, principals=whose.principals)
    principals = whose.principals | {one.principal for one in found if one.principal}
    if principals == whose.principals:
        return found
    return access_records(connection, domains=whose.domains, principals=principals)


def _subscribed(connection: Connection, domains: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """Give what other domains' subscriptions to versions of these domains say."""
    mine, path = subscriptions.c, subscription_fields.c
    of_one = and_(path.domain == mine.domain, path.subscription == mine.subscription)
    for some in chunks(sorted(domains)):
        query = (
            select(mine.domain, mine.subscription, mine.asset, mine.principal, path.path)
            .join(versions, versions.c.asset == mine.asset)
            .outerjoin(subscription_fields, of_one)
            .where(versions.c.domain.in_(some))
        )
        for row in connection.execute(query):
            if row.domain not in domains:
                yield tuple(one or "" for one in row)


def _offered(
    connection: Connection, assets: Iterable[str], domains: Collection[str]
) -> Iterator[tuple[str, ...]]:
    columns = versions.c
    for some in chunks(sorted(assets)):
        query = select(columns.asset, columns.status, columns.contract_digest, columns.domain)
        for row in connection.execute(query.where(columns.asset.in_(some))):
            if row.domain not in domains:
                yield row.asset, row.status, row.contract_digest
