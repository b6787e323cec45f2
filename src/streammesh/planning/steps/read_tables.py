"""Read tables of a source into its topic of rows: all of a new source, or those that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from streammesh.models.tables import Table
from streammesh.planning.showing.rates import about, copying_seconds
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform
from streammesh.planning.tables import estimated_rows
from streammesh.planning.wanting.capturing import Capture

NAMED = 4
"""So many tables are named; of more, their number."""


@dataclass(frozen=True)
class ReadTables(Step):
    """Read tables while their changes are captured already.

    Attributes:
        capture: what the source is captured with.
        tables: what is read.
        whole: whether it replaces everything that is known of the source; else the other tables
            go on.
        reasons: why, by the table's name; empty for a source that is new.
    """

    capture: Capture
    tables: tuple[Table, ...]
    whole: bool
    reasons: Mapping[str, str]

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.SNAPSHOT
    kind: ClassVar[str] = "snapshot"
    verb: ClassVar[str] = "read tables of"

    def __hash__(self) -> int:
        """Hash by what it is about."""
        return hash((self.owner, self.tables, self.whole))

    @property
    def change(self) -> Change:
        """The first reading adds rows."""
        return Change.CHANGE if self.reasons else Change.ADD

    @property
    def subject(self) -> str:
        """Give the source."""
        return self.owner.label

    @property
    def detail(self) -> str:
        """Say what is read, how much that is, and why."""
        why = f"; {self.why}" if self.reasons else ""
        return f"{self._named}, {about_rows(self.rows)}{why}"

    @property
    def _named(self) -> str:
        if self.whole:
            return "the whole source" if self.reasons else "all tables"
        if len(self.tables) > NAMED:
            return f"{len(self.tables)} tables"
        return ", ".join(str(one.name) for one in self.tables)

    @property
    def why(self) -> str:
        """Say why."""
        if not self.reasons:
            return "what changes is captured; what stood there before has to be read once"
        grouped: dict[str, list[str]] = {}
        for table, reason in self.reasons.items():
            grouped.setdefault(reason, []).append(table)
        if len(grouped) == 1:
            return next(iter(grouped))
        return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in grouped.items())

    @property
    def affects(self) -> str:
        """Say who notices."""
        sessions = self.capture.sessions
        database = f"the database, by {sessions} session{'' if sessions == 1 else 's'} that read"
        if not self.reasons:
            return database
        if self.whole:
            return f"{database}; products stand still until all is read, then publish differences"
        return f"{database}; products that need these tables wait for them, the others go on"

    @property
    def undo(self) -> str:
        """It can't be undone."""
        return "can't be undone, and loses nothing"

    @property
    def brief(self) -> tuple[str, str] | None:
        """Say how much is read."""
        if not self.reasons:
            return "snapshot", f"{about_rows(self.rows)}, read once, then every change"
        return "snapshot", self.detail

    @property
    def rows(self) -> int:
        """Give how many rows are read."""
        return estimated_rows(self.tables)

    @property
    def reading_seconds(self) -> float:
        """Say how long that takes."""
        return copying_seconds(self.rows) or 0.0

    @property
    def details(self) -> Mapping[str, Any]:
        """Give what is read, how much that is, and why."""
        return {
            "tables": [str(one.name) for one in self.tables],
            "whole": self.whole,
            "snapshot_rows": None if self.rows < 0 else self.rows,
            "snapshot_seconds": copying_seconds(self.rows),
            "reasons": dict(self.reasons),
        }

    def apply(self, platform: Platform) -> None:
        """Read them; what an earlier apply has read already is not read again."""
        capture = self.capture
        reading = capture.go_on(platform, self.tables, whole=self.whole)
        connector = capture.connector
        # what is committed behind a table's position must be captured: so first the connector
        platform.databases.await_capturing(capture.url, platform.connect, connector, capture.slot)
        for copied in capture.take(platform, reading, self.tables):
            reading = reading.with_done(copied)
            capture.record(platform, reading)
        capture.end(platform, reading)


def about_rows(rows: int) -> str:
    """Give a number of rows as the database estimates it, and how long it takes, in words."""
    if rows < 0:
        return "all rows"
    return f"about {rows:,} row{'' if rows == 1 else 's'} ({about(copying_seconds(rows))})"
