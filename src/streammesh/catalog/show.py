"""What the catalog knows of one product, for those who want to use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from streammesh.catalog.records import DomainRecord, FieldRecord, ProductRecord
from streammesh.catalog.schema import domains, fields, lineage, products, versions


@dataclass(frozen=True)
class OtherVersion:
    """A version of a product: what it is called, its semantic version and its status."""

    asset: str
    version: str
    status: str


@dataclass(frozen=True)
class Shown:
    """A version of a product, with all that is known about it.

    Attributes:
        asset: the version.
        version: its semantic version.
        status: draft, active, deprecated or retired.
        topic: where its events are.
        product: what the product's document says.
        owner: the domain.
        contract: its contract, ODCS.
        promises: `slaProperties` of the contract, as written.
        stream: the custom property `stream` of the contract, as written.
        versions: all versions of all ports of the product.
        fields: in the order of the contract.
        origins: what it is directly made of: tables (`sales.shop.public.orders`) and versions.
    """

    asset: str
    version: str
    status: str
    topic: str
    product: ProductRecord
    owner: DomainRecord
    contract: Mapping[str, Any]
    promises: tuple[Mapping[str, Any], ...]
    stream: Mapping[str, Any]
    versions: tuple[OtherVersion, ...]
    fields: tuple[FieldRecord, ...]
    origins: tuple[str, ...]


def show(connection: Connection, asset: str) -> Shown:
    """Give what is known of a version that the catalog has.

    Args:
        connection: to a catalog.
        asset: the version, as `find` gives it.
    """
    row = connection.execute(select(versions).where(versions.c.asset == asset)).one()
    same = and_(products.c.domain == row.domain, products.c.product == row.product)
    said = connection.execute(select(products).where(same)).one()
    owner = connection.execute(select(domains).where(domains.c.domain == row.domain)).one()
    contract = json.loads(row.contract)
    return Shown(
        asset=row.asset,
        version=row.version,
        status=row.status,
        topic=row.topic,
        product=ProductRecord(**said._mapping),
        owner=DomainRecord(**owner._mapping),
        contract=contract,
        promises=tuple(contract.get("slaProperties") or ()),
        stream=_stream(contract),
        versions=_versions(connection, row.domain, row.product),
        fields=_fields(connection, asset),
        origins=_origins(connection, asset),
    )


def _stream(contract: Mapping[str, Any]) -> Mapping[str, Any]:
    listed = contract.get("customProperties") or ()
    found = (one.get("value") for one in listed if one.get("property") == "stream")
    return next((one for one in found if isinstance(one, dict)), {})


def _versions(connection: Connection, domain: str, product: str) -> tuple[OtherVersion, ...]:
    columns = versions.c
    query = (
        select(columns.asset, columns.version, columns.status)
        .where(columns.domain == domain, columns.product == product)
        .order_by(columns.port, columns.major)
    )
    return tuple(OtherVersion(*row) for row in connection.execute(query))


def _fields(connection: Connection, asset: str) -> tuple[FieldRecord, ...]:
    query = select(fields).where(fields.c.asset == asset).order_by(fields.c.position)
    return tuple(FieldRecord(**row._mapping) for row in connection.execute(query))


def _origins(connection: Connection, asset: str) -> tuple[str, ...]:
    columns = lineage.c
    query = select(columns.from_asset, columns.from_table).where(columns.asset == asset).distinct()
    found = (f"{one.from_asset}.{one.from_table}".strip(".") for one in connection.execute(query))
    return tuple(sorted(found))
