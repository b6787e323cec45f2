"""What a plan was made from: if others changed any of it since, it is made anew.

Two teams decide at the same time about what lies between them: one is granted a version at once
while its owner restricts or retires it. Each plan alone was right, and both together let somebody
read what nobody granted. So a plan keeps what it saw of its neighbours too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import msgspec

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.neighbours import Neighbours
from streammesh.deployments.deployment import Deployment, ProductDeployment, SourceDeployment
from streammesh.documents.values import Workspace
from streammesh.planning.access.offered import version_of
from streammesh.planning.access.sources import asking
from streammesh.platform.stores import Resource


def neighbours_of(workspace: Workspace) -> Neighbours:
    """Say whom a workspace's files have to do with."""
    every = asking(workspace)
    return Neighbours(
        domains=frozenset(workspace.domains),
        principals=frozenset(one.principal for one in every if one.principal),
        assets=frozenset(str(version_of(one)) for one in every),
    )


def said_by(catalog: Catalog | None, whose: Neighbours) -> str:
    """Give a digest of what the catalog says of a plan's neighbours.

    Raises:
        CatalogUnreachable: it can't be read.
    """
    return "" if catalog is None else catalog.neighbourhood(whose)


def basis(
    domains: frozenset[str],
    resources: Mapping[str, Resource],
    deployments: Mapping[str, Deployment],
    said: str = "",
) -> str:
    """Describe what a plan for these domains was made from.

    Every apply to one of them that did something changes it; those to other domains don't, unless
    they read what these domains publish.

    Args:
        domains: whose files it is made from.
        resources: the records that stand.
        deployments: that stand.
        said: what the catalog says of its neighbours.
    """
    owned = {key: one for key, one in resources.items() if one.domain in domains}
    digests = {key: one.digest for key, one in deployments.items() if one.domain in domains}
    readers = dict(_readers(domains, deployments))
    content = msgspec.json.encode((owned, digests, readers, said), order="deterministic")
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _readers(
    domains: frozenset[str], deployments: Mapping[str, Deployment]
) -> Iterator[tuple[str, str]]:
    """Give the products of other domains that are made of those of these domains."""
    topics = {
        one.topic
        for one in deployments.values()
        if isinstance(one, ProductDeployment) and one.domain in domains
    }
    reading = {
        (one.domain, one.source)
        for one in deployments.values()
        if isinstance(one, SourceDeployment) and any(each.topic in topics for each in one.inputs)
    }
    for key, one in deployments.items():
        if one.domain not in domains and (one.domain, one.source) in reading:
            yield key, one.digest
