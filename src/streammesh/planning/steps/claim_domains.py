"""Claim domains for the repository that applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from streammesh.catalog.workspaces import GOVERNANCE, Claim
from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform
from streammesh.platform.stores import Resource


@dataclass(frozen=True)
class ClaimDomain(Step):
    """Record that a domain, or the mesh's governance, lives in this repository.

    Attributes:
        record: the claim as `_mesh.resources` has it.
        claim: as the catalog has it.
        before: who held it until now; empty when nobody did.
    """

    record: Resource
    claim: Claim
    before: str

    phase: ClassVar[Phase] = Phase.CLAIMS
    kind: ClassVar[str] = "claim"
    verb: ClassVar[str] = "claim"
    usual_change: ClassVar[Change] = Change.ADD
    at_once: ClassVar[int] = 1000

    @property
    def change(self) -> Change:
        """A claim that another repository had is changed."""
        return Change.CHANGE if self.before else Change.ADD

    @property
    def subject(self) -> str:
        """Name what is claimed."""
        domain = self.claim.domain
        return "the mesh's governance" if domain == GOVERNANCE else f"domain {domain}"

    @property
    def detail(self) -> str:
        """Say for whom."""
        if self.before not in ("", self.claim.repository):
            return f"for {self.claim.repository}, which takes it from {self.before}"
        return f"for {self.claim.repository}"

    @property
    def why(self) -> str:
        """Say what it is there for."""
        return "a domain lives in one repository: no other one can change what is its own"

    @property
    def counted(self) -> tuple[str, int] | None:
        """A first claim is counted, a move is shown."""
        return None if self.before not in ("", self.claim.repository) else ("claim", 1)

    @property
    def details(self) -> Mapping[str, Any]:
        """Give both repositories."""
        return {"repository": self.claim.repository, "before": self.before or None}

    @property
    def undo(self) -> str:
        """Say how to undo it."""
        return "`mesh domain transfer` hands it over to another repository"

    def apply(self, platform: Platform) -> None:
        """Record it on Kafka, then in the catalog."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[ClaimDomain], platform: Platform) -> None:
        """Record all at once, on Kafka first: that is what counts."""
        made = [stamped(one.claim, platform) for one in steps]
        records = [
            replace(one.record, details=dict(one.record.details) | _moment(claim))
            for one, claim in zip(steps, made, strict=True)
        ]
        write(platform, records, made)


def stamped(claim: Claim, platform: Platform) -> Claim:
    """Give a claim with the time, the person and the commit of this apply; one that has them stays.

    Args:
        claim: a new one has no time.
        platform: it knows who applies.
    """
    if claim.since:
        return claim
    return replace(claim, since=now(), by=platform.applied_by, commit=platform.commit)


def now() -> str:
    """Give the present moment, UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _moment(claim: Claim) -> dict[str, str]:
    return {"since": claim.since, "by": claim.by, "commit": claim.commit}


def write(platform: Platform, records: Sequence[Resource], made: Sequence[Claim]) -> None:
    """Write claims, on Kafka and then in the catalog."""
    claims.confirm(platform, records)
    if platform.catalog is not None:
        platform.catalog.claim(made, who=platform.applied_by, commit=platform.commit)
