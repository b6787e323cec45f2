"""Create a connector, or change its configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from streammesh.planning import claims
from streammesh.planning.rates import about, snapshot_seconds
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.steps.together import each
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class CreateConnector(Step):
    """Create the connector that captures a source; its snapshot begins.

    Attributes:
        name: the connector's name.
        config: its configuration; secrets are references only.
        holds: what its snapshot holds, for the record.
        snapshot_rows: how many rows the snapshot has, as the database estimates; -1 when unknown.
    """

    name: str
    config: Mapping[str, str] = field(hash=False, repr=False)
    holds: Mapping[str, str] = field(hash=False)
    snapshot_rows: int

    usual_change: ClassVar[Change] = Change.ADD
    phase: ClassVar[Phase] = Phase.CONNECTOR
    kind: ClassVar[str] = "connector"
    verb: ClassVar[str] = "create connector"
    at_once: ClassVar[int] = 50

    @property
    def subject(self) -> str:
        """Give the connector's name."""
        return self.name

    @property
    def detail(self) -> str:
        """Say how much it reads first."""
        return f"reads {about_rows(self.snapshot_rows)} first, then every change"

    @property
    def why(self) -> str:
        """Say what it does."""
        return f"brings the changes of {self.owner.label} into its private log"

    @property
    def affects(self) -> str:
        """Say who notices."""
        return "the database, by one connection that reads all captured tables"

    @property
    def brief(self) -> tuple[str, str] | None:
        """Say how much is read first."""
        return "snapshot", f"{about_rows(self.snapshot_rows)}, read once, then every change"

    @property
    def rows(self) -> int:
        """Give how many rows its snapshot reads."""
        return self.snapshot_rows

    @property
    def details(self) -> Mapping[str, Any]:
        """Give how much its snapshot reads."""
        return snapshot_details(self.snapshot_rows)

    def apply(self, platform: Platform) -> None:
        """Put it."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[CreateConnector], platform: Platform) -> None:
        """Put them, several at a time."""
        records = {
            one.name: claims.resource("connector", one.name, one.owner, one.holds) for one in steps
        }
        claims.intend(platform, records.values())
        put = each(steps, lambda one: platform.connect.put(one.name, one.config))
        claims.confirm(platform, [records[one.name] for one, _ in put.done])
        put.check()


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
        return f"set back to what the files say: {', '.join(self.changed)}"

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
    """Give a number of rows as the database estimates it, and how long it takes, in words."""
    if rows < 0:
        return "all rows"
    return f"about {rows:,} row{'' if rows == 1 else 's'} ({about(snapshot_seconds(rows))})"


def snapshot_details(rows: int) -> Mapping[str, Any]:
    """Give how much a snapshot reads, for programs."""
    seconds = snapshot_seconds(rows)
    return {"snapshot_rows": None if rows < 0 else rows, "snapshot_seconds": seconds}
