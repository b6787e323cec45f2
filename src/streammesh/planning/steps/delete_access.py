"""Take access rights from a principal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.steps.create_access import in_words
from streammesh.planning.systems import Platform
from streammesh.platform.kafka import Acl
from streammesh.platform.stores import Resource


@dataclass(frozen=True)
class DeleteAccess(Step):
    """Delete access rights that streammesh created and nothing wants any more.

    Attributes:
        principal: who has them.
        records: of the rights.
        cut: why access ends; empty where the files alone no longer want it. What is cut is cut
            before anything else is done, so that nothing that fails can keep it open.
    """

    principal: str
    records: tuple[Resource, ...]
    cut: str = ""

    usual_change: ClassVar[Change] = Change.REMOVE
    phase: ClassVar[Phase] = Phase.REMOVE_ACCESS
    kind: ClassVar[str] = "access"
    verb: ClassVar[str] = "take access from"
    at_once: ClassVar[int] = 200

    @property
    def acls(self) -> tuple[Acl, ...]:
        """The rights themselves."""
        return tuple(claims.recorded_acl(one) for one in self.records)

    @property
    def subject(self) -> str:
        """Give the principal."""
        return self.principal

    @property
    def detail(self) -> str:
        """Give the rights in words."""
        return in_words(self.acls)

    @property
    def when(self) -> Phase:
        """Cut first, tidy up later."""
        return Phase.CUT_ACCESS if self.cut else self.phase

    @property
    def why(self) -> str:
        """Say why it ends, or that nothing wants them."""
        if self.cut:
            return self.cut
        return f"nothing in the files needs it for {self.owner.label} any more"

    @property
    def affects(self) -> str:
        """Say who notices."""
        return f"what runs as {self.principal}"

    @property
    def counted(self) -> tuple[str, int] | None:
        """Count the rights; a cut is shown."""
        return None if self.cut else ("access right", len(self.records))

    @property
    def details(self) -> Mapping[str, Any]:
        """Give the rights."""
        return {"rights": [asdict(one) for one in sorted(self.acls)]}

    def apply(self, platform: Platform) -> None:
        """Delete them, then forget them."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[DeleteAccess], platform: Platform) -> None:
        """Delete the rights of all steps in one request, then forget them."""
        platform.kafka.delete_acls([acl for one in steps for acl in one.acls])
        claims.forget(platform, [record for one in steps for record in one.records])
