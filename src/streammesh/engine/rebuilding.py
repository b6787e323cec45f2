"""Bringing the state's tables to a position of the private log, without publishing."""

from __future__ import annotations

from collections.abc import Mapping

from streammesh.deployments.forms import form
from streammesh.deployments.progress import Generation, Input, Lsn
from streammesh.documents.values import TableName
from streammesh.engine import faults
from streammesh.engine.copying import Loading, above, marked
from streammesh.engine.counters import Counters
from streammesh.engine.intake import LOAD_SECONDS, table_of
from streammesh.engine.log import START, LogDecoder, SnapshotEnded, SnapshotRows, SnapshotStarted
from streammesh.engine.runs import Run, gather, stretch
from streammesh.engine.shard import Shard
from streammesh.engine.state import NEXT, State
from streammesh.errors.engine import TableChanged, ValueNotUnderstood
from streammesh.platform.streams import LogReader, Streams


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


def rebuild(
    state: State, streams: Streams, topic: str, end: Input, counters: Counters
) -> dict[str, str]:
    """Fill empty tables from the snapshots that hold them and the transactions after those.

    Args:
        state: within a transaction, its tables empty.
        streams: Kafka.
        topic: the private log.
        end: where the state has to come.
        counters: to be kept up to date.

    Returns:
        The tables that are as they were, with their forms. Of others the log has no rows any more,
        or in another form than they are deployed in: they have to be read again.
    """
    reader = streams.reader(topic)
    try:
        held = _held(state, end, reader.bounds()[0])
        floors: dict[TableName, Lsn] = {}
        for one, names in held.items():
            if one.copied:
                floors |= _load(state, streams, reader, (topic, one, names))
        state.adopt_tables(NEXT, tuple(floors))
        logged = next((names for one, names in held.items() if not one.copied), set())
        first = min((one.start for one in held), default=end.log_offset)
        good = _Good(state, counters, logged, floors)
        # what all of them have may stand behind a mark once more, where Connect began again
        decoder = LogDecoder(topic, min(floors.values(), default=START), within=True)
        for chunk in stretch(reader, first, end.log_offset):
            for run in gather(decoder.feed(chunk)):
                good.take(run)
            faults.reached("during-recovery")
    finally:
        reader.close()
    return {str(name): form(state.tables[name]) for name in good.names}


def _held(state: State, end: Input, low: int) -> dict[Generation, set[TableName]]:
    """Give the snapshots that the log still has, each with the tables to be taken from it."""
    held: dict[Generation, set[TableName]] = {}
    for name, table in state.tables.items():
        one = end.again.get(str(name), end.generation)
        if end.tables.get(str(name)) == form(table) and one.start >= low:
            held.setdefault(one, set()).add(name)
    return held


def _load(
    state: State,
    streams: Streams,
    reader: LogReader,
    what: tuple[str, Generation, set[TableName]],
) -> dict[TableName, Lsn]:
    topic, generation, names = what
    copy = marked(reader, topic, generation.start, generation.end)
    if copy is None:
        return {}
    loading = Loading(state, streams, names)
    while loading.step(copy.copied, LOAD_SECONDS):
        # a part at a time, so that it fits into memory
        state.commit(None)
        state.begin()
    return {name: mark.lsn for name, mark in loading.loaded.items()}


class _Good:
    """The tables that can be rebuilt; one that turns out to be another is left out."""

    def __init__(
        self,
        state: State,
        counters: Counters,
        logged: set[TableName],
        floors: Mapping[TableName, Lsn],
    ) -> None:
        self._state, self._counters = state, counters
        self._logged = logged
        self._floors = {(name.schema, name.name): position for name, position in floors.items()}
        self.names = {*logged, *floors}
        self._shard = Shard(state, (), counters, self.names)
        self._of_log = Shard(state, (), counters, logged)

    def take(self, run: Run) -> None:
        while True:
            try:
                self._take(run)
                return
            except (TableChanged, ValueNotUnderstood) as error:
                self._leave_out(table_of(error))

    def _take(self, run: Run) -> None:
        if isinstance(run, list):
            self._shard.apply(above(run, self._floors))
        elif isinstance(run, SnapshotStarted):
            self._state.create_tables(NEXT, self._logged)
        elif isinstance(run, SnapshotRows):
            self._of_log.load(run.events)
        elif isinstance(run, SnapshotEnded):
            for name in [one for one in self._logged if str(one) not in run.scanned]:
                self._leave_out(name)
            self._of_log.adopt_generation()

    def _leave_out(self, name: TableName) -> None:
        self._logged = self._logged - {name}
        self.names = self.names - {name}
        self._shard = Shard(self._state, (), self._counters, self.names)
        self._of_log = Shard(self._state, (), self._counters, self._logged)
