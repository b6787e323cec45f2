"""Create a connector, or change its configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from streammesh.capture.generation import change_config
from streammesh.planning import claims
from streammesh.planning.showing.rates import about, snapshot_seconds
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.steps.together import each
from streammesh.planning.systems import Platform
from streammesh.planning.wanting.capturing import Capture


@dataclass(frozen=True)
class CreateConnector(Step):
    """Create the connector that captures a source; its snapshot begins.

    Attributes:
        name: the connector's name.
        config: its configuration; secrets are references only.
        holds: what its snapshot holds, for the record.
        snapshot_rows: how many rows the snapshot has, as the database estimates; -1 when unknown.
        capture: where streammesh reads the tables, by a later step; None where the connector does.
    """

    name: str
    config: Mapping[str, str] = field(hash=False, repr=False)
    holds: Mapping[str, str] = field(hash=False)
    snapshot_rows: int
    capture: Capture | None = field(default=None, hash=False, repr=False)

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
        if self.capture is not None:
            return "captures every change from now on"
        return f"reads {about_rows(self.snapshot_rows)} first, then every change"

    @property
    def why(self) -> str:
        """Say what it does."""
        return f"brings the changes of {self.owner.label} into its private log"

    @property
    def affects(self) -> str:
        """Say who notices."""
        if self.capture is not None:
            return "the database, by one connection that reads its write-ahead log"
        return "the database, by one connection that reads all captured tables"

    @property
    def counted(self) -> tuple[str, int] | None:
        """A short plan shows what is read, by whomever."""
        return None if self.capture is None else ("connector", 1)

    @property
    def brief(self) -> tuple[str, str] | None:
        """Say how much is read first."""
        return "snapshot", f"{about_rows(self.snapshot_rows)}, read once, then every change"

    @property
    def rows(self) -> int:
        """Give how many rows its snapshot reads."""
        return self.snapshot_rows if self.capture is None else 0

    @property
    def details(self) -> Mapping[str, Any]:
        """Give how much its snapshot reads."""
        return {} if self.capture is not None else snapshot_details(self.snapshot_rows)

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
        put = each(steps, lambda one: one.put(platform))
        stand = [records[one.name] for one, _ in put.done if one.capture is None]
        claims.confirm(platform, stand)
        put.check()

    def put(self, platform: Platform) -> None:
        """Put the connector, after its slot where that is ours to make."""
        if self.capture is None:
            platform.connect.put(self.name, self.config)
        else:
            self.capture.start(platform, self.config)


@dataclass(frozen=True)
class ConfigureConnector(Step):
    """Give a connector of ours another configuration.

    Attributes:
        name: the connector's name.
        config: its new configuration.
        changed: names of what differs.
        holds: what its snapshot holds and it goes on capturing, for the record.
        capture: given when tables are read afterwards: whatever is captured then must be captured
            by the new configuration.
    """

    name: str
    config: Mapping[str, str] = field(hash=False, repr=False)
    changed: tuple[str, ...]
    holds: Mapping[str, str] = field(hash=False)
    capture: Capture | None = field(default=None, hash=False, repr=False)

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
        if self.capture is None:
            platform.connect.put(self.name, self.config)
            return
        url, slot = self.capture.url, self.capture.slot
        change_config(
            platform.connect,
            self.name,
            self.config,
            lambda: not platform.databases.slot_read(url, slot),
        )


def about_rows(rows: int) -> str:
    """Give a number of rows as the database estimates it, and how long it takes, in words."""
    if rows < 0:
        return "all rows"
    return f"about {rows:,} row{'' if rows == 1 else 's'} ({about(snapshot_seconds(rows))})"


def snapshot_details(rows: int) -> Mapping[str, Any]:
    """Give how much a snapshot reads, for programs."""
    seconds = snapshot_seconds(rows)
    return {"snapshot_rows": None if rows < 0 else rows, "snapshot_seconds": seconds}
