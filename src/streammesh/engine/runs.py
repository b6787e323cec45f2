"""Runs of transactions, and stretches of the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from streammesh.deployments.marks import Started, decode
from streammesh.deployments.progress import Input
from streammesh.engine.log import (
    SNAPSHOT,
    CopyMark,
    Item,
    SnapshotEnded,
    SnapshotRows,
    SnapshotStarted,
    Transaction,
)
from streammesh.platform.streams import Chunk, LogReader

RUN_CHANGES = 20_000
"""Rows after which a run of transactions is closed; one larger transaction is never split."""

IDLE_SECONDS = 0.5
"""How long a read waits for the first record; when one comes, it ends at once."""

STARTED = b'"STARTED"'
COPY_STARTED = b'"started"'

Run = list[Transaction] | SnapshotStarted | SnapshotRows | SnapshotEnded | CopyMark


def gather(items: Iterable[Item]) -> Iterator[Run]:
    """Gather transactions that follow each other to runs; other items stand alone.

    A transaction that truncates a table is a run of its own.
    """
    run: list[Transaction] = []
    size = 0
    for item in items:
        alone = not isinstance(item, Transaction) or item.truncates
        if run and (alone or size >= RUN_CHANGES):
            yield run
            run, size = [], 0
        if not isinstance(item, Transaction):
            yield item
        elif alone:
            yield [item]
        else:
            run.append(item)
            size += len(item.events)
    if run:
        yield run


def stretch(reader: LogReader, first: int, last: int) -> Iterator[Chunk]:
    """Give the records of the log from offset `first` up to but not including `last`."""
    at = first
    if at < last:
        reader.seek(at)
    while at < last:
        chunk = reader.read(IDLE_SECONDS)
        if not len(chunk):
            continue
        at = chunk.offsets[-1] + 1
        if at > last:
            keep = sum(1 for offset in chunk.offsets if offset < last)
            chunk = Chunk(chunk.offsets[:keep], chunk.keys[:keep], chunk.values[:keep])
        yield chunk


def ends_at(reader: LogReader, source: Input) -> bool:
    """Tell whether the log, just before where it is to be read on, has the transaction last done.

    A log that was made anew or restored has another one there, or is shorter; one whose retention
    has dropped that record can't be asked, and counts as ours.
    """
    low, high = reader.bounds()
    place = source.log_offset - 1
    if source.log_offset > high:
        return False
    if place < low:
        return True
    last = next(stretch(reader, place, source.log_offset), None)
    wanted = b':%d"' % source.position.value
    return last is not None and bool(len(last)) and wanted in (last.values[0] or b"")


def next_generation(reader: LogReader, after: int) -> int | None:
    """Give where the newest snapshot of all tables behind `after` started; None without one.

    One by COPY that was interrupted and went on has several such marks: the first one counts.
    """
    low, high = reader.bounds()
    found, copy = None, ""
    for chunk in stretch(reader, max(low, after + 1), high):
        for value, offset in zip(chunk.values, chunk.offsets, strict=True):
            if value is None:
                continue
            if STARTED in value and SNAPSHOT.encode() in value:
                found, copy = offset, ""
            elif COPY_STARTED in value and (mark := _whole(value)) is not None:
                found = offset if found is None or mark.snapshot != copy else found
                copy = mark.snapshot
    return found


def _whole(value: bytes) -> Started | None:
    """Give the mark of a whole snapshot by COPY; None when it is something else."""
    try:
        mark = decode(value)
    except ValueError:
        return None
    return mark if isinstance(mark, Started) and mark.whole else None
