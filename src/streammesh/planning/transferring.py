"""Hand a domain over to another repository; nothing of it is removed or made anew by that."""

from __future__ import annotations

from dataclasses import replace

from streammesh.catalog.workspaces import Claim
from streammesh.documents.repository import Repository
from streammesh.errors.workspaces import DomainNotHeld, DomainUnknown, ReasonMissing
from streammesh.planning.steps.claim_domains import now, write
from streammesh.planning.systems import Platform
from streammesh.planning.weighing.holding import counting, label, resource_of


def standing(platform: Platform) -> dict[str, Claim]:
    """Give which repository holds each domain, by domain.

    Raises:
        MeshError: Kafka or the catalog can't be read.
    """
    catalogued = {} if platform.catalog is None else platform.catalog.claims()
    return dict(counting(platform.resources.read(), catalogued))


def transfer(
    platform: Platform, domain: str, to: str, *, force: bool = False, reason: str = ""
) -> Claim:
    """Let another repository take a domain with its next apply; from now on, this one can't.

    Args:
        platform: its repository is the one that hands over.
        domain: the domain; `GOVERNANCE` for the mesh itself.
        to: what the other repository is called; the holder's own name takes an offer back.
        force: hand over what somebody else holds.
        reason: why; recorded, and needed with `force`.

    Raises:
        DomainUnknown: nobody holds it.
        DomainNotHeld: another repository does, and nothing is forced.
        ReasonMissing: forced without a reason.
        ApplyRunning: an apply is at work.
    """
    if force and not reason.strip():
        raise ReasonMissing
    with platform.lock.hold() as held:
        claim = standing(platform).get(domain)
        if claim is None:
            raise DomainUnknown(domain=label(domain))
        if not force and not _holds(platform.repository, claim):
            raise DomainNotHeld(
                domain=label(domain),
                repository=claim.repository,
                fix="run it in that repository's workspace;\n"
                "where that is gone, add --force --reason '…'",
            )
        held.check()
        promised = _promised(claim, to, platform, reason)
        write(platform, [resource_of(promised)], [promised])
        return promised


def _holds(repository: Repository | None, claim: Claim) -> bool:
    return repository is not None and repository.is_called(claim.repository)


def _promised(claim: Claim, to: str, platform: Platform, reason: str) -> Claim:
    if to == claim.repository:
        return replace(claim, promised_to="", promised_at="", promised_by="", reason="")
    by = platform.applied_by
    return replace(claim, promised_to=to, promised_at=now(), promised_by=by, reason=reason)
