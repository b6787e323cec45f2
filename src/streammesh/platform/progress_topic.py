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
        while True:
            start = max(low, high - count)
            value = _last(reader, start) if high > low else None
            if value is not None:
                return decode(value)
            if start == low:
                return None
            count *= 16
    except ValueError as error:
        raise RecordNotUnderstood(
            topic=source.progress, offset=high, why=str(error), fix="use the engine's version"
        ) from error
    finally:
        reader.close()


def _last(reader: LogReader, start: int) -> bytes | None:
    """Give the last progress at or behind an offset; None when there are but marks of Kafka's."""
    reader.seek(start)
    newest = None
    wait = FIRST_SECONDS
    while len(chunk := reader.read(wait)):
        wait = MORE_SECONDS
        for key, value in zip(chunk.keys, chunk.values, strict=True):
            newest = value if key == KEY else newest
    return newest
