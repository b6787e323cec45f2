"""Domains whose folder has left this repository while it still holds them: they read no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from streammesh.catalog.workspaces import Claim
from streammesh.documents.repository import Repository
from streammesh.documents.values import Workspace
from streammesh.planning.findings import Note
from streammesh.planning.owner import domain_owner, of_consumer
from streammesh.planning.systems import Platform
from streammesh.planning.weighing.holding import counting
from streammesh.platform.stores import Resource


def left(
    workspace: Workspace,
    platform: Platform,
    resources: Mapping[str, Resource],
) -> frozenset[str]:
    """Give the domains that consume or have the rights to, are ours, and have no folder here.

    Where the files of a domain are ours to keep and are gone, nobody asks for its subscriptions any
    more, as where the file of one is gone. A domain that another repository holds, or was promised,
    or that nobody claimed, is not here because it is elsewhere.

    Args:
        workspace: the files.
        platform: its catalog is read. On a local stack, which several workspaces may share by a
            link, nothing is claimed: there a folder that is gone ends nothing.
        resources: the records that stand, claims among them.

    Raises:
        CatalogUnreachable: the catalog can't be read.
    """
    if platform.catalog is None or platform.repository is None:
        return frozenset()
    consuming, here = platform.catalog.consuming(), workspace.domains.keys()
    # an apply that was killed may have left rights of whom the catalog knows nothing any more
    standing = {one.domain for one in resources.values() if of_consumer(one.owner)}
    gone = (consuming | standing) - here
    claims = counting(resources, platform.catalog.claims()) if gone else {}
    return frozenset(
        one for one in gone & claims.keys() if _is_held(claims[one], platform.repository)
    )


def _is_held(claim: Claim, repository: Repository) -> bool:
    return repository.is_called(claim.repository) and not claim.promised_to


def notes(domains: frozenset[str]) -> Iterator[Note]:
    """Say what becomes of such domains; what they own may be read by others, and stays."""
    for one in sorted(domains):
        text = (
            f"domains/{one} is gone: the subscriptions of {one} end, all else of it stays "
            "(docs/repositories.md)"
        )
        yield Note(domain_owner(one), text, "!")
