"""Give a principal access rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform
from streammesh.platform.kafka import Acl


@dataclass(frozen=True)
class CreateAccess(Step):
    """Create the missing access rights of one principal for one owner."""

    principal: str
    acls: tuple[Acl, ...]

    usual_change: ClassVar[Change] = Change.ADD
    phase: ClassVar[Phase] = Phase.ACCESS
    kind: ClassVar[str] = "access"
    verb: ClassVar[str] = "give access to"
    at_once: ClassVar[int] = 200

    @property
    def subject(self) -> str:
        """Give the principal."""
        return self.principal

    @property
    def detail(self) -> str:
        """Give the rights in words."""
        return in_words(self.acls)

    @property
    def why(self) -> str:
        """Say for whom."""
        return f"{self.owner.label} needs it"

    @property
    def counted(self) -> tuple[str, int] | None:
        """Count the rights."""
        return "access right", len(self.acls)

    @property
    def details(self) -> Mapping[str, Any]:
        """Give the rights."""
        return {"rights": [asdict(one) for one in sorted(self.acls)]}

    def apply(self, platform: Platform) -> None:
        """Create them in one request."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[CreateAccess], platform: Platform) -> None:
        """Create the rights of all steps in one request."""
        records = [claims.acl_resource(acl, one.owner) for one in steps for acl in one.acls]
        with claims.claimed(platform, *records):
            platform.kafka.create_acls([acl for one in steps for acl in one.acls])


def in_words(acls: tuple[Acl, ...]) -> str:
    """Give rights as `read, write a, b; read group c*`."""
    operations: dict[tuple[str, str], list[str]] = {}
    for acl in sorted(acls):
        name = acl.name + ("*" if acl.pattern == "prefixed" else "")
        operations.setdefault((acl.resource_type, name), []).append(acl.operation)
    clauses: dict[tuple[str, str], list[str]] = {}
    for (kind, name), allowed in operations.items():
        clauses.setdefault((", ".join(allowed), kind), []).append(name)
    return "; ".join(_clause(kind, what, names) for (what, kind), names in clauses.items())


def _clause(kind: str, operations: str, names: list[str]) -> str:
    noun = "" if kind == "topic" else f"{kind.replace('_', ' ')} "
    return f"{operations} {noun}{', '.join(names)}"
