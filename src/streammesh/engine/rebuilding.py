"""Bringing the state's tables to a position of the private log, without publishing."""

from __future__ import annotations

from streammesh.deployments.progress import Input
from streammesh.engine import faults
from streammesh.engine.counters import Counters
from streammesh.engine.generation import covers
from streammesh.engine.log import LogDecoder, SnapshotEnded, SnapshotRows, SnapshotStarted
from streammesh.engine.runs import gather, stretch
from streammesh.engine.shard import Shard
from streammesh.engine.state import State
from streammesh.errors.engine import TableChanged, ValueNotUnderstood
from streammesh.platform.streams import LogReader


def replay(
    shard: Shard, reader: LogReader, topic: str, between: tuple[Input, Input], counters: Counters
) -> None:
    """Process transactions again whose events were published already.

    Args:
        shard: with the products whose mirrors are to be kept right.
        reader: of the private log.
        topic: its name.
        between: where the state is, and where it has to come.
        counters: to be kept up to date.
    """
    start, end = between
    decoder = LogDecoder(topic, start.position)
    for chunk in stretch(reader, start.log_offset, end.log_offset):
        for run in gather(decoder.feed(chunk)):
            if isinstance(run, list):
                counters.replayed += len(run)
                shard.note(shard.process(run))
        faults.reached("during-recovery")


def rebuild(state: State, shard: Shard, reader: LogReader, topic: str, end: Input) -> bool:
    """Fill empty tables from the generation in the log and the transactions after it.

    Args:
        state: within a transaction.
        shard: over it.
        reader: of the private log.
        topic: its name.
        end: where the state has to come.

    Returns:
        Whether the generation covers all tables as they are deployed now. If not, a newer one
        has to come, and the tables hold nothing of use.
    """
    decoder = LogDecoder(topic)
    covered = False
    try:
        for chunk in stretch(reader, end.generation.start, end.log_offset):
            for run in gather(decoder.feed(chunk)):
                if isinstance(run, SnapshotStarted):
                    shard.start_generation()
                elif isinstance(run, SnapshotRows):
                    shard.load(run.events)
                elif isinstance(run, SnapshotEnded):
                    covered = covers(run, state.tables)
                    shard.adopt_generation()
                elif covered:
                    shard.apply(run)
            faults.reached("during-recovery")
    except (TableChanged, ValueNotUnderstood):
        # the deployed tables are newer than the log's rows: a new generation is on its way
        return False
    return covered
