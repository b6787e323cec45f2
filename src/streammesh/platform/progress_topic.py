"""The newest record of an engine's progress, read from the end of its topic."""

from __future__ import annotations

from streammesh.deployments.deployment import SourceDeployment
from streammesh.deployments.progress import KEY, Progress, decode
from streammesh.errors.engine import RecordNotUnderstood
from streammesh.platform.streams import LogReader, Streams

LAST_RECORDS = 64
FIRST_SECONDS, MORE_SECONDS = 10.0, 0.2


def newest_progress(streams: Streams, source: SourceDeployment) -> Progress | None:
    """Give the newest progress record, read from the end of its topic; None when there is none.

    One that is committed meanwhile may be missed.

    Raises:
        RecordNotUnderstood: it is of a format that this version does not read.
        MeshError: the topic can't be read.
    """
    reader = streams.reader(source.progress)
    try:
        low, high = reader.bounds()
        count = LAST_RECORDS
        while high > low:
            start = max(low, high - count)
            reader.seek(start)
            value = last_progress(reader, high, FIRST_SECONDS, MORE_SECONDS)
            if value is not None:
                return decode(value)
            if start == low:
                break
            count *= 16
        return None
    except ValueError as error:
        raise RecordNotUnderstood(
            topic=source.progress, offset=high, why=str(error), fix="use the engine's version"
        ) from error
    finally:
        reader.close()


def last_progress(reader: LogReader, end: int, wait: float, more: float) -> bytes | None:
    """Give the last progress from where a reader stands; None when there is none any more.

    Args:
        reader: of a topic of progress.
        end: the topic's, as it was when this was asked. An engine at work writes on and on: who
            reads until nothing comes any more reads for as long as it works.
        wait: for the first record, seconds.
        more: for each further one up to the end, seconds; behind the last one stand but marks of
            Kafka's, which are not told.
    """
    newest = None
    while len(chunk := reader.read(wait)):
        wait = more
        for key, value in zip(chunk.keys, chunk.values, strict=True):
            newest = value if key == KEY else newest
        if chunk.offsets[-1] >= end - 1:
            break
    return newest
