"""Drop replication slot and publication of a source that is gone from the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.documents.values import Secret
from streammesh.errors import MeshError
from streammesh.errors.planning import SourceGone
from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform
from streammesh.platform.stores import Resource


@dataclass(frozen=True)
class DropCapture(Step):
    """Drop what capture left in a database: a forgotten slot would fill its disk."""

    record: Resource

    usual_change: ClassVar[Change] = Change.REMOVE
    phase: ClassVar[Phase] = Phase.REMOVE_CAPTURE
    kind: ClassVar[str] = "publication"
    verb: ClassVar[str] = "drop slot and publication"

    @property
    def subject(self) -> str:
        """Give the name of both."""
        return self.record.name

    @property
    def detail(self) -> str:
        """Say what goes with it."""
        return "and the replication slot of that name"

    @property
    def why(self) -> str:
        """Say that nothing wants it."""
        return f"{self.owner.label} is no longer in the files; its slot would fill the disk"

    @property
    def undo(self) -> str:
        """Say what undoing costs."""
        return "put the source back; it starts with a new snapshot"

    def apply(self, platform: Platform) -> None:
        """Drop both, then forget them."""
        url = Secret(self.record.details.get("url", ""))
        try:
            platform.databases.drop_slot(url, self.record.name)
            platform.databases.drop_publication(url, self.record.name)
        except MeshError as error:
            raise self._by_hand(url, error) from error
        claims.forget(platform, [self.record])

    def _by_hand(self, url: Secret, error: MeshError) -> SourceGone:
        statements = (
            f"SELECT pg_drop_replication_slot('{self.record.name}');\n"
            f'DROP PUBLICATION IF EXISTS "{self.record.name}";'
        )
        variable = url.text.strip("${}") or "the address"
        fix = f"set {variable}, or run in the database, then set it:\n{statements}"
        return SourceGone(source=self.owner.label, why=error.what, fix=fix)
