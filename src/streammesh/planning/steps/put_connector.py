"""Create a connector, or change its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class CreateConnector(Step):
    """Create the connector that captures a source; its snapshot begins.

    Attributes:
        name: the connector's name.
        config: its configuration; secrets are references only.
        holds: what its snapshot holds, for the record.
        rows: how many rows the snapshot has, as the database estimates; -1 when unknown.
    """

    name: str
    config: Mapping[str, str] = field(hash=False, repr=False)
    holds: Mapping[str, str] = field(hash=False)
    rows: int

    usual_change: ClassVar[Change] = Change.ADD
    phase: ClassVar[Phase] = Phase.CONNECTOR
    kind: ClassVar[str] = "connector"
    verb: ClassVar[str] = "create connector"

    @property
    def subject(self) -> str:
        """Give the connector's name."""
        return self.name

    @property
    def detail(self) -> str:
        """Say how much it reads first."""
        return f"reads {about_rows(self.rows)} first, then every change"

    @property
    def why(self) -> str:
        """Say what it does."""
        return f"brings the changes of {self.owner.label} into its private log"

    @property
    def affects(self) -> str:
        """Say who notices."""
        return "the database: one connection that reads all captured tables"

    def apply(self, platform: Platform) -> None:
        """Put it."""
        record = claims.resource("connector", self.name, self.owner, self.holds)
        with claims.claimed(platform, record):
            platform.connect.put(self.name, self.config)


@dataclass(frozen=True)
class ConfigureConnector(Step):
    """Give a connector of ours another configuration.

    Attributes:
        name: the connector's name.
        config: its new configuration.
        changed: names of what differs.
        holds: what its snapshot holds and it goes on capturing, for the record.
    """

    name: str
    config: Mapping[str, str] = field(hash=False, repr=False)
    changed: tuple[str, ...]
    holds: Mapping[str, str] = field(hash=False)

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.CONNECTOR
    kind: ClassVar[str] = "connector"
    verb: ClassVar[str] = "configure connector"

    @property
    def subject(self) -> str:
        """Give the connector's name."""
        return self.name

    @property
    def detail(self) -> str:
        """Name what differs."""
        return ", ".join(self.changed)

    @property
    def why(self) -> str:
        """Say that it differs."""
        return "its configuration is not what the files say"

    @property
    def affects(self) -> str:
        """Say what pauses."""
        return "capture pauses for seconds while it restarts; nothing is lost"

    @property
    def undo(self) -> str:
        """Say how to undo it."""
        return "apply the files as they were"

    def apply(self, platform: Platform) -> None:
        """Put it; Connect restarts its task.

        A table that leaves the source leaves the record first: captured again later, it needs a
        new snapshot.
        """
        record = claims.resource("connector", self.name, self.owner, self.holds)
        platform.resources.write([claims.stamped(platform, record)])
        platform.connect.put(self.name, self.config)


def about_rows(rows: int) -> str:
    """Give a number of rows as the database estimates it, in words."""
    return "all rows" if rows < 0 else f"about {rows:,} rows"
