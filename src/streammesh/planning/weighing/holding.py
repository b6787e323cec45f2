"""Which repository holds which domain: what a plan makes of the claims that stand; pure.

A claim stands twice. The record in `_mesh.resources` is what counts, since it is written under the
lock of apply; the catalog's row is for people, and stands in where Kafka has lost its records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace

from streammesh.catalog.workspaces import GOVERNANCE, Claim
from streammesh.documents.names import MESH as MESH_DOMAIN
from streammesh.documents.repository import Repository
from streammesh.documents.values import Workspace
from streammesh.errors import MeshError
from streammesh.errors.workspaces import DecidedElsewhere, DomainHandedOver, DomainHeldElsewhere
from streammesh.planning.findings import Findings
from streammesh.planning.owner import Owner, domain_owner, mesh_owner
from streammesh.planning.steps.claim_domains import ClaimDomain
from streammesh.platform.stores import Resource

KIND, MESH = "domain", "governance/mesh"
"""The records of claims: `domain/<domain>`, and one for the mesh itself."""

_DETAILS = tuple(one.name for one in fields(Claim) if one.name != "domain")


@dataclass(frozen=True)
class Held:
    """What a plan has to do about claims.

    Attributes:
        scope: the domains that are applied; `GOVERNANCE` for the mesh itself.
        findings: steps that claim, and problems with what others hold.
        refused: domains that others hold.
    """

    scope: frozenset[str]
    findings: Findings
    refused: frozenset[str]


def key_of(domain: str) -> str:
    """Name the record of a claim."""
    return MESH if domain == GOVERNANCE else f"{KIND}/{domain}"


def owner_of(domain: str) -> Owner:
    """Give whose a claim is."""
    return mesh_owner() if domain == GOVERNANCE else domain_owner(domain)


def label(domain: str) -> str:
    """Say in words what is held."""
    return "the mesh's governance" if domain == GOVERNANCE else f"the domain `{domain}`"


def resource_of(claim: Claim) -> Resource:
    """Give the record of a claim, not yet stamped with a time."""
    kind, _, name = key_of(claim.domain).partition("/")
    details = {one: getattr(claim, one) for one in _DETAILS}
    owner = owner_of(claim.domain)
    return Resource(kind, name, owner.domain, owner.key, details)


def recorded_claims(resources: Mapping[str, Resource]) -> dict[str, Claim]:
    """Read the claims among the records, by domain."""
    found = (one for key, one in resources.items() if one.kind == KIND or key == MESH)
    claims = (Claim(domain=one.domain, **_known(one)) for one in found)
    return {one.domain: one for one in claims}


def _known(one: Resource) -> dict[str, str]:
    return {name: one.details.get(name, "") for name in _DETAILS}


def counting(
    resources: Mapping[str, Resource], catalogued: Mapping[str, Claim]
) -> Mapping[str, Claim]:
    """Give the claims that count: those recorded, and for the rest the catalog's."""
    return {**catalogued, **recorded_claims(resources)}


def held(
    workspace: Workspace,
    repository: Repository,
    resources: Mapping[str, Resource],
    catalogued: Mapping[str, Claim] | None,
    *,
    governs: bool,
) -> Held:
    """Compare what a workspace has with who holds it.

    Args:
        workspace: the files.
        repository: theirs.
        resources: the records that stand.
        catalogued: the claims that the catalog knows; None where there is none.
        governs: whether the workspace speaks for the whole mesh.
    """
    scope = frozenset(workspace.domains) | ({GOVERNANCE} if governs else frozenset())
    claims = counting(resources, catalogued or {})
    recorded = recorded_claims(resources)
    found, refused = Findings(), set[str]()
    for domain in sorted(scope):
        claim = claims.get(domain)
        refusal = None if claim is None else _refusal(claim, workspace, repository)
        if refusal is not None:
            found += Findings(problems=(refusal,))
            refused.add(domain)
            continue
        wanted = _wanted(domain, claim, repository)
        told = catalogued is None or catalogued.get(domain) == wanted
        if recorded.get(domain) != wanted or not told:
            before = "" if claim is None else claim.repository
            step = ClaimDomain(owner_of(domain), resource_of(wanted), wanted, before)
            found += Findings(steps=(step,))
    return Held(scope, found, frozenset(refused))


def _refusal(claim: Claim, workspace: Workspace, repository: Repository) -> MeshError | None:
    ours = repository.is_called(claim.repository)
    promised = claim.promised_to and not repository.is_called(claim.promised_to)
    if (ours and not promised) or repository.is_called(claim.promised_to):
        return None
    domain = workspace.domains.get(claim.domain)
    where = None if domain is None else domain.where
    what = label(claim.domain)
    if ours:
        return DomainHandedOver(
            domain=what,
            repository=claim.promised_to,
            where=where,
            why=f"handed over {_said(claim.promised_at, claim.promised_by)}"
            + (f": {claim.reason}" if claim.reason else ""),
            fix=_leave(claim.domain),
        )
    return DomainHeldElsewhere(
        domain=what,
        repository=claim.repository,
        where=where,
        why=f"claimed {_said(claim.since, claim.by)}",
        fix=_leave(claim.domain) + f";\nto move it here, run there: {command(claim, repository)}",
    )


def _leave(domain: str) -> str:
    what = "policies/ and its environments" if domain == GOVERNANCE else f"domains/{domain}"
    return f"take {what} out of this workspace: nothing is removed by that"


def command(claim: Claim, repository: Repository) -> str:
    """Give the command that hands a domain over to a repository."""
    what = "--governance" if claim.domain == GOVERNANCE else claim.domain
    return f"mesh domain transfer {what} --to {repository.name}"


def _said(at: str, by: str) -> str:
    return f"on {at[:10] or 'a day that is not known'} by {by or 'somebody'}"


def _wanted(domain: str, claim: Claim | None, repository: Repository) -> Claim:
    """Give the claim as it should be; what is new in it is stamped when it is written."""
    if claim is not None and claim.repository == repository.name and not claim.promised_to:
        return claim
    if claim is not None and claim.repository == repository.place and not claim.promised_to:
        return replace(claim, repository=repository.name)
    return Claim(domain, repository.name)


def check_holder(claims: Mapping[str, Claim], domain: str, repository: Repository | None) -> None:
    """Refuse a decision about a domain that is another repository's, but to who governs the mesh.

    Args:
        claims: those that count.
        domain: the domain; one that nobody holds is anybody's. The mesh's own is governance's.
        repository: who decides; None where nothing is claimed.

    Raises:
        DecidedElsewhere: another repository holds it.
    """
    domain = GOVERNANCE if domain == MESH_DOMAIN else domain
    holders = [claims[one].repository for one in (domain, GOVERNANCE) if one in claims]
    if repository is None or domain not in claims or any(map(repository.is_called, holders)):
        return
    raise DecidedElsewhere(repository=holders[0], domain=label(domain))


def shown(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Give claims in the order of a list: the mesh itself first."""
    yield from sorted(claims, key=lambda one: one.domain)
