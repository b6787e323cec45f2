"""Versions as the last apply left them: what a plan compares the files with."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, inspect, select

from streammesh.catalog.indexing import chunks
from streammesh.catalog.schema import domains, models, versions
from streammesh.documents.values import ContractFile, ModelFile, StreamOptions


@dataclass(frozen=True)
class KnownVersion:
    """A version as it was applied.

    Attributes:
        asset: `<domain>.<product>.v<major>`.
        domain: whose it is.
        product: the product.
        port: the port.
        major: its major version.
        version: its semantic version.
        status: draft, active, deprecated or retired.
        topic: where its events are.
        contract: its contract, without places.
        model: its model.
        owner: of the domain: `team`, `email`, `chat`, those that are known.
    """

    asset: str
    domain: str
    product: str
    port: str
    major: int
    version: str
    status: str
    topic: str
    contract: ContractFile
    model: ModelFile
    owner: Mapping[str, str]


def known_versions(
    connection: Connection, in_domains: Collection[str]
) -> Mapping[str, KnownVersion]:
    """Give all versions of domains, retired ones too, by asset.

    Args:
        connection: to a catalog.
        in_domains: names of domains.
    """
    found: dict[str, KnownVersion] = {}
    for some in chunks(sorted(in_domains)):
        query = (
            select(
                versions,
                models.c.sql,
                models.c.file.label("model_file"),
                domains.c.team,
                domains.c.email,
                domains.c.chat,
            )
            .join(models, models.c.asset == versions.c.asset)
            .join(domains, domains.c.domain == versions.c.domain)
            .where(versions.c.domain.in_(some))
        )
        for row in connection.execute(query):
            owner = {"team": row.team, "email": row.email, "chat": row.chat}
            found[row.asset] = KnownVersion(
                asset=row.asset,
                domain=row.domain,
                product=row.product,
                port=row.port,
                major=row.major,
                version=row.version,
                status=row.status,
                topic=row.topic,
                contract=contract_file(row.file, json.loads(row.contract)),
                model=ModelFile(row.model_file, row.sql),
                owner={name: said for name, said in owner.items() if said},
            )
    return found


def owners(connection: Connection, in_domains: Collection[str]) -> Mapping[str, Mapping[str, str]]:
    """Give who owns domains and how to reach them: `team`, `email`, `chat`, those that are known.

    Args:
        connection: to a catalog.
        in_domains: names of domains; one that is not known has no entry.
    """
    found: dict[str, Mapping[str, str]] = {}
    said = domains.c
    for some in chunks(sorted(in_domains)):
        query = select(said.domain, said.team, said.email, said.chat).where(said.domain.in_(some))
        for row in connection.execute(query):
            owner = {"team": row.team, "email": row.email, "chat": row.chat}
            found[row.domain] = {name: words for name, words in owner.items() if words}
    return found


def offers(connection: Connection) -> Mapping[str, str]:
    """Give the status of every version, retired ones too, by asset; none of an empty catalog."""
    if not inspect(connection).has_table(versions.name):
        return {}
    rows = connection.execute(select(versions.c.asset, versions.c.status))
    return {row.asset: row.status for row in rows}


def contract_file(file: str, document: Mapping[str, Any]) -> ContractFile:
    """Give a contract that was checked when it was applied."""
    listed = document.get("customProperties") or ()
    said: Mapping[str, Any] = next(
        (one["value"] for one in listed if one.get("property") == "stream"), {}
    )
    known = {one.name for one in fields(StreamOptions)}
    options = StreamOptions(**{name: value for name, value in said.items() if name in known})
    return ContractFile(file, document, {}, options)
