"""Bringing the state in line with Kafka's progress record, which is the truth.

| state | what happens |
|---|---|
| equal | go on |
| behind, its place is still in the log | replay from there without publishing |
| ahead, damaged, missing, of another generation | rebuild: generation from the log, changes |

After a rebuild the mirror of what was published is read from the product's topic itself, and a pass
over all documents publishes those that differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from streammesh.deployments.deployment import ProductDeployment, SourceDeployment
from streammesh.deployments.progress import KEY, Progress, decode
from streammesh.engine.distinct import Distinct
from streammesh.engine.documents import digest
from streammesh.engine.quarantine import Quarantine
from streammesh.engine.state import State
from streammesh.errors.engine import RecordNotUnderstood
from streammesh.platform.streams import Streams


class Way(Enum):
    """How to come from the state to the progress."""

    NOTHING_YET = "nothing was published yet: wait for a snapshot"
    GO_ON = "the state is up to date"
    REPLAY = "the state is behind: replay without publishing"
    REBUILD = "the state can't be used: rebuild it from the private log"


@dataclass(frozen=True)
class Recovery:
    """What has to be done.

    Attributes:
        way: how.
        progress: the truth; None when there is none yet.
    """

    way: Way
    progress: Progress | None


def read_progress(streams: Streams, source: SourceDeployment) -> Progress | None:
    """Give the newest committed progress record, None when there is none.

    Call it after the writer has started: then no transaction of an earlier engine is open.

    Raises:
        RecordNotUnderstood: the record is none that this version reads.
    """
    newest: bytes | None = None
    offset = 0
    for chunk in streams.read_all(source.progress):
        for key, value, at in zip(chunk.keys, chunk.values, chunk.offsets, strict=True):
            if key == KEY:
                newest, offset = value, at
    if newest is None:
        return None
    try:
        return decode(newest)
    except ValueError as error:
        raise RecordNotUnderstood(
            topic=source.progress,
            offset=offset,
            why=str(error),
            fix="use the version of streammesh that wrote it, or a newer one",
        ) from error


def choose(
    state: Progress | None, progress: Progress | None, name: str, bounds: tuple[int, int]
) -> Recovery:
    """Say how to come from the state's progress to Kafka's.

    Args:
        state: what the state belongs to; None for an empty one.
        progress: the truth.
        name: of the input.
        bounds: first and next offset of the private log.
    """
    if progress is None:
        return Recovery(Way.NOTHING_YET, None)
    if state == progress:
        return Recovery(Way.GO_ON, progress)
    mine = None if state is None else state.inputs.get(name)
    its = progress.inputs[name]
    low, high = bounds
    if (
        mine is not None
        and (mine.generation, mine.again) == (its.generation, its.again)
        and all(mine.tables.get(table) == form for table, form in its.tables.items() if form)
        and mine.position <= its.position
        and low <= mine.log_offset <= its.log_offset <= high
    ):
        return Recovery(Way.REPLAY, progress)
    return Recovery(Way.REBUILD, progress)


def replayable(
    state: Progress | None, progress: Progress, deployments: Mapping[str, ProductDeployment]
) -> set[str]:
    """Give the products whose mirror a replay keeps right: published the same way all the time."""
    before = {} if state is None else state.deployments
    return {
        topic
        for topic, its in progress.deployments.items()
        if topic in deployments
        and its.digest == deployments[topic].digest
        and (mine := before.get(topic)) is not None
        and (mine.digest, mine.since_position) == (its.digest, its.since_position)
        and mine.status == its.status == "live"
    }


def lists_from_topics(state: State, streams: Streams, deployment: ProductDeployment) -> None:
    """Read what is in quarantine, and which values are taken, from the topics that tell it."""
    Quarantine(state, deployment.topic).read(streams, deployment.quarantine)
    if deployment.distinct:
        Distinct(state, deployment).read(streams, deployment.topic)


def mirror_from_topic(state: State, streams: Streams, topic: str) -> int:
    """Read what was published from the product's topic; give how many keys have a document."""
    state.empty_mirror(topic)
    number = state.pass_number(topic, advance=False)
    for chunk in streams.read_all(topic):
        newest = {
            key: value
            for key, value in zip(chunk.keys, chunk.values, strict=True)
            if key is not None
        }
        present = [(key, digest(v), number) for key, v in newest.items() if v is not None]
        state.set_published(topic, present)
        state.remove_published(topic, [key for key, value in newest.items() if value is None])
    return state.count_published(topic)
