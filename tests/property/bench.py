"""The engine over a log in memory, as it lives and dies."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from streammesh.deployments.deployment import ProductDeployment, SourceDeployment
from streammesh.engine import faults
from streammesh.engine.activity import Activity
from streammesh.engine.counters import Counters
from streammesh.engine.deployed import Deployed
from streammesh.engine.session import Session
from streammesh.engine.state import State, StateDamaged
from streammesh.platform.memory.streams import MemoryReader, MemoryStreams, Stored
from streammesh.platform.streams import Chunk, CommitUncertain, WriteFailed
from tests.property.cases import Life
from tests.property.copies import ROWS
from tests.property.debezium import Record

MOST_SESSIONS = 40


class Crash(BaseException):
    """The engine dies here."""


class _Reader(MemoryReader):
    """Gives so many records at once, and stops the session at the log's end."""

    stop: threading.Event
    most: int

    def read(self, timeout: float) -> Chunk:
        _, end = self.bounds()
        if self._at >= end:
            self.stop.set()
            return Chunk((), (), ())
        chunk = super().read(timeout)
        kept = Chunk(chunk.offsets[: self.most], chunk.keys[: self.most], chunk.values[: self.most])
        self._at = kept.offsets[-1] + 1
        return kept


class Bench:
    """One source's engine, its state in a folder."""

    def __init__(
        self, folder: Path, source: SourceDeployment, products: Mapping[str, ProductDeployment]
    ) -> None:
        """Begin with empty topics."""
        self.source, self.products = source, products
        self.streams = MemoryStreams(partitions=dict.fromkeys((*products, ROWS), 3))
        self.path = folder / "state.sqlite"
        self.old = folder / "old.sqlite"
        self.written = 0

    def copied(self, blocks: Sequence[Sequence[Stored]]) -> None:
        """Put blocks of copied rows into their topic, by partition."""
        for partition, its in zip(self.streams.log(ROWS), blocks, strict=True):
            partition.extend(its)

    def live(self, records: Sequence[Record], life: Life) -> None:
        """Write a part of the log, and let the engine read it to its end.

        Args:
            records: the whole log.
            life: how much of it, and what befalls the engine.
        """
        self._write(records, life)
        self._befall_state(life.state)
        self.streams.fail_commits = list(life.commits)
        with _crashing(list(life.crashes)):
            for _ in range(MOST_SESSIONS):
                if self._session(life.most):
                    break
            else:
                raise AssertionError("the engine never came to the end of the log")
        if self.path.exists() and not self.old.exists():
            shutil.copy(self.path, self.old)

    def _write(self, records: Sequence[Record], life: Life) -> None:
        end = max(self.written, len(records) * life.share // 100)
        start = max(0, self.written - life.repeat)
        if start < self.written and not _repeatable(records[:start], records[start:end]):
            start = self.written
        for record in _resumed(records, start, self.written, end):
            self.streams.append(self.source.log, record.encoded)
        self.written = end

    def _befall_state(self, what: str) -> None:
        if what == "lost":
            State.remove(self.path)
        elif what == "old" and self.old.exists():
            State.remove(self.path)
            shutil.copy(self.old, self.path)

    def _session(self, most: int) -> bool:
        """Run one session; tell whether it came to the end of the log."""
        activity, stop = Activity(), threading.Event()

        def reader(topic: str) -> MemoryReader:
            opened = _Reader(self.streams, topic)
            opened.stop, opened.most = stop, most
            return opened

        self.streams.reader = reader  # type: ignore[method-assign]
        deployed = Deployed(self.source, self.products)
        try:
            Session(deployed, self.streams, self.path, activity, stop).run()
        except StateDamaged:
            State.remove(self.path)
            return False
        except (Crash, CommitUncertain, WriteFailed):
            return False
        _balanced(activity.counters)
        return True

    def events(self, topic: str) -> list[Stored]:
        """Give all events of a topic in the order in which they became visible."""
        every = [record for partition in self.streams.log(topic) for record in partition]
        return sorted(every, key=lambda record: record.transaction)


def _balanced(counters: Counters) -> None:
    assert counters.balanced, counters


def _repeatable(before: Sequence[Record], repeated: Sequence[Record]) -> bool:
    """Tell whether Connect could begin there again: behind the snapshot."""
    # a snapshot that it was in, the first or one after a lost slot, it would begin anew
    marks = (one.value for one in reversed(before))
    last = next((one for one in marks if "status" in one or "aggregate_type" in one), {})
    behind = "status" in last or last.get("type") == "COMPLETED"
    logged = any(one.value.get("status") == "BEGIN" for one in before)
    whole = any("aggregate_type" in one.value or one.value.get("whole") for one in repeated)
    return behind and logged and not whole


def _resumed(records: Sequence[Record], start: int, known: int, end: int) -> Iterator[Record]:
    """Give records from `start`; within a transaction, Connect writes its BEGIN again first.

    What Connect has not written, it does not write again: the marks of snapshots by COPY.
    """
    if start < known:
        for record in reversed(records[:start]):
            status = record.value.get("status")
            if status == "BEGIN":
                yield record
            if status:
                break
    yield from (one for one in records[start:known] if "streammesh" not in one.value)
    yield from records[known:end]


@contextmanager
def _crashing(crashes: list[tuple[str, int]]) -> Iterator[None]:
    """Let the engine die at points of its path, one after another."""
    original = faults.reached
    left = dict([crashes.pop(0)] if crashes else [])

    def reached(point: str) -> None:
        if point not in left:
            return
        left[point] -= 1
        if left[point] < 0:
            left.clear()
            left.update([crashes.pop(0)] if crashes else [])
            raise Crash(point)

    faults.reached = reached
    try:
        yield
    finally:
        faults.reached = original
