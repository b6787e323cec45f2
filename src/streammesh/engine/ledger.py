"""What was committed, and the one way to commit more: Kafka first, then the state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from streammesh.deployments.deployment import SourceDeployment
from streammesh.deployments.progress import KEY, Input, Progress, encode
from streammesh.engine import faults
from streammesh.engine.counters import Counters
from streammesh.engine.state import State
from streammesh.platform.streams import Event, TransactionalWriter


@dataclass
class Activity:
    """What an engine is doing, for its summary line.

    Attributes:
        doing: in words.
        position: last position committed.
        time_ms: when the source committed it.
        counters: since the start.
    """

    doing: str = "starting"
    position: str = ""
    time_ms: int = 0
    counters: Counters = field(default_factory=Counters)


class Ledger:
    """Commits events together with the progress that accounts for them."""

    def __init__(
        self, source: SourceDeployment, writer: TransactionalWriter, activity: Activity
    ) -> None:
        """Begin without any progress.

        Args:
            source: whose progress it is.
            writer: started.
            activity: to be kept up to date.
        """
        self._topic = source.progress
        self._name = f"{source.domain}.{source.source}"
        self._writer = writer
        self._activity = activity
        self.progress: Progress | None = None

    @property
    def truth(self) -> Progress:
        """The newest committed progress; there is one after the first snapshot."""
        assert self.progress is not None  # noqa: S101 - asked for only after a snapshot
        return self.progress

    @property
    def input(self) -> Input:
        """How far the source has been processed."""
        return self.truth.inputs[self._name]

    def commit(self, state: State, events: Sequence[Event], progress: Progress) -> None:
        """Commit events and progress to Kafka together, then the state that belongs to them.

        Args:
            state: within a transaction that holds what the events came from.
            events: of all products.
            progress: what is true once they are visible.

        Raises:
            WriterFenced, WriteFailed, CommitUncertain: from the writer; the state is not committed.
        """
        self.commit_part(events, progress)
        state.commit(progress)
        faults.reached("after-commit-state")
        source = progress.inputs[self._name]
        self._activity.position = str(source.position)
        self._activity.time_ms = source.time_ms

    def commit_part(self, events: Sequence[Event], progress: Progress) -> None:
        """Commit events and progress to Kafka alone: the state stays where it was.

        Args:
            events: of a part of a transaction that goes in parts.
            progress: says how many parts are visible now.

        Raises:
            WriterFenced, WriteFailed, CommitUncertain: from the writer.
        """
        faults.reached("before-produce")
        self._writer.begin()
        self._writer.write(events)
        self._writer.write([Event(self._topic, KEY, encode(progress))])
        faults.reached("after-produce")
        faults.reached("before-commit-kafka")
        self._writer.commit(progress.inputs[self._name].log_offset)
        faults.reached("after-commit-kafka")
        self.progress = progress
        self._activity.counters.commits += 1
