"""What was committed, and the one way to commit more: Kafka first, then the state."""

from __future__ import annotations

import time
from collections.abc import Sequence

from streammesh.deployments.deployment import SourceDeployment
from streammesh.deployments.progress import KEY, Input, Progress, encode
from streammesh.engine import faults, published
from streammesh.engine.activity import Activity
from streammesh.engine.state import State
from streammesh.platform.streams import Event, TransactionalWriter


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
        self._committed: Progress | None = None

    @property
    def pending(self) -> bool:
        """Whether something waits for the next commit that only stands in `progress` yet."""
        return self.progress is not self._committed

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
        self._activity.counters.committed(time.time() * 1000)
        published.note(state, events, progress.deployments)
        faults.reached("before-commit-state")
        state.commit(progress)
        self._activity.mark("commit state")
        faults.reached("after-commit-state")
        self._activity.committed(progress, progress.inputs[self._name])

    def commit_part(self, events: Sequence[Event], progress: Progress) -> None:
        """Commit events and progress to Kafka alone: the state stays where it was.

        Args:
            events: of a part of a transaction that goes in parts.
            progress: says how many parts are visible now.

        Raises:
            WriterFenced, WriteFailed, CommitUncertain: from the writer.
        """
        self._activity.mark("evaluate")
        faults.reached("before-produce")
        began = time.monotonic()
        self._writer.begin()
        self._writer.write(events)
        faults.reached("during-produce")
        self._writer.write([Event(self._topic, KEY, encode(progress))])
        self._activity.mark("produce")
        faults.reached("after-produce")
        faults.reached("before-commit-kafka")
        self._writer.commit()
        faults.reached("after-commit-kafka")
        faults.reached("before-offsets")
        self._writer.show_lag(progress.inputs[self._name].log_offset)
        faults.reached("after-offsets")
        self._activity.mark("commit Kafka")
        self.progress = self._committed = progress
        self._activity.counters.commits += 1
        self._activity.kafka.add((time.monotonic() - began,))
