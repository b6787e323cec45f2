"""A digest of all that a domain tells the catalog, so that one that tells nothing new is cheap.

For thousands of products, to say and to compare all that the catalog knows takes a plan longer than
all else. The digest is over what it is said from, and over the code that says it. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from streammesh.documents.names import Names
from streammesh.documents.values import Domain, Port, ProductName, Source, Subscription, Workspace
from streammesh.models.tables import Table

Tables = Mapping[tuple[str, str], tuple[Table, ...]]


@dataclass(frozen=True)
class News:
    """Of which domains there is anything new to tell.

    Attributes:
        now: digests of domains of which everything could be worked out.
        last: those of what was told last.
    """

    now: Mapping[str, str] = field(default_factory=dict)
    last: Mapping[str, str] = field(default_factory=dict)

    def of(self, domain: str) -> bool:
        """Tell whether a domain has anything new to tell, or may have."""
        return domain not in self.now or self.now[domain] != self.last.get(domain)


EVERYTHING = News()
"""Everything is told."""


def digests(
    workspace: Workspace,
    names: Names,
    origins: Mapping[ProductName, str],
    tables: Tables,
    code: str,
) -> Mapping[str, str]:
    """Give the digest of each domain of which everything could be worked out.

    Args:
        workspace: the files.
        names: those of the environment.
        origins: of the versions that could be compiled, a digest of what from.
        tables: of sources, by domain and name.
        code: a digest of what says it.
    """
    return {
        one.name: _digest((code, *_said(one, workspace, names, origins, tables)))
        for one in workspace.domains.values()
        if _whole(one, origins, tables)
    }


def _digest(said: Any) -> str:
    return hashlib.blake2b(msgspec.json.encode(said), digest_size=16).hexdigest()


def _whole(domain: Domain, origins: Mapping[ProductName, str], tables: Tables) -> bool:
    ports = (port for one in domain.products for port in one.ports if port.status != "retired")
    sources = all((one.domain, one.name) in tables for one in domain.databases)
    return sources and all(_name(one) in origins for one in ports)


def _name(port: Port) -> ProductName:
    return ProductName(port.domain, port.product, port.name, port.major)


def _said(
    domain: Domain,
    workspace: Workspace,
    names: Names,
    origins: Mapping[ProductName, str],
    tables: Tables,
) -> Iterator[Any]:
    yield domain.name, domain.owner, domain.on_call, domain.where.file
    yield [_source(one, names, tables) for one in domain.sources]
    yield [(one.name, one.path, one.document) for one in domain.products]
    ports = (port for one in domain.products for port in one.ports)
    yield [_port(one, names, origins.get(_name(one))) for one in ports]
    yield [_subscription(one) for one in domain.subscriptions]
    yield [(one.path, one.source.text) for one in workspace.policies if one.domain == domain.name]


def _source(one: Source, names: Names, tables: Tables) -> Any:
    log, known = names.private_log(one.domain, one.name), tables.get((one.domain, one.name), ())
    columns = [(str(each.name), each.primary_key, [*_columns(each)]) for each in known]
    listed = [str(each) for each in (*one.tables, *one.products)]
    return one.name, one.database_type, listed, one.retention_ms, one.where.file, log, columns


def _columns(table: Table) -> Iterator[Any]:
    yield from ((one.name, one.database_type, one.nullable) for one in table.columns)


def _port(one: Port, names: Names, origin: str | None) -> Any:
    files = one.contract.path, one.model.path
    made = origin or (one.contract.document, one.model.text)
    return one.topic(names), one.version, one.status, files, made


def _subscription(one: Subscription) -> Any:
    what = one.name, one.product, one.version, one.fields
    return what, one.consumer, one.principal, one.purpose, one.contact, one.deliver, one.where.file
